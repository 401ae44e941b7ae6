"""Tracing lost output back to its first causes: the sweep over the days of a pair of recorded runs.

Responsibility for lost output, in units of it, starts where output is missing and is handed on, day
by day backwards, to whatever made it so: from output to starts, from starts to the input that was
binding, from an empty stock to the arrivals that were missing, from those to what the supplier did
not send, and why. At every step it is split in parts that sum to what came in, so what ends at
first causes sums to the loss. ``docs/attribution.md`` has the rules.

All series are (days, things); ``b`` is the run without shocks, ``s`` the run with them.
"""

from __future__ import annotations

from typing import Any

from simulator.compiling import step
from simulator.network.network import GROWTH, OUTPUT, Floats, Ints

Arrays = tuple[Any, ...]

MAKER, SINK, STOCKPILE, HUB = 0, 1, 2, 3
CAPACITY, PROCESS, HANDLING, MORE, OTHER = 0, 1, 2, 3, 4
"""First causes at a facility: its capacity; its work in process; a hub's handling; more asked of it
or made by it than without shocks; none that was found."""
LIMITED, DELAYED, SHARED, LOST = 0, 1, 2, 3
"""First causes on a lane: its limit, its delay, its share, none that was found."""
DEMANDED, COVERED = 0, 1
"""First causes at a slot: its demand, its target cover."""
CAPACITY_FACTOR, LIMIT_FACTOR, DELAY_DAYS, DEMAND_FACTOR, COVER_FACTOR, FROZEN = 0, 1, 2, 3, 4, 5
"""Rows of the table of controls in `trace`, in this order."""


@step
def above(one: float, other: float) -> float:
    """How much ``one`` is above ``other``; 0 where it is not, or by rounding only."""
    size = abs(one) + abs(other)
    return one - other if one - other > 1e-11 * size else 0.0


@step
def on_the_way(
    day: int, lane: int, amount: float, hub_start: Ints, hubs: Ints, ahead: Ints, delayed: float,
    b_wait: Floats, s_wait: Floats, t_facility: Floats, t_lane: Floats,
) -> None:  # fmt: skip
    """Goods were sent and did not come: a hub where more waits than usual, or a delay.

    Hubs are looked at today, and on the day on which the goods should have left them (``ahead``
    days ago).
    """
    for n in range(hub_start[lane], hub_start[lane + 1]):
        passed = max(0, day - ahead[n])
        if (
            above(s_wait[passed, hubs[n]], b_wait[passed, hubs[n]]) > 0.0
            or above(s_wait[day, hubs[n]], b_wait[day, hubs[n]]) > 0.0
        ):
            t_facility[HANDLING, hubs[n], day] += amount
            return
    if delayed > 0.0:
        t_lane[DELAYED, lane, day] += amount
    elif hub_start[lane] < hub_start[lane + 1]:
        t_facility[HANDLING, hubs[hub_start[lane]], day] += amount
    else:
        t_lane[LOST, lane, day] += amount


@step
def not_sent(
    day: int, lane: int, amount: float, wish: float, sent: float, most: float, supplier: int,
    finished: Floats, t_lane: Floats,
) -> None:  # fmt: skip
    """What was wished for and not sent: the lane's limit, or goods that the supplier lacked."""
    limited = above(wish, min(wish, most))
    lacked = above(min(wish, most), sent)
    if limited + lacked <= 0.0:
        t_lane[LOST, lane, day] += amount
        return
    t_lane[LIMITED, lane, day] += amount * limited / (limited + lacked)
    finished[supplier] += amount * lacked / (limited + lacked)


