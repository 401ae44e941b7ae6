"""Planned rates: the sinks' demand exploded through shares and recipes up to the mines.

Plans look ahead. A slot with cover C and mean transit L holds the planned use of the next C + L
days, so it orders today what is used in C + L days; a producer with finished cover F and cycle time
c starts today what it sells in F + c days. Each stage's plan is therefore its customers' plan,
shifted. All profiles live on one grid of days from `Plan.first_day` (before day 0, so that
pipelines start full) to past the last date in the data, after which everything is constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.errors import InputError, Problem
from simulator.network.explode import NOISE, UNLIMITED, explode
from simulator.network.network import DEMAND, GROWTH, Floats, Ints, Network, Numbers
from simulator.network.room import Room
from simulator.network.schedule import Schedule, schedule_of
from simulator.network.ways import Ways, ways_of

__all__ = ["UNLIMITED", "Plan", "Room", "UnderWay", "make_plan"]


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
    facility, slot
        Profiles on the whole grid, in the order of `Room`.
    flat_share, dated_share
        Share of each lane where it does not change, and rows of `Schedule.share_row` where it does.
    lowest_on_hand
        Lowest planned stock of each slot up to the horizon, if that was wanted; else at the start.
    """

    network: Network
    numbers: Numbers
    schedule: Schedule
    ways: Ways
    facility: tuple[Floats, ...]
    slot: tuple[Floats, ...]
    flat_share: Floats
    dated_share: Floats

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
        return self._now(self.facility[1])

    @property
    def sales(self) -> Floats:
        """Planned sales per facility."""
        return self._now(self.facility[0])

    @property
    def capacity(self) -> Floats:
        """Planned capacity per facility."""
        return self._now(self.facility[3])

    @cached_property
    def growth(self) -> Floats:
        """Planned increments of capacity per facility, rounding left out."""
        planned = self.facility[3]
        gained = np.diff(planned, axis=1, prepend=planned[:, :1])
        grows = (planned < UNLIMITED) & (gained > NOISE * planned)
        return self._now(np.where(grows, gained, 0.0))

    @property
    def finished_target(self) -> Floats:
        """Base stock of finished goods per facility."""
        return self._now(self.facility[2])

    @property
    def hub_load(self) -> Floats:
        """Planned load per hub, in t."""
        return self._now(self.facility[5])

    @property
    def finished(self) -> Floats:
        """Finished goods before day 0."""
        return self.facility[6]

    @property
    def process_total(self) -> Floats:
        """Work in process before day 0."""
        return self.facility[7]

    @property
    def slot_target(self) -> Floats:
        """Base stock per slot."""
        return self._now(self.slot[0])

    @property
    def reorder_point(self) -> Floats:
        """Reorder point per slot, where orders come in lots."""
        return self._now(self.slot[1])

    @property
    def slot_orders(self) -> Floats:
        """Planned orders per slot."""
        return self._now(self.slot[2])

    @property
    def on_hand(self) -> Floats:
        """Stock before day 0."""
        return self.slot[3]

    @property
    def lowest_on_hand(self) -> Floats:
        """Lowest planned stock."""
        return self.slot[4]

    @cached_property
    def slot_rate(self) -> Floats:
        """Planned use per slot."""
        now = slice(-self.first_day, None)
        return self._now(
            np.array([self.use(k, now) for k in self.network.slots]).reshape(
                len(self.network.slots), -1
            ),
            zero=0,
        )

    def use(self, slot: int, days: slice) -> Floats:
        """Planned use of a slot, on ``days`` of the grid."""
        purpose, row = self.network.slot_purpose[slot], self.schedule.demand_row[slot]
        if purpose == DEMAND:
            return np.asarray(self.numbers.demand[slot] * self.schedule.demand[row, days])
        f = self.network.slot_facility[slot]
        profile = self.facility[4 if purpose == GROWTH else 1][f, days]
        return np.asarray(self.numbers.need_per_unit[slot] * profile)

    @cached_property
    def lane_share(self) -> Floats:
        """Planned share per lane."""
        return np.ascontiguousarray(self._share()[:, -self.first_day : self._last])

    @cached_property
    def lane_rate(self) -> Floats:
        """Planned dispatch per lane, from ``first_day`` on."""
        return np.asarray(self.slot[2][self.network.lane_slot] * self._share())[:, : self._last]

    @property
    def planned_lane_rate(self) -> Floats:
        """Planned dispatch per lane and day from day 0."""
        return self.lane_rate[:, -self.first_day :]

    @cached_property
    def in_process(self) -> tuple[tuple[float, ...], ...]:
        """Work in process per facility, oldest first."""
        zero, starts = -self.first_day, self.facility[1]
        return tuple(
            tuple(starts[f, zero - cycle : zero].tolist()) if self.schedule.makes[f] else ()
            for f, cycle in enumerate(self.numbers.cycle_days.tolist())
        )

    @cached_property
    def under_way(self) -> UnderWay:
        """Everything that left before day 0 and has not arrived, by lane, oldest first."""
        ways, row = self.ways, self.schedule.share_row[self.ways.lane]
        day = -self.first_day - ways.ago
        share = np.where(row < 0, self.flat_share[ways.lane], self.dated_share[row, day])
        quantity = self.slot[2][self.network.lane_slot[ways.lane], day] * share
        kept = quantity > 0.0
        return UnderWay(ways.due[kept], ways.lane[kept], ways.leg[kept], quantity[kept])

    def days_ahead(self, slot: int) -> Floats:
        """Days that a slot's target looks ahead, by day: its cover and the mean way."""
        into = self.network.lanes_into(slot)
        way = np.zeros(self.network.horizon_days)
        for i in into:
            row = self.schedule.share_row[i]
            share = self.flat_share[i] if row < 0 else self._now(self.dated_share)[row]
            way += share * float(self.ways.transit[i])
        return np.asarray(self.numbers.cover_days[slot] + way)

    def target_with_cover(self, slot: int, numbers: Numbers, multiplier: Floats) -> Floats:
        """Slot target per day when its cover is multiplied, day by day."""
        days = len(multiplier)
        position = np.arange(days) - self.first_day
        cover = numbers.cover_days[slot] * (multiplier - 1.0)
        ahead = self.days_ahead(slot)[:days] + cover
        use = np.cumsum(self.use(slot, slice(None)))
        last = len(use) - 1
        place = np.clip(position + ahead, 0, last)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, last)
        value = use[below] + (place - below) * (use[above] - use[below])
        beyond = np.maximum(position + ahead - last, 0.0) * (use[-1] - use[-2])
        return np.asarray(value + beyond - use[position])

    @property
    def _last(self) -> int:
        return self.network.horizon_days - self.first_day

    def _now(self, profile: Floats, zero: int | None = None) -> Floats:
        first = -self.first_day if zero is None else zero
        return profile[:, first : first + self.network.horizon_days]

    def _share(self) -> Floats:
        row = self.schedule.share_row
        share = np.repeat(self.flat_share[:, None], self.schedule.days, axis=1)
        share[row >= 0] = self.dated_share[row[row >= 0]]
        return share


