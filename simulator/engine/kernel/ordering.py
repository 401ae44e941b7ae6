"""The kernel's morning, second part: docks are emptied, needs are stated."""

from __future__ import annotations

from simulator.compiling import step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.columns import (
    ARRIVED,
    ASKED,
    BACKLOG,
    GIVEN,
    IN_TRANSIT,
    LANE_ASKED,
    ON_HAND,
    PERFORMANCE,
    PLACED,
    PLANNED,
    PLANNED_ORDERS,
    PLANNED_SHARE,
    PLANNED_USE,
    POLICY,
    QUALIFICATION,
    READINESS,
    REVIEW,
    SHARE,
    STANDBY,
    STANDBY_SHARE,
    TRIGGER,
)
from simulator.network.network import R_S, S_S, Floats, Ints


@step
def receive(
    k: int,
    lane_start: Ints,
    leg_start: Ints,
    slot: Floats,
    lane: Floats,
    ring: Floats,
    ring_today: Ints,
) -> None:
    """Count what left yesterday as under way, and empty the docks, in lane order."""
    for i in range(lane_start[k], lane_start[k + 1]):
        cell = ring_today[leg_start[i + 1] - 1]
        arrived = ring[cell]
        ring[cell] = 0.0
        lane[i, ARRIVED] = arrived
        slot[k, IN_TRANSIT] += lane[i, GIVEN] - arrived
        slot[k, ON_HAND] += arrived


@step
def planned_share(
    day: int, i: int, lane_numbers: Floats, dated_share: Floats, share_row: Ints
) -> float:
    """Planned share of a lane today, which may be dated."""
    share: float = lane_numbers[i, PLANNED_SHARE]
    return share if share_row[i] < 0 else dated_share[day, share_row[i]]


@step
def plan_of(k: int, rate: float, wanted: float, slot: Floats) -> float:
    """Base stock of a slot today; its planned orders are noted."""
    slot[k, PLANNED_USE] += rate
    placed = max(slot[k, PLACED], wanted)
    slot[k, PLANNED_ORDERS] = placed - slot[k, PLACED]
    slot[k, PLACED] = placed
    target: float = wanted - slot[k, PLANNED_USE]
    return target


@step
def need_of(day: int, k: int, target: float, reorder: float, facts: Ints, slot: Floats) -> float:
    """Units missing, by the slot's ordering policy."""
    need = rule.stock_need(target, slot[k, BACKLOG], slot[k, ON_HAND], slot[k, IN_TRANSIT])
    if facts[k, POLICY] == S_S:
        position = slot[k, ON_HAND] + slot[k, IN_TRANSIT] - slot[k, BACKLOG]
        need = rule.reorder_need(need, position, reorder)
    elif facts[k, POLICY] == R_S and day % facts[k, REVIEW] != 0:
        need = 0.0
    return need


@step
def judge(
    day: int,
    k: int,
    notice: float,
    lane_start: Ints,
    lane_numbers: Floats,
    dated_share: Floats,
    share_row: Ints,
    lane: Floats,
) -> None:
    """Update the smoothed performance of suppliers, and how ready the standby ones are."""
    performance = 0.0
    for i in range(lane_start[k], lane_start[k + 1]):
        lane[i, PERFORMANCE] = rule.performance_after(
            lane[i, PERFORMANCE],
            lane[i, GIVEN],
            lane[i, LANE_ASKED],
            lane[i, PLANNED],
            notice,
        )
        share = planned_share(day, i, lane_numbers, dated_share, share_row)
        if lane[i, SHARE] >= 0.0:
            share = lane[i, SHARE]
        performance += share * lane[i, PERFORMANCE]
    for i in range(lane_start[k], lane_start[k + 1]):
        lane[i, READINESS] = rule.readiness_after(
            lane[i, READINESS], performance, lane_numbers[i, QUALIFICATION]
        )


@step
def order(
    day: int,
    k: int,
    asked: float,
    rate: float,
    lane_start: Ints,
    lane_numbers: Floats,
    dated_share: Floats,
    share_row: Ints,
    slot: Floats,
    lane: Floats,
) -> None:
    """State today's need of one slot to each of its suppliers."""
    slot[k, ASKED] = asked
    for i in range(lane_start[k], lane_start[k + 1]):
        share = planned_share(day, i, lane_numbers, dated_share, share_row)
        if lane[i, SHARE] >= 0.0:
            share = lane[i, SHARE]
        standby = lane_numbers[i, STANDBY_SHARE] if lane[i, STANDBY] < 0.0 else lane[i, STANDBY]
        if standby > 0.0 and not rule.counts_as_standby(
            slot[k, ON_HAND], lane_numbers[i, TRIGGER], rate
        ):
            standby = 0.0
        lane[i, LANE_ASKED] = rule.asked_of_lane(asked, share, standby, lane[i, READINESS])
