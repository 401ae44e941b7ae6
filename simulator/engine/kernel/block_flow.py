"""The afternoon of a block: ration, dispatch, release; columns as in `block_steps`."""

from __future__ import annotations

from simulator.compiling import COLUMNS, step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.block_steps import arrivals
from simulator.network.network import Floats, Ints


@step
def request(
    at: int, i: int, k: int, watch: int, effective: int, limited: int, orders: Floats,
    share: Floats, asked: Floats, lane_asked: Floats, limit: Floats, before: Floats,
    within: Floats, beyond: Floats, within_all: Floats, beyond_all: Floats, n: int,
) -> None:  # fmt: skip
    """What a lane asks today, split at its planned rate."""
    if watch >= 0:
        for c in range(COLUMNS):
            planned = orders[at, k, c] * share[i, c]
            before[watch, c] = planned
            wanted = lane_asked[watch, c]
            if limited >= 0:
                wanted = rule.allowed(wanted, limit[limited, c], planned)
            part = rule.within_plan(wanted, planned)
            within[n, c] = part
            beyond[n, c] = wanted - part
            within_all[c] += part
            beyond_all[c] += wanted - part
    else:
        for c in range(COLUMNS):
            planned = orders[at, k, c] * share[i, c]
            wanted = rule.asked_of_lane(asked[k, c], share[effective, c], 0.0, 0.0)
            if limited >= 0:
                wanted = rule.allowed(wanted, limit[limited, c], planned)
            part = rule.within_plan(wanted, planned)
            within[n, c] = part
            beyond[n, c] = wanted - part
            within_all[c] += part
            beyond_all[c] += wanted - part


@step
def ration(
    day: int, at: int, f: int, group_start: Ints, group_lane_start: Ints, group_lane: Ints,
    lane_slot: Ints, watch_row: Ints, share_row: Ints, limit_row: Ints, leg_start: Ints,
    leg_first: Ints, leg_mask: Ints, orders: Floats, share: Floats, asked: Floats,
    lane_asked: Floats, limit: Floats, before: Floats, within: Floats, beyond: Floats,
    finished: Floats, unfilled: Floats, within_all: Floats, beyond_all: Floats, first: Floats,
    second: Floats, given_all: Floats, available: Floats, way: Floats,
) -> None:  # fmt: skip
    """Ration finished goods over today's requests, class by class, and put them under way."""
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
                at, i, lane_slot[i], watch_row[i], share_row[i], limit_row[i], orders, share, asked,
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
def release(
    day: int, first: int, last: int, hub_leg: Ints, leg_lane: Ints, leg_start: Ints, mass_t: Floats,
    capacity: Floats, handling: Floats, legs: tuple[Ints, Ints, Ints, Ints, Ints], delay_row: Ints,
    ring: Floats, ring_first: Ints, ring_mask: int, way: Floats, waiting: Floats, queues: bool,
    mass: Floats, fraction: Floats, arrived: Floats, hub: int,
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
        fraction[c] = rule.released_fraction(capacity[c], handling[hub, c], mass[c])
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
