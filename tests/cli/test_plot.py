from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from simulator.cli.exit_codes import ExitCode

Paxsim = Callable[..., Result]


@pytest.fixture
def finished(paxsim: Paxsim, pit: Path) -> Path:
    done = paxsim("run", "pit.yaml", "-n", 3, "-o", "mine", "--no-attribution")
    assert done.exit_code == ExitCode.DONE, done.output
    return pit.parent / "mine"


def test_a_figure_of_a_run_is_written_and_its_path_printed(paxsim: Paxsim, finished: Path) -> None:
    done = paxsim("plot", "mine", "output", "-o", "output.png")
    assert (done.exit_code, done.stdout) == (ExitCode.DONE, "output.png\n")
    assert Path("output.png").read_bytes().startswith(b"\x89PNG")
    done = paxsim("plot", "mine", "map")
    assert done.stdout == "mine/map.svg\n"
    assert (finished / "map.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_figures_are_listed_with_what_a_run_lacks_for_them(paxsim: Paxsim, finished: Path) -> None:
    done = paxsim("plot", "mine", "--list", "--format", "json")
    rows = {row["figure"]: row["here"] for row in json.loads(done.stdout)}
    assert rows["exceedance"] == "yes"
    assert rows["attribution"].startswith("no: paxsim")
    assert (finished / "sites.parquet").is_file()


def test_what_cannot_be_drawn_is_a_usage_error(paxsim: Paxsim, finished: Path) -> None:
    for words, message in (
        (("mine",), "name a FIGURE"),
        (("mine", "maps"), "did you mean 'map'?"),
        (("mine", "map", "-o", "map.jpg"), "must end in .svg or .png"),
        (("mine", "map", "--list"), "--list draws nothing"),
        (("mine", "stages"), "has no early_signs.parquet"),
    ):
        done = paxsim("plot", *words)
        assert done.exit_code == ExitCode.USAGE, done.output
        assert message in done.stderr
    assert not Path("map.jpg").exists()


def test_a_comparison_writes_its_report(paxsim: Paxsim, pit: Path) -> None:
    milder = pit.read_text(encoding="utf-8").replace("from:", "severity: 0.4\n    from:")
    (pit.parent / "mild.yaml").write_text(milder, encoding="utf-8")
    done = paxsim("compare", "pit.yaml", "mild.yaml", "-n", 4)
    assert done.exit_code == ExitCode.DONE, done.output
    (report,) = Path("results").glob("compare-pit-vs-mild-*/report.html")
    assert f"report  {report}" in done.stderr
    assert "paxsim compare pit.yaml mild.yaml" in report.read_text(encoding="utf-8")
    # The same again gives the same folder; one of the user's choice is not overwritten.
    assert paxsim("compare", "pit.yaml", "mild.yaml", "-n", 4).exit_code == ExitCode.DONE
    for code, words in ((ExitCode.DONE, ()), (ExitCode.USAGE, ()), (ExitCode.DONE, ("--force",))):
        done = paxsim("compare", "pit.yaml", "mild.yaml", "-n", 4, "-o", "mine", *words)
        assert done.exit_code == code, done.output
