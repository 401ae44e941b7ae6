"""The scalar kernel: the SimPy engine's day, phase by phase, compiled; one replication at a time."""

from __future__ import annotations

import numpy as np
from numba import njit

from simulator.engine.kernel.compiled_rules import (
    allowed,
    asked_of_lane,
    asked_today,
    availability,
    capacity_built,
    consumed,
    counts_as_standby,
    fill_fraction,
    health_after,
    left_over,
    output_share,
    performance_after,
    rationed,
    readiness_after,
    released_fraction,
    reorder_need,
    started,
    stock_need,
    used_by_sink,
    wanted_start,
    within_plan,
)
from simulator.engine.kernel.layout import HUB, MAKER, SINK, Given, Shape, State
from simulator.network.network import GROWTH, OUTPUT, R_S, S_S, Floats

CAPACITY, LIMIT, HANDLING, DELAY, PROGRESS, DEMAND_FACTOR = 0, 1, 2, 3, 4, 5
STOCK_ADD, STOCK_KEEP, FINISHED_ADD, FINISHED_KEEP, PROCESS_KEEP = 7, 8, 9, 10, 11
SHARE, STANDBY = 12, 13


@njit(nogil=True)
def apply_change(state: State, control: int, target: int, value: float) -> None:
    """Set one control."""
    if control == CAPACITY:
        state.factor[target] = value
    elif control == LIMIT:
        state.lane_limit[target] = value
    elif control == HANDLING:
        state.handling[target] = value
    elif control == DELAY:
        state.lane_delay[target] = int(value)
    elif control == PROGRESS:
        state.progress[target] = value
    elif control == DEMAND_FACTOR:
        state.demand_factor[target] = value
    elif control == STOCK_ADD:
        state.on_hand[target] += value
    elif control == STOCK_KEEP:
        state.on_hand[target] *= value
    elif control == FINISHED_ADD:
        state.finished[target] += value
    elif control == FINISHED_KEEP:
        state.finished[target] *= value
    elif control == PROCESS_KEEP:
        for n in range(state.process_start[target], state.process_start[target + 1]):
            state.process[n] *= value
        state.process_total[target] *= value
    elif control == SHARE:
        state.lane_share[target] = value
    elif control == STANDBY:
        state.lane_standby[target] = value


@njit(nogil=True)
def arrive_at_hubs(shape: Shape, state: State, day: int) -> None:
    """Arrivals of the morning enter the queues of the hubs."""
    for n in range(len(shape.hub_leg)):
        leg = shape.hub_leg[n]
        cell = state.ring_start[leg] + day % state.ring_length[leg]
        state.waiting[leg] += state.ring[cell]
        state.ring[cell] = 0.0


@njit(nogil=True)
def receive(shape: Shape, state: State, slot: int, day: int) -> None:
    """Count what left yesterday as under way, and empty the docks, in lane order."""
    for lane in range(shape.lane_start[slot], shape.lane_start[slot + 1]):
        last = shape.leg_start[lane + 1] - 1
        cell = state.ring_start[last] + day % state.ring_length[last]
        arrived = state.ring[cell]
        state.ring[cell] = 0.0
        state.lane_arrived[lane] = arrived
        state.in_transit[slot] += state.lane_given[lane] - arrived
        state.on_hand[slot] += arrived


@njit(nogil=True)
def finish(state: State, cycle: int, f: int) -> None:
    """Work in process due today becomes finished goods, unless the day is frozen."""
    state.matured[f] = 0.0
    if cycle and state.progress[f] > 0.0:
        head = state.process_head[f]
        matured = state.process[state.process_start[f] + head]
        state.process_head[f] = (head + 1) % cycle
        state.process_length[f] = cycle - 1
        state.matured[f] = matured
        state.process_total[f] = left_over(state.process_total[f], matured)
        state.finished[f] += matured


@njit(nogil=True)
def begin(state: State, cycle: int, f: int, quantity: float) -> None:
    """Put started output into process; on a frozen day it joins yesterday's."""
    state.started[f] = quantity
    if not cycle:
        state.matured[f] = quantity
        state.finished[f] += quantity
        return
    state.process_total[f] += quantity
    cell = state.process_start[f] + (state.process_head[f] + cycle - 1) % cycle
    if state.process_length[f] < cycle:
        state.process[cell] = quantity
        state.process_length[f] = cycle
    else:
        state.process[cell] += quantity


@njit(nogil=True)
def build(shape: Shape, given: Given, state: State, f: int, day: int) -> float:
    """Capacity today: planned increments are built as far as their tools have arrived."""
    tools = False
    for slot in range(shape.slot_start[f], shape.slot_start[f + 1]):
        if shape.slot_purpose[slot] == GROWTH:
            tools = True
    if not tools:
        return given.capacity[f, day]
    state.pending[f] += given.growth[f, day]
    scarcest = 1.0
    for slot in range(shape.slot_start[f], shape.slot_start[f + 1]):
        if shape.slot_purpose[slot] == GROWTH:
            there = availability(state.on_hand[slot], given.need[slot] * state.pending[f])
            level = output_share(given.criticality[slot], there)
            if level < scarcest:
                scarcest = level
    built = capacity_built(state.pending[f], scarcest)
    for slot in range(shape.slot_start[f], shape.slot_start[f + 1]):
        if shape.slot_purpose[slot] == GROWTH:
            state.used[slot] = consumed(state.on_hand[slot], given.need[slot], built)
            state.on_hand[slot] -= state.used[slot]
    state.pending[f] = left_over(state.pending[f], built)
    return left_over(given.capacity[f, day], state.pending[f])


