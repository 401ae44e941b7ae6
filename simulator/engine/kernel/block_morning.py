"""The morning of a block: receive and produce, in passes over all slots or facilities.

Every quantity is (things, columns), a run a column. The innermost loop runs over the columns, whose
number is a constant, so that it becomes vector instructions. The arithmetic is that of the scalar
kernel, operation by operation; only what cannot change a bit is left out. Nobody reads another
facility's state within a morning, so that it does not matter that all receive before any produces:
a processor works on several short things at a time, but waits for every step of a long one.
"""

from __future__ import annotations

from simulator.compiling import COLUMNS, phase, step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.columns import MAKER
from simulator.network.feasible import planned_capacity
from simulator.network.network import Floats, Ints


@phase
def bring(day: int, count: int, profile: Floats, column_of: Ints, apart: bool,
          tile: Floats) -> None:  # fmt: skip
    """Lay the next days of a profile together, of which each thing's days lie apart."""
    if apart:
        for n in range(tile.shape[1]):
            for d in range(count):
                for c in range(COLUMNS):
                    tile[d, n, c] = profile[n, day + d, column_of[c]]
    else:
        for n in range(tile.shape[1]):
            for d in range(count):
                for c in range(COLUMNS):
                    tile[d, n, c] = profile[n, day + d, c]


@step
def bring_capacity(
    day: int, first: int, count: int, role: Ints, hubs: Ints, starts: Floats, hub_load: Floats,
    column_of: Ints, utilisation: Floats, given: Floats, multiple: Floats, tile: Floats,
) -> None:  # fmt: skip
    """Work out the next days of planned capacities: it is cheaper than to look them up."""
    for f in range(len(role)):
        if role[f] == MAKER:
            for d in range(count):
                for c in range(COLUMNS):
                    tile[d, f, c] = planned_capacity(
                        starts[d, f, c], utilisation[f, c], given[f, c], multiple[f, day + d]
                    )
    for hub in range(len(hubs)):
        f = hubs[hub]
        for d in range(count):
            for c in range(COLUMNS):
                load = hub_load[hub, first + d, column_of[c]]
                tile[d, f, c] = planned_capacity(
                    load, utilisation[f, c], given[f, c], multiple[f, day + d]
                )


@step
def share_today(
    day: int, dated: Ints, dated_row: Ints, profile: Floats, column_of: Ints, set_lane: Ints,
    share_set: Floats, share: Floats,
) -> None:  # fmt: skip
    """Today's planned shares where they are dated, and the shares that are set instead."""
    for n in range(len(dated)):
        for c in range(COLUMNS):
            share[dated[n], c] = profile[dated_row[n], day, column_of[c]]
    first = share.shape[0] - len(set_lane)
    for n in range(len(set_lane)):
        for c in range(COLUMNS):
            planned = share[set_lane[n], c]
            share[first + n, c] = planned if share_set[n, c] < 0.0 else share_set[n, c]


@step
def arrivals(
    day: int, leg: int, leg_first: Ints, leg_mask: Ints, leg_common: Ints, leg_row: Ints,
    leg_days: Ints, way: Floats, arrived: Floats,
) -> None:  # fmt: skip
    """What reaches the end of a leg today: what entered it so many days ago."""
    first, mask = leg_first[leg], leg_mask[leg]
    if leg_common[leg] >= 0:
        cell = first + ((day - leg_common[leg]) & mask)
        for c in range(COLUMNS):
            arrived[c] = way[cell, c]
    else:
        row = leg_row[leg]
        for c in range(COLUMNS):
            arrived[c] = way[first + ((day - leg_days[row, c]) & mask), c]


