"""Arithmetic of profiles (days, columns), compiled: sums, and what they come to some days ahead.

The grid of a column may begin later than the block's, on ``begin[c]``; no sum begins before that.
"""

from __future__ import annotations

import math

from simulator.compiling import COLUMNS, step
from simulator.network.network import Floats, Ints
from simulator.vectors import in_columns, in_short_vectors, put_aside


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
def whole_and_part(ahead: Floats, whole: Ints, part: Floats) -> None:
    """Split days ahead, none negative, into whole ones and the part of one more."""
    for c in range(COLUMNS):
        whole[c] = int(ahead[c])
        part[c] = ahead[c] - whole[c]


@step
def add_up(
    profile: Floats, factor: Floats, early: int, begin: Ints, until: Floats, part: Floats,
    later: Floats,
) -> None:  # fmt: skip
    """Cumulative amounts through each day of a multiple of a profile, and a part of the day after.

    They begin with the grid of a column, all by day ``early``, and have more days than the profile,
    which goes straight on.
    """
    in_columns(profile, until, later)
    days, beyond = profile.shape[0], until.shape[0]
    for c in range(COLUMNS):
        until[0, c] = profile[0, c] * factor[c] if begin[c] == 0 else 0.0
    for d in range(1, early):
        for c in range(COLUMNS):
            rate = profile[d, c] * factor[c] if d >= begin[c] else 0.0
            until[d, c] = until[d - 1, c] + rate
            later[d - 1, c] = until[d - 1, c] + part[c] * rate
    for d in range(max(1, early), days):
        for c in range(COLUMNS):
            rate = profile[d, c] * factor[c]
            until[d, c] = until[d - 1, c] + rate
            later[d - 1, c] = until[d - 1, c] + part[c] * rate
    for d in range(days, beyond):
        for c in range(COLUMNS):
            rate = profile[days - 1, c] * factor[c]
            until[d, c] = until[d - 1, c] + rate
            later[d - 1, c] = until[d - 1, c] + part[c] * rate


@step
def place(
    span: tuple[int, int, int], days: int, begin: Ints, whole: Ints, later: Floats,
    highest: Floats, standing: Floats, ordered: Floats, today: Floats, wanted: Floats,
) -> None:  # fmt: skip
    """Place what is wanted so many days ahead: what is placed is never less than before.

    Parameters
    ----------
    span
        Index of the day on which all columns have begun, of day 0, and of the first day beyond the
        horizon.
    days
        Of the grid. ``ordered`` may have more, which come before it; the first may be one of them.
    begin, whole
        Index of the first day, and whole days ahead, by column.
    later
        Cumulative amounts that `add_up` found through a part of the day after.
    highest
        Amount placed before the first day; changed.
    standing
        Set to the amount placed before day 0.
    ordered
        Filled: amounts placed on each day.
    today
        Room for a day.
    wanted
        Filled: cumulative amounts wanted on each day from day 0 up to the horizon.
    """
    in_short_vectors()
    in_columns(later, ordered)
    early, zero, until = span
    before = ordered.shape[0] - days
    for d in range(-before, early):
        for c in range(COLUMNS):
            last = highest[c]
            now = later[d + whole[c], c] if d >= begin[c] else last
            highest[c] = max(last, now)
            ordered[before + d, c] = highest[c] - last
    for d in range(early, zero):
        for c in range(COLUMNS):
            last = highest[c]
            highest[c] = max(last, later[d + whole[c], c])
            ordered[before + d, c] = highest[c] - last
    for c in range(COLUMNS):
        standing[c] = highest[c]
    for d in range(zero, until):
        for c in range(COLUMNS):
            last, now = highest[c], later[d + whole[c], c]
            highest[c] = max(last, now)
            ordered[before + d, c] = highest[c] - last
            today[c] = now
        put_aside(wanted[d - zero], today)
    for d in range(until, days):
        for c in range(COLUMNS):
            last = highest[c]
            highest[c] = max(last, later[d + whole[c], c])
            ordered[before + d, c] = highest[c] - last


@step
def reach(first: int, days: int, ahead: Floats, until: Floats, found: Floats) -> None:
    """What is used in the days ahead of each day from the first on."""
    in_short_vectors()
    in_columns(until, found)
    for d in range(first, days):
        for c in range(COLUMNS):
            whole = int(ahead[c])
            low = until[d + whole, c]
            high = until[d + whole + 1, c]
            found[d, c] = low + (ahead[c] - whole) * (high - low) - until[d, c]


@step
def look_ahead(
    k: int, early: int, days: int, begin: Ints, cover: Floats, lane_start: Ints, transit: Ints,
    row: Ints, share: Floats, until: Floats, found: Floats, way: Floats,
) -> None:  # fmt: skip
    """Use of a slot with dated shares through each day plus its cover and that day's mean way."""
    in_short_vectors()
    in_columns(cover, transit, share, until, found)
    first, end = lane_start[k], lane_start[k + 1]
    for d in range(days):
        for c in range(COLUMNS):
            way[c] = 0.0
        for i in range(first, end):
            for c in range(COLUMNS):
                way[c] += share[row[i], d, c] * transit[i, c]
        if d < early:
            for c in range(COLUMNS):
                if d >= begin[c]:
                    found[d, c] = read(until, c, begin[c], (d - begin[c]) + (cover[k, c] + way[c]))
        else:
            for c in range(COLUMNS):
                ahead = cover[k, c] + way[c]
                whole = int(ahead)
                low = until[d + whole, c]
                found[d, c] = low + (ahead - whole) * (until[d + whole + 1, c] - low)


@step
def load_hub(
    mass: float, zero: int, until: int, passed: Ints, planned: Floats, hub_load: Floats
) -> None:
    """Add what left so many days before to the load of a hub, from day 0 to the horizon.

    The grid of a plan begins before anything that is under way on day 0 has left.
    """
    in_short_vectors()
    in_columns(planned, hub_load)
    common = True
    for c in range(COLUMNS):
        common = common and passed[c] == passed[0]
    if common:
        ago = passed[0]
        for d in range(zero, until):
            for c in range(COLUMNS):
                hub_load[d, c] += mass * planned[d - ago, c]
    else:
        for d in range(zero, until):
            for c in range(COLUMNS):
                hub_load[d, c] += mass * planned[d - passed[c], c]


@step
def clear(f: int, profile: Floats) -> None:
    """Nothing is planned."""
    in_columns(profile)
    for d in range(profile.shape[1]):
        for c in range(COLUMNS):
            profile[f, d, c] = 0.0
