"""The scalar kernel: the SimPy engine's day, phase by phase, one replication at a time."""

from __future__ import annotations

from typing import Any

from simulator.compiling import kernel, step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.columns import (
    CAPACITY_NOW,
    CLASS,
    DELAY,
    DEMAND_FACTOR,
    DEMANDED,
    FACTOR,
    FINISHED,
    HANDLING,
    HUB,
    KEEPS,
    LIMIT,
    MAKER,
    MATURED,
    NEED,
    NOTICE,
    ON_HAND,
    PLANNED_ORDERS,
    POLICY,
    PROCESS_TOTAL,
    PROGRESS,
    PURPOSE,
    SHARE,
    SINK,
    STANDBY,
    STARTED,
    SURGE,
    USED,
    WATCHES,
)
from simulator.engine.kernel.dispatch import ration, release, take_in, turn
from simulator.engine.kernel.ordering import judge, need_of, order, plan_of, receive
from simulator.engine.kernel.production import begin, build, finish, serve_demand, start
from simulator.network.network import DEMAND, GROWTH, S_S, Floats, Ints
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
    control: int,
    target: int,
    value: float,
    facility: Floats,
    slot: Floats,
    lane: Floats,
    process: Floats,
    process_start: Ints,
) -> None:
    """Set one control."""
    if control == _CAPACITY:
        facility[target, FACTOR] = value
    elif control == _LIMIT:
        lane[target, LIMIT] = value
    elif control == _HANDLING:
        facility[target, HANDLING] = value
    elif control == _DELAY:
        lane[target, DELAY] = value
    elif control == _PROGRESS:
        facility[target, PROGRESS] = value
    elif control == _DEMAND:
        slot[target, DEMAND_FACTOR] = value
    elif control == _STOCK_ADD:
        slot[target, ON_HAND] += value
    elif control == _STOCK_KEEP:
        slot[target, ON_HAND] *= value
    elif control == _FINISHED_ADD:
        facility[target, FINISHED] += value
    elif control == _FINISHED_KEEP:
        facility[target, FINISHED] *= value
    elif control == _PROCESS_KEEP:
        for n in range(process_start[target], process_start[target + 1]):
            process[n] *= value
        facility[target, PROCESS_TOTAL] *= value
    elif control == _SHARE:
        lane[target, SHARE] = value
    elif control == _STANDBY:
        lane[target, STANDBY] = value
    elif control == _PRIORITY:
        lane[target, CLASS] = value


@step
def keep(day: int, table: Floats, days: Floats) -> None:
    """Copy the first columns of a table of state into its record, which needs no allocation."""
    for n in range(table.shape[0]):
        for column in range(days.shape[2]):
            days[day, n, column] = table[n, column]


@kernel
def simulate_days(
    shape: Arrays, given: Arrays, state: Arrays, outcome: Arrays, everything: Arrays
) -> None:
    """Run all days of one replication.

    Parameters
    ----------
    shape, given, state
        Arrays of `Shape`, `Given` and `State`, in the order of their fields.
    outcome
        (days, things) records of started, matured, capacity and used.
    everything
        (days, things, columns) records of the state of facilities, slots and lanes; each may have
        no days.
    """
    started_days, matured_days, capacity_days, used_days = outcome
    facility_days, slot_days, lane_days = everything
    (role, slot_start, lane_start, lane_slot, group_start, group_lane_start, group_lane, leg_start,
     leg_lane, hub_facility, hub_leg_start, hub_leg, has_tools) = shape  # fmt: skip
    (facts, numbers, lane_numbers, cycle, capacity, growth, growth_row, starts, finished_target,
     slot_wanted, cover, cover_row, reorder, multiple, multiple_row, noise, noise_row, share,
     share_row, leg_days, transit_row, transit, change_day, change_control, change_target,
     change_value, class_start, class_number) = given  # fmt: skip
    (facility, slot, lane, process, process_start, process_head, process_length, ring, ring_start,
     ring_today, waiting) = state  # fmt: skip
    change = 0
    for day in range(started_days.shape[0]):
        while change < len(change_day) and change_day[change] <= day:
            apply_change(
                change_control[change], change_target[change], change_value[change],
                facility, slot, lane, process, process_start,
            )  # fmt: skip
            change += 1
        if day > 0:
            turn(ring_today, ring_start)
        take_in(hub_leg, waiting, ring, ring_today)
        for f in range(len(role)):
            if role[f] != MAKER and role[f] != SINK:
                continue
            for k in range(slot_start[f], slot_start[f + 1]):
                receive(k, lane_start, leg_start, slot, lane, ring, ring_today)
            if role[f] == MAKER:
                finish(f, cycle[f], facility, process, process_start, process_head, process_length)
                planned = capacity[day, f]
                if has_tools[f]:
                    increment = growth[day, growth_row[f]]
                    planned = build(
                        f, planned, increment, slot_start, facts, numbers, facility, slot
                    )
                target = finished_target[day, f]
                quantity = start(f, planned, target, slot_start, facts, numbers, facility, slot)
                begin(
                    f, cycle[f], quantity, facility, process, process_start, process_head,
                    process_length,
                )  # fmt: skip
            for k in range(slot_start[f], slot_start[f + 1]):
                if facts[k, PURPOSE] == DEMAND:
                    rate = numbers[k, DEMANDED] * multiple[day, multiple_row[k]]
                    demand = rate if noise_row[k] < 0 else noise[day, noise_row[k]]
                    serve_demand(k, demand, facts[k, KEEPS], slot)
                elif facts[k, PURPOSE] == GROWTH:
                    rate = numbers[k, NEED] * growth[day, growth_row[f]]
                else:
                    rate = numbers[k, NEED] * starts[day, f]
                point = reorder[day, k] if facts[k, POLICY] == S_S else 0.0
                target = plan_of(k, rate, slot_wanted[day, k], slot)
                if cover_row[k] >= 0:
                    target = cover[day, cover_row[k]]
                need = need_of(day, k, target, point, facts, slot)
                peak = max(rate, slot[k, PLANNED_ORDERS])
                asked = rule.asked_today(need, numbers[k, SURGE], peak)
                if facts[k, WATCHES]:
                    judge(
                        day, k, numbers[k, NOTICE], lane_start, lane_numbers, share, share_row, lane
                    )
                order(day, k, asked, rate, lane_start, lane_numbers, share, share_row, slot, lane)
        for f in range(len(role)):
            if role[f] != SINK and role[f] != HUB:
                ration(
                    day, f, group_start, group_lane_start, group_lane, class_start, class_number,
                    lane_slot, slot, lane_numbers, share, share_row, leg_start, leg_days,
                    transit_row, transit, facility, lane, ring, ring_start, ring_today,
                )  # fmt: skip
        for hub in range(len(hub_facility)):
            f = hub_facility[hub]
            release(
                f, capacity[day, f], hub_leg_start[hub], hub_leg_start[hub + 1], hub_leg, leg_lane,
                leg_days, lane_numbers, facility, waiting, ring, ring_start, ring_today,
            )  # fmt: skip
        for f in range(len(role)):
            started_days[day, f] = facility[f, STARTED]
            matured_days[day, f] = facility[f, MATURED]
            capacity_days[day, f] = facility[f, CAPACITY_NOW]
        for k in range(len(facts)):
            used_days[day, k] = slot[k, USED]
        if day < facility_days.shape[0]:
            keep(day, facility, facility_days)
        if day < slot_days.shape[0]:
            keep(day, slot, slot_days)
        if day < lane_days.shape[0]:
            keep(day, lane, lane_days)
