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
def read(cumulative: Floats, position: float) -> float:
    """Cumulative amount through a fractional position; straight on beyond either end."""
    last = len(cumulative) - 1
    inside = min(max(position, 0.0), float(last))
    below = math.floor(inside)
    above = below + 1 if below < last else last
    low: float = cumulative[below]
    value: float = low + (inside - below) * (cumulative[above] - low)
    if position > last:
        value += (position - last) * (cumulative[last] - cumulative[last - 1])
    elif position < 0.0:
        value += position * (cumulative[1] - cumulative[0])
    return value


@step
def read_ahead(cumulative: Floats, ahead: float, found: Floats) -> None:
    """Cumulative amount through each day plus a constant time, which must not be negative."""
    days = len(cumulative)
    inside = min(max(int(days - 2 - ahead), 0), days)
    for d in range(inside):
        position = d + ahead
        below = int(position)
        low = cumulative[below]
        found[d] = low + (position - below) * (cumulative[below + 1] - low)
    for d in range(inside, days):
        found[d] = read(cumulative, d + ahead)


@step
def add_up(rate: Floats, cumulative: Floats) -> None:
    """Cumulative amount through each day of a profile."""
    total = 0.0
    for d in range(len(rate)):
        total += rate[d]
        cumulative[d] = total


@step
def never_less(wanted: Floats, before: float, placed: Floats) -> None:
    """Highest amount wanted so far, by day."""
    highest = before
    for d in range(len(wanted)):
        highest = max(highest, wanted[d])
        placed[d] = highest


@step
def share_lanes(
    k: int, lane_start: Ints, shares: Floats, dated: Floats, row: Ints, flat: Floats, share: Floats
) -> None:
    """Shares of a slot's lanes, which sum to one where there are any; ``row`` of dated ones."""
    first, end = lane_start[k], lane_start[k + 1]
    total = 0.0
    for i in range(first, end):
        total += shares[i]
    for i in range(first, end):
        flat[i] = shares[i] / total if total > 0.0 else shares[i]
    if first == end or row[first] < 0:
        return
    for d in range(share.shape[1]):
        total = 0.0
        for i in range(first, end):
            given = dated[row[i], d]
            share[row[i], d] = given if given == given else shares[i]
            total += share[row[i], d]
        if total > 0.0:
            for i in range(first, end):
                share[row[i], d] /= total


@step
def plan_capacity(
    f: int, load: Floats, multiple: Floats, capacity: float, utilisation: float, planned: Floats
) -> None:
    """Capacity from utilisation and load, from a given number, or without limit."""
    if utilisation == utilisation:
        for d in range(planned.shape[1]):
            planned[f, d] = load[f, d] / utilisation * multiple[f, d]
    elif capacity < UNLIMITED:
        for d in range(planned.shape[1]):
            planned[f, d] = capacity * multiple[f, d]
    else:
        for d in range(planned.shape[1]):
            planned[f, d] = UNLIMITED if multiple[f, d] > 0.0 else 0.0


@step
def plan_growth(f: int, planned: Floats, growth: Floats) -> None:
    """Planned increments of capacity, rounding left out."""
    growth[f, 0] = 0.0
    for d in range(1, planned.shape[1]):
        increment = planned[f, d] - planned[f, d - 1]
        grows = planned[f, d] < UNLIMITED and increment > NOISE * planned[f, d]
        growth[f, d] = increment if grows else 0.0


@step
def plan_starts(
    f: int, zero: int, cycle: int, cover: float, sales: Floats, starts: Floats, target: Floats,
    finished: Floats, in_process: Floats, rows: Arrays,
) -> None:  # fmt: skip
    """Starts that keep the finished-goods base stock, and what is finished before day 0."""
    _, sold, wanted, begun = rows
    add_up(sales[f], sold)
    ahead = cover + cycle
    before = read(sold, ahead - 1.0)
    read_ahead(sold, ahead, wanted)
    never_less(wanted, before, begun)
    starts[f, 0] = begun[0] - before
    for d in range(1, len(begun)):
        starts[f, d] = begun[d] - begun[d - 1]
    for d in range(len(begun)):
        target[f, d] = wanted[d] - (sold[d] - sales[f, d])
    held = begun[zero - 1] - sold[zero - 1]
    for s in range(zero - cycle, zero):
        held -= starts[f, s]
        in_process[f] += starts[f, s]
    finished[f] = max(0.0, held)


