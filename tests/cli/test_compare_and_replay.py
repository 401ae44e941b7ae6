from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

from simulator.cli.exit_codes import ExitCode
from simulator.errors import UsageError
from simulator.metrics.paired import compare_paired

Paxsim = Callable[..., Result]


@pytest.fixture
def three(paxsim: Paxsim, pit: Path) -> Path:
    """Runs a, b and c of the same futures, with less and less severe outages."""
    for name, severity in (("a", 1), ("b", 0.8), ("c", 0.4)):
        words = ("-n", 20, "--set", f"shocks.stop.severity={severity}", "-o", name)
        assert paxsim("run", "pit.yaml", *words).exit_code == ExitCode.DONE
    return pit.parent


def test_a_milder_shock_is_best_and_its_saving_is_paired(paxsim: Paxsim, three: Path) -> None:
    done = paxsim("compare", "a", "b", "c", "--cost", "c=2", "--format", "json")
    assert done.exit_code == ExitCode.DONE, done.output
    a, b, c = json.loads(done.stdout)
    assert (a["saved"], a["saved_ci95_low"], a["saved_ci95_high"]) == (0, 0, 0)
    tables = [
        pd.read_parquet(three / name / "replications.parquet")["output_loss_pct"] for name in "abc"
    ]
    assert c["saved"] == pytest.approx((tables[0] - tables[2]).mean())
    assert c["best"] == 1
    assert c["regret"] == 0
    assert a["regret"] == pytest.approx((tables[0] - tables[2]).mean())
    assert a["regret"] > b["regret"] > 0
    assert c["saved_per_cost"] == pytest.approx(c["saved"] / 2)
    assert b["cost"] is None
    unpaired = 2 * 1.96 * np.hypot(tables[0].std(), tables[1].std()) / np.sqrt(20)
    assert b["saved_ci95_high"] - b["saved_ci95_low"] < unpaired


def test_scenarios_are_run_and_compared_under_the_same_futures(paxsim: Paxsim, pit: Path) -> None:
    milder = pit.read_text(encoding="utf-8").replace("from:", "severity: 0.4\n    from:")
    (pit.parent / "mild.yaml").write_text(milder, encoding="utf-8")
    done = paxsim("compare", "pit.yaml", "mild.yaml", "-n", 10, "--format", "csv")
    assert done.exit_code == ExitCode.DONE, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["alternative"] for row in rows] == ["pit.yaml", "mild.yaml"]
    assert float(rows[1]["best"]) == 1
    table = paxsim("compare", "pit.yaml", "mild.yaml", "-n", 10)
    assert "output_loss_pct in %, 10 futures" in table.stderr


def test_what_cannot_be_compared_is_refused(paxsim: Paxsim, three: Path) -> None:
    paxsim("run", "pit.yaml", "-n", 20, "-s", 9, "-o", "other")
    for words, message in (
        (("a", "other"), "other: seed is 9"),
        (("a",), "name two different"),
        (("a", "b", "--metric", "loss"), "a has no such column"),
        (("a", "b", "--cost", "z=3"), "--cost z: is not compared here"),
        (("a", "b", "--cost", "b=0"), "must be NAME=AMOUNT"),
    ):
        done = paxsim("compare", *words)
        assert done.exit_code == ExitCode.USAGE
        assert message in done.stderr


def test_ties_share_the_probability_of_being_best() -> None:
    losses = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 0.0]])
    first, second = compare_paired(losses)
    assert (first.best, second.best) == (0.375, 0.625)
    assert np.isnan(first.cvar95_saved_ci[0])
    with pytest.raises(UsageError, match="two replications"):
        compare_paired(losses[:, :1])


def test_the_interval_of_a_saved_tail_holds_the_truth() -> None:
    # Losses x and x - 1: the tail saves exactly 1, whatever the sample.
    x = np.random.default_rng(1).lognormal(size=400)
    _, second = compare_paired(np.array([x, x - 1]))
    assert second.cvar95_saved == pytest.approx(1)
    assert second.cvar95_saved_ci == pytest.approx((1, 1))


