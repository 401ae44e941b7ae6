"""Streams are uniform and independent, and numbers drawn from them have the right distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.sampling.streams import EVENT, PARAMETER, Streams
from simulator.spec import parse_number
from tests.networks import model

TESTS = 40
#: Chance that a test of this file fails though all is right, over all its tests: one in a thousand.
ALARM = 0.001 / TESTS
SEED, COUNT = 20251009, 20_000
NAMES = ["recipes.n5/tool_spares.criticality", "shocks.rule.approval", "x", "y"]


def entries(name: str, purpose: str = EVENT, seed: int = SEED) -> np.ndarray:
    return Streams(seed).uniforms(name, purpose, 0, COUNT)


@pytest.mark.parametrize("name", NAMES)
def test_entries_of_a_stream_are_uniform(name: str) -> None:
    found = entries(name)
    assert ((found >= 0) & (found < 1)).all()
    assert stats.kstest(found, "uniform").pvalue > ALARM


@pytest.mark.parametrize("lag", [1, 2, 4, 1024])
def test_entries_of_a_stream_do_not_depend_on_earlier_ones(lag: int) -> None:
    found = entries("shocks.rule.approval")
    assert independent(found[:-lag], found[lag:])


@pytest.mark.parametrize("first", NAMES)
@pytest.mark.parametrize("second", NAMES)
def test_streams_of_different_names_are_independent(first: str, second: str) -> None:
    if first < second:
        assert independent(entries(first), entries(second))


def test_streams_of_different_purposes_and_seeds_are_independent() -> None:
    assert independent(entries("x"), entries("x", PARAMETER))
    assert independent(entries("x", seed=1), entries("x", seed=2))


def independent(one: np.ndarray, two: np.ndarray) -> bool:
    """Chi-square over a grid of ten by ten cells."""
    cells = np.histogram2d(one, two, bins=10, range=((0, 1), (0, 1)))[0]
    return bool(stats.chisquare(cells.ravel()).pvalue > ALARM)


def test_daily_entries_are_uniform_and_independent_over_days_and_replications() -> None:
    streams = Streams(SEED)
    found = np.array([streams.daily("demand.market/ore.daily", EVENT, k, 60) for k in range(400)])
    assert stats.kstest(found.ravel(), "uniform").pvalue > ALARM
    assert independent(found[:, :-1].ravel(), found[:, 1:].ravel())
    assert independent(found[:-1].ravel(), found[1:].ravel())


def test_the_first_entries_of_many_streams_are_uniform() -> None:
    streams = Streams(SEED)
    found = [streams.uniforms(f"facilities.f{n}.capacity", PARAMETER, 0, 4) for n in range(2000)]
    for column in np.array(found).T:
        assert stats.kstest(column, "uniform").pvalue > ALARM


REFERENCES = {
    "uniform": ({"low": 2, "high": 5}, stats.uniform(2, 3)),
    "triangular": ({"low": 1, "mode": 2, "high": 5}, stats.triang(0.25, 1, 4)),
    "pert": ({"low": 1, "mode": 2, "high": 5}, stats.beta(2, 4, 1, 4)),
    "normal": ({"mean": 3, "sd": 2}, stats.norm(3, 2)),
    "lognormal": (
        {"median": 52.8, "p95": 166.2},
        stats.lognorm(math.log(166.2 / 52.8) / stats.norm.ppf(0.95), scale=52.8),
    ),
    "beta": ({"a": 2.5, "b": 9}, stats.beta(2.5, 9)),
    "exponential": ({"mean": 7}, stats.expon(scale=7)),
    "weibull": ({"shape": 1.7, "scale": 30}, stats.weibull_min(1.7, scale=30)),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_sampled_numbers_have_their_distribution(name: str) -> None:
    keys, reference = REFERENCES[name]
    number = parse_number({"distribution": name, **keys})
    streams = Streams(SEED)
    drawn = [streams.value(f"test.{name}", PARAMETER, k, number) for k in range(4000)]
    assert stats.kstest(drawn, reference.cdf).pvalue > ALARM


def test_sampled_choices_have_their_probabilities() -> None:
    number = parse_number(
        {"distribution": "choice", "values": [1, 2, 5], "probabilities": [0.2, 0.5, 0.3]}
    )
    streams = Streams(SEED)
    drawn = np.array([streams.value("test.choice", EVENT, k, number) for k in range(4000)])
    counts = [(drawn == value).sum() for value in (1, 2, 5)]
    assert stats.chisquare(counts, [800, 2000, 1200]).pvalue > ALARM


TABLES = """
materials: [{id: ore, layer: minerals, unit: t}, {id: metal, layer: minerals, unit: t}]
facilities:
  - {id: mine, kind: mine, country: CHN, output: ore, capacity_per_day: 100}
  - {id: plant, kind: plant, country: JPN, output: metal, recipe: metal, capacity_per_day: 100}
  - {id: market, kind: market, country: USA}
recipes:
  - {recipe: metal, input: ore, quantity: 1,
     criticality: {distribution: pert, low: 0.1, mode: 0.3, high: 0.9}}
lanes:
  - {customer: plant, material: ore, supplier: mine, share: 1, transit_days: 1}
  - {customer: market, material: metal, supplier: plant, share: 1, transit_days: 5,
     transit_noise: {distribution: lognormal, median: 5, p95: 9}}
demand:
  - {sink: market, material: metal, units_per_day: 10, daily: {distribution: poisson, mean: 10}}
"""


def test_parameters_of_realisations_have_their_quantiles() -> None:
    ready = model(TABLES, days=3)
    drawn = np.array([ready.realise(k).draws["recipes.metal/ore.criticality"] for k in range(3000)])
    reference = stats.beta(2, 4, 0.1, 0.8)
    for quantile in (0.05, 0.5, 0.95):
        below = int((drawn <= reference.ppf(quantile)).sum())
        assert stats.binomtest(below, len(drawn), quantile).pvalue > ALARM


def test_daily_demand_and_transit_have_their_distributions() -> None:
    ready = model(TABLES, days=300)
    pairs = [ready.realise(k).baseline for k in range(20)]
    slot = ready.network.slot_ids.index("market/metal")
    demand = np.concatenate([real.daily_demand[slot] for real in pairs])
    low, high = 4, 17
    counts = [(np.clip(demand, low, high) == n).sum() for n in range(low, high + 1)]
    shares = [stats.poisson.pmf(n, 10) for n in range(low, high + 1)]
    shares[0], shares[-1] = stats.poisson.cdf(low, 10), stats.poisson.sf(high - 1, 10)
    assert stats.chisquare(counts, len(demand) * np.array(shares)).pvalue > ALARM
    lane = ready.network.lane_index["market/metal/plant"]
    transit = np.concatenate([real.daily_transit[lane] for real in pairs])
    reference = stats.lognorm(math.log(9 / 5) / stats.norm.ppf(0.95), scale=5)
    # whole days: n takes what is drawn from n - 1/2 up to n + 1/2
    days = np.arange(3, 9)
    counts = [(transit < 3).sum(), *((transit == n).sum() for n in days), (transit > 8).sum()]
    edges = reference.cdf([2.5, *(days + 0.5)])
    shares = np.diff([0.0, *edges, 1.0])
    assert stats.chisquare(counts, len(transit) * shares).pvalue > ALARM
