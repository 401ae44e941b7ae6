"""From a trajectory to the few series that metrics read."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics.outcome import OutcomeSeries
from simulator.network.content import outcome_in_use

if TYPE_CHECKING:
    from simulator.engine import Trajectory
    from simulator.network.network import Floats, Ints, Network


class Observer:
    """Knows where in a network the outcome is made and used, and reads it off trajectories.

    Output is what facilities finish of the outcome materials. Delivered is what sinks take into use
    of anything that contains them: data centres where there are any, else all sinks.

    Attributes
    ----------
    rows
        Facilities whose starts, output and capacity, and slots whose use it reads.
    """

    def __init__(self, network: Network) -> None:
        rows = {row.id: row for row in network.dataset.materials}
        self.materials = [rows[network.material_ids[m]] for m in network.outcome]
        self.makers = [np.flatnonzero(network.output == m) for m in network.outcome]
        self.in_use = outcome_in_use(network)
        centres = any(kind == "datacenter" for kind in network.kinds)
        sinks = [
            k
            for k in network.slots
            if network.is_sink(int(network.slot_facility[k]))
            and self.in_use[k] > 0.0
            and (network.kinds[network.slot_facility[k]] == "datacenter" or not centres)
        ]
        country = [network.countries[network.slot_facility[k]] for k in sinks]
        self.countries = tuple(sorted(set(country)))
        self.sinks = [
            np.array([k for k, c in zip(sinks, country, strict=True) if c == name], np.int64)
            for name in self.countries
        ]
        self.fabs = np.array([f for f in network.facilities if network.kinds[f] == "fab"], np.int64)
        price = {row.id: row.price_usd_per_unit for row in network.dataset.materials}
        self.fab_weight = np.array(
            [price[network.material_ids[network.output[f]]] or 1.0 for f in self.fabs]
        )
        self.units_h100e = np.array([row.h100e_per_unit or 0.0 for row in self.materials])
        self.price_usd = np.array([row.price_usd_per_unit for row in self.materials])
        none = np.zeros(0, np.int64)
        makers, slots = (np.concatenate([*own, none]) for own in (self.makers, self.sinks))
        self.rows: tuple[Ints, Ints, Ints, Ints] = self.fabs, makers, none, slots

    def __call__(self, trajectory: Trajectory) -> OutcomeSeries:
        """Read the outcome of one run."""
        started, matured, _, used = self.rows
        return self.read(
            trajectory["facilities", "started"][started],
            trajectory["facilities", "matured"][matured],
            trajectory["slots", "used"][used],
        )

    def take(self, found: tuple[Floats, ...]) -> OutcomeSeries:
        """Read the outcome of one run off its `rows` as the compiled engine gives them."""
        started, matured, _, used = found
        return self.read(started, matured, used)

    def read(self, started: Floats, matured: Floats, used: Floats) -> OutcomeSeries:
        """Read the outcome of one run off its `rows`, (things, days) each."""
        return OutcomeSeries(
            output=_sums(matured, self.makers),
            material_ids=tuple(row.id for row in self.materials),
            units_h100e=self.units_h100e,
            price_usd=self.price_usd,
            delivered=_sums(self.in_use[self.rows[3], None] * used, self.sinks),
            country_ids=self.countries,
            fab_starts=_sum(self.fab_weight[:, None] * started),
        )


def _sums(rows: Floats, groups: list[Ints]) -> Floats:
    """Sums of the rows of each group; the groups come one after the other."""
    if len(rows) == len(groups) and all(len(group) == 1 for group in groups):
        return np.array(rows, order="C")
    ends = np.cumsum([0, *map(len, groups)])
    found = [_sum(rows[first:last]) for first, last in pairwise(ends)]
    return np.array(found).reshape(-1, rows.shape[1])


def _sum(rows: Floats) -> Floats:
    # Row after row, however the rows lie in memory, so that no engine adds in another order.
    return np.asarray(np.ascontiguousarray(rows).sum(axis=0))


@lru_cache(maxsize=4)
def _observer(same: _Same) -> Observer:
    return Observer(same.network)


class _Same:
    """A network as a cache key: equal when it is the very same object."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.network is self.network

    def __hash__(self) -> int:
        return id(self.network)


def observer(network: Network) -> Observer:
    """What reads the outcome of a network's runs."""
    return _observer(_Same(network))


def observe(network: Network, trajectory: Trajectory) -> OutcomeSeries:
    """Read the outcome of one run off its trajectory; units as in `OutcomeSeries`."""
    return _observer(_Same(network))(trajectory)
