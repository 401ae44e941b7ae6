"""Planned rates: the sinks' demand exploded through shares and recipes up to the mines.

Plans look ahead. A slot with cover C and mean transit L holds the planned use of the next C + L days,
so it orders today what is used in C + L days; a producer with finished cover F and cycle time c starts
today what it sells in F + c days. Each stage's plan is therefore its customers' plan, shifted. All
profiles live on one grid of days from `Plan.first_day` (before day 0, so that pipelines start full) to
past the last date in the data, after which everything is constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.errors import InputError, Problem
from simulator.network.network import DEMAND, GROWTH, S_S, Floats, Network, Numbers
from simulator.units import day_of, whole_days

if TYPE_CHECKING:
    from datetime import date

    from simulator.spec import Facility
    from simulator.spec.profiles import Profile

UNLIMITED = 1e30
"""Stands for no limit on capacity, so that an outage can still multiply it."""
_NOISE = 1e-9
"""Growth of capacity below this share of it is rounding, and builds nothing."""


@dataclass(frozen=True)
class Consignment:
    """Goods under way at the start: due on ``day`` at the end of leg ``leg`` of ``lane``."""

    day: int
    lane: int
    leg: int
    quantity: float


@dataclass(frozen=True)
class Plan:
    """Planned profiles of one realisation; arrays are (things, days) with days counted from 0.

    ``lane_rate`` alone starts at ``first_day`` < 0. Units: per day in the material's unit; hubs in t.
    """

    first_day: int
    legs: tuple[tuple[int, ...], ...]
    starts: Floats
    sales: Floats
    capacity: Floats
    growth: Floats
    finished_target: Floats
    slot_rate: Floats
    slot_peak: Floats
    slot_target: Floats
    reorder_point: Floats
    lane_rate: Floats
    lane_share: Floats
    use_until: Floats
    days_ahead: Floats
    hub_load: Floats
    on_hand: Floats
    finished: Floats
    in_process: tuple[tuple[float, ...], ...]
    under_way: tuple[Consignment, ...]
    lowest_on_hand: Floats

    @property
    def planned_lane_rate(self) -> Floats:
        """Planned dispatch per lane and day from day 0."""
        return self.lane_rate[:, -self.first_day :]

    def target_with_cover(self, slot: int, numbers: Numbers, multiplier: Floats) -> Floats:
        """Slot target per day when its cover is multiplied, day by day."""
        days = len(multiplier)
        position = np.arange(days) - self.first_day
        ahead = self.days_ahead[slot, :days] + numbers.cover_days[slot] * (multiplier - 1.0)
        use = self.use_until[slot]
        return np.asarray(_read(use, position + ahead) - use[position])


def split_legs(total: int, given: tuple[int, ...], hubs: int) -> tuple[int, ...]:
    """Whole days of each leg of a lane through ``hubs`` hubs.

    Without ``given`` days the first and the last leg take a day and the middle ones share the rest; with
    a single hub both legs share it. Longer or shorter sampled totals change the longest leg.
    """
    if hubs == 0:
        return (max(1, total),)
    count = hubs + 1
    legs = list(given) if given else [1] * count
    middle = range(count) if hubs == 1 else range(1, count - 1)
    spare = total - sum(legs)
    if given or spare < 0:
        longest = max(range(count), key=lambda i: legs[i])
        legs[longest] = max(1, legs[longest] + spare)
        return tuple(legs)
    for n, leg in enumerate(middle):
        legs[leg] += spare // len(middle) + (1 if n < spare % len(middle) else 0)
    return tuple(legs)


def make_plan(network: Network, numbers: Numbers) -> Plan:
    """Explode the demand of every sink, supplier by supplier, and place the initial stocks.

    Raises
    ------
    InputError
        If the lanes form a cycle, so that no plan exists.
    """
    return _Planner(network, numbers).run()


def _read(cumulative: Floats, position: Floats) -> Floats:
    """Cumulative amount through a fractional position; straight on beyond either end."""
    last = len(cumulative) - 1
    inside = np.clip(position, 0, last)
    below = np.floor(inside).astype(np.int64)
    above = np.minimum(below + 1, last)
    value = cumulative[below] + (inside - below) * (cumulative[above] - cumulative[below])
    if last == 0:
        return value
    beyond = np.maximum(position - last, 0.0) * (cumulative[-1] - cumulative[-2])
    before = np.minimum(position, 0.0) * (cumulative[1] - cumulative[0])
    return np.asarray(value + beyond + before)


class _Planner:
    """Working state of one explosion: profiles over the grid, filled from the sinks upwards."""

    def __init__(self, network: Network, numbers: Numbers) -> None:
        self.network, self.numbers = network, numbers
        self.rows = {row.id: row for row in network.dataset.facilities}
        transit = [whole_days(value, 1) for value in numbers.transit_days]
        self.legs = tuple(
            split_legs(days, network.lane_leg_days[i], len(network.lane_hubs[i]))
            for i, days in enumerate(transit)
        )
        self.transit = np.array([sum(legs) for legs in self.legs], np.int64)
        reach = int(self.transit.max(initial=1)) + int(numbers.cycle_days.max(initial=0))
        self.first_day = -(reach + 2)
        last = max(network.horizon_days, self._last_knot() + 2)
        self.days = np.arange(self.first_day, last + 1)
        shape = len(self.days)
        f, k, i = len(network.facilities), len(network.slots), len(network.lanes)
        self.starts, self.sales, self.capacity = (np.zeros((f, shape)) for _ in range(3))
        self.finished_target, self.hub_load, self.growth = (np.zeros((f, shape)) for _ in range(3))
        self.finished = np.zeros(f)
        self.in_process: list[tuple[float, ...]] = [()] * f
        self.rate, self.peak, self.until, self.ahead, self.target, self.reorder, self.position = (
            np.zeros((k, shape)) for _ in range(7)
        )
        self.lane_rate, self.share = np.zeros((i, shape)), np.zeros((i, shape))

    def run(self) -> Plan:
        self._read_shares()
        seen = 0
        for facility in self.network.customers_first():
            seen += 1
            if self.network.kinds[facility] == "hub":
                continue
            self._facility(facility)
            for slot in self.network.slots_of(facility):
                self._slot(slot)
        if seen < len(self.network.facilities):
            raise InputError((self._cycle(),))
        self._hubs()
        return self._plan()

    def _last_knot(self) -> int:
        start = self.network.start
        dates = [
            when
            for rows in (self.network.dataset.facilities, self.network.dataset.demand)
            for row in rows
            for when in _knots(getattr(row, "capacity_profile", None) or getattr(row, "profile", None))
        ]
        dates += [w for lane in self.network.dataset.lanes for w in _knots(lane.share_profile)]
        days = [day_of(when, start) for when in dates]
        for row in self.network.dataset.facilities:
            if row.start_date is not None:
                days.append(day_of(row.start_date, start) + whole_days(row.ramp_days or 0))
        return max(days, default=0)

    def _profile(self, profile: Profile | None) -> Floats:
        if profile is None:
            return np.ones(len(self.days))
        days = [day_of(when, self.network.start) for when, _ in profile.knots]
        return np.interp(self.days, days, [value for _, value in profile.knots])

    def _read_shares(self) -> None:
        by_id = {f"{r.customer}/{r.material}/{r.supplier}": r for r in self.network.dataset.lanes}
        for i, name in enumerate(self.network.lane_ids):
            profile = by_id[name].share_profile
            self.share[i] = self.numbers.share[i] if profile is None else self._profile(profile)
        for slot in self.network.slots:
            lanes = self.network.lanes_into(slot)
            total = self.share[lanes.start : lanes.stop].sum(axis=0)
            if lanes:
                self.share[lanes.start : lanes.stop] /= np.where(total > 0.0, total, 1.0)

    def _facility(self, f: int) -> None:
        """Planned sales, starts, capacity and initial goods of one facility."""
        network, numbers = self.network, self.numbers
        if network.is_sink(f):
            return
        row = self.rows[network.facility_ids[f]]
        lanes = network.out_lanes[f]
        sales = np.zeros(len(self.days))
        for lane in lanes:
            sales += self.lane_rate[lane]
        self.sales[f] = sales
        zero = -self.first_day
        if network.kinds[f] == "stockpile":
            self.finished[f] = numbers.stock_at_start[f]
            return
        sold = np.cumsum(sales)
        cycle = int(numbers.cycle_days[f])
        ahead = numbers.finished_cover_days[f] + cycle
        index = np.arange(len(self.days), dtype=np.float64)
        wanted = _read(sold, index + ahead)
        begun = np.maximum.accumulate(wanted)
        before = _read(sold, np.array([ahead - 1.0]))
        self.starts[f] = np.diff(begun, prepend=before)
        self.finished_target[f] = wanted - (sold - sales)
        self.in_process[f] = tuple(self.starts[f, zero - cycle : zero].tolist())
        self.finished[f] = max(0.0, begun[zero - 1] - sold[zero - 1] - sum(self.in_process[f]))
        self.capacity[f] = self._capacity(f, row, self.starts[f])
        self.growth[f] = _growth_of(self.capacity[f])

    def _capacity(self, f: int, row: Facility, load: Floats) -> Floats:
        numbers = self.numbers
        built = np.ones(len(self.days))
        if row.start_date is not None:
            since = self.days - day_of(row.start_date, self.network.start)
            ramp = whole_days(row.ramp_days or 0)
            built = np.clip(since / ramp, 0.0, 1.0) if ramp else (since >= 0).astype(np.float64)
        if not np.isnan(numbers.utilisation[f]):
            return np.asarray(load / numbers.utilisation[f] * built)
        if np.isinf(numbers.capacity[f]):
            return np.where(built > 0.0, UNLIMITED, 0.0)
        return np.asarray(numbers.capacity[f] * self._profile(row.capacity_profile) * built)

    def _slot(self, k: int) -> None:
        """Planned use, base stock and orders of one slot, and the planned rate of its lanes."""
        network, numbers = self.network, self.numbers
        rate = self._use(k)
        lanes = network.lanes_into(k)
        span = slice(lanes.start, lanes.stop)
        transit = (self.share[span] * self.transit[span, None]).sum(axis=0)
        ahead = numbers.cover_days[k] + transit
        used = np.cumsum(rate)
        index = np.arange(len(self.days), dtype=np.float64)
        wanted = _read(used, index + ahead)
        position = np.maximum.accumulate(wanted)
        before = _read(used, np.array([ahead[0] - 1.0]))
        orders = np.diff(position, prepend=before)
        self.rate[k], self.until[k], self.ahead[k], self.position[k] = rate, used, ahead, position
        self.peak[k] = np.maximum(rate, orders)
        self.target[k] = wanted - used
        if network.slot_policy[k] == S_S:
            reorder = numbers.reorder_cover_days[k] + transit
            self.reorder[k] = _read(used, index + reorder) - used
        self.lane_rate[span] = orders * self.share[span]

    def _use(self, k: int) -> Floats:
        network, numbers = self.network, self.numbers
        f = int(network.slot_facility[k])
        if network.slot_purpose[k] == DEMAND:
            material = network.material_ids[network.slot_material[k]]
            row = next(
                r
                for r in network.dataset.demand
                if r.sink == network.facility_ids[f] and r.material == material
            )
            return np.asarray(numbers.demand[k] * self._profile(row.profile))
        if network.slot_purpose[k] == GROWTH:
            return np.asarray(numbers.need_per_unit[k] * self.growth[f])
        return np.asarray(numbers.need_per_unit[k] * self.starts[f])

    def _hubs(self) -> None:
        network = self.network
        for i in network.lanes:
            mass = network.mass_t[network.slot_material[network.lane_slot[i]]]
            passed = 0
            for hub, leg in zip(network.lane_hubs[i], self.legs[i], strict=False):
                passed += leg
                rate = self.lane_rate[i]
                self.hub_load[hub, passed:] += mass * rate[: len(rate) - passed]
                self.hub_load[hub, :passed] += mass * rate[0]
        for hub in network.hubs:
            row = self.rows[network.facility_ids[hub]]
            self.capacity[hub] = self._capacity(hub, row, self.hub_load[hub])

    def _under_way(self) -> list[Consignment]:
        found = []
        for i, legs in enumerate(self.legs):
            ends = np.cumsum(legs)
            for ago in range(int(ends[-1]), 0, -1):
                leg = int(np.searchsorted(ends, ago))
                quantity = float(self.lane_rate[i, -self.first_day - ago])
                if quantity > 0.0:
                    found.append(Consignment(int(ends[leg]) - ago, i, leg, quantity))
        return found

    def _plan(self) -> Plan:
        network = self.network
        zero, horizon = -self.first_day, network.horizon_days
        now = slice(zero, zero + horizon)
        transit = np.zeros_like(self.rate)
        for i in network.lanes:
            sent = np.cumsum(self.lane_rate[i])
            index = np.arange(len(sent), dtype=np.float64)
            transit[network.lane_slot[i]] += sent - _read(sent, index - self.transit[i])
        on_hand = self.position - self.until - transit
        return Plan(
            first_day=self.first_day,
            legs=self.legs,
            starts=np.ascontiguousarray(self.starts[:, now]),
            sales=np.ascontiguousarray(self.sales[:, now]),
            capacity=np.ascontiguousarray(self.capacity[:, now]),
            growth=np.ascontiguousarray(self.growth[:, now]),
            finished_target=np.ascontiguousarray(self.finished_target[:, now]),
            slot_rate=np.ascontiguousarray(self.rate[:, now]),
            slot_peak=np.ascontiguousarray(self.peak[:, now]),
            slot_target=np.ascontiguousarray(self.target[:, now]),
            reorder_point=np.ascontiguousarray(self.reorder[:, now]),
            lane_rate=np.ascontiguousarray(self.lane_rate[:, : zero + horizon]),
            lane_share=np.ascontiguousarray(self.share[:, now]),
            use_until=self.until,
            days_ahead=np.ascontiguousarray(self.ahead[:, now]),
            hub_load=np.ascontiguousarray(self.hub_load[:, now]),
            on_hand=np.maximum(on_hand[:, zero - 1], 0.0),
            finished=self.finished,
            in_process=tuple(self.in_process),
            under_way=tuple(self._under_way()),
            lowest_on_hand=on_hand[:, zero - 1 : zero + horizon].min(axis=1, initial=np.inf),
        )

    def _cycle(self) -> Problem:
        network = self.network
        done = set(network.customers_first())
        loop = [network.facility_ids[f] for f in network.facilities if f not in done]
        return Problem(
            "lanes",
            ", ".join(loop[:6]),
            "suppliers and customers must not form a loop",
            "break the loop at one lane, for instance by a market sink and a separate source",
        )


def _growth_of(capacity: Floats) -> Floats:
    """Planned increments of capacity per day (units/day a day), rounding left out."""
    if capacity.max(initial=0.0) >= UNLIMITED:
        return np.zeros_like(capacity)
    steps = np.diff(capacity, prepend=capacity[:1])
    return np.where(steps > _NOISE * np.abs(capacity), steps, 0.0)


def _knots(profile: Profile | None) -> list[date]:
    return [] if profile is None else [when for when, _ in profile.knots]
