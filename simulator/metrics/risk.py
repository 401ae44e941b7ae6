"""Risk over replications: means, quantiles, VaR and CVaR, each with its interval.

Conventions:

- Quantiles interpolate linearly between order statistics, as NumPy and pandas do by default, so
  that ``replications.parquet`` gives the same number in one line. VaR is the same quantile.
- The interval of VaR is the pair of order statistics whose binomial coverage is at least nominal,
  whatever the distribution; an end is infinite where the sample is too small to bound that side.
- CVaR is the mean of the worst ``1 - level`` of the sample, with the observation at the edge
  counted by its fraction (Rockafellar and Uryasev). Its interval is that of the estimator's
  asymptotic variance, widened by Student's t with as many degrees of freedom as there are
  observations in the tail, less one, and cut at the lower end of VaR's interval. Tried on
  uniform, normal, exponential, lognormal and zero-inflated losses it covers 86 to 96 % at n = 200
  and 93 to 95 % at n = 1000; a percentile bootstrap covers 81 to 95 % at n = 200.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.errors import invalid
from simulator.metrics.outcome import FloatArray

TAIL_OBSERVATIONS_NEEDED: Final = 10
"""Below this many observations beyond a quantile its interval is only a rough guide."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TailRisk:
    """VaR and CVaR at one level, with 95 % intervals.

    Attributes
    ----------
    level
        Probability of staying at or below VaR, such as 0.95.
    var, cvar
        Quantile at ``level``, and mean beyond it; infinite where censored values are in the tail.
    var_ci, cvar_ci
        Their confidence intervals; infinite ends (VaR) or NaN (CVaR) where not bounded.
    observations
        Number of whole observations beyond the quantile.
    """

    level: float
    var: float
    var_ci: Interval
    cvar: float
    cvar_ci: Interval
    observations: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One metric over all replications.

    Attributes
    ----------
    n
        Number of replications that count, censored ones included.
    censored
        How many of them were not observed to the end, or never happened.
    excluded
        How many replications the metric does not apply to.
    mean, mean_ci
        Mean of the observed values with its Student t interval.
    p05, p50, p95
        Quantiles, counting censored values as infinite.
    tails
        One `TailRisk` per level.
    """

    n: int
    censored: int
    excluded: int
    mean: float
    mean_ci: Interval
    p05: float
    p50: float
    p95: float
    tails: tuple[TailRisk, ...] = field(default=())

    @property
    def note(self) -> str:
        """What to keep in mind when reading the tail at 95 %; empty if nothing."""
        tail = self._main_tail
        if not self.n or tail is None or tail.observations >= TAIL_OBSERVATIONS_NEEDED:
            return ""
        runs = "one observation leaves" if self.n == 1 else f"{self.n:,} observations leave"
        return (
            f"{runs} {tail.observations} beyond the {100 * tail.level:g} % quantile, where "
            f"{TAIL_OBSERVATIONS_NEEDED} are needed: read the tail and its intervals as a rough "
            "guide"
        )

    @property
    def _main_tail(self) -> TailRisk | None:
        at_95 = [tail for tail in self.tails if tail.level == 0.95]
        return next(iter(at_95 or self.tails), None)

    def as_dict(self) -> dict[str, object]:
        """Plain numbers for ``summary.json``: non-finite ones become None."""
        record: dict[str, object] = {
            "mean": _plain(self.mean),
            "mean_ci95": _plain_pair(self.mean_ci),
            "p05": _plain(self.p05),
            "p50": _plain(self.p50),
            "p95": _plain(self.p95),
        }
        for tail in self.tails:
            percent = f"{100 * tail.level:g}"
            record |= {
                f"var{percent}": _plain(tail.var),
                f"var{percent}_ci95": _plain_pair(tail.var_ci),
                f"cvar{percent}": _plain(tail.cvar),
                f"cvar{percent}_ci95": _plain_pair(tail.cvar_ci),
            }
        record |= {"n": self.n, "censored": self.censored, "excluded": self.excluded}
        if self._main_tail is not None:
            record["tail_observations"] = self._main_tail.observations
        if self.note:
            record["note"] = self.note
        return record


def summarise(
    values: npt.ArrayLike,
    *,
    levels: Sequence[float] = (0.95,),
    censored: npt.ArrayLike | None = None,
    nan_means: str = "never",
) -> Summary:
    """Summarise one metric over replications, with 95 % intervals.

    Parameters
    ----------
    values
        One number per replication.
    levels
        Levels of VaR and CVaR, each between 0 and 1.
    censored
        Which values are only lower bounds. They count as infinite for quantiles, and at their lower
        bound for the mean, which then is a lower bound itself.
    nan_means
        ``"never"``: NaN is an event that did not happen; it counts as infinite for quantiles, not
        at all for the mean, and as censored. ``"excluded"``: NaN does not apply and is left out.

    Returns
    -------
    Summary
        Numbers are NaN where there is no observation.

    Raises
    ------
    InputError
        If a level is not between 0 and 1, or ``nan_means`` is unknown.
    """
    _check_options(levels, nan_means)
    numbers = np.asarray(values, dtype=np.float64).ravel()
    bound = np.zeros(numbers.size, bool) if censored is None else np.asarray(censored, bool).ravel()
    missing = np.isnan(numbers)
    ranked = np.where(missing | bound, np.inf, numbers)
    if nan_means == "excluded":
        ranked = ranked[~missing]
    ranked = np.sort(ranked)
    observed = numbers[~missing]
    mean, mean_ci = mean_with_interval(observed)
    return Summary(
        n=ranked.size,
        censored=int(np.isposinf(ranked).sum()),
        excluded=numbers.size - ranked.size,
        mean=mean,
        mean_ci=mean_ci,
        p05=quantile(ranked, 0.05),
        p50=quantile(ranked, 0.5),
        p95=quantile(ranked, 0.95),
        tails=tuple(tail_risk(ranked, level) for level in levels),
    )


def mean_with_interval(values: FloatArray, confidence: float = 0.95) -> tuple[float, Interval]:
    """Mean with its Student t interval: NaN for fewer than two values, no width for constants."""
    if not values.size:
        return math.nan, (math.nan, math.nan)
    if values.size == 1:
        return float(values[0]), (math.nan, math.nan)
    if values.min() == values.max():
        constant = float(values[0])  # a computed mean of equal numbers may be off by rounding
        return constant, (constant, constant)
    from scipy.special import stdtrit

    mean = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    half = float(stdtrit(values.size - 1, (1 + confidence) / 2)) * error
    return mean, (mean - half, mean + half)


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
    """Exact, equal-tailed confidence interval of a quantile from sorted values.

    The number of observations below the quantile is binomial, whatever the distribution; an end is
    infinite where even the smallest or largest observation does not bound the quantile.
    """
    if not ranked.size:
        return math.nan, math.nan
    from scipy.special import bdtr

    n = ranked.size
    at_most = bdtr(np.arange(n + 1.0), n, level)
    lower = int(np.searchsorted(at_most, (1 - confidence) / 2, side="right"))
    upper = int(np.searchsorted(at_most, (1 + confidence) / 2, side="left")) + 1
    return (
        float(ranked[lower - 1]) if lower >= 1 else -math.inf,
        float(ranked[upper - 1]) if upper <= n else math.inf,
    )


def tail_risk(ranked: FloatArray, level: float, confidence: float = 0.95) -> TailRisk:
    """VaR and CVaR of sorted values at one level, with intervals."""
    beyond = ranked.size * (1 - level)
    cvar = _tail_mean(ranked, beyond)
    var_ci = quantile_interval(ranked, level, confidence)
    low, high = _tail_mean_interval(ranked, level, cvar, confidence)
    return TailRisk(
        level=level,
        var=quantile(ranked, level),
        var_ci=var_ci,
        cvar=cvar,
        # CVaR cannot be below VaR, so what bounds VaR from below bounds it too.
        cvar_ci=(min(cvar, max(low, var_ci[0])) if math.isfinite(low) else low, high),
        observations=math.floor(beyond + 1e-9),
    )


def exceedance(values: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Empirical exceedance curve.

    Parameters
    ----------
    values
        One loss per replication; NaN is left out.

    Returns
    -------
    (ndarray, ndarray)
        The distinct losses in rising order, and for each the share of replications that lose more.
    """
    numbers = np.asarray(values, dtype=np.float64).ravel()
    losses, counts = np.unique(numbers[~np.isnan(numbers)], return_counts=True)
    beyond = counts.sum() - np.cumsum(counts)
    return losses, beyond / max(1, int(counts.sum()))


