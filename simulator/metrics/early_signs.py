"""How early, and how often, each stage of the chain is hit: what to watch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.metrics.intervals import quantile, wilson_interval


@dataclass(frozen=True, slots=True)
class Sign:
    """When one stage is hit, over the replications.

    Attributes
    ----------
    hit_share, lo95, hi95
        Share of the replications in which it is hit at all, with its Wilson interval.
    days_p05, days_p50, days_p95
        Quantiles of the days from the start until it is hit, over the replications in which it is.
    replications
        How many were looked at.
    """

    hit_share: float
    lo95: float
    hi95: float
    days_p05: float
    days_p50: float
    days_p95: float
    replications: int


def sign(days: npt.ArrayLike) -> Sign | None:
    """Summarise the days on which a stage was first hit; NaN means it never was.

    Formula: hits / n; quantiles interpolate between order statistics. Unit: 1 and days. None if it
    is never hit.
    """
    first = np.asarray(days, dtype=np.float64)
    hit = np.sort(first[~np.isnan(first)])
    if not hit.size:
        return None
    low, high = wilson_interval(hit.size, first.size)
    early, median, late = (quantile(hit, level) for level in (0.05, 0.5, 0.95))
    return Sign(hit.size / first.size, low, high, early, median, late, first.size)
