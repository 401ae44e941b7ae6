"""The day of the scalar kernel for a block: every quantity is (things, columns), a run a column.

The innermost loop runs over the columns, whose number is a constant, so that it becomes vector
instructions. The arithmetic is that of the scalar kernel, operation by operation; only what cannot
change a bit is left out. Memory, not arithmetic, is what a block costs, so nothing is stored that
can be had again for a multiplication.
"""

from __future__ import annotations

from simulator.compiling import COLUMNS, step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.columns import KEEPS, MAKER, POLICY, PURPOSE, REVIEW
from simulator.network.feasible import planned_capacity
from simulator.network.network import GROWTH, OUTPUT, R_S, S_S, Floats, Ints


@step
def bring(day: int, count: int, profile: Floats, column_of: Ints, apart: bool,
          tile: Floats) -> None:  # fmt: skip
    """Lay the next days of a profile together, of which each thing's days lie apart."""
    if apart:
        for n in range(tile.shape[1]):
            for d in range(count):
                for c in range(COLUMNS):
                    tile[d, n, c] = profile[n, day + d, column_of[c]]
    else:
        for n in range(tile.shape[1]):
            for d in range(count):
                for c in range(COLUMNS):
                    tile[d, n, c] = profile[n, day + d, c]


@step
def bring_capacity(
    day: int, first: int, count: int, role: Ints, hubs: Ints, starts: Floats, hub_load: Floats,
    column_of: Ints, utilisation: Floats, given: Floats, multiple: Floats, tile: Floats,
) -> None:  # fmt: skip
    """Work out the next days of planned capacities: it is cheaper than to look them up."""
    for f in range(len(role)):
        if role[f] == MAKER:
            for d in range(count):
                for c in range(COLUMNS):
                    tile[d, f, c] = planned_capacity(
                        starts[d, f, c], utilisation[f, c], given[f, c], multiple[f, day + d]
                    )
    for hub in range(len(hubs)):
        f = hubs[hub]
        for d in range(count):
            for c in range(COLUMNS):
                load = hub_load[hub, first + d, column_of[c]]
                tile[d, f, c] = planned_capacity(
                    load, utilisation[f, c], given[f, c], multiple[f, day + d]
                )


@step
def share_today(
    day: int, dated: Ints, dated_row: Ints, profile: Floats, column_of: Ints, set_lane: Ints,
    share_set: Floats, share: Floats,
) -> None:  # fmt: skip
    """Today's planned shares where they are dated, and the shares that are set instead."""
    for n in range(len(dated)):
        for c in range(COLUMNS):
            share[dated[n], c] = profile[dated_row[n], day, column_of[c]]
    first = share.shape[0] - len(set_lane)
    for n in range(len(set_lane)):
        for c in range(COLUMNS):
            planned = share[set_lane[n], c]
            share[first + n, c] = planned if share_set[n, c] < 0.0 else share_set[n, c]


@step
def arrivals(
    day: int, leg: int, leg_first: Ints, leg_mask: Ints, leg_common: Ints, leg_row: Ints,
    leg_days: Ints, way: Floats, arrived: Floats,
) -> None:  # fmt: skip
    """What reaches the end of a leg today: what entered it so many days ago."""
    first, mask = leg_first[leg], leg_mask[leg]
    if leg_common[leg] >= 0:
        cell = first + ((day - leg_common[leg]) & mask)
        for c in range(COLUMNS):
            arrived[c] = way[cell, c]
    else:
        row = leg_row[leg]
        for c in range(COLUMNS):
            arrived[c] = way[first + ((day - leg_days[row, c]) & mask), c]


@step
def receive(
    day: int, k: int, lane_start: Ints, leg_start: Ints, legs: tuple[Ints, Ints, Ints, Ints, Ints],
    delay_row: Ints, ring: Floats, ring_first: Ints, ring_mask: int, way: Floats, on_hand: Floats,
    in_transit: Floats, arrived: Floats,
) -> None:  # fmt: skip
    """Count what left yesterday as under way, and empty the docks, in lane order."""
    leg_first, leg_mask, leg_common, leg_row, leg_days = legs
    for i in range(lane_start[k], lane_start[k + 1]):
        last = leg_start[i + 1] - 1
        row = delay_row[i]
        if row >= 0 and last == leg_start[i]:
            cell = ring_first[row] + (day & ring_mask)
            for c in range(COLUMNS):
                arrived[c] = ring[cell, c]
                ring[cell, c] = 0.0
        else:
            arrivals(day, last, leg_first, leg_mask, leg_common, leg_row, leg_days, way, arrived)
        if day > 0:
            leg = leg_start[i]
            cell = leg_first[leg] + ((day - 1) & leg_mask[leg])
            for c in range(COLUMNS):
                in_transit[k, c] += way[cell, c] - arrived[c]
                on_hand[k, c] += arrived[c]
        else:
            for c in range(COLUMNS):
                in_transit[k, c] += 0.0 - arrived[c]
                on_hand[k, c] += arrived[c]


