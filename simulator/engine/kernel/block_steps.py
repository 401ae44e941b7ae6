"""The day of the scalar kernel for a block: every quantity is (things, replications).

The innermost loop runs over the replications of the block, whose number is a constant, so that it
becomes vector instructions. The arithmetic is that of the scalar kernel, operation by operation.
"""

from __future__ import annotations

from simulator.compiling import step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.columns import POLICY, PURPOSE, REVIEW
from simulator.network.network import GROWTH, OUTPUT, R_S, S_S, Floats, Ints

BLOCK = 16
"""Replications per block: their state and rings must stay near the core."""


@step
def plan_lanes(
    day: int, lane_slot: Ints, orders: Floats, share: Floats, planned: Floats, before: Floats
) -> None:
    """Planned dispatch of every lane today, and yesterday's beside it."""
    for i in range(len(lane_slot)):
        k = lane_slot[i]
        for b in range(BLOCK):
            before[i, b] = planned[i, b]
            planned[i, b] = orders[k, b] * share[i, b]
        if day == 0:
            for b in range(BLOCK):
                before[i, b] = planned[i, b]


@step
def receive(
    k: int, lane_start: Ints, leg_start: Ints, on_hand: Floats, in_transit: Floats, given: Floats,
    ring: Floats, ring_today: Ints,
) -> None:  # fmt: skip
    """Count what left yesterday as under way, and empty the docks, in lane order."""
    for i in range(lane_start[k], lane_start[k + 1]):
        cell = ring_today[leg_start[i + 1] - 1]
        for b in range(BLOCK):
            arrived = ring[cell, b]
            ring[cell, b] = 0.0
            in_transit[k, b] += given[i, b] - arrived
            on_hand[k, b] += arrived


@step
def finish_and_begin(
    f: int, cycle: int, frozen: int, quantity: Floats, progress: Floats, finished: Floats,
    process_total: Floats, matured: Floats, process: Floats, process_start: Ints, head: Ints,
    length: Ints,
) -> None:  # fmt: skip
    """Put started output into process, one replication after the other where days may be frozen."""
    first = process_start[f]
    if cycle == 0:
        for b in range(BLOCK):
            matured[f, b] = quantity[b]
            finished[f, b] += quantity[b]
    elif frozen:
        for b in range(BLOCK):
            process_total[f, b] += quantity[b]
            at = head[f, b]
            cell = first + (at - 1 if at > 0 else cycle - 1)
            if length[f, b] < cycle:
                process[cell, b] = quantity[b]
                length[f, b] = cycle
            else:
                process[cell, b] += quantity[b]
    else:
        at = head[f, 0]
        cell = first + (at - 1 if at > 0 else cycle - 1)
        for b in range(BLOCK):
            process_total[f, b] += quantity[b]
            process[cell, b] = quantity[b]


@step
def finish(
    f: int, cycle: int, frozen: int, progress: Floats, finished: Floats, process_total: Floats,
    matured: Floats, process: Floats, process_start: Ints, head: Ints, length: Ints,
) -> None:  # fmt: skip
    """Work in process due today becomes finished goods, unless the day is frozen."""
    first = process_start[f]
    if cycle == 0:
        return
    if frozen:
        for b in range(BLOCK):
            matured[f, b] = 0.0
            if progress[f, b] > 0.0:
                at = head[f, b]
                due = process[first + at, b]
                head[f, b] = at + 1 if at + 1 < cycle else 0
                length[f, b] = cycle - 1
                matured[f, b] = due
                process_total[f, b] = rule.left_over(process_total[f, b], due)
                finished[f, b] += due
        return
    at = head[f, 0]
    head[f, 0] = at + 1 if at + 1 < cycle else 0
    for b in range(BLOCK):
        due = process[first + at, b]
        matured[f, b] = due
        process_total[f, b] = rule.left_over(process_total[f, b], due)
        finished[f, b] += due


@step
def build(
    f: int, slot_start: Ints, facts: Ints, need: Floats, criticality: Floats, growth: Floats,
    capacity: Floats, pending: Floats, on_hand: Floats, used: Floats, backlog: Floats,
    scarcest: Floats,
) -> None:  # fmt: skip
    """Capacity today, in place: planned increments are built as far as their tools have arrived."""
    for b in range(BLOCK):
        pending[f, b] += growth[f, b]
        scarcest[b] = 1.0
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == GROWTH:
            for b in range(BLOCK):
                there = rule.availability(on_hand[k, b], need[k, b] * pending[f, b])
                scarcest[b] = min(scarcest[b], rule.output_share(criticality[k, b], there))
    for b in range(BLOCK):
        scarcest[b] = rule.capacity_built(pending[f, b], scarcest[b])
        pending[f, b] = rule.left_over(pending[f, b], scarcest[b])
        capacity[f, b] = rule.left_over(capacity[f, b], pending[f, b])
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == GROWTH:
            for b in range(BLOCK):
                used[k, b] = rule.consumed(on_hand[k, b], need[k, b], scarcest[b])
                on_hand[k, b] -= used[k, b]
                backlog[k, b] = need[k, b] * pending[f, b]


