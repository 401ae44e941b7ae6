"""Quantiles, VaR and CVaR by hand, and the coverage of their intervals on known distributions."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import stats

from simulator.errors import InputError
from simulator.metrics import (
    exceedance,
    exceedance_probability,
    summarise,
    wilson_interval,
)
from simulator.metrics.intervals import mean_with_interval, means_with_intervals
from simulator.metrics.risk import quantile, quantile_interval, tail_risk

INF = math.inf


def tail(values, level=0.95):
    return summarise(values, levels=(level,)).tails[0]


def test_the_mean_has_a_student_interval():
    values = [1.0, 2.0, 3.0, 4.0]
    summary = summarise(values)
    half = stats.t.ppf(0.975, 3) * np.std(values, ddof=1) / 2
    assert summary.mean == 2.5
    assert summary.mean_ci == pytest.approx((2.5 - half, 2.5 + half), rel=1e-12)


def test_a_skewed_sample_has_the_interval_of_halls_transformation():
    values = np.array([0.0, 0.0, 0.0, 1.0, 9.0])
    mean, spread, root = 2.0, np.std(values, ddof=1), math.sqrt(5)
    skewness = np.mean(((values - mean) / spread) ** 3)
    t = stats.t.ppf(0.975, 4)
    _, (low, high) = mean_with_interval(values)
    ends = [(mean - end) * root / spread for end in (high, low)]
    # Hall's cubic takes the ends back to those of Student's distribution.
    assert [
        x + skewness * x * x / (3 * root) + skewness**2 * x**3 / (27 * 5) + skewness / (6 * root)
        for x in ends
    ] == pytest.approx([-t, t], rel=1e-9)


@pytest.mark.parametrize("size", [0, 1, 2, 10, 300])
def test_many_samples_at_once_have_the_intervals_that_each_has_alone(size):
    rng = np.random.Generator(np.random.Philox(3))
    samples = rng.lognormal(0.0, 2.0, (40, size))
    samples[:7] = 0.1
    mean, low, high = means_with_intervals(samples)
    alone = [mean_with_interval(row) for row in samples]
    assert np.array_equal(mean, [m for m, _ in alone], equal_nan=True)
    assert np.array_equal(low, [a for _, (a, _) in alone], equal_nan=True)
    assert np.array_equal(high, [b for _, (_, b) in alone], equal_nan=True)
    if size > 1:
        assert (mean[:7] == 0.1).all()
        assert (low[:7] == high[:7]).all()
        assert (low[7:] < mean[7:]).all()
        assert (mean[7:] < high[7:]).all()


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, 1e9 + 0.1])
def test_constants_have_intervals_of_exactly_no_width(value):
    summary = summarise(np.full(997, value))
    assert (summary.mean, summary.mean_ci) == (value, (value, value))
    assert (summary.p05, summary.p50, summary.p95) == (value, value, value)
    (risk,) = summary.tails
    assert (risk.var, risk.cvar, risk.cvar_ci) == (value, value, (value, value))
    assert risk.var_ci == (value, value)


def test_one_replication_has_a_mean_and_no_interval():
    record = summarise([3.0]).as_dict()
    assert record["mean"] == record["p50"] == 3.0
    assert record["mean_ci95"] == record["p50_ci95"] == [None, None]
    assert tail([3.0]).var == tail([3.0]).cvar == 3.0


def test_no_replication_has_no_numbers():
    record = summarise([]).as_dict()
    assert record["n"] == 0
    assert record["mean"] is record["p50"] is record["cvar95"] is None


@pytest.mark.parametrize("n", [1, 2, 5, 20, 21, 100, 333])
@pytest.mark.parametrize("level", [0.05, 0.5, 0.9, 0.95, 0.99])
def test_quantiles_are_those_of_numpy(n, level):
    values = np.sort(np.random.default_rng(n).normal(size=n))
    assert quantile(values, level) == pytest.approx(np.quantile(values, level), rel=1e-12)


def test_cvar_is_the_mean_of_the_worst_five_percent():
    assert tail(np.arange(1, 101)).cvar == np.mean([96, 97, 98, 99, 100])
    assert tail(np.arange(1, 101), 0.90).cvar == 95.5
    assert tail(np.arange(1, 101), 0.99).cvar == 100


def test_cvar_counts_the_observation_at_the_edge_by_its_fraction():
    # 30 values: the worst 5 % are 1.5 observations.
    assert tail(np.arange(1, 31)).cvar == pytest.approx((30 + 0.5 * 29) / 1.5)
    # 10 values: the worst 5 % are half an observation.
    assert tail(np.arange(1, 11)).cvar == 10


@pytest.mark.parametrize("n", [3, 17, 50, 210])
def test_cvar_is_the_minimum_of_the_rockafellar_uryasev_function(n):
    losses = np.random.default_rng(n).exponential(size=n)
    at = losses[:, None]
    values = at.ravel() + np.maximum(0, losses[None, :] - at).sum(axis=1) / (0.05 * n)
    assert tail(losses).cvar == pytest.approx(values.min(), rel=1e-12)


@pytest.mark.parametrize("n", range(1, 130))
def test_cvar_is_never_below_var(n):
    values = np.random.default_rng(n).lognormal(size=n)
    for risk in summarise(values, levels=(0.9, 0.95, 0.99)).tails:
        assert risk.cvar >= risk.var


def test_the_order_of_replications_does_not_matter():
    values = np.random.default_rng(3).lognormal(size=500)
    assert summarise(values[::-1]).tails == summarise(values).tails


@pytest.mark.parametrize(("n", "level"), [(20, 0.5), (100, 0.95), (1000, 0.95), (1000, 0.99)])
def test_each_end_of_a_quantiles_interval_is_missed_in_one_of_forty_samples(n, level):
    ends = quantile_interval(np.arange(1.0, n + 1), level)
    for end, chance in zip(ends, (0.025, 0.975), strict=True):
        # Chances that the observations around this end lie above the quantile.
        below, above = stats.binom.cdf([int(end) - 1, int(end)], n, level)
        assert below <= chance <= above
    assert ends[0] < n * level < ends[1]


def test_the_interval_of_a_median_has_the_hand_computed_ends():
    # Of 10 values, X(2) lies above the median with chance 11/1024, X(3) with 56/1024.
    here, beyond = 0.025 - 11 / 1024, 56 / 1024 - 0.025
    part = 1 / (1 + 2 * beyond / (8 * here))
    low, high = quantile_interval(np.arange(1.0, 11), 0.5)
    assert low == pytest.approx(2 + part)
    assert high == pytest.approx(11 - low)


def test_a_small_sample_does_not_bound_the_tail_from_above():
    assert quantile_interval(np.arange(1.0, 51), 0.95)[1] == INF
    assert 72 < quantile_interval(np.arange(1.0, 74), 0.95)[1] <= 73  # 0.95 ** 73 < 0.025
    assert quantile_interval(np.arange(1.0, 6), 0.05)[0] == -INF


def test_the_skewness_of_losses_widens_the_interval_of_their_mean_above():
    skewed = np.array([0.0] * 90 + [1.0] * 10)
    low, high = summarise(skewed).mean_ci
    assert high - 0.1 > 1.2 * (0.1 - low)
    assert summarise(-skewed).mean_ci == pytest.approx((-high, -low))


def test_with_fewer_than_ten_observations_beyond_it_a_tail_is_refused_and_the_rule_said():
    thin = summarise(np.arange(199.0), levels=(0.9, 0.95, 0.99)).as_dict()
    assert thin["tail_observations"] == 9
    for name in ("p05", "p95", "var95", "cvar95", "var99", "cvar99"):
        assert thin[name] is None, name
    assert thin["var95_ci95"] == thin["cvar95_ci95"] == [None, None]
    assert thin["refused"] == "p05 p95 var95 cvar95 var99 cvar99"
    assert None not in (thin["p50"], thin["var90"], thin["cvar90"])
    assert thin["note"] == (
        "199 observations leave 9 beyond the 95 % quantile, where 10 are needed, so the tail is "
        "not given: run 200 replications or more"
    )
    enough = summarise(np.arange(200.0)).as_dict()
    assert enough["tail_observations"] == 10
    assert "note" not in enough
    assert "refused" not in enough


def test_what_never_happened_is_beyond_every_quantile_and_not_in_the_mean():
    summary = summarise([10.0, 20.0, math.nan, 30.0])
    assert (summary.n, summary.censored, summary.mean) == (4, 1, 20.0)
    assert (summary.p50, summary.p95) == (25.0, INF)
    record = summary.as_dict()
    assert record["p95"] is None
    assert record["cvar95"] is None
    assert record["cvar95_ci95"] == [None, None]


def test_what_never_happened_in_any_replication_has_no_mean():
    record = summarise([math.nan] * 3).as_dict()
    assert (record["n"], record["censored"]) == (3, 3)
    assert record["mean"] is record["p05"] is record["p50"] is None


def test_lower_bounds_count_in_the_mean_and_as_infinite_in_quantiles():
    summary = summarise(
        [10.0, 20.0, 90.0, math.nan],
        censored=[False, False, True, False],
        nan_means="excluded",
    )
    assert (summary.n, summary.censored, summary.excluded) == (3, 1, 1)
    assert summary.mean == 40.0
    assert (summary.p50, summary.p95) == (20.0, INF)


def test_several_levels_give_several_risks():
    record = summarise(np.arange(1.0, 1001), levels=(0.9, 0.95, 0.99)).as_dict()
    assert [record[f"cvar{level}"] for level in (90, 95, 99)] == [950.5, 975.5, 995.5]
    assert {"var90_ci95", "cvar99_ci95"} <= record.keys()


def test_a_summary_is_strict_json():
    text = json.dumps(summarise([1.0, math.nan]).as_dict(), allow_nan=False)
    assert json.loads(text)["p95"] is None


@pytest.mark.parametrize("level", [0.0, 1.0, 95, math.nan])
def test_a_level_outside_zero_and_one_is_refused(level):
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        summarise([1.0], levels=(level,))


def test_an_unknown_meaning_of_nan_is_refused():
    with pytest.raises(InputError, match="nan_means"):
        summarise([1.0], nan_means="zero")


def test_the_exceedance_curve_counts_what_is_strictly_worse():
    losses, probability = exceedance([3.0, 1.0, 1.0, 2.0, math.nan])
    assert losses.tolist() == [1.0, 2.0, 3.0]
    assert probability.tolist() == [0.5, 0.25, 0.0]
    assert exceedance([])[0].size == 0


def test_the_wilson_interval_has_the_published_values():
    # Newcombe (1998), table I, method 3: 81/263, 15/148, 0/20 and 1/29.
    for successes, n, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson_interval(20, 20)[1] == 1.0
    assert all(math.isnan(end) for end in wilson_interval(0, 0))


def test_the_probability_of_a_loss_comes_with_its_interval():
    share, interval = exceedance_probability([0.0, 5.0, 6.0, 7.0], 5.0)
    assert share == 0.5
    assert interval == wilson_interval(2, 4)


# Coverage. False-alarm rate: if an interval covered exactly at the floor asked for, chance would
# fail its test in fewer than 1 of 1,000 seeds (one-sided binomial). Seeds are fixed.
TRIALS = 600


def covered(draw, truth, interval):
    rng = np.random.default_rng(20251009)
    hits = 0
    for _ in range(TRIALS):
        low, high = interval(np.sort(draw(rng)))
        hits += low <= truth <= high
    return hits


def floor_of(coverage):
    return int(stats.binom.ppf(0.001, TRIALS, coverage))


DRAWS = {
    "exponential": (lambda rng: rng.exponential(size=400), -math.log(0.05), 1 - math.log(0.05)),
    "uniform": (lambda rng: rng.uniform(size=400), 0.95, 0.975),
    "zeros and uniform": (
        lambda rng: np.maximum(0.0, rng.uniform(-4, 1, size=400)),
        0.75,
        0.875,
    ),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_interval_of_var_covers_the_truth_at_its_nominal_rate(name):
    draw, var, _ = DRAWS[name]
    assert covered(draw, var, lambda x: quantile_interval(x, 0.95)) >= floor_of(0.95)


@pytest.mark.parametrize("name", DRAWS)
def test_the_interval_of_cvar_covers_the_truth_nearly_at_its_nominal_rate(name):
    draw, _, cvar = DRAWS[name]
    # The interval is asymptotic: 92 % at n = 400 is asked for, not 95 %.
    assert covered(draw, cvar, lambda x: tail_risk(x, 0.95).cvar_ci) >= floor_of(0.92)


def test_the_interval_of_the_mean_covers_the_truth_at_its_nominal_rate():
    hits = covered(lambda rng: rng.normal(3, 2, size=6), 3, lambda x: summarise(x).mean_ci)
    low, high = stats.binom.ppf([0.0005, 0.9995], TRIALS, 0.95)
    assert low <= hits <= high
