"""Sensitivity from plain Monte Carlo samples: no design is needed, any run will do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.metrics.outcome import FloatArray

RUNS_PER_BIN = 25
MOST_BINS = 20


@dataclass(frozen=True, slots=True)
class GivenData:
    """How much one input matters for one outcome.

    Attributes
    ----------
    first_order
        Share of the variance that the input explains alone, corrected for the chance that bins
        differ by luck; may be slightly below 0.
    p_value
        Of an F test that it explains nothing.
    pawn
        Median Kolmogorov-Smirnov distance between the outcome where the input is in one bin and the
        outcome overall (PAWN): 0 to 1, independent of moments.
    direction
        Spearman's rank correlation: -1 to 1.
    """

    first_order: float
    p_value: float
    pawn: float
    direction: float


def given_data(inputs: npt.ArrayLike, outcome: npt.ArrayLike) -> GivenData:
    """Estimate the influence of one input from a plain sample.

    Parameters
    ----------
    inputs
        One value per run. Inputs with few values have a bin for each; NaN (not drawn) is one too.
    outcome
        One number per run.
    """
    from scipy.special import fdtrc

    x, y = np.asarray(inputs, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    bins = equal_bins(x)
    counts = np.bincount(bins)
    n, m = y.size, counts.size
    total = float(((y - y.mean()) ** 2).sum())
    if m < 2 or total <= 0.0 or n <= m:
        return GivenData(0.0, 1.0, 0.0, 0.0)
    means = np.bincount(bins, weights=y) / counts
    between = float((counts * (means - y.mean()) ** 2).sum())
    within = max(total - between, 0.0) / (n - m)
    ratio = between / (m - 1) / within if within > 0 else np.inf
    first = (between - (m - 1) * within) / total
    return GivenData(first, float(fdtrc(m - 1, n - m, ratio)), _pawn(bins, m, y), _rank(x, y))


def equal_bins(values: FloatArray) -> npt.NDArray[np.int64]:
    """Bin of each value: equally many in each, equal values together, NaN in a bin of its own."""
    distinct, inverse = np.unique(values, return_inverse=True)
    wanted = int(np.clip(values.size // RUNS_PER_BIN, 2, MOST_BINS))
    if distinct.size <= wanted:
        return np.asarray(inverse, dtype=np.int64)
    below = np.concatenate([[0], np.cumsum(np.bincount(inverse))[:-1]])
    bins = (below * wanted // values.size)[inverse]
    return np.asarray(np.unique(bins, return_inverse=True)[1], dtype=np.int64)


def _pawn(bins: npt.NDArray[np.int64], count: int, y: FloatArray) -> float:
    levels, place = np.unique(y, return_inverse=True)
    overall = np.cumsum(np.bincount(place, minlength=levels.size)) / y.size
    distances = []
    for number in range(count):
        inside = np.bincount(place[bins == number], minlength=levels.size)
        distances.append(float(np.abs(np.cumsum(inside) / inside.sum() - overall).max()))
    return float(np.median(distances))


def average_ranks(values: FloatArray) -> FloatArray:
    """Rank of each value, from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - 0.5 * (counts - 1))[inverse])


def _rank(x: FloatArray, y: FloatArray) -> float:
    known = ~np.isnan(x)
    if known.sum() < 3:
        return 0.0
    a, b = average_ranks(x[known]), average_ranks(y[known])
    if a.std() <= 0 or b.std() <= 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
