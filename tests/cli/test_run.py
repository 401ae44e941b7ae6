from __future__ import annotations

import csv
import io
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
from simulator.experiment.replicate import ScenarioReplicate
from simulator.experiment.replication import Replication
from simulator.experiment.store import ALWAYS, FILES, STAGE

Paxsim = Callable[..., Result]
METRICS = (
    "output_loss_pct",
    "output_loss_units",
    "output_loss_usd",
    "peak_loss_pct",
    "time_to_impact_days",
    "time_to_recover_days",
)
STATISTICS = ("mean", "mean_ci95", "p05", "p50", "p95", "var95", "cvar95", "cvar95_ci95")


def test_a_run_writes_its_folder_and_says_where_and_how_to_repeat_it(
    paxsim: Paxsim, pit: Path
) -> None:
    result = paxsim("run", "pit.yaml", "-n", 3, "-s", 7)
    assert result.exit_code == ExitCode.DONE, result.output
    (folder,) = (pit.parent / "results").iterdir()
    assert folder.name.startswith("stopped-pit-7-")
    assert set(ALWAYS) <= {path.name for path in folder.iterdir()} <= set(FILES)
    assert f"report  results/{folder.name}/report.html" in result.stderr
    assert "repeat  paxsim run pit.yaml -n 3 --seed 7" in result.stderr
    assert "3 runs, 0 failed" in result.stderr
    assert "stopped-pit: 3 replications" in result.stdout


def test_a_summary_has_every_metric_with_its_intervals(paxsim: Paxsim, pit: Path) -> None:
    result = paxsim("run", "pit.yaml", "-n", 3, "-o", "out", "--format", "json")
    summary = json.loads((pit.parent / "out" / "summary.json").read_text(encoding="utf-8"))
    assert json.loads(result.stdout) == summary
    assert (summary["scenario"], summary["replications"], summary["failed"]) == (
        "stopped-pit",
        3,
        0,
    )
    assert summary["horizon_days"] == 90
    assert summary["answer"].count(". ") >= 1
    for metric in METRICS:
        assert set(STATISTICS) <= summary["metrics"][metric].keys()
    assert "censored" in summary["metrics"]["time_to_recover_days"]
    assert summary["metrics"]["output_loss_units"]["mean"] > 0


