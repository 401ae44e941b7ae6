"""The afternoon of a block: ration, dispatch, release; columns as in `block_morning`."""

from __future__ import annotations

from simulator.compiling import COLUMNS, phase, step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.block_classes import ration_by_class
from simulator.engine.kernel.block_morning import arrivals
from simulator.engine.kernel.block_requests import request
from simulator.network.network import Floats, Ints
from simulator.network.schedule import Bools


@step
def ration_by_group(
    day: int, f: int, group_start: Ints, group_lane_start: Ints, group_lane: Ints,
    lane_slot: Ints, watch_row: Ints, share_row: Ints, limit_row: Ints, leg_start: Ints,
    leg_first: Ints, leg_mask: Ints, orders: Floats, share: Floats, asked: Floats,
    lane_asked: Floats, limit: Floats, before: Floats, within: Floats, beyond: Floats,
    finished: Floats, unfilled: Floats, within_all: Floats, beyond_all: Floats, first: Floats,
    second: Floats, given_all: Floats, available: Floats, way: Floats,
) -> None:  # fmt: skip
    """Ration a supplier's finished goods over today's requests, class by class."""
    for c in range(COLUMNS):
        available[c] = finished[f, c]
        unfilled[f, c] = 0.0
    for group in range(group_start[f], group_start[f + 1]):
        start = group_lane_start[group]
        for c in range(COLUMNS):
            within_all[c] = 0.0
            beyond_all[c] = 0.0
            given_all[c] = 0.0
        for n in range(start, group_lane_start[group + 1]):
            i = group_lane[n]
            request(
                i, lane_slot[i], watch_row[i], share_row[i], limit_row[i], orders, share, asked,
                lane_asked, limit, before, within, beyond, within_all, beyond_all, n - start,
            )  # fmt: skip
        for c in range(COLUMNS):
            first[c] = rule.fill_fraction(available[c], within_all[c])
            rest = rule.left_over(available[c], within_all[c] * first[c])
            second[c] = rule.fill_fraction(rest, beyond_all[c])
        for n in range(start, group_lane_start[group + 1]):
            leg = leg_start[group_lane[n]]
            m = n - start
            cell = leg_first[leg] + (day & leg_mask[leg])
            for c in range(COLUMNS):
                quantity = rule.rationed(within[m, c], beyond[m, c], first[c], second[c])
                unfilled[f, c] += within[m, c] + beyond[m, c] - quantity
                given_all[c] += quantity
                way[cell, c] = quantity
        for c in range(COLUMNS):
            available[c] = rule.left_over(available[c], given_all[c])
    for c in range(COLUMNS):
        finished[f, c] = available[c]


@phase
def ration(
    day: int, suppliers: Ints, classes: tuple[Ints, Ints, Ints, Floats],
    groups: tuple[Ints, Ints, Ints], lane_slot: Ints, watch_row: Ints, share_row: Ints,
    limit_row: Ints, leg_start: Ints, leg_first: Ints, leg_mask: Ints, orders: Floats,
    share: Floats, asked: Floats, lane_asked: Floats, limit: Floats, before: Floats,
    within: Floats, beyond: Floats, finished: Floats, unfilled: Floats, rows: Floats, way: Floats,
) -> None:  # fmt: skip
    """Ration every supplier's finished goods, and put what is given under way."""
    group_start, group_lane_start, group_lane = groups
    class_start = classes[0]
    for n in range(len(suppliers)):
        f = suppliers[n]
        if class_start[f] < class_start[f + 1]:
            ration_by_class(
                day, f, classes, group_start, group_lane_start, group_lane, lane_slot,
                watch_row, share_row, limit_row, leg_start, leg_first, leg_mask, orders, share,
                asked, lane_asked, limit, before, within, beyond, finished, unfilled, rows[0],
                rows[1], rows[2], rows[3], rows[4], rows[5], way,
            )  # fmt: skip
        else:
            ration_by_group(
                day, f, group_start, group_lane_start, group_lane, lane_slot, watch_row,
                share_row, limit_row, leg_start, leg_first, leg_mask, orders, share, asked,
                lane_asked, limit, before, within, beyond, finished, unfilled, rows[0], rows[1],
                rows[2], rows[3], rows[4], rows[5], way,
            )  # fmt: skip


