from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import Result

from simulator.cli.exit_codes import ExitCode

Paxsim = Callable[..., Result]
Start = Callable[..., subprocess.Popen[str]]
STUDY = """\
# How much do severity and length matter?
scenarios: pit.yaml
levers:
  shocks.stop.severity: [0.5, 1]
  horizon_days: [60, 90]
replications: 6
seed: 5
"""


@pytest.fixture
def study(pit: Path) -> Path:
    path = pit.parent / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def write(study: Path, text: str) -> Path:
    study.write_text(text, encoding="utf-8")
    return study


def test_a_study_has_one_row_per_cell_and_replication(paxsim: Paxsim, study: Path) -> None:
    done = paxsim("sweep", study.name, "-o", "out", "-w", 1, "--format", "json")
    assert done.exit_code == ExitCode.DONE, done.output
    assert "4 cells x 6 replications = 24 runs" in done.stderr
    table = pd.read_parquet(study.parent / "out" / "replications.parquet")
    assert len(table) == 24
    assert list(table.columns[:7]) == [
        "cell", "scenario", "lever:horizon_days", "lever:shocks.stop.severity",
        "replication", "status", "error",
    ]  # fmt: skip
    cells = table.groupby("cell")[["lever:horizon_days", "lever:shocks.stop.severity"]].first()
    assert cells.to_numpy().tolist() == [[60, 0.5], [60, 1], [90, 0.5], [90, 1]]
    rows = json.loads(done.stdout)
    assert [row["cell"] for row in rows] == [0, 1, 2, 3]
    assert rows[1]["output_loss_pct.mean"] > rows[0]["output_loss_pct.mean"]


def test_cells_share_their_random_numbers_and_equal_a_run(paxsim: Paxsim, study: Path) -> None:
    paxsim("sweep", study.name, "-o", "out", "--draws", "-w", 1)
    table = pd.read_parquet(study.parent / "out" / "replications.parquet")
    drawn = table.pivot_table(
        index="replication", columns="cell", values="draw:shocks.stop.duration_days"
    )
    assert drawn.nunique(axis=1).eq(1).all()
    assert drawn[0].nunique() == 6
    paxsim("run", "pit.yaml", "-n", 6, "-s", 5, "--set", "shocks.stop.severity=0.5", "-o", "run")
    alone = pd.read_parquet(study.parent / "run" / "replications.parquet")
    mine = table[table["cell"] == 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine[list(alone.columns)], alone, check_dtype=False)


def test_workers_never_change_a_study(paxsim: Paxsim, study: Path) -> None:
    for workers in (1, 2):
        paxsim("sweep", study.name, "-o", f"w{workers}", "-w", workers)
    for name in ("replications.parquet", "cells.csv"):
        one, two = ((study.parent / f"w{n}" / name).read_bytes() for n in (1, 2))
        assert one == two, name


def test_a_dry_run_shows_the_plan_and_writes_nothing(paxsim: Paxsim, study: Path) -> None:
    before = sorted(study.parent.iterdir())
    done = paxsim("sweep", study.name, "--dry-run", "-n", 1000)
    assert done.exit_code == ExitCode.DONE
    assert "4 cells x 1,000 replications = 4,000 runs; about" in done.stderr
    assert "MB" in done.stderr
    assert done.stdout.splitlines()[0].split() == [
        "cell", "scenario", "lever:horizon_days", "lever:shocks.stop.severity",
    ]  # fmt: skip
    assert sorted(study.parent.iterdir()) == before


@pytest.mark.slow
def test_a_killed_study_goes_on_to_the_same_bytes(
    paxsim: Paxsim, start: Start, study: Path
) -> None:
    write(study, STUDY.replace("[60, 90]", "[2000, 3000]"))
    words = ("sweep", study.name, "--engine", "simpy", "-n", 40)
    process = start(*words, "-o", "out", "-w", 2)
    folder = study.parent / "out"
    deadline = time.monotonic() + 120

    def written() -> int:
        listed = json.loads(paxsim("runs", ".", "--format", "json").stdout)
        return int(listed[0]["replications"]) if listed else 0

    while not written():  # a part that no register names yet does not count
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (folder / "manifest.json").exists()
    (listed,) = json.loads(paxsim("runs", ".", "--format", "json").stdout)
    assert (listed["scenario"], listed["status"], listed["planned"]) == ("study", "killed", 160)
    shown = paxsim("show", "out", "replications", "--format", "csv").stdout.splitlines()
    assert len(shown) - 1 == listed["replications"] > 0
    assert shown[0].startswith("cell,replication,status,error,")
    refused = paxsim(*words, "-o", "out")
    assert refused.exit_code == ExitCode.USAGE
    assert "or go on with --resume" in refused.stderr
    other = paxsim("sweep", study.name, "--engine", "simpy", "-n", 41, "-o", "out", "--resume")
    assert "holds another study, since replications_per_cell differ" in other.stderr
    resumed = paxsim(*words, "-o", "out", "--resume", "-w", 2)
    assert resumed.exit_code == ExitCode.DONE, resumed.output
    paxsim("sweep", study.name, "-n", 40, "-o", "whole", "-w", 1)
    for name in ("replications.parquet", "cells.csv"):
        whole = (study.parent / "whole" / name).read_bytes()
        assert (folder / name).read_bytes() == whole, name
    again = paxsim(*words, "-o", "out", "--resume")
    assert "this study is complete, so there is nothing to resume" in again.stderr