@step
def finish(
    day: int, f: int, odd: int, cycle: Ints, common: int, progress: Floats, finished: Floats,
    process_total: Floats, matured: Floats, process: Floats, first: int, mask: int, head: Ints,
    length: Ints,
) -> None:  # fmt: skip
    """Work in process due today becomes finished goods, unless the day is frozen."""
    if odd:
        for c in range(COLUMNS):
            matured[c] = 0.0
            if cycle[f, c] > 0 and progress[f, c] > 0.0:
                at = head[f, c]
                due = process[first + at, c]
                head[f, c] = at + 1 if at + 1 < cycle[f, c] else 0
                length[f, c] = cycle[f, c] - 1
                matured[c] = due
                process_total[f, c] = rule.left_over(process_total[f, c], due)
                finished[f, c] += due
        return
    if common == 0:
        for c in range(COLUMNS):
            matured[c] = 0.0
        return
    if common > 0:
        cell = first + ((day - common) & mask)
        for c in range(COLUMNS):
            matured[c] = process[cell, c]
    else:
        for c in range(COLUMNS):
            matured[c] = process[first + ((day - cycle[f, c]) & mask), c]
    for c in range(COLUMNS):
        process_total[f, c] = rule.left_over(process_total[f, c], matured[c])
        finished[f, c] += matured[c]


@step
def begin(
    day: int, f: int, odd: int, cycle: Ints, common: int, quantity: Floats, finished: Floats,
    process_total: Floats, matured: Floats, process: Floats, first: int, mask: int, head: Ints,
    length: Ints,
) -> None:  # fmt: skip
    """Put started output into process; on a frozen day it joins yesterday's."""
    if odd:
        for c in range(COLUMNS):
            if cycle[f, c] == 0:
                matured[c] = quantity[c]
                finished[f, c] += quantity[c]
            else:
                process_total[f, c] += quantity[c]
                at = head[f, c]
                cell = first + (at - 1 if at > 0 else cycle[f, c] - 1)
                if length[f, c] < cycle[f, c]:
                    process[cell, c] = quantity[c]
                    length[f, c] = cycle[f, c]
                else:
                    process[cell, c] += quantity[c]
    elif common == 0:
        for c in range(COLUMNS):
            matured[c] = quantity[c]
            finished[f, c] += quantity[c]
    else:
        cell = first + (day & mask)
        for c in range(COLUMNS):
            process_total[f, c] += quantity[c]
            process[cell, c] = quantity[c]


@step
def build(
    at: int, f: int, slot_start: Ints, facts: Ints, need: Floats, criticality: Floats,
    growth: Floats, capacity: Floats, pending: Floats, on_hand: Floats, backlog: Floats,
    scarcest: Floats, keep_row: Ints, used: Floats,
) -> None:  # fmt: skip
    """Capacity today, in place: planned increments are built as far as their tools have arrived."""
    for c in range(COLUMNS):
        pending[f, c] += growth[c]
        scarcest[c] = 1.0
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == GROWTH:
            for c in range(COLUMNS):
                there = rule.availability(on_hand[k, c], need[k, c] * pending[f, c])
                scarcest[c] = min(scarcest[c], rule.output_share(criticality[k, c], there))
    for c in range(COLUMNS):
        scarcest[c] = rule.capacity_built(pending[f, c], scarcest[c])
        pending[f, c] = rule.left_over(pending[f, c], scarcest[c])
        capacity[at, f, c] = rule.left_over(capacity[at, f, c], pending[f, c])
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == GROWTH:
            row = keep_row[k]
            for c in range(COLUMNS):
                gone = rule.consumed(on_hand[k, c], need[k, c], scarcest[c])
                on_hand[k, c] -= gone
                backlog[k, c] = need[k, c] * pending[f, c]
                if row >= 0:
                    used[row, c] = gone


@step
def start(
    at: int, f: int, slot_start: Ints, facts: Ints, need: Floats, criticality: Floats,
    onset: Floats, has_onset: Ints, capacity: Floats, factor: Floats, target: Floats,
    unfilled: Floats, finished: Floats, process_total: Floats, health: Floats, on_hand: Floats,
    wanted: Floats, slowest: Floats, scarcest: Floats, quantity: Floats, keep_row: Ints,
    used: Floats,
) -> None:  # fmt: skip
    """Quantities started: what capacity, worn by onsets, and the scarcest input allow."""
    for c in range(COLUMNS):
        capacity[at, f, c] *= factor[f, c]
        wanted[c] = rule.wanted_start(
            capacity[at, f, c], target[at, f, c], unfilled[f, c], finished[f, c],
            process_total[f, c],
        )  # fmt: skip
        slowest[c] = 1.0
        scarcest[c] = 1.0
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] != OUTPUT:
            continue
        if has_onset[k]:
            for c in range(COLUMNS):
                there = rule.availability(on_hand[k, c], need[k, c] * wanted[c])
                level = rule.output_share(criticality[k, c], there)
                if onset[k, c] > 0.0:
                    health[k, c] = rule.health_after(health[k, c], level, onset[k, c])
                    slowest[c] = min(slowest[c], health[k, c])
                else:
                    scarcest[c] = min(scarcest[c], level)
        else:
            for c in range(COLUMNS):
                there = rule.availability(on_hand[k, c], need[k, c] * wanted[c])
                scarcest[c] = min(scarcest[c], rule.output_share(criticality[k, c], there))
    for c in range(COLUMNS):
        quantity[c] = rule.started(wanted[c], capacity[at, f, c], slowest[c], scarcest[c])
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == OUTPUT:
            row = keep_row[k]
            if row >= 0:
                for c in range(COLUMNS):
                    used[row, c] = rule.consumed(on_hand[k, c], need[k, c], quantity[c])
            for c in range(COLUMNS):
                on_hand[k, c] -= rule.consumed(on_hand[k, c], need[k, c], quantity[c])


