"""Whether a plan can be kept, compiled: whether there is enough of everything on every day.

Where there is, a run without shocks does what is planned, but for rounding.
"""

from __future__ import annotations

from simulator.compiling import COLUMNS, step
from simulator.network.network import Floats, Ints

UNLIMITED = 1e30
"""Stands for no limit on capacity, so that an outage can still multiply it."""
NOISE = 1e-9
"""A difference below this share is rounding."""


@step
def planned_capacity(load: float, utilisation: float, capacity: float, multiple: float) -> float:
    """Capacity on a day: from utilisation and load, from a given number, or without limit."""
    if utilisation == utilisation:
        return load / utilisation * multiple
    if capacity < UNLIMITED:
        return capacity * multiple
    return UNLIMITED if multiple > 0.0 else 0.0


@step
def stays_within(
    f: int, zero: int, until: int, load: Floats, multiple: Floats, capacity: Floats,
    utilisation: Floats, kept: Ints,
) -> None:  # fmt: skip
    """Note the columns in which a load exceeds its capacity up to the horizon."""
    least = UNLIMITED
    for d in range(zero, until):
        least = min(least, multiple[f, d])
    enough = True
    for c in range(COLUMNS):
        enough = enough and utilisation[f, c] <= least
    if enough:
        return
    for d in range(zero, until):
        for c in range(COLUMNS):
            able = planned_capacity(load[d, c], utilisation[f, c], capacity[f, c], multiple[f, d])
            kept[c] = 0 if load[d, c] > able * (1.0 + NOISE) else kept[c]


@step
def asks_for_nothing(zero: int, until: int, rate: Floats, kept: Ints) -> None:
    """Note the columns in which something is planned up to the horizon."""
    for d in range(zero, until):
        for c in range(COLUMNS):
            kept[c] = 0 if rate[d, c] > 0.0 else kept[c]


@step
def may_run_out(
    k: int, c: int, cover: Floats, lane_start: Ints, transit: Ints, flat: Floats, row: Ints,
) -> bool:  # fmt: skip
    """Whether the planned stock of a slot could be negative.

    It cannot where the days that its target looks ahead are no fewer than the longest way: what was
    ordered by then has arrived by all ways, and lasts until today. Lanes with dated shares count
    from the first day on, whenever they are used.
    """
    longest, shortest = 0, 1 << 30
    mean = 0.0
    dated = False
    for i in range(lane_start[k], lane_start[k + 1]):
        if row[i] >= 0 or flat[i, c] > 0.0:
            longest = max(longest, transit[i, c])
            shortest = min(shortest, transit[i, c])
        dated = dated or row[i] >= 0
        mean += flat[i, c] * transit[i, c]
    ahead: float = cover[k, c] + (shortest if dated else mean)
    return ahead < longest * (1.0 - NOISE)
