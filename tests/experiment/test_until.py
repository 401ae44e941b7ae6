from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.errors import UsageError
from simulator.experiment.rows import Rows
from simulator.experiment.until import FIRST_LOOK, estimate_with_interval, parse_until

Z95 = stats.norm.ppf(0.95)
# name: sampler, mean, CVaR95
KNOWN = {
    "normal": (lambda g, n: g.normal(10, 3, n), 10.0, 10 + 3 * stats.norm.pdf(Z95) / 0.05),
    "exponential": (lambda g, n: g.exponential(1, n), 1.0, 1 + math.log(20)),
    "lognormal": (
        lambda g, n: g.lognormal(0, 0.5, n),
        math.exp(0.125),
        math.exp(0.125) * stats.norm.cdf(0.5 - Z95) / 0.05,
    ),
    "uniform": (lambda g, n: g.random(n), 0.5, 0.975),
}


@pytest.mark.parametrize(
    ("text", "metric", "statistic", "half", "relative"),
    [
        ("cvar95 ±2%", "output_loss_pct", "cvar95", 0.02, True),
        ("output_loss_pct.mean ±0.1", "output_loss_pct", "mean", 0.1, False),
        ("delivered_loss_pct:JPN.p50 +-1e-1", "delivered_loss_pct:JPN", "p50", 0.1, False),
        ("var99 +/- 5 %", "output_loss_pct", "var99", 0.05, True),
    ],
)
def test_a_target_is_read(
    text: str, metric: str, statistic: str, half: float, relative: bool
) -> None:
    found = parse_until(text)
    assert (found.metric, found.statistic, found.relative) == (metric, statistic, relative)
    assert found.half_width == pytest.approx(half)


@pytest.mark.parametrize("text", ["", "mean", "mean ±", "mean ±0", "cvar ±1", "p00 ±1", "±2%"])
def test_a_target_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--until"):
        parse_until(text)


def test_looks_grow_by_half_and_end_at_the_cap() -> None:
    looks = list(parse_until("mean ±1").looks(2000))
    assert looks[:3] == [FIRST_LOOK, 384, 576]
    assert looks[-1] == 2000
    assert looks == sorted(set(looks))
    assert list(parse_until("mean ±1").looks(10)) == [10]


def test_a_tail_of_fewer_than_ten_is_never_narrow() -> None:
    values = np.full(199, 3.0)
    assert math.isinf(estimate_with_interval(values, "cvar95")[1][1])
    assert estimate_with_interval(np.full(200, 3.0), "cvar95")[1] == (3.0, 3.0)


def test_failed_replications_do_not_count() -> None:
    rows = Rows(np.arange(4), {"x": np.array([1.0, 2.0, 3.0, np.nan])}, {3: "ValueError: no"})
    verdict = parse_until("x.mean ±5").verdict(rows)
    assert verdict["estimate"] == 2
    assert verdict["reached"]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(KNOWN))
@pytest.mark.parametrize("target", ["mean ±3%", "cvar95 ±4%"])
def test_intervals_at_the_stop_cover_the_truth(name: str, target: str) -> None:
    # 600 runs: 95 % has a standard error of 0.9 points; 92 % is passed by a true 95 % except once
    # in 2,000 tests, and a true 89 % fails in 99 of 100.
    sample, mean, cvar = KNOWN[name]
    until, generator = parse_until(target), np.random.default_rng(5)
    truth = mean if until.statistic == "mean" else cvar
    covered = close = 0
    for _ in range(600):
        values = sample(generator, 20_000)
        for size in until.looks(20_000):
            estimate, (low, high) = estimate_with_interval(values[:size], until.statistic)
            if max(high - estimate, estimate - low) <= until.half_width * abs(estimate):
                break
        covered += low <= truth <= high
        close += abs(estimate - truth) <= until.half_width * truth
    assert covered / 600 >= 0.92
    assert close / 600 >= 0.92
