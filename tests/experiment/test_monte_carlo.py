"""The Python calls of a study: their results, and what they refuse."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import simulator
from simulator.engine import EventLog
from simulator.errors import UsageError
from simulator.experiment.monte_carlo import Progress, make_study
from simulator.experiment.replicate import ScenarioReplicate
from simulator.experiment.replication import Replication
from simulator.experiment.store import ALWAYS, FILES
from tests.networks import scenario

CHAIN = """
    materials:
      - {id: ore, layer: minerals, unit: t}
      - {id: chip, layer: ai_infrastructure, unit: unit, price_usd_per_unit: 5, h100e_per_unit: 1}
    facilities:
      - {id: pit, kind: mine, country: AUS, output: ore, capacity_per_day: 20}
      - {id: works, kind: fab, country: TWN, output: chip, recipe: chip, capacity_per_day: 20}
      - {id: site, kind: datacenter, country: USA}
    recipes:
      - {recipe: chip, input: ore, quantity: 1, cover_days: 2}
    lanes:
      - {customer: works, material: ore, supplier: pit, share: 1, transit_days: 1}
      - {customer: site, material: chip, supplier: works, share: 1, transit_days: 1}
    demand:
      - {sink: site, material: chip, units_per_day: 10}
"""
STOP = """
    shocks:
      stop:
        type: outage
        facilities: pit
        from: 2026-01-11
        duration_days: {distribution: choice, values: [5, 15], probabilities: [0.5, 0.5]}