@njit(nogil=True)
def start(shape: Shape, given: Given, state: State, f: int, day: int) -> None:
    """Start what capacity, worn by inputs with an onset, and the scarcest input allow."""
    capacity = build(shape, given, state, f, day) * state.factor[f]
    state.capacity_now[f] = capacity
    wanted = wanted_start(
        capacity,
        given.finished_target[f, day],
        state.unfilled[f],
        state.finished[f],
        state.process_total[f],
    )
    slowest = 1.0
    scarcest = 1.0
    for slot in range(shape.slot_start[f], shape.slot_start[f + 1]):
        if shape.slot_purpose[slot] != OUTPUT:
            continue
        there = availability(state.on_hand[slot], given.need[slot] * wanted)
        level = output_share(given.criticality[slot], there)
        if given.onset[slot] > 0.0:
            state.health[slot] = health_after(state.health[slot], level, given.onset[slot])
            if state.health[slot] < slowest:
                slowest = state.health[slot]
        elif level < scarcest:
            scarcest = level
    quantity = started(wanted, capacity, slowest, scarcest)
    for slot in range(shape.slot_start[f], shape.slot_start[f + 1]):
        if shape.slot_purpose[slot] == OUTPUT:
            state.used[slot] = consumed(state.on_hand[slot], given.need[slot], quantity)
            state.on_hand[slot] -= state.used[slot]
    begin(state, given.cycle[f], f, quantity)


@njit(nogil=True)
def serve_demand(shape: Shape, given: Given, state: State, slot: int, day: int) -> None:
    """A sink uses what demand asks and its stock allows."""
    demand = given.demand[slot, day] * state.demand_factor[slot] + state.backlog[slot]
    used = used_by_sink(state.on_hand[slot], demand)
    state.used[slot] = used
    state.on_hand[slot] -= used
    if shape.slot_keeps[slot]:
        state.backlog[slot] = demand - used


@njit(nogil=True)
def judge(shape: Shape, given: Given, state: State, slot: int, day: int) -> None:
    """Update the smoothed performance of suppliers, and how ready the standby ones are."""
    before = day - 1 if day > 0 else 0
    performance = 0.0
    for lane in range(shape.lane_start[slot], shape.lane_start[slot + 1]):
        state.performance[lane] = performance_after(
            state.performance[lane],
            state.lane_given[lane],
            state.lane_asked[lane],
            given.lane_rate[lane, before],
            given.notice[slot],
        )
        share = state.lane_share[lane]
        if share < 0.0:
            share = given.lane_share[lane, day]
        performance += share * state.performance[lane]
    for lane in range(shape.lane_start[slot], shape.lane_start[slot + 1]):
        state.readiness[lane] = readiness_after(
            state.readiness[lane], performance, given.qualification[lane]
        )


@njit(nogil=True)
def order(shape: Shape, given: Given, state: State, slot: int, day: int) -> None:
    """State today's need of one slot to each of its suppliers."""
    need = stock_need(
        given.slot_target[slot, day],
        state.backlog[slot],
        state.on_hand[slot],
        state.in_transit[slot],
    )
    if shape.slot_policy[slot] == S_S:
        position = state.on_hand[slot] + state.in_transit[slot] - state.backlog[slot]
        need = reorder_need(need, position, given.reorder[slot, day])
    elif shape.slot_policy[slot] == R_S and day % given.review[slot]:
        need = 0.0
    asked = asked_today(need, given.surge[slot], given.slot_peak[slot, day])
    state.asked[slot] = asked
    if given.watches[slot]:
        judge(shape, given, state, slot, day)
    for lane in range(shape.lane_start[slot], shape.lane_start[slot + 1]):
        share = state.lane_share[lane]
        if share < 0.0:
            share = given.lane_share[lane, day]
        standby = state.lane_standby[lane]
        if standby < 0.0:
            standby = given.standby[lane]
        if standby > 0.0 and not counts_as_standby(
            state.on_hand[slot], given.trigger[lane], given.slot_rate[slot, day]
        ):
            standby = 0.0
        state.lane_asked[lane] = asked_of_lane(asked, share, standby, state.readiness[lane])


@njit(nogil=True)
def send(shape: Shape, given: Given, state: State, leg: int, day: int, quantity: float) -> None:
    """Put goods under way on a leg; they are due on the morning of their last day."""
    lane = shape.leg_lane[leg]
    days = given.leg_days[leg]
    if leg == shape.leg_start[lane]:
        if given.transit_row[lane] >= 0:
            days = given.transit[given.transit_row[lane], day]
        days += state.lane_delay[lane]
    state.ring[state.ring_start[leg] + (day + days) % state.ring_length[leg]] += quantity


