"""Plans are made: of one set of numbers, or of as many side by side as a block has columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simulator.compiling import COLUMNS, aligned
from simulator.errors import InputError, Problem
from simulator.network.explode import explode
from simulator.network.network import S_S, Network, Numbers
from simulator.network.plan import Plan
from simulator.network.room import Room, lent_room, side_by_side
from simulator.network.schedule import Schedule, schedule_of
from simulator.network.ways import Ways, ways_of

_STEP = 64
"""Grids begin on a multiple of so many days, so that few of them serve all realisations."""


def make_plan(network: Network, numbers: Numbers, *, look_for_lowest: bool = True) -> Plan:
    """Explode the demand of every sink, supplier by supplier, and place the initial stocks.

    With ``look_for_lowest``, the lowest planned stock is looked for up to the horizon.

    Raises
    ------
    InputError
        If the lanes form a loop, so that no plan exists.
    """
    with lent_room(network) as room:
        (plan,) = _explode(network, [numbers], room, look_for_lowest=look_for_lowest)
        alone = plan.block.alone(plan.column)
        own: dict[str, Any] = {name: np.ascontiguousarray(getattr(plan, name)) for name in _OWN}
    return replace(plan, block=alone, column=0, **own)


def make_plans(network: Network, numbers: Sequence[Numbers], room: Room) -> list[Plan]:
    """Plans for at most `COLUMNS` sets of numbers, side by side in ``room``.

    Plans made there earlier are lost. Each plan has the values that it has alone.
    """
    return _explode(network, numbers, room)


def unplanned(network: Network) -> Plan:
    """A plan at base numbers of which only the shapes are right."""
    numbers = network.numbers
    ways = ways_of(network, numbers)
    schedule = _schedule(network, ways)
    earlier = _earlier([numbers], -schedule.first_day)
    block = Room().profiles(network, schedule, earlier, lumpy=False)
    facilities, slots = np.zeros(len(network.facilities)), np.zeros(len(network.slots))
    return Plan(
        network, numbers, schedule, ways, block, 0,
        np.zeros(len(network.lanes)), facilities, facilities, slots, slots, slots, slots, False,
    )  # fmt: skip


def _explode(
    network: Network, numbers: Sequence[Numbers], room: Room, *, look_for_lowest: bool = False
) -> list[Plan]:
    ways = [ways_of(network, one) for one in numbers]
    own = [_schedule(network, way) for way in ways]
    first_day = min(schedule.first_day for schedule in own)
    schedule = schedule_of(network, first_day)
    if len(schedule.order) < len(network.facilities):
        raise InputError((_loop(network, schedule),))
    zero = -schedule.first_day
    f, k, i = len(network.facilities), len(network.slots), len(network.lanes)
    lumpy = bool((network.slot_policy == S_S).any())
    block = room.profiles(network, schedule, _earlier(numbers, zero), lumpy=lumpy)
    flat, finished, process_total = (aligned(n, COLUMNS) for n in (i, f, f))
    on_hand, placed, use, lowest = (aligned(k, COLUMNS) for _ in range(4))
    begin = [one.first_day - first_day for one in own]
    kept = np.ones(COLUMNS, np.int64)
    explode(
        zero,
        zero + network.horizon_days,
        look_for_lowest,
        np.array(begin + begin[-1:] * (COLUMNS - len(begin)), np.int64),
        (
            *schedule.shape(),
            side_by_side([way.leg_days for way in ways]),
            side_by_side([way.transit for way in ways]),
        ),
        tuple(side_by_side([getattr(one, name) for one in numbers]) for name in _NUMBERS),
        schedule.multiples(),
        (block.sales_then_target, block.starts, block.growth, block.hub_load, finished,
         process_total),
        (block.slot_wanted, block.reorder_point, block.ordered_before, on_hand, placed, use,
         lowest),
        (flat, block.lane_share),
        room.rows(schedule, _furthest(numbers, ways)),
        (*(aligned(COLUMNS) for _ in range(5)), aligned(COLUMNS).view(np.int64)),
        aligned(COLUMNS).view(np.int64),
        kept,
    )  # fmt: skip
    return [
        Plan(
            network, one, own[c], ways[c], block, c, flat[:, c], finished[:, c],
            process_total[:, c], on_hand[:, c], placed[:, c], use[:, c], lowest[:, c],
            bool(kept[c]),
        )
        for c, one in enumerate(numbers)
    ]  # fmt: skip


_OWN = (
    "flat_share", "finished", "process_total", "on_hand", "placed", "use", "lowest_on_hand",
)  # fmt: skip
_NUMBERS = (
    "capacity", "utilisation", "cycle_days", "finished_cover_days", "stock_at_start",
    "need_per_unit", "cover_days", "reorder_cover_days", "demand", "share",
)  # fmt: skip


def _furthest(numbers: Sequence[Numbers], ways: Sequence[Ways]) -> int:
    """Days by which plans look ahead of the last day, and a few more."""
    furthest = 0.0
    for one, way in zip(numbers, ways, strict=True):
        makers = np.nan_to_num(one.finished_cover_days) + one.cycle_days
        covers = np.nan_to_num(np.maximum(one.cover_days, one.reorder_cover_days))
        slots = covers.max(initial=0.0) + way.transit.max(initial=0)
        furthest = max(furthest, float(makers.max(initial=0.0)), float(slots))
    return int(furthest) + 3


def _schedule(network: Network, ways: Ways) -> Schedule:
    """Grid of one plan: as long before day 0 as goods can be on their way."""
    return schedule_of(network, -_whole_steps(int(ways.transit.max(initial=1)) + 3))


def _earlier(numbers: Sequence[Numbers], zero: int) -> int:
    """Days by which the longest cycle exceeds those that a grid has before day 0."""
    return _whole_steps(max(int(one.cycle_days.max(initial=0)) for one in numbers) - zero)


def _whole_steps(days: int) -> int:
    return _STEP * max(0, -(-days // _STEP))


def _loop(network: Network, schedule: Schedule) -> Problem:
    done = set(schedule.order.tolist())
    loop = [network.facility_ids[f] for f in network.facilities if f not in done]
    return Problem(
        "lanes",
        ", ".join(loop[:6]),
        "suppliers and customers must not form a loop",
        "break the loop at one lane, for instance by a market sink and a separate source",
    )
