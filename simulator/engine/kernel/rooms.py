"""Room for the plans of a block: the explosion writes them where the kernel reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.network.room import FACILITY, SLOT, Room

if TYPE_CHECKING:
    from simulator.network.network import Floats
    from simulator.network.plan import Plan

_SLACK = 192
_READ_BY_THE_KERNEL = frozenset(
    ("starts", "finished_target", "capacity", "growth", "slot_target", "reorder_point",
     "slot_orders", "lane_share")
)  # fmt: skip


def plan_rooms(plan: Plan, count: int, *, whole: bool = False) -> list[Room]:
    """Rooms for plans of the same network as ``plan``.

    Unless they are ``whole``, what the kernel does not read is lost with the next plan of any of
    the rooms.
    """
    days = plan.schedule.days + _SLACK
    things = {
        **dict.fromkeys(FACILITY, len(plan.network.facilities)),
        **dict.fromkeys(SLOT, len(plan.network.slots)),
        "lane_share": len(plan.schedule.share),
        **{f"row{n}": 1 for n in range(4)},
    }
    tables: dict[str, Floats] = {
        name: np.zeros((count if whole or name in _READ_BY_THE_KERNEL else 1, number * days))
        for name, number in things.items()
    }
    return [
        Room({name: table[p if len(table) > 1 else 0] for name, table in tables.items()})
        for p in range(count)
    ]
