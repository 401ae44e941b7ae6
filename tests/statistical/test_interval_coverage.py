"""How often nominal 95 % intervals hold the truth, on losses whose truth is known.

1,000 samples each, from a fixed seed. An interval that covers in 95 % is seen to cover between 93
and 97 % but for one seed in 300; the sizes of samples are stated with each test.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import integrate, stats

from simulator.experiment.until import Until, estimate_with_interval, parse_until

REPEATS = 1000
SEED = 20251009
Draw = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Losses:
    """A distribution, with an atom at 0 where wanted, and the truth about it."""

    law: Any
    atom: float = 0.0

    def draw(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.float64]:
        values = self.law.rvs(n, random_state=rng)
        return np.where(rng.random(n) < self.atom, 0.0, values) if self.atom else values

    def quantile(self, p: float) -> float:
        return 0.0 if p <= self.atom else float(self.law.ppf((p - self.atom) / (1 - self.atom)))

    def truth(self, statistic: str) -> float:
        if statistic == "mean":
            return float((1 - self.atom) * self.law.mean())
        if statistic == "p50":
            return self.quantile(0.5)
        if statistic == "var95":
            return self.quantile(0.95)
        return float(integrate.quad(self.quantile, 0.95, 1.0, limit=500)[0] / 0.05)


LOSSES = {
    "normal": Losses(stats.norm(5, 2)),
    "lognormal, sigma 0.5": Losses(stats.lognorm(0.5)),
    "lognormal, sigma 1": Losses(stats.lognorm(1)),
    "exponential": Losses(stats.expon()),
    "heavy tail, t5": Losses(stats.t(5)),
    "heavy tail, Pareto 4": Losses(stats.pareto(4)),
    "atom of 30 % at 0": Losses(stats.expon(), 0.3),
    "atom of 80 % at 0": Losses(stats.expon(), 0.8),
}
STATISTICS = ("mean", "p50", "var95", "cvar95")
SMALLEST = {"lognormal, sigma 1": 500}
"""Where 200 replications are too few, since the mean of so skewed losses covers in 93 to 94 %."""
QUICK = ("normal", "lognormal, sigma 0.5", "atom of 80 % at 0")


def coverage(losses: Losses, n: int, seed: int = SEED) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    hits = dict.fromkeys(STATISTICS, 0)
    truth = {name: losses.truth(name) for name in STATISTICS}
    for _ in range(REPEATS):
        values = losses.draw(rng, n)
        for name in STATISTICS:
            low, high = estimate_with_interval(values, name)[1]
            hits[name] += low <= truth[name] <= high
    return {name: count / REPEATS for name, count in hits.items()}


def assert_nominal(losses: Losses, found: dict[str, float]) -> None:
    if losses.atom > 0.5:  # the median is 0 for certain, which no interval can miss in 5 %
        assert found.pop("p50") == 1.0
    for name, share in found.items():
        assert 0.93 <= share <= 0.97, (name, share)


@pytest.mark.parametrize("name", QUICK)
def test_intervals_cover_at_their_nominal_rate_from_200_replications(name: str) -> None:
    assert_nominal(LOSSES[name], coverage(LOSSES[name], 200))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n"),
    [(name, n) for name in LOSSES for n in (200, 500, 1000, 5000) if n >= SMALLEST.get(name, 0)],
)
def test_intervals_cover_at_their_nominal_rate_whatever_the_losses(name: str, n: int) -> None:
    assert_nominal(LOSSES[name], coverage(LOSSES[name], n))


@pytest.mark.parametrize("statistic", ["var95", "cvar95", "p95", "p05"])
def test_below_200_replications_a_tail_of_5_percent_has_no_bounds(statistic: str) -> None:
    values = np.random.default_rng(1).exponential(size=200)
    assert all(math.isfinite(end) for end in estimate_with_interval(values, statistic)[1])
    assert estimate_with_interval(values[:199], statistic)[1] == (-math.inf, math.inf)


def stopped(until: Until, values: npt.NDArray[np.float64]) -> tuple[int, tuple[float, float]]:
    """Where a run stops that looks at these losses, and the interval there."""
    for size in until.looks(len(values)):
        estimate, (low, high) = estimate_with_interval(values[:size], until.statistic)
        if max(high - estimate, estimate - low) <= until.half_width * abs(estimate):
            break
    return size, (low, high)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("normal", "mean ±1%"),
        ("lognormal, sigma 1", "mean ±5%"),
        ("exponential", "cvar95 ±5%"),
        ("lognormal, sigma 0.5", "cvar95 ±4%"),
        ("heavy tail, Pareto 4", "cvar95 ±10%"),
        ("atom of 30 % at 0", "var95 ±5%"),
        ("lognormal, sigma 0.5", "p50 ±3%"),
    ],
)
def test_the_interval_where_a_run_stops_covers_nearly_at_its_nominal_rate(
    name: str, target: str
) -> None:
    losses, until = LOSSES[name], parse_until(target)
    truth, hits, sizes = losses.truth(until.statistic), 0, []
    rng = np.random.default_rng(SEED)
    for _ in range(REPEATS):
        size, (low, high) = stopped(until, losses.draw(rng, 8000))
        hits += low <= truth <= high
        sizes.append(size)
    # A look that happens to see too little spread stops too early: that costs up to 2 %.
    assert 0.92 <= hits / REPEATS <= 0.97
    assert 256 < np.median(sizes) < 8000, "some looks went on, and the cap decided few"
