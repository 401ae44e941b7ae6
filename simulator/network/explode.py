"""The explosion of demand into planned profiles, compiled: one pass over the network for a block.

Profiles are (things, days, columns): plans lie side by side, so that what is done to all of them on
a day becomes a vector instruction, and the kernel reads them as they lie. Days are those of the
block's grid, whose index of day 0 is ``zero``. The grid of a column may begin later, on
``begin[c]``; before that nothing is planned for it, and no sum begins. The formulas are explained
in `simulator.network.plan`.
"""

from __future__ import annotations

from typing import Any

from simulator.compiling import COLUMNS, kernel, step
from simulator.network.cumulative import (
    add_up,
    clear,
    load_hub,
    look_ahead,
    never_less,
    read,
    read_ahead,
)
from simulator.network.feasible import NOISE, asks_for_nothing, may_run_out, stays_within
from simulator.network.network import DEMAND, GROWTH, S_S, Floats, Ints

UNLIMITED = 1e30
"""Stands for no limit on capacity, so that an outage can still multiply it."""
Arrays = tuple[Any, ...]


@step
def share_lanes(
    k: int, lane_start: Ints, shares: Floats, dated: Floats, row: Ints, flat: Floats, share: Floats,
    total: Floats,
) -> None:  # fmt: skip
    """Shares of a slot's lanes, which sum to one where there are any; ``row`` of dated ones."""
    first, end = lane_start[k], lane_start[k + 1]
    for c in range(COLUMNS):
        total[c] = 0.0
    for i in range(first, end):
        for c in range(COLUMNS):
            total[c] += shares[i, c]
    for i in range(first, end):
        for c in range(COLUMNS):
            flat[i, c] = shares[i, c] / total[c] if total[c] > 0.0 else shares[i, c]
    if first == end or row[first] < 0:
        return
    for d in range(share.shape[1]):
        for c in range(COLUMNS):
            total[c] = 0.0
        for i in range(first, end):
            given = dated[row[i], d]
            for c in range(COLUMNS):
                share[row[i], d, c] = given if given == given else shares[i, c]
                total[c] += share[row[i], d, c]
        for i in range(first, end):
            for c in range(COLUMNS):
                part = share[row[i], d, c]
                share[row[i], d, c] = part / total[c] if total[c] > 0.0 else part


@step
def plan_capacity(
    f: int, load: Floats, multiple: Floats, capacity: Floats, utilisation: Floats, planned: Floats
) -> None:
    """Capacity from utilisation and load, from a given number, or without limit."""
    if utilisation[f, 0] == utilisation[f, 0]:
        for d in range(planned.shape[1]):
            part = multiple[f, d]
            for c in range(COLUMNS):
                planned[f, d, c] = load[d, c] / utilisation[f, c] * part
    else:
        for d in range(planned.shape[1]):
            part = multiple[f, d]
            without = UNLIMITED if part > 0.0 else 0.0
            for c in range(COLUMNS):
                limited = capacity[f, c] < UNLIMITED
                planned[f, d, c] = capacity[f, c] * part if limited else without


@step
def plan_growth(f: int, begin: Ints, planned: Floats, growth: Floats) -> None:
    """Planned increments of capacity, rounding left out."""
    for c in range(COLUMNS):
        growth[0, c] = 0.0
    for d in range(1, planned.shape[1]):
        for c in range(COLUMNS):
            increment = planned[f, d, c] - planned[f, d - 1, c]
            grows = planned[f, d, c] < UNLIMITED and increment > NOISE * planned[f, d, c]
            growth[d, c] = increment if grows and d > begin[c] else 0.0


