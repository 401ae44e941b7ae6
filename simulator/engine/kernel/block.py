"""The block kernel: many replications per step, for Monte Carlo."""

from __future__ import annotations

from typing import Any

from simulator.compiling import kernel, step
from simulator.engine.kernel import block_steps as steps
from simulator.engine.kernel.block_steps import BLOCK
from simulator.engine.kernel.columns import HUB, KEEPS, MAKER, SINK, WATCHES
from simulator.engine.kernel.dispatch import turn
from simulator.network.network import Floats, Ints
from simulator.shocks.effects import Control

_CAPACITY, _LIMIT, _HANDLING = int(Control.CAPACITY), int(Control.LIMIT), int(Control.HANDLING)
_DELAY, _PROGRESS, _DEMAND = int(Control.DELAY), int(Control.PROGRESS), int(Control.DEMAND)
_STOCK_ADD, _STOCK_KEEP = int(Control.STOCK_ADD), int(Control.STOCK_KEEP)
_FINISHED_ADD, _FINISHED_KEEP = int(Control.FINISHED_ADD), int(Control.FINISHED_KEEP)
_PROCESS_KEEP = int(Control.PROCESS_KEEP)
_SHARE, _STANDBY = int(Control.SHARE), int(Control.STANDBY)

Arrays = tuple[Any, ...]


@step
def apply_change(
    control: int, target: int, b: int, value: float, set_facility: Arrays, set_lane: Arrays,
    set_slot: Arrays, process: Floats, process_start: Ints,
) -> None:  # fmt: skip
    """Set one control of one replication."""
    factor, progress, handling, finished, process_total = set_facility
    limit, delay, share_set, standby_set = set_lane
    on_hand, demand_factor = set_slot
    if control == _CAPACITY:
        factor[target, b] = value
    elif control == _LIMIT:
        limit[target, b] = value
    elif control == _HANDLING:
        handling[target, b] = value
    elif control == _DELAY:
        delay[target, b] = value
    elif control == _PROGRESS:
        progress[target, b] = value
    elif control == _DEMAND:
        demand_factor[target, b] = value
    elif control == _STOCK_ADD:
        on_hand[target, b] += value
    elif control == _STOCK_KEEP:
        on_hand[target, b] *= value
    elif control == _FINISHED_ADD:
        finished[target, b] += value
    elif control == _FINISHED_KEEP:
        finished[target, b] *= value
    elif control == _PROCESS_KEEP:
        for n in range(process_start[target], process_start[target + 1]):
            process[n, b] *= value
        process_total[target, b] *= value
    elif control == _SHARE:
        share_set[target, b] = value
    elif control == _STANDBY:
        standby_set[target, b] = value


@step
def today(day: int, profile: Floats, here: Floats) -> None:
    """Bring today's row of every replication's profile side by side."""
    for b in range(BLOCK):
        for n in range(here.shape[0]):
            here[n, b] = profile[b, day, n]


@step
def today_of(day: int, profile: Floats, chosen: Ints, here: Floats) -> None:
    """The same for a profile of chosen things only; the others stay as they were."""
    for b in range(BLOCK):
        for n in range(len(chosen)):
            here[chosen[n], b] = profile[b, day, n]


