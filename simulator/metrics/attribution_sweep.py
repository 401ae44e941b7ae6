"""The sweep itself: every day, from the last to the first, from the afternoon to the morning."""

from __future__ import annotations

from simulator.compiling import kernel, step
from simulator.metrics.attribution_trace import (
    CAPACITY_FACTOR,
    FROZEN,
    MAKER,
    OTHER,
    PROCESS,
    SINK,
    Arrays,
    above,
    asked_for_less,
    binding,
    capacity_or_tools,
    control_at,
    nobody_asked,
    sent_less,
    stock_was_short,
    supplier_lacked,
    tools_missed,
    used_for_less,
    worn,
)
from simulator.network.network import DEMAND, GROWTH, Floats, Ints


@step
def started_less(
    day: int, f: int, amount: float, target: float, unfilled: float, held: float, factor: float,
    tools: bool, slot_start: Ints, purpose: Ints, need: Floats, criticality: Floats, onset: Floats,
    b_started: Floats, s_started: Floats, b_capacity: Floats, s_capacity: Floats, health: Floats,
    on_hand: Floats, used: Floats, short: Floats, wearing: Floats, unsold: Floats, growing: Floats,
    t_facility: Floats, unit_days: Floats, traced: Floats, at_capacity: Floats,
) -> None:  # fmt: skip
    """Less was started: less was wanted, or capacity or an input was binding below that.

    ``held`` is finished goods and work in process; the loss counts up to the lesser of what was
    wanted and what would have been started without shocks.
    """
    done = s_started[day, f]
    missing = above(b_started[day, f], done)
    if missing <= 0.0:
        t_facility[OTHER, f, day] += amount
        return
    wished = max(done, target + unfilled - held)
    quantity = min(wished, b_started[day, f])
    capacity = s_capacity[day, f]
    slowest, worn_by, lacking = binding(
        day, f, min(wished, capacity), slot_start, purpose, need, criticality, onset, health,
        on_hand, used,
    )  # fmt: skip
    within = min(quantity, capacity)
    healthy = min(within, capacity * slowest)
    by_capacity = above(quantity, within)
    by_health = above(within, healthy) if worn_by >= 0 else 0.0
    by_input = above(healthy, done) if lacking >= 0 else 0.0
    total = by_capacity + by_health + by_input
    unwanted = above(b_started[day, f], quantity)
    bound = max(0.0, missing - unwanted)
    if total <= 0.0:
        unwanted, bound = missing, 0.0
    if bound > 0.0:
        scale = bound / total
        at_capacity[f] += by_capacity * scale
        if worn_by >= 0:
            unit_days[worn_by] += by_health * scale
        if lacking >= 0:
            unit_days[lacking] += by_input * scale
    if amount <= 0.0:
        return
    unsold[f] += amount * unwanted / (unwanted + bound)
    if bound <= 0.0:
        return
    share = amount * bound / (unwanted + bound) / total
    if by_capacity > 0.0:
        capacity_or_tools(
            day, f, share * by_capacity, b_capacity[day, f], capacity, factor, tools, growing,
            t_facility,
        )  # fmt: skip
    if by_health > 0.0:
        wearing[worn_by] += share * by_health
        traced[worn_by] += share * by_health
    if by_input > 0.0:
        short[lacking] += share * by_input
        traced[lacking] += share * by_input


@step
def finished_less(
    day: int, f: int, amount: float, cycle: int, may_stand_still: bool, b_matured: Floats,
    s_matured: Floats, b_started: Floats, s_started: Floats, start: Floats, t_facility: Floats,
) -> None:  # fmt: skip
    """Less was finished: less was started a cycle ago, or work stood still or was scrapped."""
    began = day - cycle
    if began < 0:
        t_facility[PROCESS, f, day] += amount
        return
    part = 1.0
    if may_stand_still:
        missing = above(b_matured[day, f], s_matured[day, f])
        less = above(b_started[began, f], s_started[began, f])
        part = min(1.0, less / missing) if missing > 0.0 else 0.0
    start[f, began] += amount * part
    t_facility[PROCESS, f, day] += amount * (1.0 - part)


@step
def turn(now: Floats, earlier: Floats) -> None:
    """What was handed to the day before is what is to be explained there."""
    for n in range(len(now)):
        now[n] = earlier[n]
        earlier[n] = 0.0


