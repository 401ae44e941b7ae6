"""Confidence intervals of means, quantiles and proportions of a sample."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from simulator.metrics.outcome import FloatArray

Interval: TypeAlias = tuple[float, float]


def mean_with_interval(values: FloatArray, confidence: float = 0.95) -> tuple[float, Interval]:
    """Mean of a sample with its interval, as in `means_with_intervals`."""
    mean, low, high = means_with_intervals(values[None, :], confidence)
    return float(mean[0]), (float(low[0]), float(high[0]))


def means_with_intervals(
    samples: FloatArray, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means with their intervals: NaN for fewer than two values, no width for constants.

    Student's interval, corrected for skewness by the transformation of P. Hall (1992), "On the
    removal of skewness by transformation", J. R. Statist. Soc. B 54, 221-228.

    Parameters
    ----------
    samples
        (samples, values), a sample in each row.
    confidence
        Of the intervals.

    Returns
    -------
    tuple of arrays
        (samples,) means, and the ends of their intervals.
    """
    count, size = samples.shape
    if size < 2:
        only = samples[:, 0].copy() if size else np.full(count, math.nan)
        return only, np.full(count, math.nan), np.full(count, math.nan)
    from scipy.special import stdtrit

    constant = samples.min(axis=1) == samples.max(axis=1)
    # A computed mean of equal numbers may be off by rounding.
    mean = np.where(constant, samples[:, 0], samples.mean(axis=1))
    spread = np.where(constant, 0.0, samples.std(axis=1, ddof=1))
    some, root = spread > 0.0, math.sqrt(size)
    scaled = (samples - mean[:, None]) / np.where(some, spread, 1.0)[:, None]
    skewness = np.where(some, (scaled**3).mean(axis=1), 0.0)
    t = float(stdtrit(size - 1, (1 + confidence) / 2))
    low, high = (mean - spread / root * _unskewed(end, skewness, root) for end in (t, -t))
    return mean, low, high


def _unskewed(t: float, skewness: FloatArray, root: float) -> FloatArray:
    """Inverse of Hall's cubic, which takes the skewness out of a studentised mean."""
    some = np.abs(skewness) >= 1e-9
    skew = np.where(some, skewness, 1.0)
    inner = 1 + skew * (t / root - skew / (6 * root * root))
    return np.where(some, 3 * root / skew * (np.cbrt(inner) - 1), t)


def quantile(ranked: FloatArray, level: float) -> float:
    """Quantile of sorted values by linear interpolation; infinite values are allowed."""
    if not ranked.size:
        return math.nan
    place = level * (ranked.size - 1)
    below = min(math.floor(place + 1e-9), ranked.size - 1)
    weight = max(0.0, place - below)
    low = float(ranked[below])
    if weight <= 1e-9 or below + 1 >= ranked.size or low == ranked[below + 1]:
        return low
    high = float(ranked[below + 1])
    return high if math.isinf(high) else low + weight * (high - low)


def quantile_interval(ranked: FloatArray, level: float, confidence: float = 0.95) -> Interval:
    """Equal-tailed confidence interval of a quantile from sorted values.

    The number of observations below the quantile is binomial, whatever the distribution. Between
    two order statistics, ends are interpolated as in J. Nyblom (1992), "Note on interpolated order
    statistics", Statistics & Probability Letters 14, 129-131. An end is infinite where even the
    smallest or largest observation does not bound the quantile.
    """
    if not ranked.size:
        return math.nan, math.nan
    low = _bound(ranked, level, (1 - confidence) / 2)
    high = _bound(ranked, level, (1 + confidence) / 2)
    if low is None or high is None:
        return -math.inf if low is None else low[0], math.inf if high is None else high[1]
    return low[0], high[1]


def _bound(ranked: FloatArray, level: float, chance: float) -> Interval | None:
    """Value that the quantile exceeds with a chance, as seen from below and from above."""
    from scipy.special import bdtr, bdtrik

    n = ranked.size

    def exceeds(rank: int) -> float:  # chance that the order statistic lies above the quantile
        return float(bdtr(rank - 1, n, level)) if rank > 0 else 0.0

    found = float(bdtrik(chance, n, level))
    rank = math.floor(found) + 1 if math.isfinite(found) else 0
    while rank < n and exceeds(rank + 1) <= chance:
        rank += 1
    while rank > 0 and exceeds(rank) > chance:
        rank -= 1
    if rank < 1 or rank >= n:
        return None
    below, above = float(ranked[rank - 1]), float(ranked[rank])
    if below == above or math.isinf(above):
        return below, above
    here, beyond = chance - exceeds(rank), exceeds(rank + 1) - chance
    odds = rank * (1 - level) * beyond / ((n - rank) * level * here) if here > 0 else math.inf
    value = below + (above - below) / (1 + odds)
    return value, value


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a proportion; it does not collapse at 0 or ``n`` successes."""
    if n == 0:
        return math.nan, math.nan
    from scipy.special import ndtri

    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    share = successes / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    return low, 1.0 if successes == n else min(1.0, centre + half)