@step
def plan_starts(
    f: int, zero: int, begin: Ints, cycle: Ints, cover: Floats, sales: Floats, starts: Floats,
    target: Floats, finished: Floats, in_process: Floats, rows: Arrays, before: Floats,
    ahead: Floats, kept: Ints,
) -> None:  # fmt: skip
    """Starts that keep the finished-goods base stock, and what is finished before day 0."""
    _, sold, wanted, begun = rows
    sale = sales[f]
    add_up(sale, sold)
    for c in range(COLUMNS):
        ahead[c] = cover[f, c] + cycle[f, c]
        before[c] = read(sold, c, begin[c], ahead[c] - 1.0)
    read_ahead(sold, begin, ahead, wanted)
    never_less(wanted, before, begun)
    for c in range(COLUMNS):
        starts[f, 0, c] = begun[0, c] - before[c]
    for d in range(1, begun.shape[0]):
        for c in range(COLUMNS):
            starts[f, d, c] = begun[d, c] - begun[d - 1, c]
    for d in range(zero, begun.shape[0]):
        for c in range(COLUMNS):
            target[f, d, c] = wanted[d, c] - (sold[d, c] - sale[d, c])
    for c in range(COLUMNS):
        held = begun[zero - 1, c] - sold[zero - 1, c]
        for s in range(zero - cycle[f, c], zero):
            held -= starts[f, s, c]
            in_process[f, c] += starts[f, s, c]
        finished[f, c] = max(0.0, held)
        kept[c] = 0 if held < -NOISE * sold[zero, c] / (zero + 1) else kept[c]


@step
def plan_orders(
    k: int, zero: int, begin: Ints, cover: Floats, reorder_cover: Floats, lumpy: bool,
    lane_start: Ints, transit: Ints, flat: Floats, row: Ints, share: Floats, target: Floats,
    reorder: Floats, orders: Floats, rows: Arrays, before: Floats, way: Floats, ahead: Floats,
) -> None:  # fmt: skip
    """Base stock and orders of a slot, from its rate."""
    rate, until, wanted, position = rows
    first, end = lane_start[k], lane_start[k + 1]
    dated = first < end and row[first] >= 0
    add_up(rate, until)
    for c in range(COLUMNS):
        way[c] = 0.0
    for i in range(first, end):
        for c in range(COLUMNS):
            part = share[row[i], begin[c], c] if dated else flat[i, c]
            way[c] += part * transit[i, c]
    for c in range(COLUMNS):
        ahead[c] = cover[k, c] + way[c]
        before[c] = read(until, c, begin[c], ahead[c] - 1.0)
    if lumpy:
        if dated:
            look_ahead(
                k, begin, reorder_cover, lane_start, transit, row, share, until, reorder[k], way
            )
        else:
            for c in range(COLUMNS):
                ahead[c] = reorder_cover[k, c] + way[c]
            read_ahead(until, begin, ahead, reorder[k])
            for c in range(COLUMNS):
                ahead[c] = cover[k, c] + way[c]
        for d in range(until.shape[0]):
            for c in range(COLUMNS):
                reorder[k, d, c] -= until[d, c]
    if dated:
        look_ahead(k, begin, cover, lane_start, transit, row, share, until, wanted, way)
    else:
        read_ahead(until, begin, ahead, wanted)
    never_less(wanted, before, position)
    for c in range(COLUMNS):
        orders[k, 0, c] = position[0, c] - before[c]
    for d in range(1, until.shape[0]):
        for c in range(COLUMNS):
            orders[k, d, c] = position[d, c] - position[d - 1, c]
    for d in range(zero, until.shape[0]):
        for c in range(COLUMNS):
            target[k, d, c] = wanted[d, c] - until[d, c]


@step
def rate_of_lane(i: int, k: int, d: int, c: int, orders: Floats, flat: Floats, row: Ints,
                 share: Floats) -> float:  # fmt: skip
    """Planned dispatch of a lane."""
    part = flat[i, c] if row[i] < 0 else share[row[i], d, c]
    planned: float = orders[k, d, c] * part
    return planned


