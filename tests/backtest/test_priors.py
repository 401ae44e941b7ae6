"""Priors come from other cases only, by the rules written down; the tested case is never read."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simulator.backtest import EPISODES, Case, History, load_history, priors_for
from simulator.backtest.forecast import (
    documents,
    forecast,
    monthly_index,
    months_of,
    with_lumpiness,
)
from simulator.backtest.priors import Priors, indices
from simulator.errors import InputError
from simulator.spec import parse_scenario

HISTORY = load_history()
CASES = list({one.case.name: one.case for one in EPISODES}.values())
T95_OF_1 = 6.313751515
Z95 = 1.644853627


def nonsense(case: Case) -> History:
    """The history with every number of a case replaced."""
    return History(
        tuple(replace(r, value=7e6) if r.case == case.name else r for r in HISTORY.months),
        tuple(replace(r, value=7e6) if r.case == case.name else r for r in HISTORY.facts),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_forecast_is_the_same_whatever_is_known_of_its_own_case(case: Case) -> None:
    usual = priors_for(case, HISTORY)
    assert priors_for(case, nonsense(case)) == usual
    assert priors_for(case, HISTORY.without(case.name)) == usual
    names = {name for prior in usual.numbers.values() for name, _ in prior.values}
    own = {one.series for one in EPISODES if one.case is case} | {case.name}
    assert not names & own


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_known_of_other_cases_does_matter(case: Case) -> None:
    others = [one for one in CASES if one.name != case.name]
    usual = priors_for(case, HISTORY)
    found = []
    for one in others:
        try:
            found.append(priors_for(case, HISTORY.without(one.name)))
        except InputError:
            found.append(None)
    assert any(priors != usual for priors in found) or case.kind != "licence"


def test_two_waits_give_the_lognormal_worked_out_by_hand() -> None:
    case = next(case for case in CASES if case.name == "fluoride-2019")
    wait = priors_for(case, HISTORY).numbers["wait"]
    assert [value for _, value in wait.values] == [51.0, 60.0]
    spread = math.log(60 / 51) / math.sqrt(2) * math.sqrt(1.5) * T95_OF_1 / Z95
    median = math.sqrt(51 * 60)
    assert wait.number["median"] == pytest.approx(median, abs=0.05)
    assert wait.number["p95"] == pytest.approx(median * math.exp(Z95 * spread), abs=0.05)


def test_the_share_after_the_first_quarter_is_that_of_the_months_three_to_eleven() -> None:
    case = next(case for case in CASES if case.name == "rare-earths-2025")
    later = priors_for(case, HISTORY).numbers["later"]
    germanium = HISTORY.series("germanium_exports")
    base = np.mean([2410, 5488, 4702, 4233])
    months = [m for m in germanium if "2023-11" <= m <= "2024-07"]
    expected = np.mean([germanium[m].value for m in months]) / base
    assert dict(later.values)["germanium_exports"] == pytest.approx(expected)
    a, b = later.number["a"], later.number["b"]
    assert isinstance(a, float)
    assert isinstance(b, float)
    shares = [min(value, 1.0) for _, value in later.values]
    assert a / (a + b) == pytest.approx(np.mean(shares), abs=1e-3)
    assert a + b >= 0.999


def test_too_few_other_cases_are_refused_in_words() -> None:
    case = next(case for case in CASES if case.name == "gallium-germanium-2023")
    alone = HISTORY.without("rare-earths-2025").without("fluoride-2019")
    with pytest.raises(InputError, match=r"must hold a series of another licence"):
        priors_for(case, alone)


def test_a_notice_lets_customers_hoard_and_no_notice_does_not() -> None:
    with_hoarding = {case.name for case in CASES if "hoarding" in priors_for(case, HISTORY).numbers}
    assert with_hoarding == {"gallium-germanium-2023"}


def test_a_ban_ends_on_equally_likely_days_and_a_licence_never() -> None:
    japan, gallium = (
        next(case for case in CASES if case.name == name)
        for name in ("japan-2010", "gallium-germanium-2023")
    )
    ends = [
        date.fromisoformat(json.loads(text)["shocks"]["event"]["until"])
        for text in documents(japan, priors_for(japan, HISTORY), 1)
    ]
    assert ends == sorted(ends)
    middle = (ends[9] - japan.effective).days, (ends[10] - japan.effective).days
    median = priors_for(japan, HISTORY).numbers["length"].number["median"]
    assert middle[0] <= median <= middle[1]
    [text] = documents(gallium, priors_for(gallium, HISTORY), 1)
    scenario = parse_scenario(text)
    assert scenario.shocks["settled"].window() == (scenario.shocks["new"].window()[1], None)


def test_an_index_is_of_the_mean_month_before() -> None:
    one = next(one for one in EPISODES if one.name == "magnets-us-2025")
    found = indices(HISTORY, one)
    assert found["2025-05"] == pytest.approx(46 / ((689 + 585) / 2))


def test_a_constant_flow_has_an_index_of_the_days_of_its_months() -> None:
    one = next(one for one in EPISODES if one.name == "gallium-2023")
    found = monthly_index(np.full(one.case.horizon_days, 3.0), one)
    assert list(found) == months_of(one)
    assert found["2024-02"] == pytest.approx(29 / (365.25 / 12))


def test_lumpiness_has_mean_one_and_leaves_zeros_alone() -> None:
    one = next(one for one in EPISODES if one.name == "gallium-2023")
    flows = np.ones((4000, len(months_of(one))))
    flows[:, 0] = 0.0
    found = with_lumpiness(flows, one, 0.5, seed=1)
    assert (found[:, 0] == 0.0).all()
    # standard error of a mean: sqrt(exp(0.25) - 1) / sqrt(4000) = 0.0084
    assert np.abs(found[:, 1:].mean(axis=0) - 1.0).max() < 5 * 0.0084
    assert np.log(found[:, 1:]).std() == pytest.approx(0.5, rel=0.02)
    first = with_lumpiness(flows[:100], one, 0.5, seed=1)
    assert (first == found[:100]).all()


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_forecast_flows_are_the_same_whatever_is_known_of_the_case(case: Case) -> None:
    own = [one for one in EPISODES if one.case is case]

    def flows(priors: Priors) -> dict[str, np.ndarray]:
        found = forecast(case, own, priors, replications=3, seed=5).flows
        return {name: with_lumpiness(f, one, priors.lumpiness, 5)
                for one in own for name, f in found.items() if name == one.name}  # fmt: skip

    usual, other = flows(priors_for(case, HISTORY)), flows(priors_for(case, nonsense(case)))
    assert usual.keys() == other.keys()
    assert all((usual[name] == other[name]).all() for name in usual)
