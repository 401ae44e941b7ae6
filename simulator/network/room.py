"""Room for the profiles of a plan, which may be used again for the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from simulator.network.network import Floats, Network
    from simulator.network.schedule import Schedule

FACILITY = ("sales", "starts", "finished_target", "capacity", "growth", "hub_load")
SLOT = ("slot_target", "reorder_point", "slot_orders")

Arrays = tuple["Floats", ...]


class Room:
    """Profiles of one plan by name, as flat arrays of thing after thing.

    Memory that is new costs more to touch for the first time than a plan costs to work out.
    """

    def __init__(self, flat: dict[str, Floats] | None = None) -> None:
        self.flat: dict[str, Floats] = {} if flat is None else flat

    def arrays(
        self, network: Network, schedule: Schedule
    ) -> tuple[Arrays, Arrays, tuple[Floats, Floats], Arrays]:
        """Room for facilities, slots, lanes and rows, in the order of `explode`."""
        f, k, i = len(network.facilities), len(network.slots), len(network.lanes)
        days = schedule.days
        return (
            (*(self.get(name, f, days) for name in FACILITY), np.empty(f), np.empty(f)),
            (*(self.get(name, k, days) for name in SLOT), np.zeros(k), np.zeros(k)),
            (np.zeros(i), self.get("lane_share", len(schedule.share), days)),
            tuple(self.get(f"row{n}", 1, days)[0] for n in range(4)),
        )

    def get(self, name: str, things: int, days: int) -> Floats:
        """Profiles of a name; new ones are zero."""
        flat = self.flat.get(name)
        if flat is None or flat.size < things * days:
            flat = self.flat[name] = np.zeros(things * days)
        return flat[: things * days].reshape(things, days)
