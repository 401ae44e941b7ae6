"""What every facility, material, country and layer loses, and the fill rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import pandas as pd

from simulator.experiment.binding import makers
from simulator.metrics.intervals import mean_with_interval, means_with_intervals

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
    subjects: list[tuple[_Thing, str]] = []
    totals: list[tuple[Floats, Floats]] = []
    for thing, members, weight in _things(network):
        worth = weight[members]
        whole, left = normal[:, :, members] @ worth, actual[:, :, members] @ worth
        for m, measure in enumerate(MEASURES):
            subjects.append((thing, measure))
            totals.append((whole[:, m], left[:, m]))
    filled = np.array([one.filled for one in found])
    needed = np.array([one.needed for one in found])
    for thing, columns in _users(network, stages):
        due, came = needed[:, columns].sum(axis=1), filled[:, columns].sum(axis=1)
        if due.any():
            subjects.append((thing, FILL))
            totals.append((due, came))
    both = np.array(totals).reshape(len(totals), 2, len(found))
    about = [{**vars(thing), "measure": measure} for thing, measure in subjects]
    table = pd.DataFrame(about, columns=list(COLUMNS))
    return table.assign(**_lost(both[:, 0], both[:, 1]), replications=len(found))


def _lost(normal: Floats, actual: Floats) -> dict[str, Floats]:
    """Means and intervals of what is lost; (rows, replications) totals without and with shocks."""
    lost = normal - actual
    lost[np.abs(lost) <= _ROUNDING * normal] = 0.0
    some = normal > 0.0
    share = 100.0 * np.divide(lost, normal, out=np.full(lost.shape, np.nan), where=some)
    units, units_low, units_high = means_with_intervals(lost)
    percent, low, high = means_with_intervals(share)
    for row in np.flatnonzero(~some.all(axis=1)):
        percent[row], (low[row], high[row]) = mean_with_interval(share[row, some[row]])
    return {
        "baseline": normal.mean(axis=1),
        "loss_units": units,
        "loss_units_lo95": units_low,
        "loss_units_hi95": units_high,
        "loss_pct": percent,
        "lo95": low,
        "hi95": high,
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