@njit(nogil=True)
def ration(shape: Shape, given: Given, state: State, f: int, day: int) -> None:
    """Ration finished goods over today's requests, class by class, and dispatch."""
    available = state.finished[f]
    unfilled = 0.0
    for group in range(shape.group_start[f], shape.group_start[f + 1]):
        first_lane, last_lane = shape.group_lane_start[group], shape.group_lane_start[group + 1]
        within_all = 0.0
        beyond_all = 0.0
        for n in range(first_lane, last_lane):
            lane = shape.group_lane[n]
            planned = given.lane_rate[lane, day]
            request = allowed(state.lane_asked[lane], state.lane_limit[lane], planned)
            within = within_plan(request, planned)
            state.within[lane] = within
            state.beyond[lane] = request - within
            within_all += within
            beyond_all += request - within
        first = fill_fraction(available, within_all)
        second = fill_fraction(left_over(available, within_all * first), beyond_all)
        given_all = 0.0
        for n in range(first_lane, last_lane):
            lane = shape.group_lane[n]
            quantity = rationed(state.within[lane], state.beyond[lane], first, second)
            unfilled += state.within[lane] + state.beyond[lane] - quantity
            given_all += quantity
            state.lane_given[lane] = quantity
            if quantity > 0.0:
                send(shape, given, state, shape.leg_start[lane], day, quantity)
        available = left_over(available, given_all)
    state.finished[f] = available
    state.unfilled[f] = unfilled


@njit(nogil=True)
def release(shape: Shape, given: Given, state: State, hub: int, day: int) -> None:
    """A hub lets go the same fraction of everything that waits."""
    f = shape.hub_facility[hub]
    mass = 0.0
    for n in range(shape.hub_leg_start[hub], shape.hub_leg_start[hub + 1]):
        leg = shape.hub_leg[n]
        mass += shape.lane_mass[shape.leg_lane[leg]] * state.waiting[leg]
    fraction = released_fraction(given.capacity[f, day], state.handling[f], mass)
    state.released_t[f] = mass * fraction
    state.waiting_t[f] = mass - state.released_t[f]
    if fraction <= 0.0:
        return
    for n in range(shape.hub_leg_start[hub], shape.hub_leg_start[hub + 1]):
        leg = shape.hub_leg[n]
        quantity = state.waiting[leg]
        if quantity == 0.0:
            continue
        gone = quantity * fraction
        send(shape, given, state, leg + 1, day, gone)
        state.waiting[leg] = quantity - gone if fraction < 1.0 else 0.0


@njit(nogil=True)
def morning(shape: Shape, given: Given, state: State, f: int, day: int) -> None:
    """Receive, produce, order."""
    role = shape.role[f]
    if role != MAKER and role != SINK:
        return
    for slot in range(shape.slot_start[f], shape.slot_start[f + 1]):
        receive(shape, state, slot, day)
    if role == MAKER:
        finish(state, given.cycle[f], f)
        start(shape, given, state, f, day)
    for slot in range(shape.slot_start[f], shape.slot_start[f + 1]):
        if role == SINK:
            serve_demand(shape, given, state, slot, day)
        order(shape, given, state, slot, day)


@njit(nogil=True, cache=True)
def simulate_days(
    shape: Shape,
    given: Given,
    state: State,
    outcome: tuple[Floats, Floats, Floats, Floats],
    rest: tuple[Floats, ...],
    everything: bool,
) -> None:
    """Run all days of one replication, writing the recorded series as it goes."""
    facilities = len(shape.role)
    change = 0
    for day in range(outcome[0].shape[1]):
        while change < len(given.change_day) and given.change_day[change] <= day:
            apply_change(
                state,
                given.change_control[change],
                given.change_target[change],
                given.change_value[change],
            )
            change += 1
        arrive_at_hubs(shape, state, day)
        for f in range(facilities):
            morning(shape, given, state, f, day)
        for f in range(facilities):
            if shape.role[f] != SINK and shape.role[f] != HUB:
                ration(shape, given, state, f, day)
        for hub in range(len(shape.hub_facility)):
            release(shape, given, state, hub, day)
        outcome[0][:, day] = state.started
        outcome[1][:, day] = state.matured
        outcome[2][:, day] = state.capacity_now
        outcome[3][:, day] = state.used
        if everything:
            _keep(state, rest, day)


@njit(nogil=True)
def _keep(state: State, rest: tuple[Floats, ...], day: int) -> None:
    rest[0][:, day] = state.finished
    rest[1][:, day] = state.unfilled
    rest[2][:, day] = state.process_total
    rest[3][:, day] = state.on_hand
    rest[4][:, day] = state.in_transit
    rest[5][:, day] = state.asked
    rest[6][:, day] = state.backlog
    rest[7][:, day] = state.health
    rest[8][:, day] = state.lane_asked
    rest[9][:, day] = state.lane_given
    rest[10][:, day] = state.lane_arrived
    rest[11][:, day] = state.waiting_t
    rest[12][:, day] = state.released_t


def empty(things: int, days: int) -> Floats:
    """Room for one recorded series."""
    return np.zeros((things, days))
