"""The pages on validation say what the record, the data and the tests say."""

from __future__ import annotations

import configparser
import importlib.util
import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from simulator.backtest import EPISODES, load_history, priors_for
from simulator.backtest.priors import indices
from simulator.backtest.published import METRICS, load_estimates, run_shock, shares
from simulator.backtest.records import DIGITS, prior_rows, to_record
from simulator.backtest.result import run
from simulator.report.backtest_page import backtest_page
from simulator.report.backtest_plot import backtest_svg
from simulator.report.published_page import published_page

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RECORD = json.loads((DOCS / "validation.json").read_text(encoding="utf-8"))
FIGURES = json.loads((DOCS / "published-estimates.json").read_text(encoding="utf-8"))
HISTORY = load_history()


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_page_of_back_tests_is_that_of_its_record() -> None:
    again = "run `paxsim backtest --markdown docs/validation.md`"
    assert text_of("validation.md") == backtest_page(RECORD, "validation.svg"), again
    assert text_of("validation.svg").startswith("<?xml")


def test_the_record_holds_every_episode_with_the_priors_and_months_of_today() -> None:
    assert [one["name"] for one in RECORD["episodes"]] == [one.name for one in EPISODES]
    for record, one in zip(RECORD["episodes"], EPISODES, strict=True):
        assert record["known_limits"] == one.known_limits
        assert record["priors"] == prior_rows(priors_for(one.case, HISTORY))
        known = indices(HISTORY, one)
        months = {row["month"]: row["index"] for row in record["months"]}
        assert months.keys() == {m for m in known if one.first <= m <= one.last}
        for month, index in months.items():
            assert index == pytest.approx(known[month], rel=10.0 ** (1 - DIGITS))


def test_the_figure_names_every_episode_and_is_the_same_each_time() -> None:
    drawn = backtest_svg(RECORD["episodes"])
    assert drawn == backtest_svg(RECORD["episodes"])
    assert all(one.name in drawn for one in EPISODES)


def test_the_headline_adds_up() -> None:
    months = [row for one in RECORD["episodes"] for row in one["months"]]
    inside = sum(row["covered"] for row in months)
    assert f"{inside} of {len(months)} observed months" in text_of("validation.md")
    for row in months:
        low, high = row["p05"] - 0.006, row["p95"] + 0.006
        assert row["covered"] == (low <= row["index"] <= high)


@pytest.mark.slow
def test_a_run_of_today_gives_the_record() -> None:
    found = run("quartz-2024", replications=RECORD["replications"], seed=RECORD["seed"])
    [today] = to_record([found], seed=RECORD["seed"])["episodes"]
    [written] = [one for one in RECORD["episodes"] if one["name"] == "quartz-2024"]
    assert today == written


def test_the_page_of_published_estimates_is_that_of_its_record() -> None:
    again = "run `python -m simulator.report.published_page docs/published-estimates.md`"
    assert text_of("published-estimates.md") == published_page(FIGURES), again


def test_the_shares_on_that_page_are_those_of_the_tables() -> None:
    assert FIGURES["shares"] == {name: float(f"{v:.4g}") for name, v in shares().items()}


@pytest.mark.slow
def test_a_run_of_today_gives_the_figures_on_that_page() -> None:
    count, written = FIGURES["replications"], FIGURES["runs"]["gallium"]
    found = run_shock("gallium", replications=count, seed=FIGURES["seed"])
    for metric in METRICS:
        assert {k: float(f"{v:.4g}") for k, v in found[metric].items()} == written[metric]


def test_every_published_estimate_is_compared_or_left_out_with_a_reason() -> None:
    text = text_of("published-estimates.md")
    for name in load_estimates():
        assert re.search(rf"\b{name}\b", text), name


def test_every_check_named_on_the_page_of_cross_checks_is_a_test() -> None:
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "statistical").glob("*.py")
    )
    named = re.findall(r"`(test_\w+)`", text_of("cross-checks.md"))
    assert len(named) >= 8
    assert all(f"def {name}(" in tests for name in named)


@pytest.mark.parametrize("name", ["stockpyl", "SupplyNetPy"])
def test_the_page_says_which_versions_of_other_programs_were_compared(name: str) -> None:
    extras = configparser.ConfigParser()
    extras.read(ROOT / "setup.cfg", encoding="utf-8")
    pin = re.search(rf"^{name}>=(\d+\.\d+)", extras["options.extras_require"]["benchmark"], re.M)
    assert pin is not None
    assert f"{name} {pin[1]}" in text_of("cross-checks.md")
    if importlib.util.find_spec(name) is not None:
        assert ".".join(version(name).split(".")[:2]) == pin[1]