@step
def sent_less(
    day: int, i: int, amount: float, lane_slot: Ints, lane_start: Ints, lane_supplier: Ints,
    rate: Floats, control_row: Ints, control: Floats, b_asked: Floats, s_asked: Floats,
    b_given: Floats, s_given: Floats, finished: Floats, asked_less: Floats, t_lane: Floats,
) -> None:  # fmt: skip
    """A lane sent less than without shocks: asked for less, limited, or not there to be sent."""
    k = lane_slot[i]
    most = limit_of(day, i, rate, control_row, control)
    wish = min(b_given[day, i], s_asked[day, i])
    unasked = above(b_given[day, i], s_asked[day, i])
    unsent = above(wish, s_given[day, i])
    if unasked + unsent <= 0.0:
        t_lane[LOST, i, day] += amount
        return
    if unsent > 0.0:
        part = amount * unsent / (unasked + unsent)
        not_sent(day, i, part, wish, s_given[day, i], most, lane_supplier[i], finished, t_lane)
    if unasked <= 0.0:
        return
    part = amount * unasked / (unasked + unsent)
    before = 0.0
    now = 0.0
    short = 0.0
    for j in range(lane_start[k], lane_start[k + 1]):
        before += b_asked[day, j]
        now += s_asked[day, j]
        short += above(s_asked[day, j], s_given[day, j])
    if above(before, now) > 0.0:
        asked_less[k] += part
    elif short > 0.0:
        # asked of other suppliers instead, who did not give it
        for j in range(lane_start[k], lane_start[k + 1]):
            missing = above(s_asked[day, j], s_given[day, j])
            if missing > 0.0:
                limit = limit_of(day, j, rate, control_row, control)
                not_sent(
                    day, j, part * missing / short, s_asked[day, j], s_given[day, j], limit,
                    lane_supplier[j], finished, t_lane,
                )  # fmt: skip
    else:
        t_lane[SHARED, i, day] += part


@step
def limit_of(day: int, i: int, rate: Floats, control_row: Ints, control: Floats) -> float:
    """Most that a lane may send today."""
    row = control_row[LIMIT_FACTOR, i]
    return 1e300 if row < 0 or control[row, day] > 1e9 else control[row, day] * rate[day, i]


@step
def supplier_lacked(
    day: int, f: int, amount: float, evening: bool, out_start: Ints, out_lane: Ints,
    lane_slot: Ints, control_row: Ints, control: Floats, b_matured: Floats,
    s_matured: Floats, b_finished: Floats, s_finished: Floats, b_given: Floats, s_given: Floats,
    matured: Floats, earlier: Floats, short: Floats, t_facility: Floats, t_slot: Floats,
) -> None:  # fmt: skip
    """Finished goods were missing: output of today, stock of yesterday, or more given to others."""
    made = above(b_matured[day, f], s_matured[day, f])
    kept = above(b_finished[day - 1, f], s_finished[day - 1, f]) if day > 0 else 0.0
    more = 0.0
    if evening or made + kept <= 0.0:
        for n in range(out_start[f], out_start[f + 1]):
            more += above(s_given[day, out_lane[n]], b_given[day, out_lane[n]])
    total = made + kept + more
    if total <= 0.0:
        t_facility[OTHER, f, day] += amount
        return
    matured[f] += amount * made / total
    earlier[f] += amount * kept / total
    if more <= 0.0:
        return
    for n in range(out_start[f], out_start[f + 1]):
        i = out_lane[n]
        part = amount * above(s_given[day, i], b_given[day, i]) / total
        if part > 0.0:
            k = lane_slot[i]
            if control_at(day, COVER_FACTOR, k, control_row, control, 1.0) > 1.0:
                t_slot[COVERED, k, day] += part
            else:
                short[k] += part


@step
def control_at(
    day: int, which: int, target: int, control_row: Ints, control: Floats, neutral: float
) -> float:
    """Value of a control today."""
    row = control_row[which, target]
    return neutral if row < 0 else control[row, day]


@step
def asked_for_less(
    day: int, k: int, amount: float, lane_start: Ints, hub_start: Ints, hubs: Ints, ahead: Ints,
    control_row: Ints, control: Floats, b_on_hand: Floats, s_on_hand: Floats, b_transit: Floats,
    s_transit: Floats, under_way: Floats, b_wait: Floats, s_wait: Floats, used_less: Floats,
    t_facility: Floats, t_lane: Floats, t_slot: Floats,
) -> None:  # fmt: skip
    """A customer needed less: it has more in stock, or more is stuck on the way."""
    stock = above(s_on_hand[day, k], b_on_hand[day, k])
    stuck = above(s_transit[day, k], b_transit[day, k])
    if stock + stuck <= 0.0:
        t_slot[COVERED, k, day] += amount
        return
    used_less[k] += amount * stock / (stock + stuck)
    part = amount * stuck / (stock + stuck)
    total = 0.0
    for j in range(lane_start[k], lane_start[k + 1]):
        total += max(0.0, under_way[j])
    for j in range(lane_start[k], lane_start[k + 1]):
        share = (
            max(0.0, under_way[j]) / total
            if total > 0.0
            else (1.0 / (lane_start[k + 1] - lane_start[k]))
        )
        if share > 0.0:
            late = control_at(day, DELAY_DAYS, j, control_row, control, 0.0)
            on_the_way(
                day, j, part * share, hub_start, hubs, ahead, late, b_wait, s_wait, t_facility,
                t_lane,
            )  # fmt: skip


