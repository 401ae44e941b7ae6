"""The block kernel: many runs per step, for Monte Carlo."""

from __future__ import annotations

from typing import Any

from simulator.compiling import COLUMNS, kernel, step
from simulator.engine.kernel import block_flow as flow
from simulator.engine.kernel import block_steps as steps
from simulator.engine.kernel.block_classes import ration_by_class
from simulator.engine.kernel.columns import HUB, KEEPS, MAKER, PURPOSE, SINK
from simulator.network.network import DEMAND, GROWTH, Floats, Ints
from simulator.shocks.effects import Control

_CAPACITY, _LIMIT, _HANDLING = int(Control.CAPACITY), int(Control.LIMIT), int(Control.HANDLING)
_DELAY, _PROGRESS, _DEMAND = int(Control.DELAY), int(Control.PROGRESS), int(Control.DEMAND)
_STOCK_ADD, _STOCK_KEEP = int(Control.STOCK_ADD), int(Control.STOCK_KEEP)
_FINISHED_ADD, _FINISHED_KEEP = int(Control.FINISHED_ADD), int(Control.FINISHED_KEEP)
_PROCESS_KEEP = int(Control.PROCESS_KEEP)
_SHARE, _STANDBY = int(Control.SHARE), int(Control.STANDBY)
_PRIORITY = int(Control.PRIORITY)

Arrays = tuple[Any, ...]


@step
def apply_change(
    control: int, target: int, c: int, value: float, facility: Arrays, lane: Arrays, slot: Arrays,
    process: Floats, process_first: Ints,
) -> None:  # fmt: skip
    """Set one control of one run."""
    factor, progress, handling, finished, process_total = facility
    (limit, limit_row, delay, delay_row, share_set, set_row, standby, usual_standby, watch_row,
     class_now, class_row) = lane  # fmt: skip
    on_hand, demand_factor = slot
    if control == _CAPACITY:
        factor[target, c] = value
    elif control == _LIMIT:
        limit[limit_row[target], c] = value
    elif control == _HANDLING:
        handling[target, c] = value
    elif control == _DELAY:
        delay[delay_row[target], c] = value
    elif control == _PROGRESS:
        progress[target, c] = value
    elif control == _DEMAND:
        demand_factor[target, c] = value
    elif control == _STOCK_ADD:
        on_hand[target, c] += value
    elif control == _STOCK_KEEP:
        on_hand[target, c] *= value
    elif control == _FINISHED_ADD:
        finished[target, c] += value
    elif control == _FINISHED_KEEP:
        finished[target, c] *= value
    elif control == _PROCESS_KEEP:
        for n in range(process_first[target], process_first[target + 1]):
            process[n, c] *= value
        process_total[target, c] *= value
    elif control == _SHARE:
        share_set[set_row[target], c] = value
    elif control == _STANDBY:
        w = watch_row[target]
        standby[w, c] = usual_standby[w, c] if value < 0.0 else value
    elif control == _PRIORITY:
        class_now[class_row[target], c] = value


