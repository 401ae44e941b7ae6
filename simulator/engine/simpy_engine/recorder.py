"""Reads the state of a run every evening."""

from __future__ import annotations

from collections.abc import Generator
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine.simpy_engine.clock import At, Phase

if TYPE_CHECKING:
    from simulator.engine.simpy_engine.build import Chain
    from simulator.network.network import Floats

OUTCOME = (
    ("facilities", "started"),
    ("facilities", "matured"),
    ("facilities", "capacity_now"),
    ("slots", "used"),
)
ALL = (
    *OUTCOME,
    ("facilities", "finished"),
    ("facilities", "unfilled"),
    ("facilities", "process_total"),
    ("slots", "on_hand"),
    ("slots", "in_transit"),
    ("slots", "asked"),
    ("slots", "backlog"),
    ("slots", "health"),
    ("lanes", "asked"),
    ("lanes", "given"),
    ("lanes", "arrived"),
    ("hubs", "waiting_t"),
    ("hubs", "released_t"),
)


class Recorder:
    """Appends one row of every wanted series per day."""

    def __init__(self, chain: Chain, everything: bool) -> None:
        self.chain = chain
        groups: dict[str, list[Any]] = {
            "facilities": list(chain.facilities.values()),
            "slots": chain.slots,
            "lanes": chain.lanes,
            "hubs": list(chain.hubs.values()),
        }
        self.series = [
            (name, attrgetter(name[1]), groups[name[0]])
            for name in (ALL if everything else OUTCOME)
        ]
        self.rows: dict[tuple[str, str], list[list[float]]] = {name: [] for name, *_ in self.series}

    def life(self) -> Generator[At, Any, None]:
        """Record at the end of every day."""
        yield At(self.chain.env, 0, Phase.EVENING)
        while True:
            for name, read, things in self.series:
                self.rows[name].append([read(thing) for thing in things])
            yield At(self.chain.env, 1, Phase.EVENING)

    def arrays(self) -> dict[tuple[str, str], Floats]:
        """Recorded series as (things, days) arrays; facilities and hubs at their own numbers."""
        count = len(self.chain.real.network.facility_ids)
        numbers = {"facilities": list(self.chain.facilities), "hubs": list(self.chain.hubs)}
        found: dict[tuple[str, str], Floats] = {}
        for (group, name), rows in self.rows.items():
            days = len(rows)
            data = np.array(rows, np.float64).reshape(days, -1).T
            if group in numbers:
                full = np.zeros((count, days))
                full[numbers[group]] = data
                data = full
            found[group, name] = np.ascontiguousarray(data)
        return found