def exceedance_probability(
    values: npt.ArrayLike, threshold: float, confidence: float = 0.95
) -> tuple[float, Interval]:
    """Probability of a loss above ``threshold`` with its Wilson interval; NaN counts as none."""
    numbers = np.asarray(values, dtype=np.float64).ravel()
    above = int((numbers > threshold).sum())
    share = above / numbers.size if numbers.size else math.nan
    return share, wilson_interval(above, numbers.size, confidence)


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


def _tail_mean(ranked: FloatArray, beyond: float) -> float:
    if not ranked.size:
        return math.nan
    whole = min(math.floor(beyond + 1e-9), ranked.size)
    if not whole:
        return float(ranked[-1])
    edge = beyond - whole if beyond - whole > 1e-9 else 0.0
    tail = ranked[ranked.size - whole :]
    first = ranked[ranked.size - whole - 1] if edge else tail[0]
    if first == tail[-1]:
        return float(first)  # a computed mean of equal numbers may be off by rounding
    return float((tail.sum() + edge * first) / (whole + edge))


def _tail_mean_interval(
    ranked: FloatArray, level: float, cvar: float, confidence: float
) -> Interval:
    if ranked.size < 2 or not math.isfinite(cvar):
        return math.nan, math.nan
    excess = np.maximum(0.0, ranked - quantile(ranked, level))
    if not excess.any():
        return cvar, cvar
    from scipy.special import stdtrit

    freedom = max(1.0, ranked.size * (1 - level) - 1)
    error = float(excess.std(ddof=1)) / (1 - level) / math.sqrt(ranked.size)
    half = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    return cvar - half, cvar + half


def _check_options(levels: Sequence[float], nan_means: str) -> None:
    for level in levels:
        if not 0 < level < 1:
            raise invalid("levels", level, "must lie between 0 and 1", "0.95 is the usual choice")
    if nan_means not in ("never", "excluded"):
        raise invalid("nan_means", nan_means, "must be 'never' or 'excluded'")


def _plain(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def _plain_pair(pair: Interval) -> list[float | None]:
    return [_plain(pair[0]), _plain(pair[1])]
