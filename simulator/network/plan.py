"""Planned rates: the sinks' demand exploded through shares and recipes up to the mines.

Plans look ahead. A slot with cover C and mean transit L holds the planned use of the next C + L
days, so it orders today what is used in C + L days; a producer with finished cover F and cycle time
c starts today what it sells in F + c days. Each stage's plan is therefore its customers' plan,
shifted. All profiles live on one grid of days from `Plan.first_day` (before day 0, so that
pipelines start full) to past the last date in the data, after which everything is constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.errors import InputError, Problem
from simulator.network.explode import UNLIMITED, explode
from simulator.network.network import Floats, Ints, Network, Numbers
from simulator.network.schedule import Schedule, schedule_of
from simulator.network.ways import Ways, ways_of

__all__ = ["UNLIMITED", "Plan", "UnderWay", "make_plan"]


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

    ``lane_rate`` alone starts at ``first_day`` < 0, and ``use_until`` covers the whole grid. Units:
    per day in the material's unit; hubs in t.
    """

    first_day: int
    legs: tuple[tuple[int, ...], ...]
    starts: Floats
    sales: Floats
    capacity: Floats
    growth: Floats
    finished_target: Floats
    slot_rate: Floats
    slot_orders: Floats
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
    under_way: UnderWay
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
        last = len(use) - 1
        place = np.clip(position + ahead, 0, last)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, last)
        value = use[below] + (place - below) * (use[above] - use[below])
        beyond = np.maximum(position + ahead - last, 0.0) * (use[-1] - use[-2])
        return np.asarray(value + beyond - use[position])


def make_plan(network: Network, numbers: Numbers) -> Plan:
    """Explode the demand of every sink, supplier by supplier, and place the initial stocks.

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
    grid, last = schedule.days, zero + network.horizon_days
    f, k, i = len(network.facilities), len(network.slots), len(network.lanes)
    facility = (*(np.zeros((f, grid)) for _ in range(7)), np.zeros(f))
    slot = (*(np.zeros((k, grid)) for _ in range(7)), np.zeros(k), np.zeros(k))
    lane = (np.zeros((i, grid)), np.zeros((i, grid)))
    shape = (*schedule.shape(), ways.leg_days, schedule.leg_hub, ways.transit)
    explode(zero, last, shape, _numbers(numbers), schedule.multiples(), facility, slot, lane)
    sales, _, starts, finished_target, capacity, growth, hub_load, finished = facility
    rate, until, ahead, target, reorder, orders, _, on_hand, lowest = slot
    now = slice(zero, last)
    return Plan(
        first_day=schedule.first_day,
        legs=ways.legs,
        starts=starts[:, now],
        sales=sales[:, now],
        capacity=capacity[:, now],
        growth=growth[:, now],
        finished_target=finished_target[:, now],
        slot_rate=rate[:, now],
        slot_orders=orders[:, now],
        slot_target=target[:, now],
        reorder_point=reorder[:, now],
        lane_rate=lane[0][:, :last],
        lane_share=lane[1][:, now],
        use_until=until,
        days_ahead=ahead[:, now],
        hub_load=hub_load[:, now],
        on_hand=on_hand,
        finished=finished,
        in_process=tuple(
            tuple(starts[n, zero - cycle : zero].tolist()) if schedule.makes[n] else ()
            for n, cycle in enumerate(numbers.cycle_days.tolist())
        ),
        under_way=_under_way(ways, lane[0], zero),
        lowest_on_hand=lowest,
    )


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


def _under_way(ways: Ways, lane_rate: Floats, zero: int) -> UnderWay:
    """Everything that left before day 0 and has not arrived, in order of lanes and dispatch."""
    quantity = lane_rate[ways.lane, zero - ways.ago]
    kept = quantity > 0.0
    return UnderWay(ways.due[kept], ways.lane[kept], ways.leg[kept], quantity[kept])


def _loop(network: Network, schedule: Schedule) -> Problem:
    done = set(schedule.order.tolist())
    loop = [network.facility_ids[f] for f in network.facilities if f not in done]
    return Problem(
        "lanes",
        ", ".join(loop[:6]),
        "suppliers and customers must not form a loop",
        "break the loop at one lane, for instance by a market sink and a separate source",
    )