@phase
def receive(
    day: int, lane_start: Ints, leg_start: Ints, legs: tuple[Ints, Ints, Ints, Ints, Ints],
    delay_row: Ints, ring: Floats, ring_first: Ints, ring_mask: int, way: Floats, on_hand: Floats,
    in_transit: Floats, arrived: Floats,
) -> None:  # fmt: skip
    """Count what left yesterday as under way, and empty the docks, in lane order."""
    leg_first, leg_mask, leg_common, leg_row, leg_days = legs
    for k in range(on_hand.shape[0]):
        for i in range(lane_start[k], lane_start[k + 1]):
            last = leg_start[i + 1] - 1
            row = delay_row[i]
            if row >= 0 and last == leg_start[i]:
                cell = ring_first[row] + (day & ring_mask)
                for c in range(COLUMNS):
                    arrived[c] = ring[cell, c]
                    ring[cell, c] = 0.0
            else:
                arrivals(
                    day, last, leg_first, leg_mask, leg_common, leg_row, leg_days, way, arrived
                )
            if day > 0:
                leg = leg_start[i]
                cell = leg_first[leg] + ((day - 1) & leg_mask[leg])
                for c in range(COLUMNS):
                    in_transit[k, c] += way[cell, c] - arrived[c]
                    on_hand[k, c] += arrived[c]
            else:
                for c in range(COLUMNS):
                    in_transit[k, c] += 0.0 - arrived[c]
                    on_hand[k, c] += arrived[c]


@phase
def finish(
    day: int, makers: Ints, odd: Ints, cycle: Ints, common_cycle: Ints, progress: Floats,
    finished: Floats, process_total: Floats, matured: Floats, process: Floats, process_first: Ints,
    process_mask: Ints, head: Ints, length: Ints,
) -> None:  # fmt: skip
    """Work in process due today becomes finished goods, unless the day is frozen."""
    for n in range(len(makers)):
        f = makers[n]
        first, mask, common = process_first[f], process_mask[f], common_cycle[f]
        if odd[f]:
            for c in range(COLUMNS):
                matured[f, c] = 0.0
                if cycle[f, c] > 0 and progress[f, c] > 0.0:
                    at = head[f, c]
                    due = process[first + at, c]
                    head[f, c] = at + 1 if at + 1 < cycle[f, c] else 0
                    length[f, c] = cycle[f, c] - 1
                    matured[f, c] = due
                    process_total[f, c] = rule.left_over(process_total[f, c], due)
                    finished[f, c] += due
            continue
        if common == 0:
            for c in range(COLUMNS):
                matured[f, c] = 0.0
            continue
        if common > 0:
            cell = first + ((day - common) & mask)
            for c in range(COLUMNS):
                matured[f, c] = process[cell, c]
        else:
            for c in range(COLUMNS):
                matured[f, c] = process[first + ((day - cycle[f, c]) & mask), c]
        for c in range(COLUMNS):
            process_total[f, c] = rule.left_over(process_total[f, c], matured[f, c])
            finished[f, c] += matured[f, c]


@step
def build(
    day: int, at: int, tooled: Ints, tool_row: Ints, slot_start: Ints, growing: Ints, need: Floats,
    criticality: Floats, growth: Floats, column_of: Ints, capacity: Floats, pending: Floats,
    on_hand: Floats, backlog: Floats, scarcest: Floats, used_row: Ints, used: Floats,
) -> None:  # fmt: skip
    """Capacity today, in place: planned increments are built as far as their tools have arrived."""
    for n in range(len(tooled)):
        f = tooled[n]
        for c in range(COLUMNS):
            pending[f, c] += growth[tool_row[f], day, column_of[c]]
            scarcest[f, c] = 1.0
        for k in range(slot_start[f], slot_start[f + 1]):
            if growing[k]:
                for c in range(COLUMNS):
                    there = rule.availability(on_hand[k, c], need[k, c] * pending[f, c])
                    share = rule.output_share(criticality[k, c], there)
                    scarcest[f, c] = min(scarcest[f, c], share)
        for c in range(COLUMNS):
            scarcest[f, c] = rule.capacity_built(pending[f, c], scarcest[f, c])
            pending[f, c] = rule.left_over(pending[f, c], scarcest[f, c])
            capacity[at, f, c] = rule.left_over(capacity[at, f, c], pending[f, c])
        for k in range(slot_start[f], slot_start[f + 1]):
            if growing[k]:
                row = used_row[k]
                for c in range(COLUMNS):
                    gone = rule.consumed(on_hand[k, c], need[k, c], scarcest[f, c])
                    on_hand[k, c] -= gone
                    backlog[k, c] = need[k, c] * pending[f, c]
                    if row >= 0:
                        used[row, c] = gone