@step
def used_for_less(
    day: int, k: int, amount: float, f: int, sink: bool, purpose: int, b_used: Floats,
    s_used: Floats, b_on_hand: Floats, s_on_hand: Floats, start: Floats, earlier: Floats,
    t_facility: Floats, t_slot: Floats,
) -> None:  # fmt: skip
    """Stock is above normal since less was used: of a demand, or of what was started."""
    less = above(b_used[day, k], s_used[day, k])
    before = above(s_on_hand[day - 1, k], b_on_hand[day - 1, k]) if day > 0 else 0.0
    if less + before <= 0.0:
        t_facility[OTHER, f, day] += amount
        return
    part = amount * less / (less + before)
    earlier[k] += amount - part
    if sink:
        t_slot[DEMANDED, k, day] += part
    elif purpose == OUTPUT:
        start[f, day] += part
    else:
        t_facility[OTHER, f, day] += part


@step
def binding(
    day: int, f: int, quantity: float, slot_start: Ints, purpose: Ints, need: Floats,
    criticality: Floats, onset: Floats, health: Floats, on_hand: Floats, used: Floats,
) -> tuple[float, int, int]:  # fmt: skip
    """Least health of an input with an onset, its slot, and the slot of the scarcest other input.

    ``quantity`` is what is wanted; slots are -1 where no input is short.
    """
    slowest, scarcest = 1.0, 1.0
    wearing, lacking = -1, -1
    for k in range(slot_start[f], slot_start[f + 1]):
        if purpose[k] != OUTPUT:
            continue
        if onset[k] > 0.0:
            if health[day, k] < slowest:
                slowest = health[day, k]
                wearing = k
        else:
            there = on_hand[day, k] + used[day, k]
            wanted = need[k] * quantity
            level = 1.0 if there >= wanted else 1.0 - criticality[k] * (1.0 - there / wanted)
            if level < scarcest:
                scarcest = level
                lacking = k
    return slowest, wearing, lacking


@step
def worn(
    day: int, k: int, amount: float, onset: float, health: Floats, short: Floats, earlier: Floats
) -> None:
    """Capacity is worn by an input with an onset: by its shortage today, and by that before."""
    before = health[day - 1, k] if day > 0 else 1.0
    if onset <= 1.0:
        short[k] += amount
        return
    level = before + (health[day, k] - before) * onset
    today = max(0.0, 1.0 - level) / onset
    past = max(0.0, 1.0 - before) * (1.0 - 1.0 / onset)
    part = amount if past <= 0.0 else amount * today / (today + past)
    short[k] += part
    earlier[k] += amount - part


@step
def nobody_asked(
    day: int, f: int, amount: float, out_start: Ints, out_lane: Ints, b_given: Floats,
    s_given: Floats, b_finished: Floats, s_finished: Floats, b_process: Floats, s_process: Floats,
    sent: Floats, earlier: Floats, t_facility: Floats,
) -> None:  # fmt: skip
    """Less was wanted, since goods lie unsold: given away less yesterday, or more before."""
    if day == 0:
        t_facility[OTHER, f, day] += amount
        return
    less = 0.0
    for n in range(out_start[f], out_start[f + 1]):
        less += above(b_given[day - 1, out_lane[n]], s_given[day - 1, out_lane[n]])
    before = 0.0
    if day > 1:
        before = above(
            s_finished[day - 2, f] + s_process[day - 2, f],
            b_finished[day - 2, f] + b_process[day - 2, f],
        )
    if less + before <= 0.0:
        t_facility[OTHER, f, day] += amount
        return
    earlier[f] += amount * before / (less + before)
    for n in range(out_start[f], out_start[f + 1]):
        i = out_lane[n]
        part = above(b_given[day - 1, i], s_given[day - 1, i])
        if part > 0.0:
            sent[i, day - 1] += amount * part / (less + before)


