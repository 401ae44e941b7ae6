"""Mistakes get one clear message, the right exit code, no traceback, no half-written file."""

from __future__ import annotations

import errno
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from simulator.cli.exit_codes import ExitCode
from simulator.experiment import parts

Paxsim = Callable[..., Result]

# What is changed in the valid scenario file, and words of the message it must get.
MISTAKES = {
    "broken YAML": ("horizon_days: 90", "horizon_days: [90", ["pit.yaml:"]),
    "a missing column": (", unit: t}", "}", ["pit.yaml:6", "unit"]),
    "a share sum of 1.2": ("supplier: pit, share: 1,", "supplier: pit, share: 1.2,", ["1.2"]),
    "a negative capacity": ("capacity_per_day: 20", "capacity_per_day: -20", ["pit.yaml:9", "-20"]),
    "a facility over its capacity": ("capacity_per_day: 12", "capacity_per_day: 8", ["works", "8"]),
    "an unknown country": ("country: TWN", "country: TWX", ["pit.yaml:10", "TWX"]),
    "an unknown key": ("horizon_days: 90", "horizon_dys: 90", ["pit.yaml:21", "horizon_days"]),
    "a misspelt id": ("facilities: pit", "facilities: pti", ["pti", "pit"]),
    "an unknown type": ("type: outage", "type: outrage", ["outrage", "outage"]),
    "an impossible distribution": ("low: 10, high: 40", "low: 40, high: 10", ["low"]),
    "no days": ("horizon_days: 90", "horizon_days: 0", ["horizon_days", "0"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("verb", ["run", "validate", "describe"])
def test_a_mistake_in_a_file_is_one_message_and_exit_code_3(
    paxsim: Paxsim, pit: Path, mistake: str, verb: str
) -> None:
    before, after, words = MISTAKES[mistake]
    text = pit.read_text(encoding="utf-8")
    assert before in text
    pit.write_text(text.replace(before, after), encoding="utf-8")
    result = paxsim(verb, "pit.yaml")
    assert result.exit_code == ExitCode.INPUT_INVALID, result.output
    problems = result.stdout if verb == "validate" else result.stderr
    for word in words:
        assert word in problems
    assert [path.name for path in pit.parent.iterdir()] == ["pit.yaml"]


def test_an_end_before_its_start_is_one_message_and_exit_code_3(paxsim: Paxsim, pit: Path) -> None:
    text = pit.read_text(encoding="utf-8")
    head = text.partition("shocks:")[0]
    pit.write_text(
        f"{head}shocks:\n  shut:\n    type: export_restriction\n    by: [AUS]\n"
        "    materials: [ore]\n    to: all\n    from: 2025-12-01\n    until: 2025-11-01\n"
        "    mechanism: ban\n",
        encoding="utf-8",
    )
    result = paxsim("run", "pit.yaml")
    assert result.exit_code == ExitCode.INPUT_INVALID, result.output
    assert "until" in result.stderr
    assert "2025-11-01" in result.stderr


def test_all_mistakes_of_a_file_come_at_once(paxsim: Paxsim, pit: Path) -> None:
    text = pit.read_text(encoding="utf-8")
    text = text.replace("country: TWN", "country: TWX").replace(
        "horizon_days: 90", "horizon_days: x"
    )
    pit.write_text(text, encoding="utf-8")
    errors = paxsim("run", "pit.yaml").stderr
    assert "TWX" in errors
    assert "horizon_days" in errors


def test_an_unknown_scenario_names_the_nearest(paxsim: Paxsim, here: Path) -> None:
    result = paxsim("run", "china-october-2052")
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert "china-october-2025" in result.stderr


@pytest.mark.parametrize("count", ["0", "-3", "1e12", "1.5", "nan", "many", "10_000_001"])
def test_a_number_of_replications_out_of_range_is_usage(
    paxsim: Paxsim, pit: Path, count: str
) -> None:
    result = paxsim("run", "pit.yaml", "-n", count)
    assert result.exit_code == ExitCode.USAGE
    assert f"{count}: must be a whole number from 1 to 10,000,000" in result.stderr
    assert [path.name for path in pit.parent.iterdir()] == ["pit.yaml"]


@pytest.mark.parametrize(
    "words",
    [
        ("--workers", 0), ("--seed", -1), ("--horizon", 0), ("--engine", "fast"),
        ("--format", "xml"), ("--no-such-option",),
    ],
)  # fmt: skip
def test_an_option_out_of_range_is_usage(
    paxsim: Paxsim, pit: Path, words: tuple[object, ...]
) -> None:
    result = paxsim("run", "pit.yaml", "-n", 2, *words)
    assert result.exit_code == ExitCode.USAGE
    assert str(words[-1]) in result.stderr
    assert [path.name for path in pit.parent.iterdir()] == ["pit.yaml"]


def test_an_unknown_key_to_set_names_the_nearest(paxsim: Paxsim, pit: Path) -> None:
    result = paxsim("run", "pit.yaml", "--set", "shocks.stop.duration_dys=3")
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert "duration_days" in result.stderr


def test_an_output_folder_that_exists_is_refused_unless_forced(paxsim: Paxsim, pit: Path) -> None:
    assert paxsim("run", "pit.yaml", "-n", 2, "-o", "out").exit_code == ExitCode.DONE
    report = (pit.parent / "out" / "report.html").stat().st_mtime_ns
    refused = paxsim("run", "pit.yaml", "-n", 2, "-o", "out")
    assert refused.exit_code == ExitCode.USAGE
    assert "out: exists and is not empty: choose another folder with -o" in refused.stderr
    assert (pit.parent / "out" / "report.html").stat().st_mtime_ns == report
    assert paxsim("run", "pit.yaml", "-n", 2, "-o", "out", "--force").exit_code == ExitCode.DONE
    assert (pit.parent / "out" / "report.html").stat().st_mtime_ns != report


def test_force_never_touches_a_folder_of_something_else(paxsim: Paxsim, pit: Path) -> None:
    result = paxsim("run", "pit.yaml", "-n", 2, "-o", ".", "--force")
    assert result.exit_code == ExitCode.USAGE
    assert "is no run folder of paxsim" in result.stderr
    assert [path.name for path in pit.parent.iterdir()] == ["pit.yaml"]


@pytest.mark.parametrize("limit", [0, 2_000, 20_000])
def test_a_disk_that_takes_no_more_leaves_no_half_written_file(
    start: Callable[..., subprocess.Popen[str]],
    pit: Path,
    limit: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # the compiler has files of its own to write
    # A limit on file sizes acts in the kernel, as a full disk does, and needs no special rights.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        process = start("run", "pit.yaml", "-n", 2, "-o", "a/out", "--engine", "simpy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    _, errors = process.communicate()
    assert process.returncode == ExitCode.USAGE, errors
    if limit:  # with none at all, not even the folder of temporary files can be used
        assert "cannot be written: file too large" in errors.lower()
    assert "fault of paxsim" not in errors
    assert "Traceback" not in errors
    whole = {"manifest.json", "scenario.resolved.yaml", "summary.json"}
    # what a resumed run goes on from is kept out of sight
    left = {p.name: p.stat().st_size for p in pit.parent.rglob("out/*") if p.name != ".parts"}
    assert all(size < limit for size in left.values()), "nothing cut off at the limit"
    assert not left or left.keys() >= whole, "all of the data or nothing"


def test_a_full_disk_says_so(paxsim: Paxsim, pit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parts, "write_groups", full)
    result = paxsim("run", "pit.yaml", "-n", 2, "-o", "out")
    assert result.exit_code == ExitCode.USAGE
    assert "no space left on device: free some space" in result.stderr
    out = pit.parent / "out"
    assert not out.exists() or [path.name for path in out.iterdir()] == [".parts"]


def test_a_report_of_what_is_no_run_is_refused(paxsim: Paxsim, here: Path) -> None:
    result = paxsim("report", ".")
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert "manifest.json" in result.stderr
    assert paxsim("report", "nowhere").exit_code == ExitCode.USAGE
