"""From a trajectory to the few series that metrics read."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics.outcome import OutcomeSeries
from simulator.network.content import outcome_in_use

if TYPE_CHECKING:
    from simulator.engine import Trajectory
    from simulator.network.network import Floats, Network


class Observer:
    """Knows where in a network the outcome is made and used, and reads it off trajectories.

    Output is what facilities finish of the outcome materials. Delivered is what sinks take into use
    of anything that contains them: data centres where there are any, else all sinks.
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

    def __call__(self, trajectory: Trajectory) -> OutcomeSeries:
        """Read the outcome of one run."""
        matured = trajectory["facilities", "matured"]
        used = trajectory["slots", "used"]
        started = trajectory["facilities", "started"]
        return OutcomeSeries(
            output=np.array([matured[makers].sum(axis=0) for makers in self.makers]),
            material_ids=tuple(row.id for row in self.materials),
            units_h100e=np.array([row.h100e_per_unit or 0.0 for row in self.materials]),
            price_usd=np.array([row.price_usd_per_unit for row in self.materials]),
            delivered=np.array(
                [(self.in_use[k, None] * used[k]).sum(axis=0) for k in self.sinks]
            ).reshape(len(self.countries), trajectory.days),
            country_ids=self.countries,
            fab_starts=self._fab_starts(started),
        )

    def _fab_starts(self, started: Floats) -> Floats:
        return np.asarray((self.fab_weight[:, None] * started[self.fabs]).sum(axis=0))


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


def observe(network: Network, trajectory: Trajectory) -> OutcomeSeries:
    """Read the outcome of one run off its trajectory; units as in `OutcomeSeries`."""
    return _observer(_Same(network))(trajectory)
