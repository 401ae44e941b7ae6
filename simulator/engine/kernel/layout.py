"""The arrays that the compiled kernel works on: what stays, what is planned, what changes, what is kept.

Each group is a named tuple of arrays, which numba passes as it is. Numbering follows the network; lanes
out of a facility are grouped by priority class, and every leg of every lane has a ring of days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.network.network import DEMAND, GROWTH, SINKS, Floats, Ints
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    from simulator.network.network import Network
    from simulator.sampling.realisation import Realisation

MAKER, SINK, STOCKPILE, HUB = 0, 1, 2, 3
"""What a facility does in its day; mines are makers without slots."""


class Shape(NamedTuple):
    """Topology: who belongs to whom. Integers only; the same for all replications."""

    role: Ints
    slot_start: Ints
    slot_purpose: Ints
    slot_policy: Ints
    slot_keeps: Ints
    lane_start: Ints
    lane_slot: Ints
    group_start: Ints
    group_lane_start: Ints
    group_lane: Ints
    leg_start: Ints
    leg_lane: Ints
    leg_hub: Ints
    hub_facility: Ints
    hub_leg_start: Ints
    hub_leg: Ints
    lane_mass: Floats


class Given(NamedTuple):
    """Numbers and plan of one realisation; profiles are (things, days)."""

    need: Floats
    criticality: Floats
    onset: Floats
    review: Ints
    surge: Floats
    notice: Floats
    watches: Ints
    standby: Floats
    qualification: Floats
    trigger: Floats
    capacity: Floats
    growth: Floats
    finished_target: Floats
    slot_target: Floats
    slot_rate: Floats
    slot_peak: Floats
    reorder: Floats
    demand: Floats
    lane_rate: Floats
    lane_share: Floats
    cycle: Ints
    leg_days: Ints
    transit_row: Ints
    transit: Ints
    change_day: Ints
    change_control: Ints
    change_target: Ints
    change_value: Floats


class State(NamedTuple):
    """What a run carries from one day to the next, plus today's quantities."""

    finished: Floats
    unfilled: Floats
    process_total: Floats
    pending: Floats
    started: Floats
    matured: Floats
    capacity_now: Floats
    factor: Floats
    progress: Floats
    process: Floats
    process_start: Ints
    process_head: Ints
    process_length: Ints
    on_hand: Floats
    in_transit: Floats
    asked: Floats
    used: Floats
    backlog: Floats
    health: Floats
    demand_factor: Floats
    lane_asked: Floats
    lane_given: Floats
    lane_arrived: Floats
    lane_limit: Floats
    lane_delay: Ints
    lane_share: Floats
    lane_standby: Floats
    performance: Floats
    readiness: Floats
    within: Floats
    beyond: Floats
    ring: Floats
    ring_start: Ints
    ring_length: Ints
    waiting: Floats
    waiting_t: Floats
    released_t: Floats
    handling: Floats


def shape_of(network: Network) -> Shape:
    """Topology of a network as the kernel wants it."""
    roles = {"stockpile": STOCKPILE, "hub": HUB, **dict.fromkeys(SINKS, SINK)}
    groups: list[list[int]] = []
    group_start = [0]
    for f in network.facilities:
        out = network.out_lanes[f]
        for priority in sorted({int(network.lane_priority[i]) for i in out}):
            groups.append([i for i in out if network.lane_priority[i] == priority])
        group_start.append(len(groups))
    legs = [
        (i, hub)
        for i in network.lanes
        for hub in (*network.lane_hubs[i], -1)
    ]
    at_hub = {hub: [n for n, (_, h) in enumerate(legs) if h == hub] for hub in network.hubs}
    return Shape(
        role=_ints([roles.get(kind, MAKER) for kind in network.kinds]),
        slot_start=network.slot_start,
        slot_purpose=network.slot_purpose,
        slot_policy=network.slot_policy,
        slot_keeps=network.slot_keeps_backlog.astype(np.int64),
        lane_start=network.lane_start,
        lane_slot=network.lane_slot,
        group_start=_ints(group_start),
        group_lane_start=_ints(np.cumsum([0, *map(len, groups)])),
        group_lane=_ints([i for group in groups for i in group]),
        leg_start=_ints(np.cumsum([0, *(len(hubs) + 1 for hubs in network.lane_hubs)])),
        leg_lane=_ints([i for i, _ in legs]),
        leg_hub=_ints([hub for _, hub in legs]),
        hub_facility=_ints(network.hubs),
        hub_leg_start=_ints(np.cumsum([0, *(len(found) for found in at_hub.values())])),
        hub_leg=_ints([n for found in at_hub.values() for n in found]),
        lane_mass=network.mass_t[network.slot_material[network.lane_slot]],
    )


