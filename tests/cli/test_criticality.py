from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from simulator.cli.exit_codes import ExitCode

Paxsim = Callable[..., Result]
SHORT = ("--days", "10,30", "--recovery", "60")


def test_help_has_examples_and_says_what_columns_mean(paxsim: Paxsim) -> None:
    result = paxsim("criticality", "-h").stdout
    assert result.partition("Examples:\n")[2].count("paxsim criticality") == 3
    text = " ".join(result.split())
    for word in ("survives", "recovers", "exposure", "rei", "[default: 30,90,180,365]"):
        assert word in text


def test_it_ranks_what_a_scenario_cannot_do_without(paxsim: Paxsim, pit: Path, here: Path) -> None:
    result = paxsim("criticality", pit, *SHORT)
    assert result.exit_code == ExitCode.DONE
    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        *("rank", "facility", "name", "10_days", "30_days", "survives", "recovers", "exposure"),
        "rei",
    ]
    # works: all of 30 days of 90; pit: less the cover of 5 days
    assert lines[1].split() == ["1", "works", "works", "11.11", "33.33", "3", "30", "100", "1.00"]
    assert lines[2].split()[:5] == ["2", "pit", "pit", "5.56", "27.78"]
    assert "6 removals of 10, 30 days in 4 runs" in result.stderr
    folder = here / "results" / "stopped-pit-criticality"
    assert sorted(path.name for path in folder.iterdir()) == [
        "criticality.csv", "criticality.parquet", "manifest.json",
    ]  # fmt: skip
    table = pd.read_parquet(folder / "criticality.parquet")
    assert len(table) == 12
    assert json.loads((folder / "manifest.json").read_text())["command"] == (
        "paxsim criticality pit.yaml --days 10,30 --recovery 60"
    )


def test_json_has_every_row_and_nothing_that_json_cannot_hold(paxsim: Paxsim, pit: Path) -> None:
    result = paxsim("criticality", pit, *SHORT, "--what", "facility", "--format", "json")
    rows = json.loads(result.stdout, parse_constant=lambda name: pytest.fail(name))
    assert [(row["id"], row["days"]) for row in rows] == [
        ("works", 10), ("pit", 10), ("works", 30), ("pit", 30),
    ]  # fmt: skip
    assert rows[0]["layer"] == "ai_infrastructure"


def test_csv_is_what_is_written_to_the_folder(paxsim: Paxsim, pit: Path, here: Path) -> None:
    result = paxsim("criticality", pit, *SHORT, "--format", "csv", "-o", here / "out")
    assert result.stdout == (here / "out" / "criticality.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["what"] for row in rows} == {"facility", "country", "country_material"}


def test_a_folder_of_tables_will_do(paxsim: Paxsim, here: Path) -> None:
    tables = here / "mine"
    tables.mkdir()
    content = {
        "materials": "id,layer,unit\nore,minerals,t\n",
        "facilities": "id,kind,country,output,capacity_per_day\nhole,mine,AUS,ore,9\n"
        "shop,market,USA,,\n",
        "recipes": "recipe,input,quantity\n",
        "lanes": "customer,material,supplier,share,transit_days\nshop,ore,hole,1,2\n",
        "demand": "sink,material,units_per_day\nshop,ore,9\n",
    }
    for name, text in content.items():
        (tables / f"{name}.csv").write_text(text)
    result = paxsim("criticality", "mine", *SHORT, "--set", "start=2026-02-01")
    assert result.exit_code == ExitCode.DONE, result.stderr
    assert result.stdout.splitlines()[1].split()[:2] == ["1", "hole"]
    record = json.loads((here / "results/network-criticality/manifest.json").read_text())
    assert record["start_date"] == "2026-02-01"


def test_a_folder_that_holds_something_is_not_written_to(
    paxsim: Paxsim, pit: Path, here: Path
) -> None:
    assert paxsim("criticality", pit, *SHORT, "-o", here).exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["pit.yaml", "--days", "0"], ExitCode.USAGE, "must be a whole number from 1 to 3,650"),
        (["pit.yaml", "--days", "soon"], ExitCode.USAGE, "must be a whole number"),
        (["pit.yaml", "--what", "port"], ExitCode.USAGE, "'port' is not one of"),
        (["pitt"], ExitCode.INPUT_INVALID, "no such scenario"),
    ],
)
def test_wrong_words_are_told_with_the_right_exit_code(
    paxsim: Paxsim, pit: Path, words: list[str], code: ExitCode, message: str
) -> None:
    result = paxsim("criticality", *words)
    assert result.exit_code == code
    assert message in result.stderr


def test_a_run_says_what_to_watch(paxsim: Paxsim, pit: Path, here: Path) -> None:
    result = paxsim("run", pit, "-n", "12", "-o", here / "out", "--no-progress")
    assert result.exit_code == ExitCode.DONE, result.stderr
    table = pd.read_parquet(here / "out" / "early_signs.parquet")
    summary = json.loads((here / "out" / "summary.json").read_text())
    assert summary["early_signs"] == table.to_dict("records")
    # the pit stops on day 19; two days of transit and five of cover later the works have no ore,
    # and three days of cycle later nothing leaves them
    assert table[["stage", "material", "country", "days_p50"]].to_numpy().tolist() == [
        ["fab", "ore", "TWN", 26.0],
        ["outcome", "chip", "", 29.0],
        ["datacenter", "chip", "USA", 30.0],
    ]
    assert (table["hit_share"] == 1.0).all()
    assert (table["replications"] == 10).all()
    losses = pd.read_parquet(here / "out" / "losses.parquet")
    assert {"facility", "material", "country_material", "country", "layer", "kind"} == set(
        losses["what"]
    )
    bound = pd.read_parquet(here / "out" / "bottleneck_days.parquet")
    assert set(zip(bound["facility"], bound["binding"], strict=True)) == {
        ("pit", "capacity"), ("works", "ore"),
    }  # fmt: skip