@kernel
def simulate_block(
    shape: Arrays, block: Arrays, numbers: Arrays, profiles: Arrays, changes: Arrays,
    facility: Arrays, slot: Arrays, lane: Arrays, flow: Arrays, here: Arrays, scratch: Arrays,
    outcome: Arrays,
) -> None:  # fmt: skip
    """Run all days of a block of replications.

    Parameters
    ----------
    shape, block
        Topology, and what the replications of this block have in common.
    numbers, profiles, changes
        Numbers (things, replications), plans (replications, days, things), change-points by day.
    facility, slot, lane, flow
        State (things, replications): of facilities, slots, lanes, and of goods in process and under
        way.
    here, scratch
        Room for today's profiles and for sums.
    outcome
        (days, things, replications) records of started, matured, capacity and used.
    """
    (role, slot_start, lane_start, lane_slot, group_start, group_lane_start, group_lane, leg_start,
     leg_lane, hub_facility, hub_leg_start, hub_leg, has_tools) = shape  # fmt: skip
    (facts, has_onset, frozen, delayed, cycle, leg_days, mass_t, tool_facilities, lumpy_slots,
     dated_lanes, noisy_slots, is_noisy) = block  # fmt: skip
    (need, criticality, onset, surge, notice, standby, qualification, trigger) = numbers
    (p_capacity, p_finished, p_target, p_rate, p_orders, p_growth, p_reorder, p_demand,
     p_share) = profiles  # fmt: skip
    change_day, change_control, change_target, change_rep, change_value = changes
    (finished, unfilled, process_total, matured, pending, factor, progress, handling) = facility
    on_hand, in_transit, used, backlog, health, demand_factor = slot
    (lane_asked, given, limit, delay, share_set, standby_set, performance, readiness, within,
     beyond) = lane  # fmt: skip
    process, process_start, head, length, ring, ring_start, ring_today, waiting = flow
    (capacity, growth, finished_target, target, rate, orders, reorder, demand, lane_rate,
     rate_before, lane_share) = here  # fmt: skip
    wanted, slowest, scarcest, quantity, asked, overall, sum_a, sum_b, sum_c = scratch
    started_days, matured_days, capacity_days, used_days = outcome
    set_facility = (factor, progress, handling, finished, process_total)
    set_lane = (limit, delay, share_set, standby_set)
    set_slot = (on_hand, demand_factor)
    change = 0
    for day in range(started_days.shape[0]):
        while change < len(change_day) and change_day[change] <= day:
            apply_change(
                change_control[change], change_target[change], change_rep[change],
                change_value[change], set_facility, set_lane, set_slot, process, process_start,
            )  # fmt: skip
            change += 1
        today(day, p_capacity, capacity)
        today(day, p_finished, finished_target)
        today(day, p_target, target)
        today(day, p_rate, rate)
        today(day, p_orders, orders)
        today_of(day, p_growth, tool_facilities, growth)
        today_of(day, p_reorder, lumpy_slots, reorder)
        today_of(day, p_share, dated_lanes, lane_share)
        today_of(day, p_demand, noisy_slots, demand)
        steps.plan_lanes(day, lane_slot, orders, lane_share, lane_rate, rate_before)
        if day > 0:
            turn(ring_today, ring_start)
        steps.take_in(hub_leg, waiting, ring, ring_today)
        for f in range(len(role)):
            if role[f] != MAKER and role[f] != SINK:
                continue
            for k in range(slot_start[f], slot_start[f + 1]):
                steps.receive(
                    k, lane_start, leg_start, on_hand, in_transit, given, ring, ring_today
                )
            if role[f] == MAKER:
                steps.finish(
                    f, cycle[f], frozen[f], progress, finished, process_total, matured, process,
                    process_start, head, length,
                )  # fmt: skip
                if has_tools[f]:
                    steps.build(
                        f, slot_start, facts, need, criticality, growth, capacity, pending,
                        on_hand, used, backlog, scarcest,
                    )  # fmt: skip
                steps.start(
                    f, slot_start, facts, need, criticality, onset, has_onset, capacity, factor,
                    finished_target, unfilled, finished, process_total, health, on_hand, used,
                    wanted, slowest, scarcest, quantity,
                )  # fmt: skip
                steps.finish_and_begin(
                    f, cycle[f], frozen[f], quantity, progress, finished, process_total, matured,
                    process, process_start, head, length,
                )  # fmt: skip
                for b in range(BLOCK):
                    started_days[day, f, b] = quantity[b]
                    matured_days[day, f, b] = matured[f, b]
                    capacity_days[day, f, b] = capacity[f, b]
            for k in range(slot_start[f], slot_start[f + 1]):
                if role[f] == SINK:
                    wants = demand if is_noisy[k] else rate
                    steps.serve_demand(
                        k, facts[k, KEEPS], wants, demand_factor, backlog, on_hand, used
                    )
                steps.ask(
                    day,
                    k,
                    facts,
                    target,
                    reorder,
                    rate,
                    orders,
                    surge,
                    backlog,
                    on_hand,
                    in_transit,
                    asked,
                )
                if facts[k, WATCHES]:
                    steps.judge(
                        k, notice, lane_start, qualification, rate_before, lane_share, share_set,
                        given, lane_asked, performance, readiness, overall,
                    )  # fmt: skip
                steps.order(
                    k, facts[k, WATCHES], lane_start, asked, on_hand, rate, lane_share, share_set,
                    standby, standby_set, trigger, readiness, lane_asked,
                )  # fmt: skip
        for f in range(len(role)):
            if role[f] != SINK and role[f] != HUB:
                steps.ration(
                    f, group_start, group_lane_start, group_lane, lane_asked, limit, lane_rate,
                    within, beyond, given, finished, unfilled, asked, sum_a, sum_b, wanted,
                    slowest, sum_c,
                )  # fmt: skip
        for i in range(len(delayed)):
            leg = leg_start[i]
            steps.dispatch(
                i, leg, leg_days[leg], delayed[i], given, delay, ring, ring_start, ring_today
            )
        for hub in range(len(hub_facility)):
            steps.release(
                hub_facility[hub], hub_leg_start[hub], hub_leg_start[hub + 1], hub_leg, leg_lane,
                leg_days, mass_t, capacity, handling, waiting, sum_a, sum_b, ring, ring_start,
                ring_today,
            )  # fmt: skip
        for k in range(used.shape[0]):
            for b in range(BLOCK):
                used_days[day, k, b] = used[k, b]
