"""What was added for people who work in notebooks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator import figures, studies
from tests.networks import serial

TEXT = (
    "start: 2026-01-01\nhorizon_days: 40\noutcome: [metal]\nnetwork:\n"
    + "".join(f"  {line}\n" for line in serial().strip().splitlines())
    + "shocks:\n  stop: {type: outage, facilities: mine, from: 2026-01-05, duration_days: 20}\n"
)


@pytest.fixture(scope="module")
def result() -> simulator.MonteCarloResult:
    return simulator.monte_carlo(TEXT, 2)


def test_a_scenario_can_be_given_as_text() -> None:
    scenario = simulator.load_scenario(TEXT, {"horizon_days": "30"})
    assert scenario.horizon_days == 30
    assert list(scenario.shocks) == ["stop"]


def test_a_fault_in_the_text_is_given_with_its_line() -> None:
    with pytest.raises(simulator.InputError, match=r"scenario:\d+: shocks.stop.facilities"):
        simulator.load_scenario(TEXT.replace("facilities: mine,", "facilities: mime,"))


def test_a_table_has_a_column_per_thing_and_the_numbers_of_the_series() -> None:
    run = simulator.simulate(TEXT)
    started = run.table("started")
    assert list(started.columns) == ["market", "mine", "plant"]
    assert str(started.index[4].date()) == "2026-01-05"
    assert np.array_equal(started.to_numpy().T, run["facilities", "started"])
    asked = run.table("asked", "lanes")
    assert list(asked.columns) == ["market/metal/plant", "plant/ore/mine"]


def test_a_series_that_was_not_recorded_is_refused() -> None:
    with pytest.raises(simulator.PaxsimError, match="was not recorded"):
        simulator.simulate(TEXT).table("happiness")


def test_results_are_short_where_only_their_name_is_shown(
    result: simulator.MonteCarloResult,
) -> None:
    assert repr(result) == "<MonteCarloResult of scenario: 2 replications, 40 days, seed 20251009>"
    assert len(repr(result.scenario)) < 100
    assert repr(simulator.simulate(TEXT)) == "<Trajectory of 3 facilities, 40 days>"


def test_a_figure_is_the_same_from_a_result_and_from_its_folder(
    result: simulator.MonteCarloResult, tmp_path: Path
) -> None:
    folder = result.save(tmp_path / "run")
    titles = [figures.draw(run, "cumulative").get_title(loc="left") for run in (result, folder)]
    assert titles[0] == titles[1] != ""


@pytest.mark.parametrize(
    ("name", "words"), [("outptu", "did you mean 'output'"), ("ledger", "paxsim attribute RUN")]
)
def test_a_figure_that_is_not_there_is_refused_with_a_remedy(
    result: simulator.MonteCarloResult, name: str, words: str
) -> None:
    with pytest.raises(simulator.PaxsimError, match=words):
        figures.draw(result, name)


def test_explain_says_what_describe_says() -> None:
    assert "Calendar" in studies.explain(TEXT)
    assert "outage of mine" in studies.explain(simulator.load_scenario(TEXT))