def given_of(real: Realisation) -> Given:
    """Numbers, plan and change-points of a realisation as the kernel wants them."""
    network, numbers, plan, changes = real.network, real.numbers, real.plan, real.changes
    watches = np.zeros(len(network.slots), np.int64)
    watches[network.lane_slot[numbers.standby_share > 0.0]] = 1
    watches[network.lane_slot[list(changes.of(Control.STANDBY))]] = 1
    demand = plan.slot_rate
    if real.daily_demand:
        demand = demand.copy()
        for k, daily in real.daily_demand.items():
            demand[k] = daily
    noisy = sorted(real.daily_transit)
    transit_row = np.full(len(network.lanes), -1, np.int64)
    transit_row[noisy] = np.arange(len(noisy))
    days = network.horizon_days
    transit = [real.daily_transit[i] for i in noisy]
    return Given(
        need=numbers.need_per_unit,
        criticality=numbers.criticality,
        onset=numbers.onset_days,
        review=np.maximum(numbers.review_days, 1),
        surge=numbers.surge,
        notice=numbers.notice_days,
        watches=watches,
        standby=numbers.standby_share,
        qualification=numbers.qualification_days,
        trigger=numbers.trigger_days,
        capacity=plan.capacity,
        growth=plan.growth,
        finished_target=plan.finished_target,
        slot_target=real.slot_target,
        slot_rate=plan.slot_rate,
        slot_peak=plan.slot_peak,
        reorder=plan.reorder_point,
        demand=demand,
        lane_rate=np.ascontiguousarray(plan.planned_lane_rate),
        lane_share=plan.lane_share,
        cycle=numbers.cycle_days,
        leg_days=_ints([days for legs in plan.legs for days in legs]),
        transit_row=transit_row,
        transit=np.array(transit, np.int64).reshape(len(noisy), days),
        change_day=changes.day,
        change_control=changes.control,
        change_target=changes.target,
        change_value=changes.value,
    )


def state_of(real: Realisation, shape: Shape, given: Given) -> State:
    """Initial state of a run: stocks, pipelines and work in process at their planned levels."""
    plan = real.plan
    f, k, i, legs = (len(x) for x in (shape.role, shape.slot_purpose, shape.lane_slot, shape.leg_lane))
    cycles = np.where(shape.role == MAKER, given.cycle, 0)
    process_start = _ints(np.cumsum([0, *cycles]))
    process = np.array([q for line in plan.in_process for q in line], np.float64)
    ring_length = _ring_lengths(shape, given)
    ring_start = _ints(np.cumsum([0, *ring_length]))
    ring = np.zeros(int(ring_start[-1]))
    in_transit = np.zeros(k)
    for due in plan.under_way:
        leg = int(shape.leg_start[due.lane]) + due.leg
        ring[ring_start[leg] + due.day % ring_length[leg]] += due.quantity
        in_transit[shape.lane_slot[due.lane]] += due.quantity
    zeros, ones = np.zeros, np.ones
    return State(
        finished=plan.finished.copy(),
        unfilled=zeros(f),
        process_total=np.array([sum(line) for line in plan.in_process], np.float64),
        pending=zeros(f),
        started=zeros(f),
        matured=zeros(f),
        capacity_now=zeros(f),
        factor=ones(f),
        progress=ones(f),
        process=process if len(process) else zeros(1),
        process_start=process_start,
        process_head=zeros(f, np.int64),
        process_length=cycles.astype(np.int64),
        on_hand=plan.on_hand.copy(),
        in_transit=in_transit,
        asked=zeros(k),
        used=zeros(k),
        backlog=zeros(k),
        health=ones(k),
        demand_factor=ones(k),
        lane_asked=zeros(i),
        lane_given=zeros(i),
        lane_arrived=zeros(i),
        lane_limit=np.full(i, np.inf),
        lane_delay=zeros(i, np.int64),
        lane_share=np.full(i, -1.0),
        lane_standby=np.full(i, -1.0),
        performance=ones(i),
        readiness=zeros(i),
        within=zeros(i),
        beyond=zeros(i),
        ring=ring if len(ring) else zeros(1),
        ring_start=ring_start,
        ring_length=ring_length,
        waiting=zeros(legs),
        waiting_t=zeros(f),
        released_t=zeros(f),
        handling=ones(f),
    )


def _ring_lengths(shape: Shape, given: Given) -> Ints:
    """Days that a ring must hold: its leg, longer only where a shock delays or transit varies."""
    longest = given.leg_days + 1
    delayed = given.change_control == int(Control.DELAY)
    for lane, value in zip(given.change_target[delayed], given.change_value[delayed], strict=True):
        first = shape.leg_start[lane]
        days = int(given.leg_days[first])
        if given.transit_row[lane] >= 0:
            days = max(days, int(given.transit[given.transit_row[lane]].max(initial=1)))
        longest[first] = max(longest[first], days + int(value) + 1)
    for lane in np.flatnonzero(given.transit_row >= 0):
        first = shape.leg_start[lane]
        daily = int(given.transit[given.transit_row[lane]].max(initial=1))
        longest[first] = max(longest[first], daily + 1)
    return np.asarray(longest, np.int64)


def _ints(values: object) -> Ints:
    return np.asarray(values, np.int64).reshape(-1)


__all__ = ["DEMAND", "GROWTH", "Given", "Shape", "State", "given_of", "shape_of", "state_of"]
