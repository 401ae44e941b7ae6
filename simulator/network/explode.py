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
    place,
    reach,
    read,
    whole_and_part,
)
from simulator.network.feasible import (
    NOISE,
    UNLIMITED,
    asks_for_nothing,
    may_run_out,
    planned_capacity,
    stays_within,
)
from simulator.network.network import DEMAND, GROWTH, S_S, Floats, Ints
from simulator.vectors import in_columns

Arrays = tuple[Any, ...]


@step
def share_lanes(
    k: int, lane_start: Ints, shares: Floats, dated: Floats, row: Ints, flat: Floats, share: Floats,
    total: Floats,
) -> None:  # fmt: skip
    """Shares of a slot's lanes, which sum to one where there are any; ``row`` of dated ones."""
    in_columns(shares, flat, share)
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
def plan_growth(
    f: int, begin: Ints, load: Floats, multiple: Floats, capacity: Floats, utilisation: Floats,
    growth: Floats, before: Floats,
) -> None:  # fmt: skip
    """Planned increments of capacity, rounding left out."""
    in_columns(load, growth)
    for d in range(growth.shape[0]):
        for c in range(COLUMNS):
            able = planned_capacity(load[d, c], utilisation[f, c], capacity[f, c], multiple[f, d])
            increment = able - before[c]
            grows = able < UNLIMITED and increment > NOISE * able
            growth[d, c] = increment if grows and d > begin[c] else 0.0
            before[c] = able


@step
def plan_starts(
    f: int, span: tuple[int, int, int], begin: Ints, cycle: Ints, cover: Floats, sales: Floats,
    starts: Floats, finished: Floats, in_process: Floats, rows: Arrays, sums: Arrays, since: Ints,
    kept: Ints,
) -> None:  # fmt: skip
    """Starts that keep the finished-goods base stock, and what is finished before day 0.

    They begin before the grid where that is shorter than the cycle: what is started then is sold
    within it. From day 0 on the base stock takes the place of the sales.
    """
    in_columns(sales, starts)
    _, sold, later, _ = rows
    before, ahead, part, factor, standing, whole = sums
    zero, until = span[1], span[2]
    days = sales.shape[1]
    earlier = starts.shape[1] - days
    for c in range(COLUMNS):
        ahead[c] = cover[f, c] + cycle[f, c]
        factor[c] = 1.0
        since[c] = min(begin[c], zero - cycle[f, c])
    whole_and_part(ahead, whole, part)
    add_up(sales[f], factor, span[0], begin, sold, part, later)
    first = 0
    for c in range(COLUMNS):
        before[c] = read(sold, c, begin[c], since[c] - begin[c] + ahead[c] - 1.0)
        first = min(first, since[c])
    place(
        span, days, since, whole, later, before, standing, starts[f, earlier + first :], ahead,
        sales[f, zero:],
    )  # fmt: skip
    for d in range(zero, until):
        for c in range(COLUMNS):
            sales[f, d, c] -= sold[d - 1, c]
    for c in range(COLUMNS):
        held = standing[c] - sold[zero - 1, c]
        for s in range(earlier + zero - cycle[f, c], earlier + zero):
            held -= starts[f, s, c]
            in_process[f, c] += starts[f, s, c]
        finished[f, c] = max(0.0, held)
        kept[c] = 0 if held < -NOISE * sold[zero, c] / (zero + 1) else kept[c]


@step
def plan_orders(
    k: int, span: tuple[int, int, int], begin: Ints, cover: Floats, reorder_cover: Floats,
    lumpy: bool, lane_start: Ints, transit: Ints, flat: Floats, row: Ints,
    share: Floats, profile: Floats, reorder: Floats, wanted: Floats, rows: Arrays, sums: Arrays,
) -> None:  # fmt: skip
    """Orders of a slot, from a profile and the factor by which it is used."""
    _, until, later, ordered = rows
    before, ahead, part, factor, standing, whole = sums
    early, zero, _ = span
    first, end = lane_start[k], lane_start[k + 1]
    days = profile.shape[0]
    dated = first < end and row[first] >= 0
    for c in range(COLUMNS):
        before[c] = 0.0
    for i in range(first, end):
        for c in range(COLUMNS):
            now = share[row[i], begin[c], c] if dated else flat[i, c]
            before[c] += now * transit[i, c]
    if lumpy:
        for c in range(COLUMNS):
            ahead[c] = reorder_cover[k, c] + before[c]
        add_up(profile, factor, early, begin, until, part, later)
        if dated:
            look_ahead(
                k, early, days, begin, reorder_cover, lane_start, transit, row, share, until,
                reorder[k], part,
            )  # fmt: skip
            for d in range(zero, days):
                for c in range(COLUMNS):
                    reorder[k, d, c] -= until[d, c]
        else:
            reach(zero, days, ahead, until, reorder[k])
    for c in range(COLUMNS):
        ahead[c] = cover[k, c] + before[c]
    whole_and_part(ahead, whole, part)
    add_up(profile, factor, early, begin, until, part, later)
    for c in range(COLUMNS):
        before[c] = read(until, c, begin[c], ahead[c] - 1.0)
    if dated:
        look_ahead(
            k, early, days, begin, cover, lane_start, transit, row, share, until, later, part
        )
        for c in range(COLUMNS):
            whole[c] = 0
    place(span, days, begin, whole, later, before, standing, ordered, ahead, wanted[k])


