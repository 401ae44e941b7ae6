"""What every facility, material, country and layer loses, and the fill rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pandas as pd

from simulator.experiment.binding import makers
from simulator.metrics.intervals import mean_with_interval

if TYPE_CHECKING:
    from simulator.experiment.looking import Looked
    from simulator.experiment.stages import Stages
    from simulator.network.network import Floats, Ints, Network
    from simulator.spec.tables import Material

MEASURES: Final = ("starts", "output", "capacity")
FILL: Final = "fill"
COLUMNS: Final = (
    "what", "id", "label", "measure", "layer", "country", "material", "unit", "baseline",
    "loss_units", "loss_units_lo95", "loss_units_hi95", "loss_pct", "lo95", "hi95", "replications",
)  # fmt: skip
_USD: Final = "USD"
_ROUNDING: Final = 1e-9

_Key = TypeVar("_Key", str, tuple[str, str])


@dataclass(frozen=True)
class _Thing:
    """One row's subject."""

    what: str
    id: str
    label: str
    layer: str
    country: str
    material: str
    unit: str


def loss_table(network: Network, stages: Stages, found: Sequence[Looked]) -> pd.DataFrame:
    """A row per thing and measure, over the recorded replications.

    ``starts``, ``output`` and ``capacity`` (after outages, missing tools and health) of every
    facility, of every material by country and in all, and, at prices, of kinds of
    facilities, layers and countries. ``fill`` of every material by the country that needs it and in
    all: ``baseline`` is what is needed, ``loss_pct`` what is not filled, so that the fill rate is
    1 - loss_pct / 100.
    """
    normal = np.array([one.normal for one in found])
    actual = np.array([one.actual for one in found])
    rows: list[dict[str, Any]] = []
    for thing, members, weight in _things(network):
        for m, measure in enumerate(MEASURES):
            worth = weight[members]
            rows.append(
                _row(thing, measure, normal[:, m, members] @ worth, actual[:, m, members] @ worth)
            )
    filled = np.array([one.filled for one in found])
    needed = np.array([one.needed for one in found])
    for thing, columns in _users(network, stages):
        due, came = needed[:, columns].sum(axis=1), filled[:, columns].sum(axis=1)
        if due.any():
            rows.append(_row(thing, FILL, due, came))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(thing: _Thing, measure: str, normal: Floats, actual: Floats) -> dict[str, Any]:
    lost = normal - actual
    lost[np.abs(lost) <= _ROUNDING * normal] = 0.0
    share = 100.0 * np.divide(lost, normal, out=np.full(lost.size, np.nan), where=normal > 0.0)
    units, (units_low, units_high) = mean_with_interval(lost)
    percent, (low, high) = mean_with_interval(share[~np.isnan(share)])
    return {
        **{name: getattr(thing, name) for name in thing.__dataclass_fields__},
        "measure": measure,
        "baseline": float(normal.mean()),
        "loss_units": units,
        "loss_units_lo95": units_low,
        "loss_units_hi95": units_high,
        "loss_pct": percent,
        "lo95": low,
        "hi95": high,
        "replications": len(lost),
    }


def _things(network: Network) -> Iterator[tuple[_Thing, Ints, Floats]]:
    """Makers by themselves and in groups, and what a unit of each counts."""
    rows = {row.id: row for row in network.dataset.materials}
    names = {row.id: row.name or row.id for row in network.dataset.facilities}
    able = makers(network)
    made = {f: network.material_ids[network.output[f]] for f in able}
    one = np.ones(len(network.facilities))
    price = np.zeros(len(network.facilities))
    for f in able:
        row = rows[made[f]]
        price[f] = row.price_usd_per_unit or 0.0
        name, country = network.facility_ids[f], network.countries[f]
        thing = _Thing("facility", name, names[name], row.layer, country, row.id, row.unit)
        yield thing, np.array([f]), one
    for (country, name), found in _grouped({f: (network.countries[f], made[f]) for f in able}):
        yield _of_material(rows[name], country), found, one
    for name, found in _grouped(made):
        yield _of_material(rows[name]), found, one
    for name, found in _grouped({f: network.kinds[f] for f in able}):
        yield _Thing("kind", name, name, "", "", "", _USD), found, price
    for name, found in _grouped({f: rows[made[f]].layer for f in able}):
        yield _Thing("layer", name, name, name, "", "", _USD), found, price
    for name, found in _grouped({f: network.countries[f] for f in able}):
        yield _Thing("country", name, name, "", name, "", _USD), found, price


def _users(network: Network, stages: Stages) -> Iterator[tuple[_Thing, Ints]]:
    """Materials by the country that needs them and in all, with their stages."""
    rows = {row.id: row for row in network.dataset.materials}
    held = dict(enumerate(stages.stages))
    by_country = {n: (stage.country, stage.material) for n, stage in held.items()}
    for (country, name), found in _grouped(by_country):
        yield _of_material(rows[name], country), found
    for name, found in _grouped({n: stage.material for n, stage in held.items()}):
        yield _of_material(rows[name]), found


def _grouped(key: Mapping[int, _Key]) -> Iterator[tuple[_Key, Ints]]:
    """Numbers by their key, sorted."""
    groups: dict[_Key, list[int]] = {}
    for number, name in key.items():
        groups.setdefault(name, []).append(number)
    for name in sorted(groups):
        yield name, np.array(groups[name], np.int64)


def _of_material(row: Material, country: str = "") -> _Thing:
    name = row.name or row.id
    if not country:
        return _Thing("material", row.id, name, row.layer, "", row.id, row.unit)
    return _Thing(
        "country_material", f"{country}/{row.id}", f"{name}, {country}", row.layer, country,
        row.id, row.unit,
    )  # fmt: skip
