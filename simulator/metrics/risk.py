"""Risk over replications: means, quantiles, VaR and CVaR, each with its interval.

Conventions:

- Quantiles interpolate linearly between order statistics, as NumPy and pandas do by default, so
  that ``replications.parquet`` gives the same number in one line. VaR is the same quantile.
- The interval of a quantile lies between order statistics, interpolated so that each end is missed
  in 2.5 % of samples, whatever the distribution (Hettmansperger and Sheather 1986 for the median,
  Nyblom 1992 for any quantile); an end is infinite where the sample is too small to bound it.
- The interval of the mean is Student's, corrected for skewness by Hall's (1992) monotone cubic:
  losses are skewed, and the plain interval misses too often above.
- CVaR is the mean of the worst ``1 - level`` of the sample, with the observation at the edge
  counted by its fraction (Rockafellar and Uryasev). To first order it is the mean of
  ``VaR + max(0, loss - VaR) / (1 - level)``, so its interval is that of this mean.
- Below `TAIL_OBSERVATIONS_NEEDED` observations beyond a level, summaries refuse its quantile, VaR
  and CVaR: 95 % levels need 200 replications, 99 % levels 1,000.

Coverage of nominal 95 % intervals, 1,000 samples each of 200 to 5,000 replications: 93 to 97 % for
mean, median, VaR95 and CVaR95 of normal, lognormal (sigma 0.5; sigma 1 from 500 replications),
exponential and heavy-tailed losses (Student t with 5 degrees of freedom, Pareto with tail index 4),
and of exponential ones with an atom of 30 or 80 % at 0 (tests/statistical). Heavier tails (Pareto
index 3, t with 3 degrees of freedom) cover in 92 to 95 %. A quantile within an atom always does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.errors import invalid
from simulator.metrics.intervals import (
    Interval,
    mean_with_interval,
    quantile,
    quantile_interval,
    wilson_interval,
)
from simulator.metrics.outcome import FloatArray

__all__ = [
    "TAIL_OBSERVATIONS_NEEDED", "Interval", "Summary", "TailRisk", "enough", "exceedance",
    "exceedance_probability", "mean_with_interval", "quantile", "quantile_interval", "summarise",
    "tail_risk", "wilson_interval",
]  # fmt: skip

TAIL_OBSERVATIONS_NEEDED: Final = 10
"""With fewer observations beyond a level, summaries refuse its quantile, VaR and CVaR."""


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
    p50_ci
        Interval of the median.
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
    p50_ci: Interval
    tails: tuple[TailRisk, ...] = field(default=())

    @property
    def note(self) -> str:
        """Why the tail at 95 % is refused; empty if it is not."""
        tail = self._main_tail
        if not self.n or tail is None or enough(self.n, tail.level):
            return ""
        runs = "one observation leaves" if self.n == 1 else f"{self.n:,} observations leave"
        needed = math.ceil(TAIL_OBSERVATIONS_NEEDED / (1 - tail.level) - 1e-6)
        return (
            f"{runs} {tail.observations} beyond the {100 * tail.level:g} % quantile, where "
            f"{TAIL_OBSERVATIONS_NEEDED} are needed, so the tail is not given: run {needed:,} "
            "replications or more"
        )

    @property
    def refused(self) -> tuple[str, ...]:
        """Statistics that `as_dict` does not give, since too few observations lie beyond them."""
        names = [] if not self.n or enough(self.n, 0.05) else ["p05", "p95"]
        for tail in self.tails if self.n else ():
            if not enough(self.n, tail.level):
                names += [f"{kind}{100 * tail.level:g}" for kind in ("var", "cvar")]
        return tuple(names)

    @property
    def _main_tail(self) -> TailRisk | None:
        at_95 = [tail for tail in self.tails if tail.level == 0.95]
        return next(iter(at_95 or self.tails), None)

    def as_dict(self) -> dict[str, object]:
        """Plain numbers for ``summary.json``: None for what is not finite or `refused`."""
        record: dict[str, object] = {
            "mean": _plain(self.mean),
            "mean_ci95": _plain_pair(self.mean_ci),
            "p05": _plain(self.p05),
            "p50": _plain(self.p50),
            "p50_ci95": _plain_pair(self.p50_ci),
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
        for name in self.refused:
            record[name] = None
            if f"{name}_ci95" in record:
                record[f"{name}_ci95"] = [None, None]
        record |= {"n": self.n, "censored": self.censored, "excluded": self.excluded}
        if self._main_tail is not None:
            record["tail_observations"] = self._main_tail.observations
        if self.refused:
            record["refused"] = " ".join(self.refused)
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
        p50_ci=quantile_interval(ranked, 0.5),
        tails=tuple(tail_risk(ranked, level) for level in levels),
    )


def enough(size: int, level: float) -> bool:
    """Whether so many observations leave `TAIL_OBSERVATIONS_NEEDED` beyond a level."""
    return size * min(level, 1 - level) + 1e-9 >= TAIL_OBSERVATIONS_NEEDED


def tail_risk(ranked: FloatArray, level: float, confidence: float = 0.95) -> TailRisk:
    """VaR and CVaR of sorted values at one level, with intervals, however thin the tail is."""
    beyond = ranked.size * (1 - level)
    cvar = _tail_mean(ranked, beyond)
    return TailRisk(
        level=level,
        var=quantile(ranked, level),
        var_ci=quantile_interval(ranked, level, confidence),
        cvar=cvar,
        cvar_ci=_tail_mean_interval(ranked, level, cvar, confidence),
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
    excess = np.maximum(0.0, ranked - quantile(ranked, level)) / (1 - level)
    if not excess.any():
        return cvar, cvar
    mean, (low, high) = mean_with_interval(excess, confidence)
    return cvar - (mean - low), cvar + (high - mean)


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