@step
def stock_was_short(
    day: int, k: int, amount: float, f: int, sink: bool, lane_start: Ints, hub_start: Ints,
    hubs: Ints, ahead: Ints, arrives_after: Ints, travel_row: Ints, b_travel: Ints, s_travel: Ints,
    control_row: Ints, control: Floats, b_arrived: Floats, s_arrived: Floats, b_given: Floats,
    s_given: Floats, b_on_hand: Floats, s_on_hand: Floats, b_wait: Floats, s_wait: Floats,
    sent: Floats, earlier: Floats, t_facility: Floats, t_lane: Floats, t_slot: Floats,
) -> None:  # fmt: skip
    """A stock was lower than without shocks: arrivals were missing today, or before."""
    missing = 0.0
    for i in range(lane_start[k], lane_start[k + 1]):
        missing += above(b_arrived[day, i], s_arrived[day, i])
    before = above(b_on_hand[day - 1, k], s_on_hand[day - 1, k]) if day > 0 else 0.0
    if missing + before <= 0.0:
        if sink:
            t_slot[DEMANDED, k, day] += amount
        else:
            t_facility[MORE, f, day] += amount
        return
    earlier[k] += amount * before / (missing + before)
    for i in range(lane_start[k], lane_start[k + 1]):
        gone = above(b_arrived[day, i], s_arrived[day, i])
        if gone <= 0.0:
            continue
        part = amount * gone / (missing + before)
        rest = 1.0
        row = travel_row[i]
        first = day - arrives_after[i]
        for left in range(max(0, first), day if row >= 0 else first + 1):
            due = row < 0 or left + b_travel[row, left] == day or left + s_travel[row, left] == day
            if due and rest > 0.0:
                share = min(rest, above(b_given[left, i], s_given[left, i]) / gone)
                sent[i, left] += part * share
                rest -= share
        if rest > 0.0:
            late = control_at(day, DELAY_DAYS, i, control_row, control, 0.0)
            if row >= 0 and late <= 0.0 and hub_start[i] == hub_start[i + 1]:
                late = 1.0
            on_the_way(
                day, i, part * rest, hub_start, hubs, ahead, late, b_wait, s_wait, t_facility,
                t_lane,
            )  # fmt: skip


@step
def capacity_or_tools(
    day: int, f: int, amount: float, b_capacity: float, s_capacity: float, factor: float,
    has_tools: bool, growth: Floats, t_facility: Floats,
) -> None:  # fmt: skip
    """Capacity was lower: by a control, or since tools for its growth had not come."""
    built = s_capacity / factor if factor > 0.0 else b_capacity
    unbuilt = above(b_capacity, built) if has_tools else 0.0
    taken = above(built, s_capacity)
    if unbuilt + taken <= 0.0:
        t_facility[CAPACITY, f, day] += amount
        return
    growth[f] += amount * unbuilt / (unbuilt + taken)
    t_facility[CAPACITY, f, day] += amount * taken / (unbuilt + taken)


@step
def tools_missed(
    day: int, f: int, amount: float, slot_start: Ints, purpose: Ints, need: Floats, b_used: Floats,
    s_used: Floats, s_on_hand: Floats, unused: Floats, short: Floats, earlier: Floats,
    t_facility: Floats,
) -> None:  # fmt: skip
    """Growth was held up by tools: on the day by the scarcest of them, or on days before.

    ``unused`` is what each slot lacks in use since the start.
    """
    scarcest, least = -1, 1e300
    for k in range(slot_start[f], slot_start[f + 1]):
        if purpose[k] == GROWTH and need[k] > 0.0 and s_on_hand[day, k] / need[k] < least:
            least, scarcest = s_on_hand[day, k] / need[k], k
    if scarcest < 0:
        t_facility[OTHER, f, day] += amount
        return
    today = max(0.0, b_used[day, scarcest] - s_used[day, scarcest])
    before = max(0.0, unused[scarcest] - today)
    if today + before <= 0.0 or (day == 0 and today <= 0.0):
        t_facility[OTHER, f, day] += amount
        return
    part = amount * today / (today + before)
    short[scarcest] += part
    earlier[f] += amount - part