@step
def want(
    at: int, makers: Ints, capacity: Floats, factor: Floats, target: Floats, unfilled: Floats,
    finished: Floats, process_total: Floats, wanted: Floats, slowest: Floats, scarcest: Floats,
) -> None:  # fmt: skip
    """Quantities wanted, and capacities under their controls."""
    for n in range(len(makers)):
        f = makers[n]
        for c in range(COLUMNS):
            capacity[at, f, c] *= factor[f, c]
            wanted[f, c] = rule.wanted_start(
                capacity[at, f, c], target[at, f, c], unfilled[f, c], finished[f, c],
                process_total[f, c],
            )  # fmt: skip
            slowest[f, c] = 1.0
            scarcest[f, c] = 1.0


@phase
def look_into_stocks(
    inputs: Ints, slot_facility: Ints, has_onset: Ints, need: Floats, criticality: Floats,
    onset: Floats, on_hand: Floats, wanted: Floats, health: Floats, slowest: Floats,
    scarcest: Floats,
) -> None:  # fmt: skip
    """Share of the wanted output that each input allows, at once or by wearing down health."""
    for n in range(len(inputs)):
        k = inputs[n]
        f = slot_facility[k]
        if has_onset[k]:
            for c in range(COLUMNS):
                there = rule.availability(on_hand[k, c], need[k, c] * wanted[f, c])
                level = rule.output_share(criticality[k, c], there)
                slow = onset[k, c] > 0.0
                after = rule.health_after(health[k, c], level, onset[k, c] if slow else 1.0)
                health[k, c] = after if slow else health[k, c]
                slowest[f, c] = min(slowest[f, c], after if slow else 1.0)
                scarcest[f, c] = min(scarcest[f, c], 1.0 if slow else level)
        else:
            for c in range(COLUMNS):
                there = rule.availability(on_hand[k, c], need[k, c] * wanted[f, c])
                level = rule.output_share(criticality[k, c], there)
                scarcest[f, c] = min(scarcest[f, c], level)


@phase
def start(
    day: int, at: int, makers: Ints, odd: Ints, cycle: Ints, common_cycle: Ints, capacity: Floats,
    wanted: Floats, slowest: Floats, scarcest: Floats, quantity: Floats, finished: Floats,
    process_total: Floats, matured: Floats, process: Floats, process_first: Ints,
    process_mask: Ints, head: Ints, length: Ints,
) -> None:  # fmt: skip
    """Put what is started into process; on a frozen day it joins yesterday's."""
    for n in range(len(makers)):
        f = makers[n]
        for c in range(COLUMNS):
            quantity[f, c] = rule.started(
                wanted[f, c], capacity[at, f, c], slowest[f, c], scarcest[f, c]
            )
        first = process_first[f]
        if odd[f]:
            for c in range(COLUMNS):
                if cycle[f, c] == 0:
                    matured[f, c] = quantity[f, c]
                    finished[f, c] += quantity[f, c]
                else:
                    process_total[f, c] += quantity[f, c]
                    head_now = head[f, c]
                    cell = first + (head_now - 1 if head_now > 0 else cycle[f, c] - 1)
                    if length[f, c] < cycle[f, c]:
                        process[cell, c] = quantity[f, c]
                        length[f, c] = cycle[f, c]
                    else:
                        process[cell, c] += quantity[f, c]
        elif common_cycle[f] == 0:
            for c in range(COLUMNS):
                matured[f, c] = quantity[f, c]
                finished[f, c] += quantity[f, c]
        else:
            cell = first + (day & process_mask[f])
            for c in range(COLUMNS):
                process_total[f, c] += quantity[f, c]
                process[cell, c] = quantity[f, c]


@step
def use_up(
    inputs: Ints, slot_facility: Ints, need: Floats, quantity: Floats, on_hand: Floats,
    used_row: Ints, used: Floats,
) -> None:  # fmt: skip
    """Take the inputs of what was started out of their stocks."""
    for n in range(len(inputs)):
        k = inputs[n]
        f, row = slot_facility[k], used_row[k]
        if row >= 0:
            for c in range(COLUMNS):
                used[row, c] = rule.consumed(on_hand[k, c], need[k, c], quantity[f, c])
        for c in range(COLUMNS):
            on_hand[k, c] -= rule.consumed(on_hand[k, c], need[k, c], quantity[f, c])