@step
def serve_demand(
    k: int, keeps: int, demand: Floats, factor: Floats, backlog: Floats, on_hand: Floats,
    keep_row: Ints, used: Floats,
) -> None:  # fmt: skip
    """A sink uses what demand asks and its stock allows."""
    row = keep_row[k]
    for c in range(COLUMNS):
        wanted = demand[c] * factor[k, c] + backlog[k, c]
        gone = rule.used_by_sink(on_hand[k, c], wanted)
        on_hand[k, c] -= gone
        if keeps:
            backlog[k, c] = wanted - gone
        if row >= 0:
            used[row, c] = gone


@step
def order_slot(
    day: int, at: int, k: int, facts: Ints, profile: Floats, zero: int, column_of: Ints,
    target: Floats, rate: Floats, orders: Floats, surge: Floats, backlog: Floats, on_hand: Floats,
    in_transit: Floats, asked: Floats, reorder: Floats,
) -> None:  # fmt: skip
    """What a slot asks today, by its ordering policy."""
    policy = facts[k, POLICY]
    if policy == R_S and day % facts[k, REVIEW] != 0:
        for c in range(COLUMNS):
            asked[k, c] = 0.0
        return
    if policy == S_S:
        for c in range(COLUMNS):
            reorder[c] = profile[k, zero + day, column_of[c]]
        for c in range(COLUMNS):
            need = rule.stock_need(target[at, k, c], backlog[k, c], on_hand[k, c], in_transit[k, c])
            position = on_hand[k, c] + in_transit[k, c] - backlog[k, c]
            need = rule.reorder_need(need, position, reorder[c])
            asked[k, c] = rule.asked_today(need, surge[k, c], max(rate[c], orders[at, k, c]))
    elif facts[k, KEEPS] or facts[k, PURPOSE] == GROWTH:
        for c in range(COLUMNS):
            need = rule.stock_need(target[at, k, c], backlog[k, c], on_hand[k, c], in_transit[k, c])
            asked[k, c] = rule.asked_today(need, surge[k, c], max(rate[c], orders[at, k, c]))
    else:
        for c in range(COLUMNS):
            need = rule.stock_need(target[at, k, c], 0.0, on_hand[k, c], in_transit[k, c])
            asked[k, c] = rule.asked_today(need, surge[k, c], max(rate[c], orders[at, k, c]))


@step
def judge(
    day: int, k: int, notice: Floats, lane_start: Ints, leg_start: Ints, leg_first: Ints,
    leg_mask: Ints, watch_row: Ints, share_row: Ints, qualification: Floats, before: Floats,
    share: Floats, way: Floats, lane_asked: Floats, performance: Floats, readiness: Floats,
    overall: Floats,
) -> None:  # fmt: skip
    """Update the smoothed performance of suppliers, and how ready the standby ones are."""
    for c in range(COLUMNS):
        overall[c] = 0.0
    for i in range(lane_start[k], lane_start[k + 1]):
        w, s, leg = watch_row[i], share_row[i], leg_start[i]
        cell = leg_first[leg] + ((day - 1) & leg_mask[leg])
        for c in range(COLUMNS):
            performance[w, c] = rule.performance_after(
                performance[w, c], way[cell, c], lane_asked[w, c], before[w, c], notice[k, c]
            )
            overall[c] += share[s, c] * performance[w, c]
    for i in range(lane_start[k], lane_start[k + 1]):
        w = watch_row[i]
        for c in range(COLUMNS):
            readiness[w, c] = rule.readiness_after(readiness[w, c], overall[c], qualification[w, c])


@step
def order(
    k: int, lane_start: Ints, watch_row: Ints, share_row: Ints, asked: Floats, on_hand: Floats,
    rate: Floats, share: Floats, standby: Floats, trigger: Floats, readiness: Floats,
    lane_asked: Floats,
) -> None:  # fmt: skip
    """State today's need of one slot with standby suppliers to each of its suppliers."""
    for i in range(lane_start[k], lane_start[k + 1]):
        w, s = watch_row[i], share_row[i]
        for c in range(COLUMNS):
            counts = rule.counts_as_standby(on_hand[k, c], trigger[w, c], rate[c])
            extra = standby[w, c] if counts else 0.0
            lane_asked[w, c] = rule.asked_of_lane(asked[k, c], share[s, c], extra, readiness[w, c])