@step
def hold_up(
    day: int, leg: int, row: int, leg_first: Ints, leg_mask: Ints, leg_common: Ints, leg_row: Ints,
    leg_days: Ints, delay: Floats, way: Floats, ring: Floats, first: int, mask: int,
) -> None:  # fmt: skip
    """Book what left today on a lane that shocks delay: goods of several days may come on one."""
    given = leg_first[leg] + (day & leg_mask[leg])
    for c in range(COLUMNS):
        days = leg_common[leg] if leg_common[leg] >= 0 else leg_days[leg_row[leg], c]
        ring[first + ((day + days + int(delay[row, c])) & mask), c] += way[given, c]


@step
def let_go(
    day: int, first: int, last: int, hub_leg: Ints, leg_lane: Ints, leg_start: Ints, mass_t: Floats,
    capacity: Floats, handling: Floats, legs: tuple[Ints, Ints, Ints, Ints, Ints], delay_row: Ints,
    ring: Floats, ring_first: Ints, ring_mask: int, way: Floats, waiting: Floats, queues: bool,
    mass: Floats, fraction: Floats, arrived: Floats, hub: int, at: int,
) -> bool:  # fmt: skip
    """A hub lets go the same fraction of everything that waits; says whether anything is left."""
    leg_first, leg_mask, leg_common, leg_row, leg_days = legs
    for c in range(COLUMNS):
        mass[c] = 0.0
    for n in range(first, last):
        leg = hub_leg[n]
        i = leg_lane[leg]
        row = delay_row[i]
        if row >= 0 and leg == leg_start[i]:
            cell = ring_first[row] + (day & ring_mask)
            for c in range(COLUMNS):
                arrived[c] = ring[cell, c]
                ring[cell, c] = 0.0
        else:
            arrivals(day, leg, leg_first, leg_mask, leg_common, leg_row, leg_days, way, arrived)
        tons = mass_t[i]
        out = leg_first[leg + 1] + (day & leg_mask[leg + 1])
        if queues:
            for c in range(COLUMNS):
                way[out, c] = waiting[n, c] + arrived[c]
                mass[c] += tons * way[out, c]
        else:
            for c in range(COLUMNS):
                way[out, c] = arrived[c]
                mass[c] += tons * arrived[c]
    most = 1.0
    for c in range(COLUMNS):
        fraction[c] = rule.released_fraction(capacity[at, hub, c], handling[hub, c], mass[c])
        most = min(most, fraction[c])
    if most >= 1.0:
        if queues:
            for n in range(first, last):
                for c in range(COLUMNS):
                    waiting[n, c] = 0.0
        return False
    for n in range(first, last):
        leg = hub_leg[n]
        out = leg_first[leg + 1] + (day & leg_mask[leg + 1])
        for c in range(COLUMNS):
            there = way[out, c]
            gone = there * fraction[c]
            way[out, c] = gone
            waiting[n, c] = there - gone if fraction[c] < 1.0 else 0.0
    return True


@phase
def release(
    day: int, at: int, hubs: tuple[Ints, Ints, Ints], leg_lane: Ints, leg_start: Ints,
    mass_t: Floats, capacity: Floats, handling: Floats,
    legs: tuple[Ints, Ints, Ints, Ints, Ints], delay_row: Ints, ring: Floats, ring_first: Ints,
    ring_mask: int, way: Floats, waiting: Floats, hub_queues: Bools, rows: Floats,
) -> None:  # fmt: skip
    """All hubs release what waits."""
    hub_facility, hub_leg_start, hub_leg = hubs
    for hub in range(len(hub_facility)):
        hub_queues[hub] = let_go(
            day, hub_leg_start[hub], hub_leg_start[hub + 1], hub_leg, leg_lane, leg_start, mass_t,
            capacity, handling, legs, delay_row, ring, ring_first, ring_mask, way, waiting,
            hub_queues[hub], rows[0], rows[1], rows[2], hub_facility[hub], at,
        )  # fmt: skip
