from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from simulator.backtest import EPISODES
from simulator.cli.exit_codes import ExitCode

Paxsim = Callable[..., Result]


def test_the_list_names_every_episode(paxsim: Paxsim) -> None:
    result = paxsim("backtest", "--list", "--format", "json")
    assert result.exit_code == ExitCode.DONE
    assert [row["episode"] for row in json.loads(result.stdout)] == [one.name for one in EPISODES]


def test_an_unknown_episode_is_refused_with_those_there_are(paxsim: Paxsim, here: Path) -> None:
    result = paxsim("backtest", "gallium-2033", "-o", "out")
    assert result.exit_code == ExitCode.USAGE
    assert "gallium-2023" in result.stderr
    assert not (here / "out").exists()


def test_a_folder_that_is_no_back_test_is_left_alone(paxsim: Paxsim, here: Path) -> None:
    (here / "out").mkdir()
    (here / "out" / "mine.txt").write_text("keep", encoding="utf-8")
    for words in ((), ("--force",)):
        result = paxsim("backtest", "quartz-2024", "-o", "out", *words)
        assert result.exit_code == ExitCode.USAGE
        assert "choose another folder" in result.stderr
    assert [path.name for path in (here / "out").iterdir()] == ["mine.txt"]


def test_one_replication_is_no_forecast(paxsim: Paxsim) -> None:
    assert paxsim("backtest", "quartz-2024", "-n", 1).exit_code == ExitCode.USAGE


@pytest.mark.slow
def test_a_back_test_writes_tables_figure_report_and_page(paxsim: Paxsim, here: Path) -> None:
    words = ("backtest", "quartz-2024", "-n", 4, "-o", "out", "--markdown", "page.md")
    result = paxsim(*words, "--format", "json")
    assert result.exit_code == ExitCode.DONE
    [row] = json.loads(result.stdout)
    assert row["months"] == 3
    assert "repeat  paxsim backtest quartz-2024 -n 4" in result.stderr
    months = pd.read_parquet(here / "out" / "months.parquet")
    assert list(months["month"]) == ["2024-09", "2024-10", "2024-11"]
    pd.testing.assert_frame_equal(months, pd.read_csv(here / "out" / "months.csv"),
                                  check_dtype=False)  # fmt: skip
    report = (here / "out" / "report.html").read_text(encoding="utf-8")
    assert "<svg" in report
    assert "http" not in report.split("<body>")[1].replace("http://www.w3.org", "")
    assert "quartz-2024" in (here / "page.md").read_text(encoding="utf-8")
    again = paxsim(*words, "--force", "--format", "json")
    assert json.loads(again.stdout) == [row]
    assert paxsim(*words).exit_code == ExitCode.USAGE