@step
def plan_on_hand(
    k: int, zero: int, until: int, look: bool, cover: Floats, lane_start: Ints, transit: Ints,
    flat: Floats, row: Ints, share: Floats, orders: Floats, rows: Arrays, on_hand: Floats,
    lowest: Floats, kept: Ints,
) -> None:  # fmt: skip
    """Planned stock at the end of the day before day 0, and its lowest where that matters."""
    rate, used, _, position = rows
    for c in range(COLUMNS):
        under_way = 0.0
        for i in range(lane_start[k], lane_start[k + 1]):
            for d in range(zero - transit[i, c], zero):
                under_way += rate_of_lane(i, k, d, c, orders, flat, row, share)
        low = position[zero - 1, c] - used[zero - 1, c] - under_way
        on_hand[k, c] = max(0.0, low)
        if (look and c == 0) or may_run_out(k, c, cover, lane_start, transit, flat, row):
            for d in range(zero, until):
                for i in range(lane_start[k], lane_start[k + 1]):
                    under_way += rate_of_lane(i, k, d, c, orders, flat, row, share) - rate_of_lane(
                        i, k, d - transit[i, c], c, orders, flat, row, share
                    )
                low = min(low, position[d, c] - used[d, c] - under_way)
        lowest[k, c] = low
        kept[c] = 0 if low < -NOISE * used[until - 1, c] / until else kept[c]
    if lane_start[k] == lane_start[k + 1]:
        asks_for_nothing(zero, until, rate, kept)


@step
def plan_lane(
    i: int, k: int, supplier: int, mass: float, begin: Ints, leg_start: Ints, leg_days: Ints,
    leg_hub: Ints, hub_row: Ints, flat: Floats, row: Ints, share: Floats, orders: Floats,
    planned: Floats, sales: Floats, hub_load: Floats, passed: Ints,
) -> None:  # fmt: skip
    """Add a lane's planned dispatch to its supplier's sales and to the load of its hubs."""
    days = planned.shape[0]
    if row[i] < 0:
        most = 0.0
        for c in range(COLUMNS):
            most = max(most, flat[i, c])
        if most == 0.0:
            return
        for d in range(days):
            for c in range(COLUMNS):
                planned[d, c] = orders[k, d, c] * flat[i, c]
                sales[supplier, d, c] += planned[d, c]
    else:
        for d in range(days):
            for c in range(COLUMNS):
                planned[d, c] = orders[k, d, c] * share[row[i], d, c]
                sales[supplier, d, c] += planned[d, c]
    for c in range(COLUMNS):
        passed[c] = 0
    for leg in range(leg_start[i], leg_start[i + 1] - 1):
        for c in range(COLUMNS):
            passed[c] += leg_days[leg, c]
        load_hub(mass, begin, passed, planned, hub_load[hub_row[leg_hub[leg]]])


@step
def plan_use(
    k: int, f: int, purpose: int, early: int, begin: Ints, need: Floats, demand: Floats,
    multiple: Floats, starts: Floats, growth: Floats, rate: Floats,
) -> None:  # fmt: skip
    """Planned use of a slot: demand, new capacity or starts."""
    days = rate.shape[0]
    if purpose == DEMAND:
        for d in range(days):
            part = multiple[d]
            for c in range(COLUMNS):
                rate[d, c] = demand[k, c] * part
        for d in range(early):
            for c in range(COLUMNS):
                if d < begin[c]:
                    rate[d, c] = 0.0
    elif purpose == GROWTH:
        for d in range(days):
            for c in range(COLUMNS):
                rate[d, c] = need[k, c] * growth[d, c]
    else:
        for d in range(days):
            for c in range(COLUMNS):
                rate[d, c] = need[k, c] * starts[f, d, c]


