"""Which input, or capacity, bound each facility, for how long, and what that cost it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from simulator.experiment.binding import makers
from simulator.metrics.intervals import mean_with_interval

if TYPE_CHECKING:
    from simulator.experiment.binding import Totals
    from simulator.experiment.looking import Looked
    from simulator.network.network import Floats, Network

COLUMNS: Final = (
    "facility", "label", "kind", "layer", "country", "binding", "binding_label", "days", "lo95",
    "hi95", "units_lost", "units_lost_lo95", "units_lost_hi95", "unit", "replications",
)  # fmt: skip
OTHERS: Final = (("capacity", "Capacity"), ("catching_up", "Catching up beyond what inputs allow"))
"""Bottlenecks that are no input, as `simulator.experiment.binding` orders them."""


def bottleneck_table(network: Network, found: Sequence[Looked]) -> pd.DataFrame:
    """A row per facility and bottleneck that bound it in any replication, the longest first.

    ``days`` is the mean number of days on which it was the bottleneck, ``units_lost`` what was not
    started on them of what was wanted and is started without shocks.
    """
    materials = {row.id: row for row in network.dataset.materials}
    names = {row.id: row.name or row.id for row in network.dataset.facilities}
    rows: list[dict[str, Any]] = []
    for f, binding, label, days, units in _bound(network, [one.bound for one in found]):
        if not days.any():
            continue
        made = materials[network.material_ids[network.output[f]]]
        mean_days, low, high = _mean(days, float(network.horizon_days))
        mean_units, units_low, units_high = _mean(units)
        rows.append(
            {
                "facility": network.facility_ids[f],
                "label": names[network.facility_ids[f]],
                "kind": network.kinds[f],
                "layer": made.layer,
                "country": network.countries[f],
                "binding": binding,
                "binding_label": label,
                "days": mean_days,
                "lo95": low,
                "hi95": high,
                "units_lost": mean_units,
                "units_lost_lo95": units_low,
                "units_lost_hi95": units_high,
                "unit": made.unit,
                "replications": len(found),
            }
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = ["days", "facility", "binding"]
    return table.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


def _bound(
    network: Network, found: Sequence[Totals]
) -> Iterator[tuple[int, str, str, Floats, Floats]]:
    """Every possible bottleneck of every maker, with days and units by replication."""
    slot_days = np.array([one.slot_days for one in found])
    slot_units = np.array([one.slot_units for one in found])
    other_days = np.array([one.other_days for one in found])
    other_units = np.array([one.other_units for one in found])
    names = {row.id: row.name or row.id for row in network.dataset.materials}
    for f in makers(network):
        for n, (name, label) in enumerate(OTHERS):
            yield f, name, label, other_days[:, n, f], other_units[:, n, f]
        for k in network.slots_of(f):
            name = network.material_ids[network.slot_material[k]]
            yield f, name, names[name], slot_days[:, k], slot_units[:, k]


def _mean(values: Floats, most: float = np.inf) -> tuple[float, float, float]:
    """Mean and its interval, which a few values may push past what is possible."""
    mean, (low, high) = mean_with_interval(values)
    return mean, max(0.0, low), min(most, high)
