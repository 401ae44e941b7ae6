"""Inverse cumulative distribution functions, exact and over arrays.

scipy.special is imported when first needed, so that validating a file costs nothing for it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_LEAST = 2.0**-53


def normal_ppf(u: FloatArray) -> FloatArray:
    """Standard normal quantile."""
    from scipy.special import ndtri

    return np.asarray(ndtri(u), dtype=np.float64)


def beta_ppf(a: float | FloatArray, b: float | FloatArray, u: FloatArray) -> FloatArray:
    """Quantile of the beta distribution on 0 to 1."""
    from scipy.special import betaincinv

    # scipy gives NaN for some probabilities far below any that a stream of 53 bits can draw
    drawn = np.where(u > 0.0, np.maximum(u, _LEAST), 0.0)
    return np.asarray(betaincinv(a, b, drawn), dtype=np.float64)


def step_ppf(values: list[float], cumulative: FloatArray, u: FloatArray) -> FloatArray:
    """Smallest of the ascending values whose cumulative probability is at least ``u``."""
    # the last step is cut off, so that rounding of the sum cannot point beyond the last value
    return np.asarray(values)[np.searchsorted(cumulative[:-1], u, side="left")]


def poisson_ppf(mean: float, u: FloatArray) -> FloatArray:
    """Smallest count whose cumulative Poisson probability is at least ``u``, exactly."""
    from scipy.special import ndtri, pdtr, pdtrik

    if mean == 0.0:
        return np.zeros_like(u)
    inner = np.clip(u, 0.0, np.nextafter(1.0, 0.0))
    rough = mean + math.sqrt(mean) * np.asarray(ndtri(np.maximum(inner, 1e-300)))
    guess = np.asarray(pdtrik(inner, mean))
    count = np.maximum(0.0, np.ceil(np.where(np.isfinite(guess), guess, rough)))
    # pdtrik is continuous and may miss by a step: walk to the exact smallest integer
    while np.any(low := pdtr(count, mean) < inner):
        count = count + low
    while np.any(high := (count > 0) & (pdtr(np.maximum(count - 1.0, 0.0), mean) >= inner)):
        count = count - high
    return np.where(u < 1.0, count, math.inf)