@step
def start(
    f: int, slot_start: Ints, facts: Ints, need: Floats, criticality: Floats, onset: Floats,
    has_onset: Ints, capacity: Floats, factor: Floats, target: Floats, unfilled: Floats,
    finished: Floats, process_total: Floats, health: Floats, on_hand: Floats, used: Floats,
    wanted: Floats, slowest: Floats, scarcest: Floats, quantity: Floats,
) -> None:  # fmt: skip
    """Quantities started: what capacity, worn by onsets, and the scarcest input allow."""
    for b in range(BLOCK):
        capacity[f, b] *= factor[f, b]
        wanted[b] = rule.wanted_start(
            capacity[f, b], target[f, b], unfilled[f, b], finished[f, b], process_total[f, b]
        )
        slowest[b] = 1.0
        scarcest[b] = 1.0
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] != OUTPUT:
            continue
        if has_onset[k]:
            for b in range(BLOCK):
                there = rule.availability(on_hand[k, b], need[k, b] * wanted[b])
                level = rule.output_share(criticality[k, b], there)
                if onset[k, b] > 0.0:
                    health[k, b] = rule.health_after(health[k, b], level, onset[k, b])
                    slowest[b] = min(slowest[b], health[k, b])
                else:
                    scarcest[b] = min(scarcest[b], level)
        else:
            for b in range(BLOCK):
                there = rule.availability(on_hand[k, b], need[k, b] * wanted[b])
                scarcest[b] = min(scarcest[b], rule.output_share(criticality[k, b], there))
    for b in range(BLOCK):
        quantity[b] = rule.started(wanted[b], capacity[f, b], slowest[b], scarcest[b])
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == OUTPUT:
            for b in range(BLOCK):
                used[k, b] = rule.consumed(on_hand[k, b], need[k, b], quantity[b])
                on_hand[k, b] -= used[k, b]


@step
def serve_demand(
    k: int, keeps: int, demand: Floats, factor: Floats, backlog: Floats, on_hand: Floats,
    used: Floats,
) -> None:  # fmt: skip
    """A sink uses what demand asks and its stock allows."""
    for b in range(BLOCK):
        wanted = demand[k, b] * factor[k, b] + backlog[k, b]
        used[k, b] = rule.used_by_sink(on_hand[k, b], wanted)
        on_hand[k, b] -= used[k, b]
        if keeps:
            backlog[k, b] = wanted - used[k, b]


@step
def ask(
    day: int, k: int, facts: Ints, target: Floats, reorder: Floats, rate: Floats, orders: Floats,
    surge: Floats, backlog: Floats, on_hand: Floats, in_transit: Floats, asked: Floats,
) -> None:  # fmt: skip
    """What a slot asks today, by its ordering policy."""
    if facts[k, POLICY] == R_S and day % facts[k, REVIEW] != 0:
        for b in range(BLOCK):
            asked[b] = 0.0
        return
    for b in range(BLOCK):
        need = rule.stock_need(target[k, b], backlog[k, b], on_hand[k, b], in_transit[k, b])
        if facts[k, POLICY] == S_S:
            position = on_hand[k, b] + in_transit[k, b] - backlog[k, b]
            need = rule.reorder_need(need, position, reorder[k, b])
        asked[b] = rule.asked_today(need, surge[k, b], max(rate[k, b], orders[k, b]))


@step
def judge(
    k: int, notice: Floats, lane_start: Ints, qualification: Floats, rate_before: Floats,
    planned_share: Floats, share_set: Floats, given: Floats, lane_asked: Floats,
    performance: Floats, readiness: Floats, overall: Floats,
) -> None:  # fmt: skip
    """Update the smoothed performance of suppliers, and how ready the standby ones are."""
    for b in range(BLOCK):
        overall[b] = 0.0
    for i in range(lane_start[k], lane_start[k + 1]):
        for b in range(BLOCK):
            performance[i, b] = rule.performance_after(
                performance[i, b], given[i, b], lane_asked[i, b], rate_before[i, b], notice[k, b]
            )
            share = planned_share[i, b] if share_set[i, b] < 0.0 else share_set[i, b]
            overall[b] += share * performance[i, b]
    for i in range(lane_start[k], lane_start[k + 1]):
        for b in range(BLOCK):
            readiness[i, b] = rule.readiness_after(readiness[i, b], overall[b], qualification[i, b])


