"""The explosion of demand into planned profiles, compiled: one pass over the network.

Profiles are (things, days) on the plan's grid of days; ``zero`` is the index of day 0. The formulas
are explained in `simulator.network.plan`.
"""

from __future__ import annotations

import math
from typing import Any

from simulator.compiling import kernel, step
from simulator.network.network import DEMAND, GROWTH, S_S, Floats, Ints

UNLIMITED = 1e30
"""Stands for no limit on capacity, so that an outage can still multiply it."""
NOISE = 1e-9
"""Growth of capacity below this share of it is rounding, and builds nothing."""

Arrays = tuple[Any, ...]


@step
def read(cumulative: Floats, row: int, position: float) -> float:
    """Cumulative amount through a fractional position; straight on beyond either end."""
    last = cumulative.shape[1] - 1
    inside = min(max(position, 0.0), float(last))
    below = math.floor(inside)
    above = below + 1 if below < last else last
    low: float = cumulative[row, below]
    value: float = low + (inside - below) * (cumulative[row, above] - low)
    if position > last:
        value += (position - last) * (cumulative[row, last] - cumulative[row, last - 1])
    elif position < 0.0:
        value += position * (cumulative[row, 1] - cumulative[row, 0])
    return value


@step
def add_up(rate: Floats, cumulative: Floats, row: int) -> None:
    """Cumulative amount through each day of a profile."""
    total = 0.0
    for d in range(rate.shape[1]):
        total += rate[row, d]
        cumulative[row, d] = total


@step
def normalise(lane_start: Ints, k: int, share: Floats) -> None:
    """Make the shares of a slot's lanes sum to one on every day, where there are any."""
    for d in range(share.shape[1]):
        total = 0.0
        for i in range(lane_start[k], lane_start[k + 1]):
            total += share[i, d]
        if total > 0.0:
            for i in range(lane_start[k], lane_start[k + 1]):
                share[i, d] /= total


@step
def plan_capacity(
    f: int, load: Floats, multiple: Floats, capacity: float, utilisation: float, planned: Floats
) -> None:
    """Capacity from utilisation and load, from a given number, or without limit."""
    for d in range(planned.shape[1]):
        if utilisation == utilisation:
            planned[f, d] = load[f, d] / utilisation * multiple[f, d]
        elif capacity < UNLIMITED:
            planned[f, d] = capacity * multiple[f, d]
        else:
            planned[f, d] = UNLIMITED if multiple[f, d] > 0.0 else 0.0


@step
def plan_growth(f: int, planned: Floats, growth: Floats) -> None:
    """Planned increments of capacity, rounding left out."""
    for d in range(1, planned.shape[1]):
        increment = planned[f, d] - planned[f, d - 1]
        if planned[f, d] < UNLIMITED and increment > NOISE * planned[f, d]:
            growth[f, d] = increment


@step
def plan_starts(
    f: int,
    zero: int,
    cycle: int,
    cover: float,
    sales: Floats,
    sold: Floats,
    starts: Floats,
    target: Floats,
    finished: Floats,
) -> None:
    """Starts that keep the finished-goods base stock, and what is finished before day 0."""
    add_up(sales, sold, f)
    ahead = cover + cycle
    begun = read(sold, f, ahead - 1.0)
    for d in range(sales.shape[1]):
        wanted = read(sold, f, d + ahead)
        before = begun
        begun = max(begun, wanted)
        starts[f, d] = begun - before
        target[f, d] = wanted - (sold[f, d] - sales[f, d])
        if d == zero - 1:
            held = begun - sold[f, d]
            for s in range(zero - cycle, zero):
                held -= starts[f, s]
            finished[f] = max(0.0, held)


@step
def plan_orders(
    k: int,
    cover: float,
    reorder_cover: float,
    lumpy: bool,
    lane_start: Ints,
    transit: Ints,
    share: Floats,
    profiles: Arrays,
    lane_rate: Floats,
) -> None:
    """Base stock and orders of a slot, and the planned rate of its lanes."""
    rate, until, ahead, target, reorder, orders, position = profiles
    add_up(rate, until, k)
    placed = 0.0
    for d in range(rate.shape[1]):
        way = 0.0
        for i in range(lane_start[k], lane_start[k + 1]):
            way += share[i, d] * transit[i]
        ahead[k, d] = cover + way
        wanted = read(until, k, d + ahead[k, d])
        if d == 0:
            placed = read(until, k, ahead[k, d] - 1.0)
        before = placed
        placed = max(placed, wanted)
        position[k, d] = placed
        target[k, d] = wanted - until[k, d]
        orders[k, d] = placed - before
        if lumpy:
            reorder[k, d] = read(until, k, d + reorder_cover + way) - until[k, d]
        for i in range(lane_start[k], lane_start[k + 1]):
            lane_rate[i, d] = orders[k, d] * share[i, d]


