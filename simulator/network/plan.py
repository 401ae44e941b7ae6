"""Planned rates: the sinks' demand exploded through shares and recipes up to the mines.

Plans look ahead. A slot with cover C and mean transit L holds the planned use of the next C + L
days, so it orders today what is used in C + L days; a producer with finished cover F and cycle time
c starts today what it sells in F + c days. Each stage's plan is therefore its customers' plan,
shifted. All profiles live on one grid of days from `Plan.first_day` (before day 0, so that
pipelines start full) to past the last date in the data, after which everything is constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from simulator.compiling import COLUMNS, aligned
from simulator.errors import InputError, Problem
from simulator.network.explode import explode
from simulator.network.feasible import NOISE, UNLIMITED
from simulator.network.network import DEMAND, GROWTH, S_S, Floats, Ints, Network, Numbers
from simulator.network.room import Profiles, Room, lent_room, side_by_side
from simulator.network.schedule import Schedule, schedule_of
from simulator.network.ways import Ways, ways_of

__all__ = ["UNLIMITED", "Plan", "Room", "UnderWay", "make_plan", "make_plans"]


_STEP = 64
"""Grids begin on a multiple of so many days, so that few of them serve all realisations."""


@dataclass(frozen=True)
class UnderWay:
    """Goods under way at the start: due on ``day`` at the end of ``leg`` of ``lane``; arrays."""

    day: Ints
    lane: Ints
    leg: Ints
    quantity: Floats


@dataclass(frozen=True, eq=False)
class Plan:
    """Planned profiles of one realisation; arrays are (things, days) with days counted from 0.

    ``lane_rate`` alone starts at ``first_day`` < 0. Units: per day in the material's unit; hubs in
    t. What is seldom asked for is worked out when it is. A plan that was made in a `Room` holds
    until the next one is made there.

    Attributes
    ----------
    network, numbers, schedule, ways
        What was planned, on the schedule's grid of days.
    block, column
        Profiles of all plans that were made together, and which of them is this one's.
    flat_share
        Share of each lane where it does not change.
    finished, process_total, on_hand
        Finished goods, work in process and stocks before day 0.
    placed, use
        Of each slot, since the grid began and before day 0: planned orders, and planned use.
    lowest_on_hand
        Lowest planned stock of each slot up to the horizon, if wanted or in doubt; else at start.
    can_be_kept
        Whether there is enough of everything on every day: capacity, stocks, and a supplier.
    """

    network: Network
    numbers: Numbers
    schedule: Schedule
    ways: Ways
    block: Profiles
    column: int
    flat_share: Floats
    finished: Floats
    process_total: Floats
    on_hand: Floats
    placed: Floats
    use: Floats
    lowest_on_hand: Floats
    can_be_kept: bool

    @property
    def first_day(self) -> int:
        """First day of the grid, below 0."""
        return self.schedule.first_day

    @property
    def legs(self) -> tuple[tuple[int, ...], ...]:
        """Days of each leg by lane."""
        return self.ways.legs

    @property
    def starts(self) -> Floats:
        """Planned starts per facility."""
        return self._now(self._grid("starts"))

    @cached_property
    def sales(self) -> Floats:
        """Planned sales per facility."""
        sales = np.zeros((len(self.network.facilities), self.network.horizon_days))
        np.add.at(sales, self.network.lane_supplier, self.planned_lane_rate)
        return sales

    @cached_property
    def capacity(self) -> Floats:
        """Planned capacity per facility; nothing for sinks and stockpiles."""
        return self._now(self._capacity)

    @cached_property
    def growth(self) -> Floats:
        """Planned increments of capacity per facility, rounding left out."""
        planned = self._capacity
        gained = np.diff(planned, axis=1, prepend=planned[:, :1])
        grows = (planned < UNLIMITED) & (gained > NOISE * planned)
        return self._now(np.where(grows, gained, 0.0))

    @cached_property
    def _capacity(self) -> Floats:
        """Capacity on all days of the grid: `feasible.planned_capacity` of all facilities."""
        schedule, numbers = self.schedule, self.numbers
        load = self._grid("starts").copy()
        hubs = schedule.hub_row >= 0
        load[hubs] = self._grid("hub_load")[schedule.hub_row[hubs]]
        given = numbers.capacity[:, None] < UNLIMITED
        other = np.where(schedule.capacity > 0.0, UNLIMITED, 0.0)
        limit = np.where(given, numbers.capacity[:, None] * schedule.capacity, other)
        used = numbers.utilisation[:, None]
        planned = np.where(np.isnan(used), limit, load / used * schedule.capacity)
        planned[~(schedule.makes | hubs)] = 0.0
        return planned

    @property
    def finished_target(self) -> Floats:
        """Base stock of finished goods per facility that makes something; no meaning for others."""
        return self._now(self._grid("sales_then_target"))

    @cached_property
    def hub_load(self) -> Floats:
        """Planned load per hub, in t; nothing for other facilities."""
        row = self.schedule.hub_row
        load = np.zeros((len(row), self.network.horizon_days))
        load[row >= 0] = self._now(self._grid("hub_load"))[row[row >= 0]]
        return load

    @cached_property
    def slot_target(self) -> Floats:
        """Base stock per slot: what is wanted and not used."""
        used = np.cumsum(np.column_stack((self.use, self.slot_rate)), axis=1)
        return np.asarray(self.profile("slot_wanted") - used[:, 1:])

    @cached_property
    def reorder_point(self) -> Floats:
        """Reorder point per slot, where orders come in lots."""
        if len(self.block.reorder_point):
            return self._now(self._grid("reorder_point"))
        return np.zeros((len(self.network.slots), self.network.horizon_days))

    @cached_property
    def slot_orders(self) -> Floats:
        """Planned orders per slot: what is wanted and not placed."""
        wanted = np.column_stack((self.placed, self.profile("slot_wanted")))
        return np.diff(np.maximum.accumulate(wanted, axis=1), axis=1)

    @cached_property
    def slot_rate(self) -> Floats:
        """Planned use per slot."""
        now = slice(-self.first_day, None)
        return self._now(
            np.array([self.rate(k, now) for k in self.network.slots]).reshape(
                len(self.network.slots), -1
            ),
            zero=0,
        )

    def rate(self, slot: int, days: slice) -> Floats:
        """Planned use of a slot, on ``days`` of the grid."""
        purpose, row = self.network.slot_purpose[slot], self.schedule.demand_row[slot]
        if purpose == DEMAND:
            return np.asarray(self.numbers.demand[slot] * self.schedule.demand[row, days])
        f = self.network.slot_facility[slot]
        profile = (
            self._grid("growth")[self.schedule.tool_row[f], days]
            if purpose == GROWTH
            else self._grid("starts")[f, days]
        )
        return np.asarray(self.numbers.need_per_unit[slot] * profile)

    @cached_property
    def lane_share(self) -> Floats:
        """Planned share per lane."""
        return np.ascontiguousarray(self._share()[:, -self.first_day : self._last])

    @cached_property
    def lane_rate(self) -> Floats:
        """Planned dispatch per lane, from ``first_day`` on."""
        orders = np.hstack((self._grid("ordered_before"), self.slot_orders))
        return np.asarray(orders[self.network.lane_slot] * self._share()[:, : self._last])

    @property
    def planned_lane_rate(self) -> Floats:
        """Planned dispatch per lane and day from day 0."""
        return self.lane_rate[:, -self.first_day :]

    def profile(self, name: str) -> Floats:
        """A profile of `Profiles` from day 0 on, in the rows in which it lies there."""
        whole: Floats = getattr(self.block, name)
        return whole[:, self.block.first(name) :, self.column]

    def before_day_0(self) -> tuple[int, Floats]:
        """Planned starts from some days before day 0 on, and how many; they exceed every cycle."""
        return self.block.first("starts"), self.block.starts[:, :, self.column]

    @cached_property
    def in_process(self) -> tuple[tuple[float, ...], ...]:
        """Work in process per facility, oldest first."""
        zero, starts = self.before_day_0()
        return tuple(
            tuple(starts[f, zero - cycle : zero].tolist()) if self.schedule.makes[f] else ()
            for f, cycle in enumerate(self.numbers.cycle_days.tolist())
        )

    @cached_property
    def under_way(self) -> UnderWay:
        """Everything that left before day 0 and has not arrived, by lane, oldest first."""
        ways, row = self.ways, self.schedule.share_row[self.ways.lane]
        day = -self.first_day - ways.ago
        dated = self._grid("lane_share")[row, day]
        share = np.where(row < 0, self.flat_share[ways.lane], dated)
        orders = self._grid("ordered_before")
        quantity = orders[self.network.lane_slot[ways.lane], day] * share
        kept = quantity > 0.0
        return UnderWay(ways.due[kept], ways.lane[kept], ways.leg[kept], quantity[kept])

    def days_ahead(self, slot: int, days: Ints) -> Floats:
        """Days that a slot's target looks ahead on some days: its cover and the mean way."""
        way = np.zeros(len(days))
        for i in self.network.lanes_into(slot):
            row = self.schedule.share_row[i]
            dated = self._grid("lane_share")
            share = self.flat_share[i] if row < 0 else dated[row, days - self.first_day]
            way += share * float(self.ways.transit[i])
        return np.asarray(self.numbers.cover_days[slot] + way)

    def target_with_cover(self, slot: int, multiplier: Floats) -> Floats:
        """Slot target per day when its cover is multiplied, day by day.

        On days with a multiplier of one it is the planned target, to the last bit.
        """
        days = np.flatnonzero(multiplier != 1.0)
        position = days - self.first_day
        cover = self.numbers.cover_days[slot] * (multiplier[days] - 1.0)
        ahead = self.days_ahead(slot, days) + cover
        use = np.cumsum(self.rate(slot, slice(None)))
        target = self.profile("slot_wanted")[slot] - use[-self.first_day : self._last]
        last = len(use) - 1
        place = np.clip(position + ahead, 0, last)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, last)
        value = use[below] + (place - below) * (use[above] - use[below])
        beyond = np.maximum(position + ahead - last, 0.0) * (use[-1] - use[-2])
        target[days] = value + beyond - use[position]
        return np.asarray(target)

    @property
    def _last(self) -> int:
        return self.network.horizon_days - self.first_day

    def _now(self, profile: Floats, zero: int | None = None) -> Floats:
        first = -self.first_day if zero is None else zero
        return profile[:, first : first + self.network.horizon_days]

    def _share(self) -> Floats:
        row = self.schedule.share_row
        share = np.repeat(self.flat_share[:, None], self.schedule.days, axis=1)
        share[row >= 0] = self._grid("lane_share")[row[row >= 0]]
        return share

    def _grid(self, name: str) -> Floats:
        """Own column of a profile, from its own first day on."""
        whole: Floats = getattr(self.block, name)
        return whole[:, self.block.first(name) + self.first_day :, self.column]


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
    facilities, slots = np.zeros(len(network.facilities)), np.zeros(len(network.slots))
    return Plan(
        network, numbers, schedule, ways, Room().profiles(network, schedule, lumpy=False), 0,
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
    cycles = side_by_side([one.cycle_days for one in numbers])
    earlier = _whole_steps(int(cycles.max(initial=0)) - zero)
    block = room.profiles(network, schedule, lumpy=lumpy, earlier=earlier)
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
