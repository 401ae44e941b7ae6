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
from simulator.experiment import parts as parts_module
from simulator.experiment.register import PART, read_register
from simulator.experiment.replicate import ScenarioReplicate
from simulator.experiment.replication import Replication
from simulator.experiment.store import ALWAYS, FILES, STAGE

Paxsim = Callable[..., Result]
Start = Callable[..., subprocess.Popen[str]]
SAME = ("replications.parquet", "bands.parquet", "summary.json", "scenario.resolved.yaml")
SLOW = ("--horizon", 3000, "--engine", "simpy")


def wait_for_part(folder: Path, process: subprocess.Popen[str]) -> None:
    """Until the first part is on the disk and in the register, which makes it count."""
    deadline = time.monotonic() + 60
    while not any(event["event"] == PART for event in read_register(folder / STAGE)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_was_killed_goes_on_to_the_same_bytes(
    start: Start, paxsim: Paxsim, pit: Path, workers: int
) -> None:
    words = ("run", "pit.yaml", "-n", 160, *SLOW, "-w", workers)
    process = start(*words, "-o", "killed")
    wait_for_part(pit.parent / "killed", process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    folder = pit.parent / "killed"
    assert [path.name for path in folder.iterdir()] == [STAGE], "no file is half written"
    listed = json.loads(paxsim("runs", ".", "--format", "json").stdout)
    assert [row["status"] for row in listed] == ["killed"]
    kept = len(json.loads(paxsim("show", folder, "replications", "--format", "json").stdout))
    assert 0 < kept < 160
    refused = paxsim("run", "pit.yaml", "-n", 160, "-o", "killed")
    assert refused.exit_code == ExitCode.USAGE
    assert "or go on with --resume killed" in refused.stderr
    resumed = paxsim("run", "--resume", "killed")
    assert resumed.exit_code == ExitCode.DONE, resumed.output
    whole = paxsim("run", "pit.yaml", "-n", 160, *SLOW, "-w", 2, "-o", "whole")
    assert whole.stdout == resumed.stdout
    for name in SAME:
        assert (folder / name).read_bytes() == (pit.parent / "whole" / name).read_bytes(), name
    assert set(ALWAYS) <= {path.name for path in folder.iterdir()} <= set(FILES)
    assert "repeat  paxsim run pit.yaml -n 160" in resumed.stderr


def test_an_interrupted_run_can_be_resumed_and_an_ended_one_cannot(
    start: Start, paxsim: Paxsim, pit: Path
) -> None:
    process = start("run", "pit.yaml", "-n", 120, *SLOW, "-w", 1, "-o", "out")
    wait_for_part(pit.parent / "out", process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, errors
    assert "resume  paxsim run --resume out" in errors
    (row,) = json.loads(paxsim("runs", ".", "--format", "json").stdout)
    assert (row["status"], row["planned"]) == ("interrupted", 120)
    done = paxsim("run", "--resume", "out")
    assert done.exit_code == ExitCode.DONE, done.output
    assert len(pd.read_parquet(pit.parent / "out" / "replications.parquet")) == 120
    again = paxsim("run", "--resume", "out")
    assert again.exit_code == ExitCode.USAGE
    assert "this run is complete, so there is nothing to resume" in again.stderr


def test_a_running_run_can_be_read_but_not_resumed_or_replaced(
    start: Start, paxsim: Paxsim, pit: Path
) -> None:
    process = start("run", "pit.yaml", "-n", 2000, *SLOW, "-w", 1, "-o", "out")
    try:
        wait_for_part(pit.parent / "out", process)
        (row,) = json.loads(paxsim("runs", ".", "--format", "json").stdout)
        assert row["status"] == "running"
        assert row["replications"] > 0
        shown = paxsim("show", "out", "replications", "--columns", "replication,status")
        assert "done" in shown.stdout
        for words in (("run", "--resume", "out"), ("run", "pit.yaml", "-o", "out", "--force")):
            refused = paxsim(*words)
            assert refused.exit_code == ExitCode.USAGE
            assert "another process is writing to" in refused.stderr
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_failed_replications_are_computed_again_on_request_only(
    paxsim: Paxsim, pit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ScenarioReplicate._result

    def sometimes(self: ScenarioReplicate, number: int, *run: Any) -> Replication:
        if number == 2:
            raise ZeroDivisionError("by nothing")
        return whole(self, number, *run)

    with monkeypatch.context() as patched:
        patched.setattr(ScenarioReplicate, "_result", sometimes)
        first = paxsim("run", "pit.yaml", "-n", 4, "-w", 1, "-o", "out")
        assert first.exit_code == ExitCode.SOME_FAILED
        assert "rerun   paxsim run --resume out --rerun-failed" in first.stderr
    kept = paxsim("run", "--resume", "out")
    assert kept.exit_code == ExitCode.SOME_FAILED
    mended = paxsim("run", "--resume", "out", "--rerun-failed")
    assert mended.exit_code == ExitCode.DONE, mended.output
    paxsim("run", "pit.yaml", "-n", 4, "-o", "never")
    for name in SAME:
        assert (pit.parent / "out" / name).read_bytes() == (
            pit.parent / "never" / name
        ).read_bytes(), name


def test_a_run_is_not_resumed_with_other_versions_or_tables(
    start: Start, paxsim: Paxsim, pit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts_module, "PART_SECONDS", 0.0)

    def stopped(self: object) -> None:
        raise KeyboardInterrupt

    from simulator.experiment import monte_carlo

    monkeypatch.setattr(monte_carlo.Study, "_record", stopped)
    assert paxsim("run", "pit.yaml", "-n", 3, "-o", "out").exit_code != ExitCode.DONE
    monkeypatch.undo()
    monkeypatch.chdir(pit.parent)
    plan = pit.parent / "out" / STAGE / "plan.json"
    record = json.loads(plan.read_text(encoding="utf-8"))
    record["engine_versions"]["numpy"] = "1.0"
    plan.write_text(json.dumps(record), encoding="utf-8")
    refused = paxsim("run", "--resume", "out")
    assert refused.exit_code == ExitCode.USAGE
    assert "cannot be resumed, since results could differ: numpy is" in refused.stderr
    assert "was 1.0" in refused.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rerun-failed", "pit.yaml"), "--rerun-failed needs --resume"),
        ((), "name a SCENARIO"),
        (("--resume", ".", "pit.yaml"), "scenario cannot be given with it"),
        (("--resume", ".", "-n", 3), "replications cannot be given with it"),
        (("--resume", "."), "no run of paxsim was begun here"),
        (("pit.yaml", "--until", "mean"), "must name a statistic and a half-width"),
        (("pit.yaml", "--until", "loss.mean ±1", "-o", "x", "-n", 3), "loss is no metric"),
    ],
)
def test_options_without_effect_are_refused(
    paxsim: Paxsim, pit: Path, words: tuple[object, ...], message: str
) -> None:
    result = paxsim("run", *words)
    assert result.exit_code == ExitCode.USAGE
    assert message in result.stderr


def test_until_ends_at_the_same_replication_for_any_number_of_workers(
    paxsim: Paxsim, pit: Path
) -> None:
    for workers in (1, 2):
        done = paxsim(
            "run", "pit.yaml", "--until", "mean ±3%", "-n", 900, "-w", workers, "-o", f"w{workers}"
        )
        assert done.exit_code == ExitCode.DONE, done.output
    one, two = (pit.parent / f"w{n}" for n in (1, 2))
    for name in SAME:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    manifest = json.loads((one / "manifest.json").read_text(encoding="utf-8"))
    until = manifest["until"]
    assert until["reached"]
    assert until["half_width"] <= 0.03 * until["estimate"]
    assert until["replications"] == manifest["replications"] < 900
    assert "--until 'mean ±3%'" in manifest["command"]
    assert f"after {manifest['replications']:,} runs, reached" in done.stderr


def test_a_target_out_of_reach_ends_at_the_cap_and_says_so(paxsim: Paxsim, pit: Path) -> None:
    done = paxsim("run", "pit.yaml", "--until", "cvar95 +-0.01%", "-n", 40, "-o", "out")
    assert done.exit_code == ExitCode.DONE
    assert "half-width unbounded after 40 runs, not reached: raise -n" in done.stderr


def test_show_lists_tables_and_prints_one_in_three_forms(paxsim: Paxsim, pit: Path) -> None:
    paxsim("run", "pit.yaml", "-n", 3, "-o", "out")
    listed = paxsim("show", "out").stdout.split()
    assert listed[1:] == sorted(listed[1:])
    assert {"bands", "replications", "summary"} <= set(listed)
    picked = ("--columns", "replication,output_loss_pct", "--sort", "output_loss_pct", "--top", 2)
    rows = json.loads(paxsim("show", "out", "replications", *picked, "--format", "json").stdout)
    assert len(rows) == 2
    assert rows[0]["output_loss_pct"] >= rows[1]["output_loss_pct"]
    lines = paxsim("show", "out", "replications", *picked, "--format", "csv").stdout.splitlines()
    assert lines[0] == "replication,output_loss_pct"
    table = paxsim("show", "out", "summary")
    assert table.stdout.split()[:3] == ["metric", "statistic", "value"]
    wrong = paxsim("show", "out", "band")
    assert wrong.exit_code == ExitCode.INPUT_INVALID
    assert "did you mean 'bands'?" in wrong.stderr
    wrong = paxsim("show", "out", "bands", "--sort", "dai")
    assert "no such column; did you mean 'day'?" in wrong.stderr
