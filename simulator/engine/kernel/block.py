"""The block kernel: many runs per step, for Monte Carlo."""

from __future__ import annotations

from typing import Any

from simulator.compiling import COLUMNS, kernel, step
from simulator.engine.kernel import block_flow as flow
from simulator.engine.kernel import block_morning as morning
from simulator.engine.kernel import block_orders as orders
from simulator.engine.kernel.columns import MAKER
from simulator.network.network import Floats, Ints
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


@step
def record(
    day: int, at: int, things: tuple[Ints, Ints, Ints],
    found: tuple[Floats, Floats, Floats, Floats], role: Ints,
    days: tuple[Floats, Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Keep the wanted rows of a day."""
    started_of, matured_of, capacity_of = things
    quantity, matured, capacity, used = found
    started_days, matured_days, capacity_days, used_days = days
    for n in range(len(started_of)):
        for c in range(COLUMNS):
            started_days[day, n, c] = quantity[started_of[n], c]
    for n in range(len(matured_of)):
        for c in range(COLUMNS):
            matured_days[day, n, c] = matured[matured_of[n], c]
    for n in range(len(capacity_of)):
        if role[capacity_of[n]] == MAKER:
            for c in range(COLUMNS):
                capacity_days[day, n, c] = capacity[at, capacity_of[n], c]
    for n in range(used.shape[0]):
        for c in range(COLUMNS):
            used_days[day, n, c] = used[n, c]


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
        Row among the slots with other covers, column and days of the targets that differ.
    facility, slot, lane, ways
        State (things, columns): of facilities, slots, lanes, and of goods in process and under way.
    scratch
        What passes hand on within a day, and room for sums.
    outcome
        Whose starts, output and capacity are wanted, the row of each slot whose use is, and the
        (days, things, columns) records of all four.
    """
    (role, slot_start, lane_start, lane_slot, group_start, group_lane_start, group_lane, leg_start,
     leg_lane, hub_facility, hub_leg_start, hub_leg, _) = shape  # fmt: skip
    (makers, tooled, suppliers, slot_facility, inputs, growing, demanded, facts, has_onset, watches,
     odd, common_cycle, watch_row, share_row, limit_row, delay_row, set_lane, set_row, delayed,
     noisy_row, dated, dated_row, mass_t, class_start, class_number,
     class_row, cover_row) = common  # fmt: skip
    (need, criticality, onset, surge, notice, qualification, trigger, usual_standby, demand,
     capacity, utilisation, cycle) = numbers  # fmt: skip
    (zero, earlier, apart, column_of, tool_row, p_hub_load, p_finished, p_starts, p_growth,
     p_wanted, p_reorder, p_share, built, multiple, demand_row, noise) = plans  # fmt: skip
    changed_row, changed_column, changed_target = covers
    t_capacity, t_finished, t_starts, t_wanted = tiles
    change_day, change_control, change_target, change_column, change_value = changes
    finished, unfilled, process_total, pending, factor, progress, handling = facility
    on_hand, in_transit, asked, backlog, health, demand_factor, placed, use, planned = slot
    (share, share_set, standby, limit, delay, lane_asked, before, performance, readiness, within,
     beyond, class_now) = lane  # fmt: skip
    (way, leg_first, leg_mask, leg_common, leg_row, leg_days, ring, ring_first, ring_mask, waiting,
     hub_queues, process, process_first, process_mask, head, length) = ways  # fmt: skip
    wanted, slowest, scarcest, quantity, matured, cover, rows, used = scratch
    started_of, matured_of, capacity_of, used_row, days = outcome
    set_facility = (factor, progress, handling, finished, process_total)
    set_controls = (
        limit, limit_row, delay, delay_row, share_set, set_row, standby, usual_standby, watch_row,
        class_now, class_row,
    )  # fmt: skip
    set_slot = (on_hand, demand_factor)
    legs = (leg_first, leg_mask, leg_common, leg_row, leg_days)
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
            morning.bring(first, count, p_finished, column_of, apart, t_finished)
            morning.bring(earlier + first, count, p_starts, column_of, apart, t_starts)
            morning.bring(day, count, p_wanted, column_of, apart, t_wanted)
            morning.bring_capacity(
                day, first, count, role, hub_facility, t_starts, p_hub_load, column_of, utilisation,
                capacity, built, t_capacity,
            )  # fmt: skip
        for n in range(len(changed_row)):
            cover[changed_row[n], changed_column[n]] = changed_target[day, n]
        morning.share_today(
            zero + day, dated, dated_row, p_share, column_of, set_lane, share_set, share
        )
        morning.receive(
            day, lane_start, leg_start, legs, delay_row, ring, ring_first, ring_mask, way, on_hand,
            in_transit, rows[0],
        )  # fmt: skip
        morning.finish(
            day, makers, odd, cycle, common_cycle, progress, finished, process_total, matured,
            process, process_first, process_mask, head, length,
        )  # fmt: skip
        morning.build(
            zero + day, at, tooled, tool_row, slot_start, growing, need, criticality, p_growth,
            column_of, t_capacity, pending, on_hand, backlog, scarcest, used_row, used,
        )  # fmt: skip
        morning.want(
            at, makers, t_capacity, factor, t_finished, unfilled, finished, process_total, wanted,
            slowest, scarcest,
        )  # fmt: skip
        morning.look_into_stocks(
            inputs, slot_facility, has_onset, need, criticality, onset, on_hand, wanted, health,
            slowest, scarcest,
        )  # fmt: skip
        morning.start(
            day, at, makers, odd, cycle, common_cycle, t_capacity, wanted, slowest, scarcest,
            quantity, finished, process_total, matured, process, process_first, process_mask, head,
            length,
        )  # fmt: skip
        morning.use_up(inputs, slot_facility, need, quantity, on_hand, used_row, used)
        orders.serve_demand(
            day, demanded, facts, multiple, demand_row, demand, noisy_row, noise, demand_factor,
            backlog, on_hand, used_row, used,
        )  # fmt: skip
        orders.order(
            day, at, zero, slot_facility, facts, watches, column_of,
            (p_reorder, multiple, demand_row, demand, p_growth, tool_row),
            (t_starts, t_wanted), (cover_row, cover),
            (need, surge, notice, backlog, on_hand, in_transit, asked, placed, use, planned),
            (lane_start, leg_start, leg_first, leg_mask), watch_row, share_row, qualification,
            trigger, (share, standby, lane_asked, before, performance, readiness), way, rows[0],
            rows[1], rows[2],
        )  # fmt: skip
        flow.ration(
            day, suppliers, (class_start, class_number, class_row, class_now),
            (group_start, group_lane_start, group_lane), lane_slot, watch_row, share_row,
            limit_row, leg_start, leg_first, leg_mask, planned, share, asked, lane_asked, limit,
            before, within, beyond, finished, unfilled, rows, way,
        )  # fmt: skip
        for n in range(len(delayed)):
            i = delayed[n]
            flow.hold_up(
                day, leg_start[i], n, leg_first, leg_mask, leg_common, leg_row, leg_days, delay,
                way, ring, ring_first[n], ring_mask,
            )  # fmt: skip
        flow.release(
            day, at, (hub_facility, hub_leg_start, hub_leg), leg_lane, leg_start, mass_t,
            t_capacity, handling, legs, delay_row, ring, ring_first, ring_mask, way, waiting,
            hub_queues, rows,
        )  # fmt: skip
        record(
            day, at, (started_of, matured_of, capacity_of), (quantity, matured, t_capacity, used),
            role, days,
        )  # fmt: skip
