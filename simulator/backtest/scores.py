"""How good a forecast was: coverage, CRPS against naive forecasts, depth, trough and return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.network.network import Floats

LOW, HIGH = 0.05, 0.95
BACK_AT = 0.9
"""Share of the level before at which a flow counts as back."""
ZERO_AT = 0.05
"""Share of the level before below which a month counts as one of no flow."""
ROUNDING = 0.005
"""Observed indices are known to half a per cent of the level before at best."""


@dataclass(frozen=True)
class Shape:
    """What happened to a flow, from the month of effect on.

    Attributes
    ----------
    peak_before
        Largest index of the months between announcement and effect; NaN where there is none.
    depth
        Largest fall below the level before, as a share of it.
    months_to_trough
        From the month of effect to the lowest month, the first of them.
    months_to_return
        From the month of effect to the first month after the trough at 90 % or more of the level
        before; infinite where it is not back within the months looked at.
    zero_months
        Months with less than 5 % of the level before.
    """

    peak_before: float
    depth: float
    months_to_trough: float
    months_to_return: float
    zero_months: float


def crps(members: Floats, observed: float) -> float:
    """Continuous ranked probability score of an ensemble; of one member its absolute error.

    E|X - y| - E|X - X'| / 2 over the ensemble's own distribution (Gneiting & Raftery 2007).
    """
    ordered = np.sort(np.asarray(members, dtype=np.float64))
    n = len(ordered)
    ranks = 2.0 * np.arange(1, n + 1) - n - 1.0
    spread = float(ranks @ ordered) * 2.0 / n**2
    return float(np.abs(ordered - observed).mean()) - spread / 2.0


def quantiles(members: Floats, levels: Sequence[float]) -> list[float]:
    """Quantiles that are values of the ensemble, so that infinite ones do no harm."""
    return [float(q) for q in np.quantile(members, levels, method="inverted_cdf")]


def covers(members: Floats, observed: float) -> bool:
    """Whether the 90 % band of an ensemble holds what was observed, to its rounding."""
    low, high = quantiles(members, (LOW, HIGH))
    return low - ROUNDING <= observed <= high + ROUNDING


def shape(index: Sequence[float], since: Sequence[int]) -> Shape:
    """Shape of a flow.

    Parameters
    ----------
    index
        Flow by month, 1 for the level before.
    since
        Month of each, counted from that of effect; negative before it.
    """
    before = [x for x, m in zip(index, since, strict=True) if m < 0]
    after = [(x, m) for x, m in zip(index, since, strict=True) if m >= 0]
    lowest, trough = min(after)
    back = [m for x, m in after if m > trough and x >= BACK_AT]
    return Shape(
        peak_before=max(before) if before else float("nan"),
        depth=1.0 - lowest,
        months_to_trough=float(trough),
        # what never fell below is back at once
        months_to_return=0.0 if lowest >= BACK_AT else float(min(back, default=np.inf)),
        zero_months=float(sum(x < ZERO_AT for x, _ in after)),
    )


def naive_forecasts(
    index: Mapping[str, float], base_until: str, months: Sequence[str]
) -> dict[str, list[float]]:
    """Forecasts that need no model, one value a month; NaN where there is none.

    Parameters
    ----------
    index
        Everything observed, by month.
    base_until
        Last month that is known when the forecast is made.
    months
        Months to forecast.

    Returns
    -------
    dict
        ``level``: the mean month before; ``persistence``: the last month known; ``seasonal``: the
        same month a year before, if known by then; ``last_month``: the month observed before each,
        which no forecast made at the announcement can know.
    """
    known = {month: x for month, x in index.items() if month <= base_until}
    nan = float("nan")
    last = known[max(known)] if known else nan
    earlier = sorted(index)

    def before(month: str) -> float:
        found = [m for m in earlier if m < month]
        return index[found[-1]] if found else nan

    def year_ago(month: str) -> str:
        return f"{int(month[:4]) - 1}{month[4:]}"

    return {
        "level": [1.0] * len(months),
        "persistence": [last] * len(months),
        "seasonal": [known.get(year_ago(month), nan) for month in months],
        "last_month": [before(month) for month in months],
    }