def test_csv_on_stdout_is_the_summary_file(paxsim: Paxsim, pit: Path) -> None:
    result = paxsim("run", "pit.yaml", "-n", 2, "-o", "out", "--format", "csv")
    assert result.stdout == (pit.parent / "out" / "summary.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["metric"] for row in rows} >= set(METRICS)


def test_the_manifest_repeats_the_run_and_knows_no_machine(paxsim: Paxsim, pit: Path) -> None:
    words = ("-n", 2, "-s", 3, "--horizon", 60, "--set", "shocks.stop.severity=0.5")
    paxsim("run", pit.resolve(), *words, "-o", "one")
    manifest = json.loads((pit.parent / "one" / "manifest.json").read_text(encoding="utf-8"))
    text = json.dumps(manifest)
    assert str(pit.parent) not in text
    assert os.uname().nodename not in text
    assert manifest["status"] == "complete"
    assert manifest["seed"] == 3
    assert manifest["engine_versions"].keys() >= {"python", "numpy", "scipy", "simpy", "pandas"}
    assert [entry["name"] for entry in manifest["timeline"]] == ["stop"]
    command = manifest["command"].split()
    assert command[:3] == ["paxsim", "run", "pit.yaml"]
    assert paxsim(*command[1:], "-o", "two").exit_code == ExitCode.DONE
    for name in ("replications.parquet", "bands.parquet", "summary.json"):
        one, two = ((pit.parent / run / name).read_bytes() for run in ("one", "two"))
        assert one == two


def test_the_resolved_scenario_is_valid_input_that_gives_the_same_run(
    paxsim: Paxsim, pit: Path
) -> None:
    paxsim("run", "pit.yaml", "-n", 3, "-s", 7, "--set", "shocks.stop.severity=0.5", "-o", "one")
    again = paxsim("run", "one/scenario.resolved.yaml", "-o", "two")
    assert again.exit_code == ExitCode.DONE, again.output
    for name in ("replications.parquet", "bands.parquet", "scenario.resolved.yaml"):
        assert (pit.parent / "one" / name).read_bytes() == (pit.parent / "two" / name).read_bytes()


def test_one_two_and_three_workers_write_the_same_bytes(paxsim: Paxsim, pit: Path) -> None:
    for workers in (1, 2, 3):
        done = paxsim("run", "pit.yaml", "-n", 9, "-w", workers, "-o", f"w{workers}")
        assert done.exit_code == ExitCode.DONE, done.output
    for name in ("replications.parquet", "bands.parquet", "summary.json"):
        contents = {(pit.parent / f"w{workers}" / name).read_bytes() for workers in (1, 2, 3)}
        assert len(contents) == 1, name


def test_more_replications_keep_the_first_ones(paxsim: Paxsim, pit: Path) -> None:
    for count in (3, 6):
        paxsim("run", "pit.yaml", "-n", count, "-o", f"n{count}")
    few, many = (pd.read_parquet(pit.parent / f"n{n}" / "replications.parquet") for n in (3, 6))
    pd.testing.assert_frame_equal(many.head(3), few)
    assert few["output_loss_units"].nunique() == 3, "replications differ"


def test_a_seed_changes_the_draws_and_nothing_else_does(paxsim: Paxsim, pit: Path) -> None:
    for seed in (1, 2):
        paxsim("run", "pit.yaml", "-n", 2, "-s", seed, "-o", f"s{seed}")
    one, two = (pd.read_parquet(pit.parent / f"s{n}" / "replications.parquet") for n in (1, 2))
    draws = [name for name in one.columns if name.startswith("draw:")]
    assert draws
    assert not one[draws].equals(two[draws])


def test_a_failed_replication_is_a_row_and_exit_code_1(
    paxsim: Paxsim, pit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ScenarioReplicate._result

    def sometimes(self: ScenarioReplicate, number: int, *run: Any) -> Replication:
        if number == 2:
            raise ZeroDivisionError("by nothing")
        return whole(self, number, *run)

    monkeypatch.setattr(ScenarioReplicate, "_result", sometimes)
    result = paxsim("run", "pit.yaml", "-n", 4, "-w", 1, "-o", "out")
    assert result.exit_code == ExitCode.SOME_FAILED
    assert "4 runs, 1 failed" in result.stderr
    assert "replication 2: ZeroDivisionError: by nothing" in result.stderr
    table = pd.read_parquet(pit.parent / "out" / "replications.parquet")
    assert table["status"].tolist() == ["done", "done", "failed", "done"]
    summary = json.loads((pit.parent / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["replications"], summary["failed"]) == (3, 1)


def test_a_model_that_cannot_run_says_so_at_once_with_exit_code_4(
    paxsim: Paxsim, pit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_: ScenarioReplicate, number: int, *run: Any) -> Replication:
        raise ZeroDivisionError(number)

    monkeypatch.setattr(ScenarioReplicate, "_result", never)
    result = paxsim("run", "pit.yaml", "-n", 1000, "-o", "out")
    assert result.exit_code == ExitCode.STUCK
    assert "the model cannot run: replication 0: ZeroDivisionError: 0" in result.stderr
    assert [path.name for path in pit.parent.iterdir()] == ["pit.yaml"]


def test_a_fault_of_ours_shows_its_traceback_only_on_request(
    pit: Path, monkeypatch: pytest.MonkeyPatch, paxsim: Paxsim
) -> None:
    from click.testing import CliRunner

    from simulator.cli import main
    from simulator.report import result as module

    def broken(*_: object, **__: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(module, "make_study", broken)
    quiet = paxsim("run", "pit.yaml", "-n", 2)
    assert quiet.exit_code == ExitCode.STUCK
    assert "KeyError: 'x': this is a fault of paxsim; --debug shows where" in quiet.stderr
    loud = CliRunner().invoke(main, ["run", "pit.yaml", "-n", "2", "--debug"])
    assert loud.exit_code == ExitCode.STUCK
    assert "Traceback" in loud.stderr


@pytest.mark.parametrize("to_group", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_done(
    start: Callable[..., subprocess.Popen[str]], pit: Path, to_group: bool, workers: int
) -> None:
    process = start("run", "pit.yaml", "-n", 100_000, "-w", workers, "-o", "out")
    wait_for_parts(pit.parent / "out", process)
    time.sleep(2.0)  # until workers have started
    (os.killpg if to_group else os.kill)(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, errors
    assert "Traceback" not in errors
    folder = pit.parent / "out"
    assert {*ALWAYS, STAGE} <= {path.name for path in folder.iterdir()} <= {*FILES, STAGE}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "interrupted"
    done = len(pd.read_parquet(folder / "replications.parquet"))
    assert 0 < done < 100_000
    assert f"Interrupted: {done:,} of 100,000 replications are kept." in errors
    assert f"stopped-pit: {done:,} replications" in output


def test_a_second_ctrl_c_ends_at_once_and_leaves_nothing(
    start: Callable[..., subprocess.Popen[str]], pit: Path
) -> None:
    slow = ("--horizon", 36_525, "--engine", "simpy")  # long enough to be interrupted twice
    process = start("run", "pit.yaml", "-n", 1000, "-w", 2, "-o", "out", *slow)
    wait_for_parts(pit.parent / "out", process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == ExitCode.INTERRUPTED, errors
    assert "Traceback" not in errors
    assert [path.name for path in pit.parent.iterdir()] == ["pit.yaml"]


def wait_for_parts(folder: Path, process: subprocess.Popen[str]) -> None:
    """Until the run has opened its folder, so that it is past its checks."""
    deadline = time.monotonic() + 60
    while not (folder / ".parts").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
