"""The kernel's morning, first part: finish, build capacity, start; or a sink's use."""

from __future__ import annotations

from simulator.compiling import step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.columns import (
    BACKLOG,
    CAPACITY_NOW,
    CRITICALITY,
    DEMAND_FACTOR,
    FACTOR,
    FINISHED,
    HEALTH,
    MATURED,
    NEED,
    ON_HAND,
    ONSET,
    PENDING,
    PROCESS_TOTAL,
    PROGRESS,
    PURPOSE,
    STARTED,
    UNFILLED,
    USED,
)
from simulator.network.network import GROWTH, OUTPUT, Floats, Ints


@step
def finish(
    f: int,
    cycle: int,
    facility: Floats,
    process: Floats,
    process_start: Ints,
    process_head: Ints,
    process_length: Ints,
) -> None:
    """Work in process due today becomes finished goods, unless the day is frozen."""
    facility[f, MATURED] = 0.0
    if cycle > 0 and facility[f, PROGRESS] > 0.0:
        head = process_head[f]
        matured = process[process_start[f] + head]
        process_head[f] = head + 1 if head + 1 < cycle else 0
        process_length[f] = cycle - 1
        facility[f, MATURED] = matured
        facility[f, PROCESS_TOTAL] = rule.left_over(facility[f, PROCESS_TOTAL], matured)
        facility[f, FINISHED] += matured


@step
def begin(
    f: int,
    cycle: int,
    quantity: float,
    facility: Floats,
    process: Floats,
    process_start: Ints,
    process_head: Ints,
    process_length: Ints,
) -> None:
    """Put started output into process; on a frozen day it joins yesterday's."""
    facility[f, STARTED] = quantity
    if cycle == 0:
        facility[f, MATURED] = quantity
        facility[f, FINISHED] += quantity
    else:
        facility[f, PROCESS_TOTAL] += quantity
        head = process_head[f]
        cell = process_start[f] + (head - 1 if head > 0 else cycle - 1)
        if process_length[f] < cycle:
            process[cell] = quantity
            process_length[f] = cycle
        else:
            process[cell] += quantity


@step
def build(
    f: int,
    planned: float,
    increment: float,
    slot_start: Ints,
    facts: Ints,
    numbers: Floats,
    facility: Floats,
    slot: Floats,
) -> float:
    """Capacity today: planned increments are built as far as their tools have arrived."""
    facility[f, PENDING] += increment
    pending = facility[f, PENDING]
    scarcest = 1.0
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == GROWTH:
            there = rule.availability(slot[k, ON_HAND], numbers[k, NEED] * pending)
            scarcest = min(scarcest, rule.output_share(numbers[k, CRITICALITY], there))
    built = rule.capacity_built(pending, scarcest)
    facility[f, PENDING] = rule.left_over(pending, built)
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == GROWTH:
            slot[k, USED] = rule.consumed(slot[k, ON_HAND], numbers[k, NEED], built)
            slot[k, ON_HAND] -= slot[k, USED]
            slot[k, BACKLOG] = numbers[k, NEED] * facility[f, PENDING]
    return rule.left_over(planned, facility[f, PENDING])


@step
def start(
    f: int,
    planned: float,
    target: float,
    slot_start: Ints,
    facts: Ints,
    numbers: Floats,
    facility: Floats,
    slot: Floats,
) -> float:
    """Quantity started: capacity, worn by inputs with an onset, and the scarcest input allow it."""
    capacity = planned * facility[f, FACTOR]
    facility[f, CAPACITY_NOW] = capacity
    wanted = rule.wanted_start(
        capacity,
        target,
        facility[f, UNFILLED],
        facility[f, FINISHED],
        facility[f, PROCESS_TOTAL],
    )
    slowest = 1.0
    scarcest = 1.0
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == OUTPUT:
            there = rule.availability(slot[k, ON_HAND], numbers[k, NEED] * wanted)
            level = rule.output_share(numbers[k, CRITICALITY], there)
            if numbers[k, ONSET] > 0.0:
                slot[k, HEALTH] = rule.health_after(slot[k, HEALTH], level, numbers[k, ONSET])
                slowest = min(slowest, slot[k, HEALTH])
            else:
                scarcest = min(scarcest, level)
    quantity = rule.started(wanted, capacity, slowest, scarcest)
    for k in range(slot_start[f], slot_start[f + 1]):
        if facts[k, PURPOSE] == OUTPUT:
            slot[k, USED] = rule.consumed(slot[k, ON_HAND], numbers[k, NEED], quantity)
            slot[k, ON_HAND] -= slot[k, USED]
    return quantity


@step
def serve_demand(k: int, demand: float, keeps: int, slot: Floats) -> None:
    """A sink uses what demand asks and its stock allows."""
    wanted = demand * slot[k, DEMAND_FACTOR] + slot[k, BACKLOG]
    used = rule.used_by_sink(slot[k, ON_HAND], wanted)
    slot[k, USED] = used
    slot[k, ON_HAND] -= used
    if keeps:
        slot[k, BACKLOG] = wanted - used
