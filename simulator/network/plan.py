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
from typing import TYPE_CHECKING

import numpy as np

from simulator.network.feasible import NOISE, UNLIMITED
from simulator.network.network import DEMAND, GROWTH, Floats, Ints, Network, Numbers

if TYPE_CHECKING:
    from simulator.network.room import Profiles
    from simulator.network.schedule import Schedule
    from simulator.network.ways import Ways


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
        Of each slot, cumulative through the day before day 0: what is wanted by then, which all
        orders have placed, and planned use since the grid began.
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
        lane, ago, leg, due = self.ways.under_way
        row, day = self.schedule.share_row[lane], -self.first_day - ago
        dated = self._grid("lane_share")[row, day]
        share = np.where(row < 0, self.flat_share[lane], dated)
        orders = self._grid("ordered_before")
        quantity = orders[self.network.lane_slot[lane], day] * share
        kept = quantity > 0.0
        return UnderWay(due[kept], lane[kept], leg[kept], quantity[kept])

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
