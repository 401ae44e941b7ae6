"""Differences between alternatives that share their random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.errors import UsageError
from simulator.metrics.outcome import FloatArray
from simulator.metrics.risk import Interval, mean_with_interval, tail_risk, wilson_interval

RESAMPLES = 1000
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative beside the first, and against the best in each replication.

    Attributes
    ----------
    mean, cvar95
        Of its own loss.
    saved, saved_ci
        Mean of the first alternative's loss less its own, with the paired t interval.
    cvar95_saved, cvar95_saved_ci
        The same for CVaR95, with a paired bootstrap interval; NaN below 200 replications, where the
        tail holds too few.
    best, best_ci
        Probability of the smallest loss; alternatives that tie share it.
    regret, regret_p95
        Loss above that of the best alternative in the same replication: mean and 95 % quantile.
    """

    mean: float
    cvar95: float
    saved: float
    saved_ci: Interval
    cvar95_saved: float
    cvar95_saved_ci: Interval
    best: float
    best_ci: Interval
    regret: float
    regret_p95: float


def compare_paired(losses: FloatArray) -> list[Alternative]:
    """Compare alternatives by their losses in the same replications.

    Parameters
    ----------
    losses
        Shape (alternatives, replications); column k is the same future for all.

    Raises
    ------
    UsageError
        If there are fewer than two replications.
    """
    if losses.ndim != 2 or losses.shape[1] < 2:
        raise UsageError("alternatives need two replications or more in common")
    least = losses.min(axis=0)
    ties = losses == least
    share = ties / ties.sum(axis=0)
    draws = _cvar_resamples(losses)
    return [_alternative(losses, row, least, share[row], draws) for row in range(len(losses))]


def _alternative(
    losses: FloatArray, row: int, least: FloatArray, best: FloatArray, draws: FloatArray
) -> Alternative:
    own, first, n = losses[row], losses[0], losses.shape[1]
    saved, saved_ci = mean_with_interval(first - own)
    cvar = [tail_risk(np.sort(values), _LEVEL).cvar for values in (own, first)]
    low, high = math.nan, math.nan
    if draws.size:
        low, high = (float(q) for q in np.quantile(draws[0] - draws[row], [0.025, 0.975]))
    wins = float(best.sum())
    return Alternative(
        mean=float(own.mean()),
        cvar95=cvar[0],
        saved=saved,
        saved_ci=saved_ci,
        cvar95_saved=cvar[1] - cvar[0],
        cvar95_saved_ci=(low, high),
        best=wins / n,
        best_ci=wilson_interval(round(wins), n),
        regret=float((own - least).mean()),
        regret_p95=float(np.quantile(own - least, _LEVEL)),
    )


def _cvar_resamples(losses: FloatArray) -> FloatArray:
    """CVaR95 of each alternative in resamples of the replications, shared by all of them."""
    n = losses.shape[1]
    if n < 200:
        return np.empty((len(losses), 0))
    generator = np.random.default_rng(RESAMPLES)
    tail = max(1, round(n * (1 - _LEVEL)))
    found = np.empty((len(losses), RESAMPLES))
    for column in range(RESAMPLES):
        picked = losses[:, generator.integers(0, n, n)]
        found[:, column] = np.partition(picked, n - tail, axis=1)[:, n - tail :].mean(axis=1)
    return found
