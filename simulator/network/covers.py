"""Days that slots look ahead, and base stocks where a cover changes, of plans side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.network.network import DEMAND, GROWTH, Floats, Ints
from simulator.network.plan import Plan


def days_ahead(plans: Sequence[Plan], slot: int, days: Ints) -> Floats:
    """Days that a slot's target looks ahead on some days: its cover and the mean way.

    Parameters
    ----------
    plans
        Plans of one network that lie in one block.
    slot
        Which slot.
    days
        Days from day 0.

    Returns
    -------
    (days, plans) array
    """
    block, columns = plans[0].block, [plan.column for plan in plans]
    way = np.zeros((len(days), len(plans)))
    for i in plans[0].network.lanes_into(slot):
        row = plans[0].schedule.share_row[i]
        share = (
            np.array([plan.flat_share[i] for plan in plans])
            if row < 0
            else block.lane_share[row, block.first("lane_share") + days][:, columns]
        )
        way += share * np.array([float(plan.ways.transit[i]) for plan in plans])
    return np.asarray(np.array([plan.numbers.cover_days[slot] for plan in plans]) + way)


def targets_with_cover(plans: Sequence[Plan], slot: int, multipliers: Floats) -> Floats:
    """Base stock of a slot when its cover is multiplied, day by day.

    On days with a multiplier of one it is the planned base stock, to the last bit.

    Parameters
    ----------
    plans, slot
        As in `days_ahead`.
    multipliers
        (plans, days) multiples of the cover.

    Returns
    -------
    (plans, days) array
    """
    network, block = plans[0].network, plans[0].block
    columns, each = [plan.column for plan in plans], np.arange(len(plans))
    begin = np.array([plan.first_day for plan in plans])
    late = begin - begin.min()  # days by which a grid begins after the first one
    use = np.cumsum(_rates(plans, slot, late), axis=0)
    today = slice(-begin.min(), network.horizon_days - begin.min())
    target = block.slot_wanted[slot][:, columns] - use[today]
    days = np.flatnonzero((multipliers != 1.0).any(axis=0))
    multiple = multipliers[:, days].T
    cover = np.array([plan.numbers.cover_days[slot] for plan in plans]) * (multiple - 1.0)
    ahead = days_ahead(plans, slot, days) + cover
    position = days[:, None] - begin  # on the plan's own grid, as its sums are
    last = len(use) - 1 - late
    place = np.clip(position + ahead, 0, last)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, last)
    low = use[below + late, each]
    value = low + (place - below) * (use[above + late, each] - low)
    beyond = np.maximum(position + ahead - last, 0.0) * (use[-1] - use[-2])
    now = value + beyond - use[position + late, each]
    target[days] = np.where(multiple != 1.0, now, target[days])
    return np.asarray(target.T)


def _rates(plans: Sequence[Plan], slot: int, late: Ints) -> Floats:
    """Planned use of a slot from the day on which the first grid begins, (days, plans)."""
    network, first = plans[0].network, plans[int(np.argmin(late))]
    f = network.slot_facility[slot]
    if network.slot_purpose[slot] == DEMAND:
        factor = np.array([plan.numbers.demand[slot] for plan in plans])
        profile = first.schedule.demand[first.schedule.demand_row[slot]][:, None]
    else:
        factor = np.array([plan.numbers.need_per_unit[slot] for plan in plans])
        growing = network.slot_purpose[slot] == GROWTH
        name, row = ("growth", first.schedule.tool_row[f]) if growing else ("starts", f)
        begin = first.block.first(name) + first.first_day
        rows: Floats = getattr(first.block, name)[row, begin:]
        profile = rows[:, [plan.column for plan in plans]]
    rates = factor * profile
    for n in np.flatnonzero(late):
        rates[: late[n], n] = 0.0
    return np.asarray(rates)
