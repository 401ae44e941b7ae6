"""Fill rates, and the first day on which a stage cannot cover what it needs.

A stock fills what it covers of the day's need, whether that is then used or not: a stage that
stands still for want of one input is not short of the others. Needs are those of the run without
shocks; at data centres and markets, what they demand.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.metrics.loss import TOLERANCE
from simulator.metrics.outcome import BoolArray, FloatArray

NEVER: Final = float("nan")


def filled(stock: FloatArray, need: FloatArray) -> FloatArray:
    """Part of each day's need that the stock in the morning covers.

    Formula: min(I_t, D_t), with I the stock once the day's goods have come in and D the need.
    Unit: that of the material a day. Source: as in the type-2 service level (beta) of inventory
    theory, Snyder and Shen, Fundamentals of Supply Chain Theory.
    """
    return np.asarray(np.minimum(stock, need))


def fill_rate(covered: FloatArray, need: FloatArray) -> float:
    """Share of the need over a time that was filled at once, from stock.

    Formula: sum of min(I_t, D_t) / sum of D_t. Unit: 1, in [0, 1]; NaN without need.
    """
    total = float(need.sum())
    return float(covered.sum()) / total if total > 0.0 else NEVER


def first_short_day(covered: FloatArray, need: FloatArray) -> float:
    """First day on which more than 1 % of the need is not filled; NaN if there is none.

    Formula: min {t : D_t - F_t > 0.01 D_t}, with F what is filled. Unit: days from the start.
    """
    days = np.flatnonzero(short(covered, need))
    return float(days[0]) if days.size else NEVER


def first_short_days(covered: FloatArray, need: FloatArray) -> FloatArray:
    """`first_short_day` of every row of (things, days)."""
    found = short(covered, need)
    return np.where(found.any(axis=1), found.argmax(axis=1).astype(np.float64), NEVER)


def short(covered: FloatArray, need: FloatArray) -> BoolArray:
    """Whether more than 1 % of a day's need is not filled."""
    # The small slack keeps rounding from turning a shortage of exactly 1 % into more than 1 %.
    return np.asarray((need > 0.0) & (need - covered > TOLERANCE * (1 + 1e-9) * need))
