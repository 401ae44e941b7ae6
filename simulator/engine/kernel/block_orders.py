"""Demand and orders of a block, in passes over its slots; see `block_morning`."""

from __future__ import annotations

from simulator.compiling import COLUMNS, phase, step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.columns import KEEPS, POLICY, PURPOSE, REVIEW
from simulator.network.network import DEMAND, GROWTH, R_S, S_S, Floats, Ints


@step
def serve_demand(
    day: int, demanded: Ints, facts: Ints, multiple: Floats, demand_row: Ints, demand: Floats,
    noisy_row: Ints, noise: Floats, factor: Floats, backlog: Floats, on_hand: Floats,
    used_row: Ints, used: Floats,
) -> None:  # fmt: skip
    """Sinks use what demand asks and their stocks allow."""
    for n in range(len(demanded)):
        k = demanded[n]
        part, noisy, row = multiple[demand_row[k], day], noisy_row[k], used_row[k]
        for c in range(COLUMNS):
            asked = noise[noisy, day, c] if noisy >= 0 else demand[k, c] * part
            wanted = asked * factor[k, c] + backlog[k, c]
            gone = rule.used_by_sink(on_hand[k, c], wanted)
            on_hand[k, c] -= gone
            if facts[k, KEEPS]:
                backlog[k, c] = wanted - gone
            if row >= 0:
                used[row, c] = gone


@step
def rate_of(
    day: int, at: int, k: int, f: int, zero: int, facts: Ints, multiple: Floats, demand_row: Ints,
    demand: Floats, need: Floats, starts: Floats, growth: Floats, tool_row: Ints, column_of: Ints,
    rate: Floats,
) -> None:  # fmt: skip
    """Planned use of a slot today."""
    purpose = facts[k, PURPOSE]
    if purpose == DEMAND:
        part = multiple[demand_row[k], day]
        for c in range(COLUMNS):
            rate[c] = demand[k, c] * part
    elif purpose == GROWTH:
        for c in range(COLUMNS):
            rate[c] = need[k, c] * growth[tool_row[f], zero + day, column_of[c]]
    else:
        for c in range(COLUMNS):
            rate[c] = need[k, c] * starts[at, f, c]


@step
def plan_of(
    at: int, k: int, row: int, wanted: Floats, cover: Floats, rate: Floats, use: Floats,
    placed: Floats, orders: Floats, target: Floats,
) -> None:  # fmt: skip
    """Planned orders of a slot today, and its base stock, which another cover may change."""
    for c in range(COLUMNS):
        now = wanted[at, k, c]
        use[k, c] += rate[c]
        target[c] = now - use[k, c]
        highest = max(placed[k, c], now)
        orders[k, c] = highest - placed[k, c]
        placed[k, c] = highest
    if row >= 0:
        for c in range(COLUMNS):
            other = cover[row, c]
            target[c] = other if other == other else target[c]


@step
def ask(
    day: int, k: int, facts: Ints, profile: Floats, zero: int, column_of: Ints, target: Floats,
    rate: Floats, orders: Floats, surge: Floats, backlog: Floats, on_hand: Floats,
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
            need = rule.stock_need(target[c], backlog[k, c], on_hand[k, c], in_transit[k, c])
            position = on_hand[k, c] + in_transit[k, c] - backlog[k, c]
            need = rule.reorder_need(need, position, reorder[c])
            asked[k, c] = rule.asked_today(need, surge[k, c], max(rate[c], orders[k, c]))
    elif facts[k, KEEPS] or facts[k, PURPOSE] == GROWTH:
        for c in range(COLUMNS):
            need = rule.stock_need(target[c], backlog[k, c], on_hand[k, c], in_transit[k, c])
            asked[k, c] = rule.asked_today(need, surge[k, c], max(rate[c], orders[k, c]))
    else:
        for c in range(COLUMNS):
            need = rule.stock_need(target[c], 0.0, on_hand[k, c], in_transit[k, c])
            asked[k, c] = rule.asked_today(need, surge[k, c], max(rate[c], orders[k, c]))


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
def ask_suppliers(
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


@phase
def order(
    day: int, at: int, zero: int, slot_facility: Ints, facts: Ints, watches: Ints, column_of: Ints,
    planned: tuple[Floats, Floats, Ints, Floats, Floats, Ints],
    tiles: tuple[Floats, Floats], covers: tuple[Ints, Floats],
    slot: tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats],
    lanes: tuple[Ints, Ints, Ints, Ints], watch_row: Ints, share_row: Ints, qualification: Floats,
    trigger: Floats, lane: tuple[Floats, Floats, Floats, Floats, Floats, Floats], way: Floats,
    rate: Floats, target: Floats, room: Floats,
) -> None:  # fmt: skip
    """State the need of every slot, and to whom where it has standby suppliers."""
    reorder, multiple, demand_row, demand, growth, tool_row = planned
    starts, wanted = tiles
    cover_row, cover = covers
    need, surge, notice, backlog, on_hand, in_transit, asked, placed, use, orders = slot
    lane_start, leg_start, leg_first, leg_mask = lanes
    share, standby, lane_asked, before, performance, readiness = lane
    for k in range(len(slot_facility)):
        rate_of(
            day, at, k, slot_facility[k], zero, facts, multiple, demand_row, demand, need, starts,
            growth, tool_row, column_of, rate,
        )  # fmt: skip
        plan_of(at, k, cover_row[k], wanted, cover, rate, use, placed, orders, target)
        ask(
            day, k, facts, reorder, zero, column_of, target, rate, orders, surge, backlog,
            on_hand, in_transit, asked, room,
        )  # fmt: skip
        if watches[k]:
            judge(
                day, k, notice, lane_start, leg_start, leg_first, leg_mask, watch_row, share_row,
                qualification, before, share, way, lane_asked, performance, readiness, room,
            )  # fmt: skip
            ask_suppliers(
                k, lane_start, watch_row, share_row, asked, on_hand, rate, share, standby, trigger,
                readiness, lane_asked,
            )  # fmt: skip