@step
def plan_orders(
    k: int, cover: float, reorder_cover: float, lumpy: bool, lane_start: Ints, transit: Ints,
    flat: Floats, row: Ints, share: Floats, target: Floats, reorder: Floats, orders: Floats,
    rows: Arrays,
) -> None:  # fmt: skip
    """Base stock and orders of a slot, from its rate."""
    rate, until, wanted, position = rows
    first, end = lane_start[k], lane_start[k + 1]
    add_up(rate, until)
    way = 0.0
    for i in range(first, end):
        way += (flat[i] if row[i] < 0 else share[row[i], 0]) * transit[i]
    before = read(until, cover + way - 1.0)
    if first == end or row[first] < 0:
        read_ahead(until, cover + way, wanted)
        if lumpy:
            read_ahead(until, reorder_cover + way, reorder[k])
    else:
        for d in range(len(until)):
            way = 0.0
            for i in range(first, end):
                way += share[row[i], d] * transit[i]
            wanted[d] = read(until, d + (cover + way))
            if lumpy:
                reorder[k, d] = read(until, d + (reorder_cover + way))
    if lumpy:
        for d in range(len(until)):
            reorder[k, d] -= until[d]
    never_less(wanted, before, position)
    orders[k, 0] = position[0] - before
    for d in range(1, len(until)):
        orders[k, d] = position[d] - position[d - 1]
    for d in range(len(until)):
        target[k, d] = wanted[d] - until[d]


@step
def rate_of_lane(i: int, k: int, d: int, orders: Floats, flat: Floats, row: Ints,
                 share: Floats) -> float:  # fmt: skip
    """Planned dispatch of a lane."""
    part = flat[i] if row[i] < 0 else share[row[i], d]
    planned: float = orders[k, d] * part
    return planned


@step
def plan_on_hand(
    k: int, zero: int, last: int, lane_start: Ints, transit: Ints, flat: Floats, row: Ints,
    share: Floats, orders: Floats, rows: Arrays, on_hand: Floats, lowest: Floats,
) -> None:  # fmt: skip
    """Planned stock at the end of the day before day 0, and its lowest up to ``last``."""
    _, until, _, position = rows
    under_way = 0.0
    for i in range(lane_start[k], lane_start[k + 1]):
        for d in range(zero - transit[i], zero):
            under_way += rate_of_lane(i, k, d, orders, flat, row, share)
    low = position[zero - 1] - until[zero - 1] - under_way
    on_hand[k] = max(0.0, low)
    for d in range(zero, last):
        for i in range(lane_start[k], lane_start[k + 1]):
            under_way += rate_of_lane(i, k, d, orders, flat, row, share) - rate_of_lane(
                i, k, d - transit[i], orders, flat, row, share
            )
        low = min(low, position[d] - until[d] - under_way)
    lowest[k] = low


@step
def plan_lane(
    i: int, k: int, supplier: int, mass: float, leg_start: Ints, leg_days: Ints, leg_hub: Ints,
    flat: Floats, row: Ints, share: Floats, orders: Floats, planned: Floats, sales: Floats,
    hub_load: Floats,
) -> None:  # fmt: skip
    """Add a lane's planned dispatch to its supplier's sales and to the load of its hubs."""
    days = len(planned)
    if row[i] < 0:
        if flat[i] == 0.0:
            return
        for d in range(days):
            planned[d] = orders[k, d] * flat[i]
    else:
        for d in range(days):
            planned[d] = orders[k, d] * share[row[i], d]
    for d in range(days):
        sales[supplier, d] += planned[d]
    passed = 0
    for leg in range(leg_start[i], leg_start[i + 1] - 1):
        passed += leg_days[leg]
        hub = leg_hub[leg]
        for d in range(passed):
            hub_load[hub, d] += mass * planned[0]
        for d in range(passed, days):
            hub_load[hub, d] += mass * planned[d - passed]