@step
def order(
    k: int, watches: int, lane_start: Ints, asked: Floats, on_hand: Floats, rate: Floats,
    planned_share: Floats, share_set: Floats, standby: Floats, standby_set: Floats,
    trigger: Floats, readiness: Floats, lane_asked: Floats,
) -> None:  # fmt: skip
    """State today's need of one slot to each of its suppliers."""
    for i in range(lane_start[k], lane_start[k + 1]):
        if watches:
            for b in range(BLOCK):
                share = planned_share[i, b] if share_set[i, b] < 0.0 else share_set[i, b]
                extra = standby[i, b] if standby_set[i, b] < 0.0 else standby_set[i, b]
                if not rule.counts_as_standby(on_hand[k, b], trigger[i, b], rate[k, b]):
                    extra = 0.0
                lane_asked[i, b] = rule.asked_of_lane(asked[b], share, extra, readiness[i, b])
        else:
            for b in range(BLOCK):
                share = planned_share[i, b] if share_set[i, b] < 0.0 else share_set[i, b]
                lane_asked[i, b] = rule.asked_of_lane(asked[b], share, 0.0, 0.0)


@step
def ration(
    f: int, group_start: Ints, group_lane_start: Ints, group_lane: Ints, lane_asked: Floats,
    limit: Floats, planned: Floats, within: Floats, beyond: Floats, given: Floats,
    finished: Floats, unfilled: Floats, available: Floats, within_all: Floats,
    beyond_all: Floats, first: Floats, second: Floats, given_all: Floats,
) -> None:  # fmt: skip
    """Ration finished goods over today's requests, class by class."""
    for b in range(BLOCK):
        available[b] = finished[f, b]
        unfilled[f, b] = 0.0
    for group in range(group_start[f], group_start[f + 1]):
        for b in range(BLOCK):
            within_all[b] = 0.0
            beyond_all[b] = 0.0
            given_all[b] = 0.0
        for n in range(group_lane_start[group], group_lane_start[group + 1]):
            i = group_lane[n]
            for b in range(BLOCK):
                request = rule.allowed(lane_asked[i, b], limit[i, b], planned[i, b])
                part = rule.within_plan(request, planned[i, b])
                within[i, b] = part
                beyond[i, b] = request - part
                within_all[b] += part
                beyond_all[b] += request - part
        for b in range(BLOCK):
            first[b] = rule.fill_fraction(available[b], within_all[b])
            rest = rule.left_over(available[b], within_all[b] * first[b])
            second[b] = rule.fill_fraction(rest, beyond_all[b])
        for n in range(group_lane_start[group], group_lane_start[group + 1]):
            i = group_lane[n]
            for b in range(BLOCK):
                quantity = rule.rationed(within[i, b], beyond[i, b], first[b], second[b])
                unfilled[f, b] += within[i, b] + beyond[i, b] - quantity
                given_all[b] += quantity
                given[i, b] = quantity
        for b in range(BLOCK):
            available[b] = rule.left_over(available[b], given_all[b])
    for b in range(BLOCK):
        finished[f, b] = available[b]


@step
def dispatch(
    i: int, leg: int, days: int, delayed: int, given: Floats, delay: Floats, ring: Floats,
    ring_start: Ints, ring_today: Ints,
) -> None:  # fmt: skip
    """Put what was given under way; only delayed lanes arrive on different days."""
    if delayed:
        for b in range(BLOCK):
            cell = ring_today[leg] + days + int(delay[i, b])
            if cell >= ring_start[leg + 1]:
                cell -= ring_start[leg + 1] - ring_start[leg]
            ring[cell, b] += given[i, b]
    else:
        cell = ring_today[leg] + days
        if cell >= ring_start[leg + 1]:
            cell -= ring_start[leg + 1] - ring_start[leg]
        for b in range(BLOCK):
            ring[cell, b] += given[i, b]


@step
def take_in(hub_leg: Ints, waiting: Floats, ring: Floats, ring_today: Ints) -> None:
    """Arrivals of the morning enter the queues of the hubs."""
    for n in range(len(hub_leg)):
        leg = hub_leg[n]
        cell = ring_today[leg]
        for b in range(BLOCK):
            waiting[leg, b] += ring[cell, b]
            ring[cell, b] = 0.0


@step
def release(
    f: int, first: int, last: int, hub_leg: Ints, leg_lane: Ints, leg_days: Ints, mass_t: Floats,
    capacity: Floats, handling: Floats, waiting: Floats, mass: Floats, fraction: Floats,
    ring: Floats, ring_start: Ints, ring_today: Ints,
) -> None:  # fmt: skip
    """A hub lets go the same fraction of everything that waits."""
    for b in range(BLOCK):
        mass[b] = 0.0
    for n in range(first, last):
        leg = hub_leg[n]
        for b in range(BLOCK):
            mass[b] += mass_t[leg_lane[leg]] * waiting[leg, b]
    for b in range(BLOCK):
        fraction[b] = rule.released_fraction(capacity[f, b], handling[f, b], mass[b])
    for n in range(first, last):
        leg = hub_leg[n]
        cell = ring_today[leg + 1] + leg_days[leg + 1]
        if cell >= ring_start[leg + 2]:
            cell -= ring_start[leg + 2] - ring_start[leg + 1]
        for b in range(BLOCK):
            gone = waiting[leg, b] * fraction[b]
            ring[cell, b] += gone
            waiting[leg, b] = waiting[leg, b] - gone if fraction[b] < 1.0 else 0.0
