"""What is under way and in process when a block of runs begins."""

from __future__ import annotations

from typing import Any

from simulator.compiling import kernel
from simulator.network.network import Ints

Arrays = tuple[Any, ...]


@kernel
def place_goods(
    columns: Ints, plan_of: Ints, zero: tuple[int, int], plans: Arrays, lanes: Arrays,
    legs: Arrays, cycles: Arrays, state: Arrays,
) -> None:  # fmt: skip
    """Put on its way what was dispatched or started before day 0 and is not there yet.

    Columns are gone through side by side, so that what was planned for a day is read once; goods as
    `Plan.under_way` lists them, lane by lane and oldest first.

    Parameters
    ----------
    columns, plan_of
        Columns whose plans lie together, and which of the plans each column of the block has.
    zero
        Index of day 0 in the orders and in the starts.
    plans
        Orders and starts (things, days, plans), dated shares (rows, days, plans), and shares of
        lanes that have none (lanes, columns).
    lanes
        Slot of each lane, its row of dated shares, and its row if it may be delayed.
    legs
        Where the legs of each lane begin, the days of each (legs, columns), its cells of ``way``,
        and where the ``ring`` of each delayed lane begins.
    cycles
        Cycle times (facilities, columns), whether work is kept in order of age, and cells of
        ``process``.
    state
        What entered each leg and is due for delayed lanes, totals by slot, and work in process.
    """
    orders, starts, dated, share = plans
    lane_slot, share_row, delay_row = lanes
    leg_start, leg_days, leg_first, leg_mask, ring_first = legs
    cycle, odd, process_first, process_mask = cycles
    way, ring, in_transit, process = state
    for i in range(len(lane_slot)):
        k, row, late = lane_slot[i], share_row[i], delay_row[i]
        longest = 0
        for leg in range(leg_start[i], leg_start[i + 1]):
            longest += max(leg_days[leg])
        for ago in range(longest, 0, -1):
            day = zero[0] - ago
            for c in columns:
                leg = leg_start[i]
                due = leg_days[leg, c] - ago
                while due < 0 and leg + 1 < leg_start[i + 1]:
                    leg += 1
                    due += leg_days[leg, c]
                if due < 0:  # has arrived
                    continue
                part = share[i, c] if row < 0 else dated[row, day, plan_of[c]]
                quantity = orders[k, day, plan_of[c]] * part
                entered = due - leg_days[leg, c]
                way[leg_first[leg] + (entered & leg_mask[leg]), c] = quantity
                in_transit[k, c] += quantity
                if late >= 0 and leg == leg_start[i]:
                    ring[ring_first[late] + due, c] = quantity
    for f in range(len(cycle)):
        for ago in range(max(cycle[f]), 0, -1):
            for c in columns:
                since = cycle[f, c] - ago
                if since >= 0:
                    place = since if odd[f] else -ago & process_mask[f]
                    process[process_first[f] + place, c] = starts[f, zero[1] - ago, plan_of[c]]