@step
def rate_of_lane(i: int, d: int, c: int, ordered: Floats, flat: Floats, row: Ints,
                 share: Floats) -> float:  # fmt: skip
    """Planned dispatch of a lane."""
    part = flat[i, c] if row[i] < 0 else share[row[i], d, c]
    planned: float = ordered[d, c] * part
    return planned


@step
def plan_on_hand(
    k: int, zero: int, until: int, look: bool, cover: Floats, lane_start: Ints, transit: Ints,
    flat: Floats, row: Ints, share: Floats, rows: Arrays, wanted: Floats, standing: Floats,
    on_hand: Floats, placed: Floats, use: Floats, lowest: Floats, kept: Ints,
) -> None:  # fmt: skip
    """Planned stock at the end of the day before day 0, and its lowest where that matters."""
    _, used, _, ordered = rows
    for c in range(COLUMNS):
        placed[k, c] = standing[c]
        use[k, c] = used[zero - 1, c]
        under_way = 0.0
        for i in range(lane_start[k], lane_start[k + 1]):
            for d in range(zero - transit[i, c], zero):
                under_way += rate_of_lane(i, d, c, ordered, flat, row, share)
        low = standing[c] - used[zero - 1, c] - under_way
        on_hand[k, c] = max(0.0, low)
        if (look and c == 0) or may_run_out(k, c, cover, lane_start, transit, flat, row):
            position = standing[c]
            for d in range(zero, until):
                position = max(position, wanted[k, d - zero, c])
                for i in range(lane_start[k], lane_start[k + 1]):
                    under_way += rate_of_lane(i, d, c, ordered, flat, row, share) - rate_of_lane(
                        i, d - transit[i, c], c, ordered, flat, row, share
                    )
                low = min(low, position - used[d, c] - under_way)
        lowest[k, c] = low
        kept[c] = 0 if low < -NOISE * used[until - 1, c] / until else kept[c]
        if lane_start[k] == lane_start[k + 1] and used[until - 1, c] > used[zero - 1, c]:
            kept[c] = 0


@step
def plan_lane(
    i: int, zero: int, until: int, supplier: int, mass: float, leg_start: Ints,
    leg_days: Ints, leg_hub: Ints, hub_row: Ints, flat: Floats, row: Ints, share: Floats,
    ordered: Floats, planned: Floats, sales: Floats, hub_load: Floats, passed: Ints,
) -> None:  # fmt: skip
    """Add a lane's planned dispatch to its supplier's sales and to the load of its hubs."""
    in_columns(flat, share, ordered, planned, sales)
    days = planned.shape[0]
    direct = leg_start[i] + 1 == leg_start[i + 1]
    if row[i] < 0:
        most = 0.0
        for c in range(COLUMNS):
            most = max(most, flat[i, c])
        if most == 0.0:
            return
        if direct:
            for d in range(days):
                for c in range(COLUMNS):
                    sales[supplier, d, c] += ordered[d, c] * flat[i, c]
            return
        for d in range(days):
            for c in range(COLUMNS):
                planned[d, c] = ordered[d, c] * flat[i, c]
                sales[supplier, d, c] += planned[d, c]
    else:
        for d in range(days):
            for c in range(COLUMNS):
                planned[d, c] = ordered[d, c] * share[row[i], d, c]
                sales[supplier, d, c] += planned[d, c]
    for c in range(COLUMNS):
        passed[c] = 0
    for leg in range(leg_start[i], leg_start[i + 1] - 1):
        for c in range(COLUMNS):
            passed[c] += leg_days[leg, c]
        load_hub(mass, zero, until, passed, planned, hub_load[hub_row[leg_hub[leg]]])