@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
def test_sampled_designs_stay_within_their_levers(paxsim: Paxsim, study: Path, design: str) -> None:
    levers = "{shocks.stop.severity: {low: 0.2, high: 0.8}, horizon_days: [30, 60, 90]}"
    write(
        study,
        f"scenarios: [pit.yaml]\ndesign: {design}\ncells: 8\nreplications: 1\nlevers: {levers}\n",
    )
    done = paxsim("sweep", study.name, "--dry-run", "--format", "json")
    rows = json.loads(done.stdout)
    severities = [row["lever:shocks.stop.severity"] for row in rows]
    assert len(set(severities)) == 8
    assert all(0.2 <= value <= 0.8 for value in severities)
    assert {row["lever:horizon_days"] for row in rows} <= {30, 60, 90}
    if design != "random":
        strata = sorted(int((value - 0.2) / 0.6 * 8) for value in severities)
        assert strata == list(range(8)), "one in each stratum"


def test_a_list_runs_exactly_its_points_for_every_scenario(paxsim: Paxsim, study: Path) -> None:
    write(
        study,
        "scenarios: [pit.yaml, baseline]\ndesign: list\nset: {horizon_days: 30}\n"
        "points: [{uncertainty: none}, {uncertainty: full}]\n",
    )
    rows = json.loads(paxsim("sweep", study.name, "--dry-run", "--format", "json").stdout)
    assert [(row["scenario"].split("/")[-1], row["lever:uncertainty"]) for row in rows] == [
        ("pit.yaml", "none"), ("pit.yaml", "full"), ("baseline", "none"), ("baseline", "full"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("scenarios: [pit.yaml]\nlever: {}\n", ["study.yaml:2: lever", "did you mean 'levers'?"]),
        ("levers: {}\n", ["scenarios: must be given"]),
        ("scenarios: [pitt.yaml, nowhere]\n", ["scenarios[0] = pitt.yaml", "scenarios[1] = "]),
        (
            "scenarios: pit.yaml\nlevers:\n  a: {low: 1, high: 0}\n  seed: [1]\n",
            ["study.yaml:3: levers.a.high = 0: must be > low (1)", "levers.seed: is that of the"],
        ),
        (
            "scenarios: pit.yaml\ndesign: sobol\ncells: 100\nlevers: {a: [1]}\n",
            ["cells = 100: must be a power of 2 for sobol, such as 64 or 128"],
        ),
        (
            "scenarios: pit.yaml\ndesign: lhs\nlevers: {a: [1]}\n",
            ["cells: must be given for a lhs"],
        ),
        (
            "scenarios: pit.yaml\nlevers: {a: {low: 0, high: 1}}\n",
            ["must be a list of values or have levels in a grid: levels: 5"],
        ),
        (
            "scenarios: pit.yaml\nlevers: {shocks.stop.severty: [0.5]}\n",
            ["severty", "did you mean 'severity'?"],
        ),
        (
            "scenarios: pit.yaml\nlevers: {shocks.stop.severity: [0.5, 7]}\n",
            ["shocks.stop.severity = 7"],
        ),
    ],
)
def test_a_wrong_study_says_where_and_what_to_do(
    paxsim: Paxsim, study: Path, text: str, messages: list[str]
) -> None:
    done = paxsim("sweep", write(study, text).name, "--dry-run")
    assert done.exit_code == ExitCode.INPUT_INVALID
    for message in messages:
        assert message in done.stderr


def test_a_failed_replication_is_a_row_and_can_be_computed_again(
    paxsim: Paxsim, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulator.sampling.model import Model

    whole = Model.effects

    def sometimes(self: Model, streams: Any, number: int, plan: Any) -> Any:
        if number == 4 and self.scenario.horizon_days == 60:
            raise ZeroDivisionError("by nothing")
        return whole(self, streams, number, plan)

    with monkeypatch.context() as patched:
        patched.setattr(Model, "effects", sometimes)
        done = paxsim("sweep", study.name, "-o", "out", "-w", 1)
    assert done.exit_code == ExitCode.SOME_FAILED
    assert "2 runs failed" in done.stderr
    table = pd.read_parquet(study.parent / "out" / "replications.parquet")
    failed = table[table["status"] == "failed"]
    assert failed[["cell", "replication", "error"]].to_numpy().tolist() == [
        [0, 4, "ZeroDivisionError: by nothing"],
        [1, 4, "ZeroDivisionError: by nothing"],
    ]
    again = paxsim("sweep", study.name, "-o", "out", "-w", 1, "--resume", "--rerun-failed")
    assert again.exit_code == ExitCode.DONE, again.output
    paxsim("sweep", study.name, "-o", "whole", "-w", 1)
    for name in ("replications.parquet", "cells.csv"):
        one, two = ((study.parent / folder / name).read_bytes() for folder in ("out", "whole"))
        assert one == two, name
