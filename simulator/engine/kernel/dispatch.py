"""The kernel's afternoon: ration, dispatch, release; and the rings of what is under way."""

from __future__ import annotations

from simulator.compiling import step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.columns import (
    BEYOND,
    CLASS,
    DELAY,
    FINISHED,
    GIVEN,
    HANDLING,
    LANE_ASKED,
    LIMIT,
    MASS_T,
    PLANNED,
    PLANNED_ORDERS,
    RELEASED_T,
    UNFILLED,
    WAITING_T,
    WITHIN,
)
from simulator.engine.kernel.ordering import planned_share
from simulator.network.network import Floats, Ints


@step
def turn(ring_today: Ints, ring_start: Ints) -> None:
    """Turn every ring by a day; positions are kept, since a remainder costs more than all else."""
    for leg in range(len(ring_today)):
        cell = ring_today[leg] + 1
        ring_today[leg] = cell if cell < ring_start[leg + 1] else ring_start[leg]


@step
def send(
    leg: int, days: int, quantity: float, ring: Floats, ring_start: Ints, ring_today: Ints
) -> None:
    """Put goods under way on a leg; they are due on the morning of their last day."""
    cell = ring_today[leg] + days
    if cell >= ring_start[leg + 1]:
        cell = cell + ring_start[leg] - ring_start[leg + 1]
    ring[cell] += quantity


@step
def ration(
    day: int,
    f: int,
    group_start: Ints,
    group_lane_start: Ints,
    group_lane: Ints,
    class_start: Ints,
    class_number: Ints,
    lane_slot: Ints,
    slot: Floats,
    lane_numbers: Floats,
    dated_share: Floats,
    share_row: Ints,
    leg_start: Ints,
    leg_days: Ints,
    transit_row: Ints,
    transit: Ints,
    facility: Floats,
    lane: Floats,
    ring: Floats,
    ring_start: Ints,
    ring_today: Ints,
) -> None:
    """Ration finished goods over today's requests, class by class, and dispatch.

    Where shocks move lanes to other classes, each class is looked for among all lanes.
    """
    available = facility[f, FINISHED]
    unfilled = 0.0
    moves = class_start[f] < class_start[f + 1]
    start = class_start if moves else group_start
    for group in range(start[f], start[f + 1]):
        begin = group_lane_start[group_start[f] if moves else group]
        end = group_lane_start[group_start[f + 1] if moves else group + 1]
        within_all = 0.0
        beyond_all = 0.0
        for n in range(begin, end):
            i = group_lane[n]
            if moves and lane[i, CLASS] != class_number[group]:
                continue
            share = planned_share(day, i, lane_numbers, dated_share, share_row)
            planned = slot[lane_slot[i], PLANNED_ORDERS] * share
            lane[i, PLANNED] = planned
            request = rule.allowed(lane[i, LANE_ASKED], lane[i, LIMIT], planned)
            within = rule.within_plan(request, planned)
            lane[i, WITHIN] = within
            lane[i, BEYOND] = request - within
            within_all += within
            beyond_all += request - within
        first = rule.fill_fraction(available, within_all)
        second = rule.fill_fraction(rule.left_over(available, within_all * first), beyond_all)
        given_all = 0.0
        for n in range(begin, end):
            i = group_lane[n]
            if moves and lane[i, CLASS] != class_number[group]:
                continue
            quantity = rule.rationed(lane[i, WITHIN], lane[i, BEYOND], first, second)
            unfilled += lane[i, WITHIN] + lane[i, BEYOND] - quantity
            given_all += quantity
            lane[i, GIVEN] = quantity
            if quantity > 0.0:
                leg = leg_start[i]
                days = leg_days[leg] if transit_row[i] < 0 else transit[transit_row[i], day]
                send(leg, days + int(lane[i, DELAY]), quantity, ring, ring_start, ring_today)
        available = rule.left_over(available, given_all)
    facility[f, FINISHED] = available
    facility[f, UNFILLED] = unfilled


@step
def take_in(hub_leg: Ints, waiting: Floats, ring: Floats, ring_today: Ints) -> None:
    """Arrivals of the morning enter the queues of the hubs."""
    for n in range(len(hub_leg)):
        leg = hub_leg[n]
        cell = ring_today[leg]
        waiting[leg] += ring[cell]
        ring[cell] = 0.0


@step
def release(
    f: int,
    capacity: float,
    first: int,
    last: int,
    hub_leg: Ints,
    leg_lane: Ints,
    leg_days: Ints,
    lane_numbers: Floats,
    facility: Floats,
    waiting: Floats,
    ring: Floats,
    ring_start: Ints,
    ring_today: Ints,
) -> None:
    """A hub lets go the same fraction of everything that waits."""
    mass = 0.0
    for n in range(first, last):
        leg = hub_leg[n]
        mass += lane_numbers[leg_lane[leg], MASS_T] * waiting[leg]
    fraction = rule.released_fraction(capacity, facility[f, HANDLING], mass)
    facility[f, RELEASED_T] = mass * fraction
    facility[f, WAITING_T] = mass - facility[f, RELEASED_T]
    if fraction > 0.0:
        for n in range(first, last):
            leg = hub_leg[n]
            gone = waiting[leg] * fraction
            if gone > 0.0:
                send(leg + 1, leg_days[leg + 1], gone, ring, ring_start, ring_today)
            waiting[leg] = waiting[leg] - gone if fraction < 1.0 else 0.0