def test_a_replay_gives_the_numbers_of_the_run_and_says_what_happened(
    paxsim: Paxsim, three: Path
) -> None:
    done = paxsim("replay", "a", "--format", "json")
    assert done.exit_code == ExitCode.DONE, done.output
    table = pd.read_parquet(three / "a" / "replications.parquet")
    worst = int(table["output_loss_pct"].idxmax())
    assert f"replication {worst}: {table['output_loss_pct'].max():.3g} %" in done.stderr
    events = json.loads(done.stdout)
    assert {event["facility"] for event in events} & {"pit", "works"}
    assert events == sorted(events, key=lambda event: (event["day"], event["facility"]))
    folder = three / f"a-replay-{worst}"
    assert sorted(path.name for path in folder.iterdir()) == [
        "events.csv", "events.json", "series.csv", "timeline.svg",
    ]  # fmt: skip
    series = pd.read_csv(folder / "series.csv")
    lost = series["baseline"].sum() - series["shocked"].sum()
    assert lost == pytest.approx(table["output_loss_units"].max())
    other = paxsim("replay", "a", "-k", 3, "-o", "here")
    assert other.exit_code == ExitCode.DONE
    assert (three / "here" / "timeline.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_a_replay_gives_the_same_numbers_where_the_baseline_is_read_off_its_plan(
    paxsim: Paxsim, pit: Path
) -> None:
    # None of these is a sum of powers of two, so that running the plan rounds where planning did
    # not.
    text = pit.read_text(encoding="utf-8").replace("units_per_day: 10", "units_per_day: 7.1")
    text = text.replace("quantity: 1,", "quantity: {distribution: uniform, low: 0.3, high: 0.9},")
    pit.write_text(text.replace("cover_days: 5", "cover_days: 3.3"), encoding="utf-8")
    assert paxsim("run", "pit.yaml", "-n", 6, "-o", "fractions").exit_code == ExitCode.DONE
    for number in range(6):
        done = paxsim("replay", "fractions", "-k", number)
        assert done.exit_code == ExitCode.DONE, done.output


def test_a_replay_that_differs_from_its_run_is_refused(paxsim: Paxsim, three: Path) -> None:
    path = three / "a" / "replications.parquet"
    table = pd.read_parquet(path)
    table.loc[3, "output_loss_units"] += 1
    table.to_parquet(path)
    done = paxsim("replay", "a", "-k", 3)
    assert done.exit_code == ExitCode.USAGE
    assert "replication 3: output_loss_units is" in done.stderr
    assert "have changed since" in done.stderr


@pytest.mark.parametrize("number", ["99", "-1", "best"])
def test_a_replication_that_is_not_there_is_refused(
    paxsim: Paxsim, three: Path, number: str
) -> None:
    done = paxsim("replay", "a", f"--replication={number}")
    assert done.exit_code in (ExitCode.USAGE, ExitCode.INPUT_INVALID)
    assert "replication" in done.stderr


MEASURES = """
measures:
  little: {type: stockpile, holders: works, materials: ore, days_of_use: 3, release: 2025-10-21,
           cost_usd: 2000}
  much: {type: stockpile, holders: works, materials: ore, days_of_use: 8, release: 2025-10-21,
         cost_usd: {distribution: uniform, low: 4000, high: 6000}}
"""


def test_each_measure_is_compared_alone_and_by_what_it_costs(paxsim: Paxsim, pit: Path) -> None:
    pit.write_text(pit.read_text("utf-8") + MEASURES, encoding="utf-8")
    done = paxsim("compare", "pit.yaml", "--each-measure", "-n", 12, "--format", "json")
    assert done.exit_code == ExitCode.DONE, done.output
    none, little, much, both = json.loads(done.stdout)
    assert [row["alternative"] for row in (none, little, much, both)] == [
        "no measures", "little", "much", "all measures",
    ]  # fmt: skip
    assert 0 < little["saved"] < much["saved"] < both["saved"]
    assert [row["cost"] for row in (none, little, much, both)] == [None, 2000, 5000, 7000]
    assert much["saved_per_cost"] == pytest.approx(much["saved"] / 5000)
    assert both["best"] > much["best"]
    refused = paxsim("compare", "pit.yaml", "baseline", "--each-measure")
    assert "--each-measure takes one scenario" in refused.stderr


def test_a_shock_has_no_cost(paxsim: Paxsim, pit: Path) -> None:
    text = pit.read_text("utf-8").replace("    from:", "    cost_usd: 5\n    from:")
    pit.write_text(text, encoding="utf-8")
    done = paxsim("validate", "pit.yaml")
    assert done.exit_code == ExitCode.INPUT_INVALID
    assert "is what a measure costs, and this is a shock" in done.stdout