def make_plan(network: Network, numbers: Numbers, room: Room | None = None) -> Plan:
    """Explode the demand of every sink, supplier by supplier, and place the initial stocks.

    Parameters
    ----------
    network, numbers
        What to plan.
    room
        Where to put it; its earlier plan is lost then. Without, the plan is kept, and the lowest
        stock is looked for.

    Raises
    ------
    InputError
        If the lanes form a loop, so that no plan exists.
    """
    ways = ways_of(network, numbers)
    reach = int(ways.transit.max(initial=1)) + int(numbers.cycle_days.max(initial=0))
    schedule = schedule_of(network, -_STEP * (1 + (reach + 2) // _STEP))
    if len(schedule.order) < len(network.facilities):
        raise InputError((_loop(network, schedule),))
    zero = -schedule.first_day
    last = zero + network.horizon_days if room is None else zero
    facility, slot, lane, rows = (room or Room()).arrays(network, schedule)
    shape = (*schedule.shape(), ways.leg_days, ways.transit)
    explode(zero, last, shape, _numbers(numbers), schedule.multiples(), facility, slot, lane, rows)
    return Plan(network, numbers, schedule, ways, facility, slot, *lane)


def _numbers(numbers: Numbers) -> tuple[Floats | Ints, ...]:
    return (
        numbers.capacity,
        numbers.utilisation,
        numbers.cycle_days,
        numbers.finished_cover_days,
        numbers.stock_at_start,
        numbers.need_per_unit,
        numbers.cover_days,
        numbers.reorder_cover_days,
        numbers.demand,
        numbers.share,
    )


def _loop(network: Network, schedule: Schedule) -> Problem:
    done = set(schedule.order.tolist())
    loop = [network.facility_ids[f] for f in network.facilities if f not in done]
    return Problem(
        "lanes",
        ", ".join(loop[:6]),
        "suppliers and customers must not form a loop",
        "break the loop at one lane, for instance by a market sink and a separate source",
    )
