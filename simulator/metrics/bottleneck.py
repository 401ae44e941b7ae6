"""What kept one facility from starting what it wanted, day by day.

Production is held against q = min(wanted, what the run without shocks started), so that mere
catching up does not count. Started output is what capacity, the health of the slowest input and the
scarcest input allow (``docs/model.md``, section 3):

    q x min(1, K/q) x min(1, K h/q) / min(1, K/q) x min over inputs of (1 - kappa (1 - r)),

with r the share of the need for min(q, K) that is in stock; the smallest factor is the bottleneck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.metrics.outcome import FloatArray

NONE: Final = -1
"""Nothing was missing."""
CAPACITY: Final = -2
"""Capacity: an outage, a lack of power, a drawn capacity below the plan."""
CATCHING_UP: Final = -3
"""Inputs that would do for q, but not for all that was wanted beyond it."""
_NEGLIGIBLE: Final = 1e-9

Causes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Input:
    """One input stock of a facility over the days, (days,) each.

    Attributes
    ----------
    slot
        Its number, which stands for it among the causes.
    need_per_unit, criticality
        As in the recipe.
    stock
        On hand in the morning, once the day's goods have come in.
    health
        Of an input with an onset; None where its lack cuts at once.
    pending
        Of a tool for growth: capacity that waits for it; None for inputs of production.
    """

    slot: int
    need_per_unit: float
    criticality: float
    stock: FloatArray
    health: FloatArray | None = None
    pending: FloatArray | None = None


def wanted(
    base_stock: FloatArray, unfilled: FloatArray, finished: FloatArray, in_process: FloatArray
) -> FloatArray:
    """Production wanted each day, whatever the capacity: max(0, S + unfilled - finished - WIP)."""
    return np.maximum(0.0, base_stock + unfilled - finished - in_process)


def bottleneck(
    aim: FloatArray, started: FloatArray, capacity: FloatArray, inputs: Sequence[Input]
) -> tuple[Causes, FloatArray]:
    """Name the bottleneck of each day, and what was not started on it.

    Parameters
    ----------
    aim
        q: production wanted, at most what the run without shocks started; units a day.
    started, capacity
        Units a day; capacity with its outages and unbuilt growth, before health.
    inputs
        Stocks of the facility.

    Returns
    -------
    (ndarray, ndarray)
        (days,) slot number of the binding input, or `NONE`, `CAPACITY` or `CATCHING_UP`; and
        max(0, q - started), 0 where nothing was missing.
    """
    lost = np.maximum(0.0, aim - started)
    lost[lost <= _NEGLIGIBLE * np.maximum(aim.max(initial=0.0), 0.0)] = 0.0
    cause = np.full(aim.size, NONE, np.int64)
    days = np.flatnonzero(lost)
    if not days.size:
        return cause, lost
    q, room = aim[days], capacity[days]
    able = np.minimum(1.0, room / q)
    least, found = np.ones(days.size), np.full(days.size, CATCHING_UP, np.int64)
    _take(least, found, able, _limits(days, q, room, inputs))
    for one in inputs:
        if one.pending is not None:
            continue
        if one.health is not None:
            level = np.divide(
                np.minimum(1.0, room * one.health[days] / q), able,
                out=np.ones_like(able), where=able > 0.0,
            )  # fmt: skip
        else:
            needed = one.need_per_unit * np.minimum(q, room)
            there = np.divide(one.stock[days], needed, out=np.ones_like(q), where=needed > 0.0)
            level = 1.0 - one.criticality * (1.0 - np.minimum(1.0, there))
        _take(least, found, level, np.full(days.size, one.slot, np.int64))
    cause[days] = found
    return cause, lost


def _limits(
    days: npt.NDArray[np.int64], q: FloatArray, room: FloatArray, inputs: Sequence[Input]
) -> Causes:
    """Capacity, or the scarcest tool where capacity would do had it been built."""
    cause = np.full(days.size, CAPACITY, np.int64)
    scarcest = np.full(days.size, np.inf)
    for one in inputs:
        if one.pending is None:
            continue
        unbuilt = one.pending[days]
        missing = (unbuilt > 0.0) & (room + unbuilt >= q * (1.0 - _NEGLIGIBLE))
        cover = one.stock[days] / one.need_per_unit if one.need_per_unit > 0.0 else np.inf
        first = missing & (cover < scarcest)
        cause[first] = one.slot
        scarcest = np.where(first, cover, scarcest)
    return cause


def _take(least: FloatArray, found: Causes, level: FloatArray, causes: Causes) -> None:
    lower = level < least * (1.0 - 1e-12)
    least[lower] = level[lower]
    found[lower] = causes[lower]