@kernel
def simulate_block(
    first_day: int, last_day: int, shape: Arrays, common: Arrays, numbers: Arrays, plans: Arrays,
    covers: Arrays, tiles: Arrays, changes: Arrays, facility: Arrays, slot: Arrays, lane: Arrays,
    ways: Arrays, scratch: Arrays, outcome: Arrays,
) -> None:  # fmt: skip
    """Run some days of a block of runs.

    Parameters
    ----------
    first_day, last_day
        Days to run, the last excluded; no change-point lies before the first.
    shape, common
        Topology, and what the runs of this block have in common.
    numbers, changes
        Numbers (things, columns), change-points by day.
    plans, tiles
        Profiles (things, days, plans) with the plan of each column, and room for the next days of
        them (days, things, columns).
    covers
        Slot, column and days of the targets that differ from the plan.
    facility, slot, lane, ways
        State (things, columns): of facilities, slots, lanes, and of goods in process and under way.
    scratch
        Room for sums.
    outcome
        (days, things, columns) records of started, matured, capacity and used, and their rows.
    """
    (role, slot_start, lane_start, lane_slot, group_start, group_lane_start, group_lane, leg_start,
     leg_lane, hub_facility, hub_leg_start, hub_leg, has_tools) = shape  # fmt: skip
    (facts, has_onset, watches, odd, common_cycle, watch_row, share_row, limit_row, delay_row,
     set_lane, set_row, delayed, noisy_row, dated, dated_row, mass_t, class_start,
     class_number, class_row) = common  # fmt: skip
    (need, criticality, onset, surge, notice, qualification, trigger, usual_standby, demand,
     capacity, utilisation, cycle) = numbers  # fmt: skip
    (zero, apart, column_of, tool_row, p_hub_load, p_finished, p_starts, p_growth, p_orders,
     p_target, p_reorder, p_share, built, multiple, demand_row, noise) = plans  # fmt: skip
    cover_slot, cover_column, cover_target = covers
    t_capacity, t_finished, t_starts, t_orders, t_target = tiles
    change_day, change_control, change_target, change_column, change_value = changes
    finished, unfilled, process_total, pending, factor, progress, handling = facility
    on_hand, in_transit, asked, backlog, health, demand_factor = slot
    (share, share_set, standby, limit, delay, lane_asked, before, performance, readiness, within,
     beyond, class_now) = lane  # fmt: skip
    (way, leg_first, leg_mask, leg_common, leg_row, leg_days, ring, ring_first, ring_mask, waiting,
     hub_queues, process, process_first, process_mask, head, length) = ways  # fmt: skip
    (wanted, slowest, scarcest, quantity, matured, rate, extra, sum_a, sum_b, sum_c,
     used) = scratch  # fmt: skip
    (start_row, matured_row, capacity_row, used_row, started_days, matured_days, capacity_days,
     used_days) = outcome  # fmt: skip
    set_facility = (factor, progress, handling, finished, process_total)
    set_controls = (
        limit, limit_row, delay, delay_row, share_set, set_row, standby, usual_standby, watch_row,
        class_now, class_row,
    )  # fmt: skip
    set_slot = (on_hand, demand_factor)
    legs = (leg_first, leg_mask, leg_common, leg_row, leg_days)
    classes = (class_start, class_number, class_row, class_now)
    change = 0
    room = t_capacity.shape[0]
    for day in range(first_day, last_day):
        while change < len(change_day) and change_day[change] <= day:
            apply_change(
                change_control[change], change_target[change], change_column[change],
                change_value[change], set_facility, set_controls, set_slot, process, process_first,
            )  # fmt: skip
            change += 1
        at = (day - first_day) % room
        if at == 0:
            count, first = min(room, last_day - day), zero + day
            steps.bring(first, count, p_finished, column_of, apart, t_finished)
            steps.bring(first, count, p_starts, column_of, apart, t_starts)
            steps.bring(first, count, p_orders, column_of, apart, t_orders)
            steps.bring(first, count, p_target, column_of, apart, t_target)
            steps.bring_capacity(
                day, first, count, role, hub_facility, t_starts, p_hub_load, column_of, utilisation,
                capacity, built, t_capacity,
            )  # fmt: skip
            for n in range(len(cover_slot)):
                for d in range(count):
                    t_target[d, cover_slot[n], cover_column[n]] = cover_target[n, day + d]
        steps.share_today(
            zero + day, dated, dated_row, p_share, column_of, set_lane, share_set, share
        )
        for f in range(len(role)):
            if role[f] != MAKER and role[f] != SINK:
                continue
            for k in range(slot_start[f], slot_start[f + 1]):
                steps.receive(
                    day, k, lane_start, leg_start, legs, delay_row, ring, ring_first, ring_mask,
                    way, on_hand, in_transit, sum_a,
                )  # fmt: skip
            if role[f] == MAKER:
                steps.finish(
                    day, f, odd[f], cycle, common_cycle[f], progress, finished, process_total,
                    matured, process, process_first[f], process_mask[f], head, length,
                )  # fmt: skip
                if has_tools[f]:
                    for c in range(COLUMNS):
                        extra[c] = p_growth[tool_row[f], zero + day, column_of[c]]
                    steps.build(
                        at, f, slot_start, facts, need, criticality, extra, t_capacity, pending,
                        on_hand, backlog, scarcest, used_row, used,
                    )  # fmt: skip
                steps.start(
                    at, f, slot_start, facts, need, criticality, onset, has_onset, t_capacity,
                    factor, t_finished, unfilled, finished, process_total, health, on_hand, wanted,
                    slowest, scarcest, quantity, used_row, used,
                )  # fmt: skip
                steps.begin(
                    day, f, odd[f], cycle, common_cycle[f], quantity, finished, process_total,
                    matured, process, process_first[f], process_mask[f], head, length,
                )  # fmt: skip
                if start_row[f] >= 0:
                    for c in range(COLUMNS):
                        started_days[day, start_row[f], c] = quantity[c]
                if matured_row[f] >= 0:
                    for c in range(COLUMNS):
                        matured_days[day, matured_row[f], c] = matured[c]
                if capacity_row[f] >= 0:
                    for c in range(COLUMNS):
                        capacity_days[day, capacity_row[f], c] = t_capacity[at, f, c]
            for k in range(slot_start[f], slot_start[f + 1]):
                purpose = facts[k, PURPOSE]
                if purpose == DEMAND:
                    part = multiple[demand_row[k], day]
                    for c in range(COLUMNS):
                        rate[c] = demand[k, c] * part
                    if noisy_row[k] >= 0:
                        for c in range(COLUMNS):
                            sum_a[c] = noise[noisy_row[k], day, c]
                    else:
                        for c in range(COLUMNS):
                            sum_a[c] = rate[c]
                    steps.serve_demand(
                        k, facts[k, KEEPS], sum_a, demand_factor, backlog, on_hand, used_row, used
                    )
                elif purpose == GROWTH:
                    for c in range(COLUMNS):
                        rate[c] = need[k, c] * extra[c]
                else:
                    for c in range(COLUMNS):
                        rate[c] = need[k, c] * t_starts[at, f, c]
                steps.order_slot(
                    day, at, k, facts, p_reorder, zero, column_of, t_target, rate, t_orders,
                    surge, backlog, on_hand, in_transit, asked, sum_a,
                )  # fmt: skip
                if watches[k]:
                    steps.judge(
                        day, k, notice, lane_start, leg_start, leg_first, leg_mask, watch_row,
                        share_row, qualification, before, share, way, lane_asked, performance,
                        readiness, sum_a,
                    )  # fmt: skip
                    steps.order(
                        k, lane_start, watch_row, share_row, asked, on_hand, rate, share, standby,
                        trigger, readiness, lane_asked,
                    )  # fmt: skip
        for f in range(len(role)):
            if role[f] == SINK or role[f] == HUB:
                continue
            if class_start[f] < class_start[f + 1]:
                ration_by_class(
                    day, at, f, classes, group_start, group_lane_start, group_lane, lane_slot,
                    watch_row, share_row, limit_row, leg_start, legs, t_orders, share, asked,
                    lane_asked, limit, before, within, beyond, finished, unfilled, sum_a, sum_b,
                    wanted, slowest, sum_c, scarcest, way,
                )  # fmt: skip
            else:
                flow.ration(
                    day, at, f, group_start, group_lane_start, group_lane, lane_slot, watch_row,
                    share_row, limit_row, leg_start, leg_first, leg_mask, t_orders, share, asked,
                    lane_asked, limit, before, within, beyond, finished, unfilled, sum_a, sum_b,
                    wanted, slowest, sum_c, scarcest, way,
                )  # fmt: skip
        for n in range(len(delayed)):
            i = delayed[n]
            flow.hold_up(
                day, leg_start[i], n, leg_first, leg_mask, leg_common, leg_row, leg_days, delay,
                way, ring, ring_first[n], ring_mask,
            )  # fmt: skip
        for hub in range(len(hub_facility)):
            f = hub_facility[hub]
            for c in range(COLUMNS):
                extra[c] = t_capacity[at, f, c]
            hub_queues[hub] = flow.release(
                day, hub_leg_start[hub], hub_leg_start[hub + 1], hub_leg, leg_lane, leg_start,
                mass_t, extra, handling, legs, delay_row, ring, ring_first, ring_mask, way, waiting,
                hub_queues[hub], sum_a, sum_b, sum_c, f,
            )  # fmt: skip
        for n in range(used.shape[0]):
            for c in range(COLUMNS):
                used_days[day, n, c] = used[n, c]
