"""For the map: where planned goods are made and go, and what the shocks act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.report.briefing_flows import lanes_of
from simulator.sampling.streams import Streams
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    import pandas as pd

    from simulator.sampling.model import Model
    from simulator.shocks.effects import Effect

_FUTURES: Final = 20
"""Shocks that may or may not happen are looked for in so many replications."""
_STOP: Final = (Control.CAPACITY, Control.LIMIT, Control.HANDLING, Control.DELAY, Control.PROGRESS)


def site_table(model: Model) -> pd.DataFrame:
    """Every facility of a scenario's network, and which shocks act on it.

    Parameters
    ----------
    model
        The prepared scenario.

    Returns
    -------
    DataFrame
        ``id``, ``label``, ``country``, ``layer``, ``kind``, ``material`` (its output), ``lat`` and
        ``lon`` (of its country where its own are not known), ``usd_per_day`` (planned output, or
        supplies of a sink, at the prices in the tables, mean over the horizon) and ``shocks``
        (names of those that act on it or on what leaves it, separated by ``;``).
    """
    import pandas as pd

    network, dataset = model.network, model.network.dataset
    places = {row.code: row for row in dataset.countries}
    layers = {row.id: row.layer for row in dataset.materials}
    lane_value = _lane_value(model)
    supplier = network.lane_supplier
    customer = network.slot_facility[network.lane_slot]
    count = len(network.facility_ids)
    made = np.bincount(supplier, lane_value, count)
    bought = np.bincount(customer, lane_value, count)
    touched = _touched(model)
    rows = []
    for f, row in enumerate(dataset.facilities):
        assert row.id == network.facility_ids[f]
        country = places.get(row.country)
        lat, lon = row.lat, row.lon
        if (lat is None or lon is None) and country is not None:
            lat, lon = country.lat, country.lon
        rows.append(
            {
                "id": row.id,
                "label": row.name or row.id,
                "country": row.country,
                "layer": row.layer or layers.get(row.output or "", "logistics"),
                "kind": row.kind,
                "material": row.output or "",
                "lat": np.nan if lat is None else lat,
                "lon": np.nan if lon is None else lon,
                "usd_per_day": float(bought[f] if network.is_sink(f) else made[f]),
                "shocks": ";".join(sorted(touched["facility"].get(f, ()))),
            }
        )
    return pd.DataFrame(rows)


def flow_table(model: Model) -> pd.DataFrame:
    """Planned flows of value between countries by layer, and how much of them shocks act on.

    Returns
    -------
    DataFrame
        ``from_country``, ``to_country``, ``layer``, ``usd_per_day`` (mean over the horizon, at the
        prices in the tables) and ``touched_usd_per_day`` (on lanes that a shock limits or delays,
        or whose supplier or hub it stops); largest first. Flows within a country are left out.
    """
    import pandas as pd

    network = model.network
    country = np.array(network.countries)
    layers = {row.id: row.layer for row in network.dataset.materials}
    material = network.slot_material[network.lane_slot]
    value, touched = _lane_value(model), _touched(model)["lane"]
    lanes = pd.DataFrame(
        {
            "from_country": country[network.lane_supplier],
            "to_country": country[network.slot_facility[network.lane_slot]],
            "layer": [layers[network.material_ids[m]] for m in material],
            "usd_per_day": value,
            "touched_usd_per_day": [value[i] if i in touched else 0.0 for i in network.lanes],
        }
    )
    lanes = lanes[lanes["from_country"] != lanes["to_country"]]
    keys = ["from_country", "to_country", "layer"]
    table = lanes.groupby(keys, as_index=False).sum()
    table = table[table["usd_per_day"] > 0]
    return table.sort_values(["usd_per_day", *keys], ascending=[False, True, True, True])


def _lane_value(model: Model) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    network = model.network
    price = np.array([row.price_usd_per_unit for row in network.dataset.materials])
    rate = model.plan.planned_lane_rate.mean(axis=1)
    return np.asarray(rate * price[network.slot_material[network.lane_slot]])


def _touched(model: Model) -> Mapping[str, Mapping[int, set[str]]]:
    """Shocks by the number of each lane and of each facility that they hold back."""
    network = model.network
    found: dict[str, dict[int, set[str]]] = {"lane": {}, "facility": {}}
    for (key, control, target), effect in _effects(model).items():
        name = key.partition(".")[2]
        for lane in lanes_of(network, effect):
            found["lane"].setdefault(lane, set()).add(name)
            if control is not Control.HANDLING:
                supplier = int(network.lane_supplier[lane])
                found["facility"].setdefault(supplier, set()).add(name)
        if control not in (Control.LIMIT, Control.DELAY):
            found["facility"].setdefault(target, set()).add(name)
    return found


def _effects(model: Model) -> dict[tuple[str, Control, int], Effect]:
    """One effect of each shock, control and target that holds something back.

    Restrictions count as written, whatever suspends them; what may or may not happen counts where
    it happens in one of some futures.
    """
    streams = Streams(model.scenario.seed)
    futures = [model.base_effects(suspended=False)]
    for number in range(_FUTURES):
        futures.append(model.effects_by_entry(streams, number, model.plan)[0])
    return {
        (key, effect.control, effect.target): effect
        for future in futures
        for key, effects in future.items()
        if key.startswith("shocks.")
        for effect in effects
        if effect.control in _STOP
    }
