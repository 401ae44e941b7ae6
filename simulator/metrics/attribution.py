"""Shares of a loss: Shapley values of its causes, and contributions summed over replications."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics.risk import mean_with_interval

if TYPE_CHECKING:
    import numpy.typing as npt

    from simulator.metrics.outcome import FloatArray

    IntArray = npt.NDArray[np.int64]

Value = Callable[[frozenset[str]], float]
"""Loss of a coalition of causes."""


def subsets(causes: Sequence[str]) -> list[frozenset[str]]:
    """All coalitions, the empty one first."""
    return [
        frozenset(some) for count in range(len(causes) + 1) for some in combinations(causes, count)
    ]


def shapley(causes: Sequence[str], value: Value) -> dict[str, float]:
    """Shapley value of each cause: its mean marginal loss over all orders of coming (Shapley 1953).

    ``phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))``; they sum to
    ``v(all) - v(none)``, and a cause that never changes the loss gets exactly zero.

    Parameters
    ----------
    causes
        Who takes part; the work grows as 2^n.
    value
        Loss of a coalition.
    """
    n, found = len(causes), {}
    for cause in causes:
        others = [other for other in causes if other != cause]
        terms = [
            (value(some | {cause}) - value(some)) / (n * math.comb(n - 1, len(some)))
            for some in subsets(others)
        ]
        found[cause] = math.fsum(terms)
    return found


def prefixes(order: Sequence[str]) -> list[frozenset[str]]:
    """Coalitions that form as causes come in this order, from none to all."""
    return [frozenset(order[:count]) for count in range(len(order) + 1)]


def shapley_sampled(orders: Sequence[Sequence[str]], value: Value) -> dict[str, float]:
    """Mean marginal loss over some orders: an unbiased estimate if the orders are drawn evenly.

    The marginals of one order sum to the loss, so the estimates do, too (Castro et al. 2009).
    """
    marginals: dict[str, list[float]] = {cause: [] for cause in orders[0]}
    for order in orders:
        chain = prefixes(order)
        for cause, before, after in zip(order, chain, chain[1:], strict=False):
            marginals[cause].append(value(after) - value(before))
    return {cause: math.fsum(own) / len(orders) for cause, own in marginals.items()}


@dataclass(frozen=True)
class Contribution:
    """What one cause adds to the mean loss.

    Attributes
    ----------
    loss_units, loss_pct
        Mean over the replications: units, and % of the baseline's output.
    share
        ``loss_units`` over the mean loss; NaN where nothing was lost.
    lo95, hi95
        95 % interval of ``loss_pct``.
    """

    loss_units: float
    loss_pct: float
    share: float
    lo95: float
    hi95: float


@dataclass(frozen=True)
class Strata:
    """Replications picked from parts of a larger run whose mean loss is known.

    Attributes
    ----------
    part
        Part that each picked replication belongs to, from 0.
    weight
        Share of the run's replications in each part.
    loss_units, loss_pct
        Mean loss of the run; contributions are scaled to it (a ratio estimate).
    """

    part: Sequence[int]
    weight: Sequence[float]
    loss_units: float
    loss_pct: float


def contributions(
    units: FloatArray, loss: FloatArray, baseline: FloatArray, strata: Strata | None = None
) -> list[Contribution]:
    """Average what each cause adds, with the interval of a mean over the replications.

    Parameters
    ----------
    units
        (replications, causes) units lost by cause.
    loss, baseline
        (replications,) units lost, and output without shocks.
    strata
        Where the replications come from; None counts all alike.
    """
    part = np.zeros(len(loss), np.int64) if strata is None else np.asarray(strata.part)
    weight = [1.0] if strata is None else strata.weight
    per_cent = np.divide(100.0, baseline, out=np.zeros_like(baseline), where=baseline > 0.0)
    total = _mean(loss, part, weight)[0]
    total_pct = _mean(loss * per_cent, part, weight)[0]
    by_units = by_pct = 1.0
    if strata is not None and total and total_pct:
        by_units, by_pct = strata.loss_units / total, strata.loss_pct / total_pct
    found = []
    for column in units.T:
        amount = _mean(column, part, weight)[0]
        mean, low, high = (by_pct * end for end in _mean(column * per_cent, part, weight))
        share = amount / total if total else math.nan
        found.append(Contribution(amount * by_units, mean, share, min(low, high), max(low, high)))
    return found


def _mean(
    values: FloatArray, part: IntArray, weight: Sequence[float]
) -> tuple[float, float, float]:
    """Mean over strata, and the ends of its interval."""
    mean, below, above = 0.0, 0.0, 0.0
    for number, share in enumerate(weight):
        own, (low, high) = mean_with_interval(values[part == number])
        mean += share * own
        below += (share * (own - low)) ** 2
        above += (share * (high - own)) ** 2
    return mean, mean - math.sqrt(below), mean + math.sqrt(above)


def chosen_by_loss(loss: FloatArray, count: int) -> list[int]:
    """Pick replications in proportion to the size of their loss, some more than once.

    Systematic sampling on the running sum of the losses, so it takes no draws. What a cause has of
    the loss of those that are picked, averaged, estimates what it has of the loss of all; and the
    averages over all causes sum to the whole loss. ``loss`` must not be below 0.
    """
    total = np.cumsum(loss)
    if not loss.size or total[-1] <= 0.0:
        return []
    points = (np.arange(count) + 0.5) / count * total[-1]
    return [int(n) for n in np.searchsorted(total, points)]


def shared_out(shares: FloatArray, loss_units: float, loss_pct: float) -> list[Contribution]:
    """Contributions from the shares that causes have of the losses of picked replications.

    Parameters
    ----------
    shares
        (picked replications, causes), each row summing to 1.
    loss_units, loss_pct
        Mean loss over all replications.
    """
    found = []
    for column in shares.T:
        mean, (low, high) = mean_with_interval(column)
        low, high = sorted((low * loss_pct, high * loss_pct))
        found.append(Contribution(mean * loss_units, mean * loss_pct, mean, low, high))
    return found


def added(parts: Iterable[list[Contribution]], loss_units: float) -> list[Contribution]:
    """Contributions of the same causes to the losses of several strata, added up."""
    found = []
    for same in zip(*parts, strict=True):
        units = math.fsum(c.loss_units for c in same)
        pct = math.fsum(c.loss_pct for c in same)
        below = math.sqrt(math.fsum((c.loss_pct - c.lo95) ** 2 for c in same))
        above = math.sqrt(math.fsum((c.hi95 - c.loss_pct) ** 2 for c in same))
        share = units / loss_units if loss_units else math.nan
        found.append(Contribution(units, pct, share, pct - below, pct + above))
    return found