@kernel
def explode(
    zero: int, last: int, shape: Arrays, numbers: Arrays, schedule: Arrays, facility: Arrays,
    slot: Arrays, lane: Arrays, rows: Arrays,
) -> None:  # fmt: skip
    """Fill all profiles, each facility after its customers.

    Parameters
    ----------
    zero, last
        Index of day 0, and of the day before which the lowest planned stock is sought.
    shape
        Topology: order, is sink, is stockpile, is hub, has tools, slots, purposes, policies, lanes,
        suppliers, masses, legs.
    numbers
        Sampled numbers of the realisation.
    schedule
        Dated multiples of capacity and of demand; rows of dated shares (NaN where they are not).
    facility, slot, lane
        Profiles to fill, whatever is in them.
    rows
        Room for profiles of one thing.
    """
    (order, is_sink, is_stockpile, is_hub, has_tools, slot_start, purpose, policy, lane_start,
     supplier, lane_mass, leg_start, leg_hub, share_row, leg_days, transit) = shape  # fmt: skip
    (capacity, utilisation, cycle, finished_cover, stock, need, cover, reorder_cover, demand,
     shares) = numbers  # fmt: skip
    capacity_multiple, demand_multiple, demand_row, dated_share = schedule
    sales, starts, finished_target, planned, growth, hub_load, finished, in_process = facility
    target, reorder, orders, on_hand, lowest = slot
    flat, share = lane
    rate, _, dispatched, _ = rows
    days = orders.shape[1]
    for f in range(len(order)):
        finished[f] = 0.0
        in_process[f] = 0.0
        for d in range(days):
            sales[f, d] = 0.0
        if is_hub[f]:
            for d in range(days):
                hub_load[f, d] = 0.0
        if is_hub[f] or is_sink[f] or is_stockpile[f]:
            for d in range(days):
                starts[f, d] = 0.0
                finished_target[f, d] = 0.0
                planned[f, d] = 0.0
    for k in range(len(need)):
        share_lanes(k, lane_start, shares, dated_share, share_row, flat, share)
    for n in range(len(order)):
        f = order[n]
        if is_hub[f]:
            continue
        if is_stockpile[f]:
            finished[f] = stock[f]
        elif not is_sink[f]:
            plan_starts(
                f, zero, cycle[f], finished_cover[f], sales, starts, finished_target, finished,
                in_process, rows,
            )  # fmt: skip
            plan_capacity(f, starts, capacity_multiple, capacity[f], utilisation[f], planned)
            if has_tools[f]:
                plan_growth(f, planned, growth)
        for k in range(slot_start[f], slot_start[f + 1]):
            if purpose[k] == DEMAND:
                for d in range(days):
                    rate[d] = demand[k] * demand_multiple[demand_row[k], d]
            elif purpose[k] == GROWTH:
                for d in range(days):
                    rate[d] = need[k] * growth[f, d]
            else:
                for d in range(days):
                    rate[d] = need[k] * starts[f, d]
            plan_orders(
                k, cover[k], reorder_cover[k], policy[k] == S_S, lane_start, transit, flat,
                share_row, share, target, reorder, orders, rows,
            )  # fmt: skip
            plan_on_hand(
                k, zero, last, lane_start, transit, flat, share_row, share, orders, rows, on_hand,
                lowest,
            )  # fmt: skip
            for i in range(lane_start[k], lane_start[k + 1]):
                plan_lane(
                    i, k, supplier[i], lane_mass[i], leg_start, leg_days, leg_hub, flat, share_row,
                    share, orders, dispatched, sales, hub_load,
                )  # fmt: skip
    for f in range(len(is_hub)):
        if is_hub[f]:
            plan_capacity(f, hub_load, capacity_multiple, capacity[f], utilisation[f], planned)
