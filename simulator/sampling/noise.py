"""Daily noise: demand of sinks and transit of lanes that vary from day to day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.sampling.streams import EVENT
from simulator.units import whole_days

if TYPE_CHECKING:
    from simulator.network.network import Floats, Ints, Network
    from simulator.sampling.streams import Streams


class Noise:
    """What varies from day to day in a network, and how.

    Entry (replication, day) of a stream of its own belongs to each sink and lane.
    """

    def __init__(self, network: Network) -> None:
        self._days = network.horizon_days
        slots = {name: k for k, name in enumerate(network.slot_ids)}
        self._demand = [
            (slots[f"{row.sink}/{row.material}"], f"demand.{row.sink}/{row.material}", row.daily)
            for row in network.dataset.demand
            if row.daily is not None
        ]
        self._transit = [
            (network.lane_index[lane.key], f"lanes.{lane.key}", lane.transit_noise)
            for lane in network.dataset.lanes
            if lane.transit_noise is not None
        ]

    @property
    def any(self) -> bool:
        """Whether anything varies."""
        return bool(self._demand or self._transit)

    def draw(self, streams: Streams, replication: int) -> tuple[dict[int, Floats], dict[int, Ints]]:
        """Demand by slot and transit days by lane, on every day of a replication."""
        demand: dict[int, Floats] = {}
        transit: dict[int, Ints] = {}
        for slot, name, daily in self._demand:
            draws = streams.daily(f"{name}.daily", EVENT, replication, self._days)
            demand[slot] = np.maximum(daily.ppf(draws), 0.0)
        for lane, name, noise in self._transit:
            draws = streams.daily(f"{name}.transit_noise", EVENT, replication, self._days)
            days = [whole_days(float(value), 1) for value in noise.ppf(draws)]
            transit[lane] = np.array(days, np.int64)
        return demand, transit
