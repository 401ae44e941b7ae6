"""Arithmetic of profiles (days, columns), compiled: sums, and what they come to some days ahead.

The grid of a column may begin later than the block's, on ``begin[c]``; before that its rates are
zero, and no sum begins.
"""

from __future__ import annotations

import math

from simulator.compiling import COLUMNS, step
from simulator.network.network import Floats, Ints


@step
def read(cumulative: Floats, c: int, first: int, position: float) -> float:
    """Cumulative amount of a column through a fractional position; straight on beyond its ends."""
    last = cumulative.shape[0] - 1 - first
    inside = min(max(position, 0.0), float(last))
    below = math.floor(inside)
    above = below + 1 if below < last else last
    low: float = cumulative[first + below, c]
    value: float = low + (inside - below) * (cumulative[first + above, c] - low)
    if position > last:
        value += (position - last) * (cumulative[first + last, c] - cumulative[first + last - 1, c])
    elif position < 0.0:
        value += position * (cumulative[first + 1, c] - cumulative[first, c])
    return value


@step
def read_ahead(cumulative: Floats, begin: Ints, ahead: Floats, found: Floats) -> None:
    """Cumulative amounts through each day plus a time that is constant and not negative."""
    days = cumulative.shape[0]
    early, late = 0, days
    for c in range(COLUMNS):
        early = max(early, begin[c])
        late = min(late, max(int(days - begin[c] - 2 - ahead[c]), 0) + begin[c])
    late = max(early, late)
    for d in range(early, late):
        for c in range(COLUMNS):
            position = (d - begin[c]) + ahead[c]
            below = int(position)
            low = cumulative[below + begin[c], c]
            found[d, c] = low + (position - below) * (cumulative[below + begin[c] + 1, c] - low)
    for c in range(COLUMNS):
        for d in range(early):
            found[d, c] = -math.inf
            if d >= begin[c]:
                found[d, c] = read(cumulative, c, begin[c], (d - begin[c]) + ahead[c])
        for d in range(late, days):
            found[d, c] = read(cumulative, c, begin[c], (d - begin[c]) + ahead[c])


@step
def add_up(rate: Floats, cumulative: Floats) -> None:
    """Cumulative amounts through each day of a profile."""
    for c in range(COLUMNS):
        cumulative[0, c] = 0.0 + rate[0, c]
    for d in range(1, rate.shape[0]):
        for c in range(COLUMNS):
            cumulative[d, c] = cumulative[d - 1, c] + rate[d, c]


@step
def never_less(wanted: Floats, before: Floats, placed: Floats) -> None:
    """Highest amounts wanted so far, by day."""
    for c in range(COLUMNS):
        placed[0, c] = max(before[c], wanted[0, c])
    for d in range(1, wanted.shape[0]):
        for c in range(COLUMNS):
            placed[d, c] = max(placed[d - 1, c], wanted[d, c])


@step
def look_ahead(
    k: int, begin: Ints, cover: Floats, lane_start: Ints, transit: Ints, row: Ints, share: Floats,
    until: Floats, found: Floats, way: Floats,
) -> None:  # fmt: skip
    """Use of a slot with dated shares through each day plus its cover and that day's mean way."""
    first, end = lane_start[k], lane_start[k + 1]
    for d in range(until.shape[0]):
        for c in range(COLUMNS):
            way[c] = 0.0
        for i in range(first, end):
            for c in range(COLUMNS):
                way[c] += share[row[i], d, c] * transit[i, c]
        for c in range(COLUMNS):
            found[d, c] = -math.inf
            if d >= begin[c]:
                found[d, c] = read(until, c, begin[c], (d - begin[c]) + (cover[k, c] + way[c]))


@step
def load_hub(mass: float, begin: Ints, passed: Ints, planned: Floats, hub_load: Floats) -> None:
    """Add what left so many days before to the load of a hub; before the grid, its first day."""
    days = planned.shape[0]
    common = True
    full = 0
    for c in range(COLUMNS):
        common = common and passed[c] == passed[0]
        full = max(full, begin[c] + passed[c])
    full = min(full, days)
    for d in range(full):
        for c in range(COLUMNS):
            hub_load[d, c] += mass * planned[max(d - passed[c], begin[c]), c]
    if common:
        ago = passed[0]
        for d in range(full, days):
            for c in range(COLUMNS):
                hub_load[d, c] += mass * planned[d - ago, c]
    else:
        for d in range(full, days):
            for c in range(COLUMNS):
                hub_load[d, c] += mass * planned[d - passed[c], c]


@step
def clear(f: int, profile: Floats) -> None:
    """Nothing is planned."""
    for d in range(profile.shape[1]):
        for c in range(COLUMNS):
            profile[f, d, c] = 0.0