@kernel
def explode(
    zero: int, until: int, look: bool, begin: Ints, shape: Arrays, numbers: Arrays,
    schedule: Arrays, facility: Arrays, slot: Arrays, lane: Arrays, rows: Arrays, sums: Arrays,
    kept: Ints,
) -> None:  # fmt: skip
    """Fill all profiles, each facility after its customers.

    Parameters
    ----------
    zero, until
        Index of day 0, and of the first day beyond the horizon.
    look
        Whether the lowest planned stock is sought in the first column; else only where a slot could
        run out.
    begin
        Index of the day on which the grid of each column begins.
    shape
        Topology: order, is sink, is stockpile, is hub, has tools, rows of growth and of hubs,
        slots, purposes, policies, lanes, suppliers, masses, legs.
    numbers
        Sampled numbers (things, columns).
    schedule
        Dated multiples of capacity and of demand; rows of dated shares (NaN where they are not).
    facility, slot, lane
        Profiles to fill, whatever is in them. Targets are filled from day 0 on.
    rows, sums
        Room for profiles of one thing, and for numbers of it.
    kept
        By column: set to 0 where the plan cannot be kept, as it asks for more than there is.
    """
    (order, is_sink, is_stockpile, is_hub, has_tools, tool_row, hub_row, slot_start, purpose,
     policy, lane_start, supplier, lane_mass, leg_start, leg_hub, share_row, leg_days,
     transit) = shape  # fmt: skip
    (capacity, utilisation, cycle, finished_cover, stock, need, cover, reorder_cover, demand,
     shares) = numbers  # fmt: skip
    capacity_multiple, demand_multiple, demand_row, dated_share = schedule
    sales, starts, finished_target, planned, growth, hub_load, finished, in_process = facility
    target, reorder, orders, on_hand, lowest = slot
    flat, share = lane
    rate, _, dispatched, _ = rows
    before, way, ahead, passed = sums
    early = 0
    for c in range(COLUMNS):
        early = max(early, begin[c])
    for f in range(len(order)):
        for c in range(COLUMNS):
            finished[f, c] = 0.0
            in_process[f, c] = 0.0
        clear(f, sales)
        if is_hub[f]:
            clear(hub_row[f], hub_load)
        if is_hub[f] or is_sink[f] or is_stockpile[f]:
            clear(f, starts)
            clear(f, finished_target)
            clear(f, planned)
    for k in range(len(need)):
        share_lanes(k, lane_start, shares, dated_share, share_row, flat, share, way)
    for n in range(len(order)):
        f = order[n]
        if is_hub[f]:
            continue
        if is_stockpile[f]:
            for c in range(COLUMNS):
                finished[f, c] = stock[f, c]
            asks_for_nothing(zero, until, sales[f], kept)
        elif not is_sink[f]:
            plan_starts(
                f, zero, begin, cycle, finished_cover, sales, starts, finished_target, finished,
                in_process, rows, before, ahead, kept,
            )  # fmt: skip
            plan_capacity(f, starts[f], capacity_multiple, capacity, utilisation, planned)
            stays_within(zero, until, starts[f], planned[f], kept)
            if has_tools[f]:
                plan_growth(f, begin, planned, growth[tool_row[f]])
        for k in range(slot_start[f], slot_start[f + 1]):
            plan_use(
                k, f, purpose[k], early, begin, need, demand,
                demand_multiple[max(demand_row[k], 0)], starts, growth[max(tool_row[f], 0)], rate,
            )  # fmt: skip
            plan_orders(
                k, zero, begin, cover, reorder_cover, policy[k] == S_S, lane_start, transit, flat,
                share_row, share, target, reorder, orders, rows, before, way, ahead,
            )  # fmt: skip
            plan_on_hand(
                k, zero, until, look, cover, lane_start, transit, flat, share_row, share, orders,
                rows, on_hand, lowest, kept,
            )  # fmt: skip
            for i in range(lane_start[k], lane_start[k + 1]):
                plan_lane(
                    i, k, supplier[i], lane_mass[i], begin, leg_start, leg_days, leg_hub, hub_row,
                    flat, share_row, share, orders, dispatched, sales, hub_load, passed,
                )  # fmt: skip
    for f in range(len(is_hub)):
        if is_hub[f]:
            plan_capacity(
                f, hub_load[hub_row[f]], capacity_multiple, capacity, utilisation, planned
            )
            stays_within(zero, until, hub_load[hub_row[f]], planned[f], kept)
