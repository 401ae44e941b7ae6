"""Differences between alternatives that share their random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.errors import UsageError
from simulator.metrics.outcome import FloatArray
from simulator.metrics.risk import (
    Interval,
    enough,
    mean_with_interval,
    quantile,
    tail_risk,
    wilson_interval,
)

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative beside the first, and against the best in each replication.

    Attributes
    ----------
    mean, cvar95
        Of its own loss; CVaR is NaN below 200 replications, where the tail holds too few.
    saved, saved_ci
        Mean of the first alternative's loss less its own, with the paired t interval.
    cvar95_saved, cvar95_saved_ci
        The same for CVaR95, NaN below 200 replications.
    best, best_ci
        Probability of the smallest loss; alternatives that tie share it.
    regret, regret_p95
        Loss above that of the best alternative in the same replication: mean, and 95 % quantile
        from 200 replications on.
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
    return [_alternative(losses, row, least, share[row]) for row in range(len(losses))]


def _alternative(losses: FloatArray, row: int, least: FloatArray, best: FloatArray) -> Alternative:
    own, first, n = losses[row], losses[0], losses.shape[1]
    saved, saved_ci = mean_with_interval(first - own)
    cvar = [_cvar(values) for values in (own, first)]
    # To first order CVaR is the mean of these, so a difference of two is a paired mean as well.
    gap, (low, high) = mean_with_interval(_tail_parts(first) - _tail_parts(own))
    shift = cvar[1] - cvar[0] - gap
    wins = float(best.sum())
    regret = own - least
    return Alternative(
        mean=float(own.mean()),
        cvar95=cvar[0],
        saved=saved,
        saved_ci=saved_ci,
        cvar95_saved=cvar[1] - cvar[0],
        cvar95_saved_ci=(low + shift, high + shift),
        best=wins / n,
        best_ci=wilson_interval(round(wins), n),
        regret=float(regret.mean()),
        regret_p95=float(np.quantile(regret, _LEVEL)) if enough(n, _LEVEL) else math.nan,
    )


def _cvar(losses: FloatArray) -> float:
    if not enough(losses.size, _LEVEL):
        return math.nan
    return tail_risk(np.sort(losses), _LEVEL).cvar


def _tail_parts(losses: FloatArray) -> FloatArray:
    var = quantile(np.sort(losses), _LEVEL)
    return np.asarray(var + np.maximum(0.0, losses - var) / (1 - _LEVEL))