@step
def plan_on_hand(
    k: int,
    zero: int,
    last: int,
    lane_start: Ints,
    transit: Ints,
    lane_rate: Floats,
    position: Floats,
    until: Floats,
    on_hand: Floats,
    lowest: Floats,
) -> None:
    """Planned stock at the end of the day before day 0, and its lowest until the horizon."""
    under_way = 0.0
    for i in range(lane_start[k], lane_start[k + 1]):
        for d in range(zero - transit[i], zero):
            under_way += lane_rate[i, d]
    low = position[k, zero - 1] - until[k, zero - 1] - under_way
    on_hand[k] = max(0.0, low)
    for d in range(zero, last):
        for i in range(lane_start[k], lane_start[k + 1]):
            under_way += lane_rate[i, d] - lane_rate[i, d - transit[i]]
        low = min(low, position[k, d] - until[k, d] - under_way)
    lowest[k] = low


@step
def plan_hub_load(
    i: int, mass: float, leg_start: Ints, leg_days: Ints, leg_hub: Ints, lane_rate: Floats,
    hub_load: Floats,
) -> None:  # fmt: skip
    """Add what a lane brings to each hub it passes, on the day it passes."""
    passed = 0
    for leg in range(leg_start[i], leg_start[i + 1] - 1):
        passed += leg_days[leg]
        for d in range(lane_rate.shape[1]):
            hub_load[leg_hub[leg], d] += mass * lane_rate[i, max(d - passed, 0)]


@kernel
def explode(
    zero: int, last: int, shape: Arrays, numbers: Arrays, schedule: Arrays, facility: Arrays,
    slot: Arrays, lane: Arrays,
) -> None:  # fmt: skip
    """Fill all profiles, each facility after its customers.

    Parameters
    ----------
    zero, last
        Index of day 0 and of the first day after the horizon.
    shape
        Topology: order, is sink, is stockpile, is hub, slots, purposes, policies, lanes, lanes out,
        legs.
    numbers
        Sampled numbers of the realisation.
    schedule
        Dated multiples of capacity, demand and, where dated, shares (NaN elsewhere).
    facility, slot, lane
        Profiles to fill.
    """
    (order, is_sink, is_stockpile, is_hub, slot_start, purpose, policy, lane_start, out_start,
     out_lane, lane_mass, leg_start, leg_days, leg_hub, transit) = shape  # fmt: skip
    (capacity, utilisation, cycle, finished_cover, stock, need, cover, reorder_cover, demand,
     shares) = numbers  # fmt: skip
    capacity_multiple, demand_multiple, dated_share = schedule
    (sales, sold, starts, finished_target, planned, growth, hub_load, finished) = facility
    (rate, until, ahead, target, reorder, orders, position, on_hand, lowest) = slot
    lane_rate, share = lane
    days = rate.shape[1]
    for i in range(len(shares)):
        for d in range(days):
            dated = dated_share[i, d]
            share[i, d] = dated if dated == dated else shares[i]
    for k in range(len(need)):
        normalise(lane_start, k, share)
    for n in range(len(order)):
        f = order[n]
        if is_hub[f]:
            continue
        for o in range(out_start[f], out_start[f + 1]):
            for d in range(days):
                sales[f, d] += lane_rate[out_lane[o], d]
        if is_stockpile[f]:
            finished[f] = stock[f]
        elif not is_sink[f]:
            plan_starts(
                f, zero, cycle[f], finished_cover[f], sales, sold, starts, finished_target, finished
            )
            plan_capacity(f, starts, capacity_multiple, capacity[f], utilisation[f], planned)
            plan_growth(f, planned, growth)
        for k in range(slot_start[f], slot_start[f + 1]):
            for d in range(days):
                if purpose[k] == DEMAND:
                    rate[k, d] = demand[k] * demand_multiple[k, d]
                elif purpose[k] == GROWTH:
                    rate[k, d] = need[k] * growth[f, d]
                else:
                    rate[k, d] = need[k] * starts[f, d]
            profiles = (rate, until, ahead, target, reorder, orders, position)
            plan_orders(
                k, cover[k], reorder_cover[k], policy[k] == S_S, lane_start, transit, share,
                profiles, lane_rate,
            )  # fmt: skip
            plan_on_hand(
                k, zero, last, lane_start, transit, lane_rate, position, until, on_hand, lowest
            )
    for i in range(len(shares)):
        if leg_start[i + 1] - leg_start[i] > 1:
            plan_hub_load(i, lane_mass[i], leg_start, leg_days, leg_hub, lane_rate, hub_load)
    for f in range(len(is_hub)):
        if is_hub[f]:
            plan_capacity(f, hub_load, capacity_multiple, capacity[f], utilisation[f], planned)