@kernel
def sweep(
    shape: Arrays, ways: Arrays, numbers: Arrays, controls: Arrays, b: Arrays, s: Arrays,
    carried: Arrays, found: Arrays,
) -> None:  # fmt: skip
    """Trace lost output of all days to its first causes.

    Parameters
    ----------
    shape, ways, numbers, controls
        Topology, lanes and their days, numbers and plan, controls of the run with shocks.
    b, s
        Recorded series of the run without and with shocks.
    carried
        Responsibility on its way; ``carried[0]`` starts with the lost output.
    found
        Takes the first causes by kind, thing and day; and unit-days lost by what was binding.
    """
    (role, slot_start, slot_facility, purpose, lane_start, lane_slot, lane_supplier, out_start,
     out_lane) = shape  # fmt: skip
    hub_start, hubs, ahead, arrives_after, travel_row, b_travel, s_travel = ways
    cycle, need, criticality, onset, tools, target, rate, held_at_start = numbers
    control_row, control = controls
    (b_started, b_matured, b_capacity, b_used, b_finished, b_process, b_on_hand, b_transit, b_asked,
     b_given, b_arrived, b_wait) = b  # fmt: skip
    (s_started, s_matured, s_capacity, s_used, s_finished, s_process, s_on_hand, s_transit, s_asked,
     s_given, s_arrived, s_wait, unfilled, health) = s  # fmt: skip
    (lost, start, sent, finished, finished_kept, matured, asked_less, used_less, short, wearing,
     unsold, growing, kept_next, used_next, short_next, wearing_next, unsold_next, growing_next,
     under_way, unused) = carried  # fmt: skip
    t_facility, t_lane, t_slot, unit_days, traced, at_capacity = found
    for back in range(b_started.shape[0]):
        day = b_started.shape[0] - 1 - back
        for i in range(len(lane_slot)):
            under_way[i] -= s_given[day, i] - b_given[day, i]
            if sent[i, day] > 0.0:
                sent_less(
                    day, i, sent[i, day], lane_slot, lane_start, lane_supplier, rate, control_row,
                    control, b_asked, s_asked, b_given, s_given, finished, asked_less, t_lane,
                )  # fmt: skip
        for f in range(len(role)):
            for evening in range(2):
                amount = finished_kept[f] if evening else finished[f]
                if amount > 0.0:
                    supplier_lacked(
                        day, f, amount, evening > 0, out_start, out_lane, lane_slot,
                        control_row, control, b_matured, s_matured, b_finished, s_finished, b_given,
                        s_given, matured, kept_next, short, t_facility, t_slot,
                    )  # fmt: skip
            finished[f] = 0.0
            matured[f] += lost[f, day]
            if matured[f] > 0.0:
                finished_less(
                    day, f, matured[f], cycle[f], control_row[FROZEN, f] >= 0, b_matured, s_matured,
                    b_started, s_started, start, t_facility,
                )  # fmt: skip
                matured[f] = 0.0
        for k in range(len(slot_facility)):
            f = slot_facility[k]
            sink = role[f] == SINK
            if asked_less[k] > 0.0:
                asked_for_less(
                    day, k, asked_less[k], lane_start, hub_start, hubs, ahead, control_row, control,
                    b_on_hand, s_on_hand, b_transit, s_transit, under_way, b_wait, s_wait,
                    used_less, t_facility, t_lane, t_slot,
                )  # fmt: skip
                asked_less[k] = 0.0
            if used_less[k] > 0.0:
                used_for_less(
                    day, k, used_less[k], f, sink, purpose[k], b_used, s_used, b_on_hand, s_on_hand,
                    start, used_next, t_facility, t_slot,
                )  # fmt: skip
        for f in range(len(role)):
            if role[f] != MAKER:
                continue
            if start[f, day] > 0.0 or b_started[day, f] > s_started[day, f]:
                held = (
                    s_finished[day - 1, f] + s_process[day - 1, f] if day > 0 else held_at_start[f]
                )
                started_less(
                    day, f, start[f, day], target[f, day], unfilled[day - 1, f] if day > 0 else 0.0,
                    held, control_at(day, CAPACITY_FACTOR, f, control_row, control, 1.0),
                    tools[f] > 0, slot_start, purpose, need, criticality, onset, b_started,
                    s_started, b_capacity, s_capacity, health, s_on_hand, s_used, short, wearing,
                    unsold, growing, t_facility, unit_days, traced, at_capacity,
                )  # fmt: skip
            if unsold[f] > 0.0:
                nobody_asked(
                    day, f, unsold[f], out_start, out_lane, b_given, s_given, b_finished,
                    s_finished, b_process, s_process, sent, unsold_next, t_facility,
                )  # fmt: skip
            if growing[f] > 0.0:
                tools_missed(
                    day, f, growing[f], slot_start, purpose, need, b_used, s_used, s_on_hand,
                    unused, short, growing_next, t_facility,
                )  # fmt: skip
        for k in range(len(slot_facility)):
            f = slot_facility[k]
            if wearing[k] > 0.0:
                worn(day, k, wearing[k], onset[k], health, short, wearing_next)
            if short[k] > 0.0:
                stock_was_short(
                    day, k, short[k], f, purpose[k] == DEMAND, lane_start, hub_start, hubs, ahead,
                    arrives_after, travel_row, b_travel, s_travel, control_row, control, b_arrived,
                    s_arrived, b_given, s_given, b_on_hand, s_on_hand, b_wait, s_wait, sent,
                    short_next, t_facility, t_lane, t_slot,
                )  # fmt: skip
            if purpose[k] == GROWTH:
                unused[k] -= b_used[day, k] - s_used[day, k]
        for i in range(len(lane_slot)):
            under_way[i] += s_arrived[day, i] - b_arrived[day, i]
        turn(finished_kept, kept_next)
        turn(used_less, used_next)
        turn(short, short_next)
        turn(wearing, wearing_next)
        turn(unsold, unsold_next)
        turn(growing, growing_next)
    for f in range(len(role)):
        t_facility[OTHER, f, 0] += finished_kept[f] + unsold[f] + growing[f]
    for k in range(len(slot_facility)):
        t_facility[OTHER, slot_facility[k], 0] += used_less[k] + short[k] + wearing[k]