"""


@pytest.fixture
def stop() -> simulator.Scenario:
    return scenario(CHAIN, STOP)


@pytest.fixture
def result(stop: simulator.Scenario) -> simulator.MonteCarloResult:
    return simulator.monte_carlo(stop, 8, seed=3, workers=1)


def test_a_result_is_tables(result: simulator.MonteCarloResult) -> None:
    assert result.replications["replication"].tolist() == list(range(8))
    assert set(result.bands["series"]) == {
        "output", "output_cumulative", "output:chip", "delivered:USA",
    }  # fmt: skip
    row = result.summary.loc["output_loss_units"]
    assert row["unit"] == "units"
    assert row["mean"] == pytest.approx(result.replications["output_loss_units"].mean())
    assert result.summary.loc["output_loss_pct", "mean"] <= 100
    assert result.folder is None
    assert not result.interrupted


def test_losses_are_those_of_the_two_possible_outages(result: simulator.MonteCarloResult) -> None:
    # Stock and pipeline cover two days of the outage; each day after that costs 10 chips.
    table = result.replications
    days = table["draw:shocks.stop.duration_days"]
    assert set(days) == {5.0, 15.0}
    assert table["peak_loss_pct"].gt(0).all()
    impact = table["time_to_impact_days"]
    assert set(impact) == {impact.iloc[0]}
    lost_days = table["time_to_recover_days"]
    assert lost_days[days == 15].iloc[0] - lost_days[days == 5].iloc[0] == 10


def test_the_resolved_scenario_says_what_was_run(result: simulator.MonteCarloResult) -> None:
    assert (result.scenario.seed, result.scenario.replications) == (3, 8)
    assert result.manifest["seed"] == 3
    assert result.manifest["engine"] in ("block", "scalar", "simpy")
    assert result.manifest["command"] == "paxsim run scenario.resolved.yaml -n 8 --seed 3"


def test_both_engines_give_the_same_tables(stop: simulator.Scenario) -> None:
    one, two = (simulator.monte_carlo(stop, 3, engine=name) for name in ("scalar", "simpy"))
    pd.testing.assert_frame_equal(one.replications, two.replications, check_exact=True)
    pd.testing.assert_frame_equal(one.bands, two.bands, check_exact=True)


def test_without_shocks_nothing_is_lost() -> None:
    calm = simulator.monte_carlo(scenario(CHAIN), 2)
    assert (calm.replications["output_loss_units"] == 0).all()
    loss = calm.bands[calm.bands["run"] == "loss"]
    assert (loss[["p05", "p95", "mean"]] == 0).to_numpy().all()


def test_a_result_can_be_saved_later(result: simulator.MonteCarloResult, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name a folder"):
        result.report()
    report = result.report(tmp_path / "run")
    assert report == tmp_path / "run" / "report.html"
    assert set(ALWAYS) <= {path.name for path in report.parent.iterdir()} <= set(FILES)
    again = simulator.load_scenario(tmp_path / "run" / "scenario.resolved.yaml")
    assert again == result.scenario
    with pytest.raises(simulator.OutputError, match="exists"):
        result.save(tmp_path / "run")
    result.save(tmp_path / "run", force=True)


def test_a_result_shows_itself_in_a_notebook_without_markup_of_its_texts(
    stop: simulator.Scenario,
) -> None:
    from dataclasses import replace

    named = simulator.monte_carlo(replace(stop, name="<b>bold</b>"), 2)
    html = named._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;bold" in html
    assert named.answer in html.replace("&#x27;", "'").replace("&quot;", '"')


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("replications", 0), ("replications", 10**12), ("replications", 2.5),
        ("replications", True), ("seed", -1), ("workers", 0), ("workers", 5000), ("engine", "fast"),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_refused(
    stop: simulator.Scenario, name: str, value: object
) -> None:
    with pytest.raises(UsageError, match=f"{name} = {value}: must be"):
        simulator.monte_carlo(stop, **{name: value})  # type: ignore[arg-type]


def test_progress_is_told_as_it_happens(stop: simulator.Scenario) -> None:
    told: list[Progress] = []
    simulator.monte_carlo(stop, 5, workers=1, on_progress=told.append)
    assert told[-1] == Progress(done=5, failed=0, total=5)
    assert [p.done for p in told] == sorted(p.done for p in told)


def test_a_stopped_study_keeps_what_is_done(stop: simulator.Scenario) -> None:
    study, asked = make_study(stop, 1000, workers=1), threading.Event()
    run = study.compute(stop=asked, on_progress=lambda progress: asked.set())
    assert run.interrupted
    assert len(run.replications) == study.replicate.batch_size
    assert run.manifest["replications"] == 1000
    assert run.record["replications"] == study.replicate.batch_size


def test_one_bad_first_replication_does_not_stop_a_study(
    stop: simulator.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ScenarioReplicate._result

    def fail_first(self: ScenarioReplicate, number: int, *run: Any) -> Replication:
        if number == 0:
            raise FloatingPointError("overflow")
        return whole(self, number, *run)

    monkeypatch.setattr(ScenarioReplicate, "_result", fail_first)
    run = simulator.monte_carlo(stop, 3, workers=1)
    assert run.replications["status"].tolist() == ["failed", "done", "done"]
    assert run.record["failed"] == 1
    assert np.isfinite(run.summary.loc["output_loss_pct", "mean"])


def test_a_study_that_cannot_leave_this_process_says_so(
    stop: simulator.Scenario, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from simulator.experiment import monte_carlo as module

    monkeypatch.setattr(module, "why_not_processes", lambda _: "of a test")
    with caplog.at_level(logging.WARNING):
        run = simulator.monte_carlo(stop, 4, workers=2, engine="scalar")
    assert run.manifest["workers"] == 1
    assert "using one process: of a test" in caplog.text


def test_short_runs_stay_in_this_process_unless_asked(stop: simulator.Scenario) -> None:
    assert simulator.monte_carlo(stop, 4).manifest["workers"] == 1
    assert simulator.monte_carlo(stop, 40, workers=2).manifest["workers"] == 2


def test_one_replication_can_be_looked_at_alone(
    stop: simulator.Scenario, result: simulator.MonteCarloResult
) -> None:
    lost = [
        float(
            simulator.simulate(stop, number, seed=3, baseline=True)["facilities", "matured"].sum()
            - simulator.simulate(stop, number, seed=3)["facilities", "matured"].sum()
        )
        for number in range(2)
    ]
    assert all(value > 0 for value in lost)
    table = simulator.simulate(stop, 1, seed=3).frame("facilities")
    works = table[table["id"] == "works"]
    assert len(works) == stop.horizon_days
    log = EventLog()
    simulator.simulate(stop, 1, seed=3, log=log)
    assert len(log.frame()) > 0
    with pytest.raises(simulator.InputError, match="replications count from 0"):
        simulator.simulate(stop, -1)