@step
def plan_demand(k: int, demand: Floats, multiple: Floats, rate: Floats) -> None:
    """Planned demand of a sink."""
    in_columns(rate)
    for d in range(rate.shape[0]):
        part = multiple[d]
        for c in range(COLUMNS):
            rate[d, c] = demand[k, c] * part


@kernel
def explode(
    zero: int, until: int, look: bool, begin: Ints, shape: Arrays, numbers: Arrays,
    schedule: Arrays, facility: Arrays, slot: Arrays, lane: Arrays, rows: Arrays, sums: Arrays,
    since: Ints, kept: Ints,
) -> None:  # fmt: skip
    """Fill all profiles, each facility after its customers.

    Parameters
    ----------
    zero, until
        Index of day 0, of which the grid has some before, and of the first day beyond the horizon.
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
        Profiles to fill, whatever is in them: base stocks and amounts wanted from day 0 on, orders
        before it; starts have some days before the grid.
    rows, sums, since
        Room for profiles of one thing, for numbers of it, and for a day of it.
    kept
        By column: set to 0 where the plan cannot be kept, as it asks for more than there is.
    """
    (order, is_sink, is_stockpile, is_hub, has_tools, tool_row, hub_row, slot_start, purpose,
     policy, lane_start, supplier, lane_mass, leg_start, leg_hub, share_row, leg_days,
     transit) = shape  # fmt: skip
    (capacity, utilisation, cycle, finished_cover, stock, need, cover, reorder_cover, demand,
     shares) = numbers  # fmt: skip
    multiple, demand_multiple, demand_row, dated_share = schedule
    sales, starts, growth, hub_load, finished, in_process = facility
    wanted, reorder, ordered_before, on_hand, placed, use, lowest = slot
    flat, share = lane
    rate, ordered = rows[0], rows[3]
    before, _, _, factor, standing, passed = sums
    earlier = starts.shape[1] - sales.shape[1]
    early = begin[0]
    for c in range(1, COLUMNS):
        early = max(early, begin[c])
    span = (early, zero, until)
    for f in range(len(order)):
        for c in range(COLUMNS):
            finished[f, c] = 0.0
            in_process[f, c] = 0.0
        clear(f, sales)
        if is_hub[f]:
            clear(hub_row[f], hub_load)
        if is_hub[f] or is_sink[f] or is_stockpile[f]:
            clear(f, starts)
    for k in range(len(need)):
        share_lanes(k, lane_start, shares, dated_share, share_row, flat, share, before)
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
                f, span, begin, cycle, finished_cover, sales, starts, finished, in_process, rows,
                sums, since, kept,
            )  # fmt: skip
            stays_within(f, zero, until, starts[f, earlier:], multiple, capacity, utilisation, kept)
            if has_tools[f]:
                plan_growth(
                    f,
                    begin,
                    starts[f, earlier:],
                    multiple,
                    capacity,
                    utilisation,
                    growth[tool_row[f]],
                    before,
                )
        for k in range(slot_start[f], slot_start[f + 1]):
            profile = starts[f, earlier:]
            for c in range(COLUMNS):
                factor[c] = need[k, c]
            if purpose[k] == DEMAND:
                plan_demand(k, demand, demand_multiple[demand_row[k]], rate)
                profile = rate
                for c in range(COLUMNS):
                    factor[c] = 1.0
            elif purpose[k] == GROWTH:
                profile = growth[tool_row[f]]
            plan_orders(
                k, span, begin, cover, reorder_cover, policy[k] == S_S, lane_start, transit, flat,
                share_row, share, profile, reorder, wanted, rows, sums,
            )  # fmt: skip
            plan_on_hand(
                k, zero, until, look, cover, lane_start, transit, flat, share_row, share, rows,
                wanted, standing, on_hand, placed, use, lowest, kept,
            )  # fmt: skip
            for d in range(zero):
                for c in range(COLUMNS):
                    ordered_before[k, d, c] = ordered[d, c]
            for i in range(lane_start[k], lane_start[k + 1]):
                plan_lane(
                    i, zero, until, supplier[i], lane_mass[i], leg_start, leg_days, leg_hub,
                    hub_row, flat, share_row, share, ordered, rate, sales, hub_load, passed,
                )  # fmt: skip
    for f in range(len(is_hub)):
        if is_hub[f]:
            load = hub_load[hub_row[f]]
            stays_within(f, zero, until, load, multiple, capacity, utilisation, kept)
