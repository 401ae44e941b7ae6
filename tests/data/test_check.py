"""``paxsim data check``: the packaged dataset passes, and copies broken on purpose do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from simulator.cli.exit_codes import ExitCode
from simulator.network.audit import audit
from tests.data.conftest import Paxsim
from tests.data.tables import Row, line_of, read, write


def problems(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def edit(folder: Path, table: str, key: str, **cells: str) -> None:
    """Change cells of the rows whose first cell is ``key``."""
    rows = read(folder, table)
    chosen = [row for row in rows if next(iter(row.values())) == key]
    assert chosen
    for row in chosen:
        row.update(cells)
    write(folder, table, rows)


def add(folder: Path, table: str, **cells: str) -> None:
    rows = read(folder, table)
    blank: Row = dict.fromkeys(rows[0], "")
    write(folder, table, [*rows, {**blank, **cells}])


def test_the_packaged_dataset_has_no_number_without_source_and_grade(paxsim: Paxsim) -> None:
    result = paxsim("data", "check")
    assert result.exit_code == ExitCode.DONE, result.stdout
    assert " 0 of them without a source or a grade" in result.stderr
    assert "0 errors" in result.stderr


def test_the_small_dataset_passes(paxsim: Paxsim, small: Path) -> None:
    result = paxsim("data", "check", small)
    assert result.exit_code == ExitCode.DONE, result.stdout
    assert result.stdout == ""
    assert "0 errors, 0 warnings" in result.stderr


def test_a_removed_source_fails_at_every_row_that_cites_it(paxsim: Paxsim, copy: Path) -> None:
    cited = next(
        row for row in read(copy, "recipes") if row["source_id"] not in ("", "analyst-estimate")
    )
    gone = cited["source_id"].split(";")[0]
    citing = {
        (f"copy/{table}.csv", number)
        for table in (path.stem for path in copy.glob("*.csv"))
        for number, row in enumerate(read(copy, table), start=2)
        if gone in row.get("source_id", "").split(";")
    }
    write(copy, "sources", (row for row in read(copy, "sources") if row["id"] != gone))
    result = paxsim("data", "check", copy, "--format", "json")
    assert result.exit_code == ExitCode.INPUT_INVALID
    found = [row for row in problems(result) if "unknown source" in row["rule"]]
    assert {(row["file"], row["line"]) for row in found} == citing
    assert all(row["value"] == gone and row["severity"] == "error" for row in found)
    assert all(row["remedy"] == "or add it to sources" for row in found)
    assert " 0 of them without" not in result.stderr


def test_a_wrong_unit_fails_with_the_units_there_are(paxsim: Paxsim, copy: Path) -> None:
    row = next(row for row in read(copy, "materials") if row["unit"] == "kg")
    edit(copy, "materials", row["id"], unit="kgs")
    result = paxsim("data", "check", copy)
    assert result.exit_code == ExitCode.INPUT_INVALID
    line = line_of(copy, "materials", f"{row['id']},")
    start = f"copy/materials.csv:{line}: materials.{row['id']}.unit = kgs: unknown unit; "
    assert f"{start}did you mean 'kg'?" in result.stdout
    assert "units: " in result.stdout


def test_a_unit_that_does_not_fit_the_mass_fails(paxsim: Paxsim, copy: Path) -> None:
    row = next(r for r in read(copy, "materials") if r["unit"] == "kg" and r["mass_kg_per_unit"])
    edit(copy, "materials", row["id"], unit="t")
    result = paxsim("data", "check", copy)
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert "1 t has 1000 kg, not 1 (mass_kg_per_unit): correct the unit or the mass" in (
        result.stdout
    )


def test_shares_that_sum_to_0_9_fail_with_the_lanes(paxsim: Paxsim, small: Path) -> None:
    edit(small, "lanes", "site", share="0.9")
    result = paxsim("data", "check", small)
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert result.stdout == (
        "small/lanes.csv:3: lanes.site/chip/works.share: shares of chip at site must sum to 1, "
        "not 0.9: lanes: works 0.9\n"
    )
    assert "planned rates were not checked" in result.stderr


@pytest.mark.parametrize(
    ("table", "cells", "rule", "remedy"),
    [
        (
            "materials",
            {"id": "tin", "layer": "minerals", "unit": "t"},
            "orphan: no facility makes it",
            "give a facility this output, or remove it",
        ),
        (
            "facilities",
            {"id": "pit_c", "kind": "mine", "country": "AUS", "output": "ore",
             "capacity_per_day": "1"},
            "orphan: no lane leaves it",
            "add a lane with this supplier, or remove it",
        ),
        (
            "facilities",
            {"id": "quay", "kind": "hub", "country": "AUS", "capacity_per_day": "1"},
            "orphan: no lane passes it",
            "put it on a route, or remove it",
        ),
        (
            "recipes",
            {"recipe": "toy", "input": "ore", "quantity": "1"},
            "orphan: no facility uses this recipe",
            "give a facility this recipe, or remove its rows",
        ),
        (
            "sources",
            {"id": "old", "title": "Old", "url": "https://example.org"},
            "orphan: no row cites this source",
            "cite it, or remove it",
        ),
    ],
)  # fmt: skip
def test_an_orphan_fails(
    paxsim: Paxsim, small: Path, table: str, cells: Row, rule: str, remedy: str
) -> None:
    graded = {} if table == "sources" else {"source_id": "guess", "grade": "C"}
    add(small, table, **cells, **graded)
    result = paxsim("data", "check", small, "--format", "json")
    assert result.exit_code == ExitCode.INPUT_INVALID
    first = next(row for row in problems(result) if row["rule"] == rule)
    assert (first["file"], first["remedy"]) == (f"small/{table}.csv", remedy)
    assert first["line"] == line_of(small, table, next(iter(cells.values())) + ",")


def test_everything_wrong_is_reported_at_once(paxsim: Paxsim, small: Path) -> None:
    write(small, "sources", (row for row in read(small, "sources") if row["id"] != "guess"))
    edit(small, "materials", "ore", unit="tonne")
    edit(small, "lanes", "site", share="0.9")
    edit(small, "demand", "site", grade="")
    add(small, "materials", id="tin", layer="minerals", unit="t", source_id="survey", grade="C")
    text = paxsim("data", "check", small).stdout
    for rule in (
        "unknown source", "unknown unit", "must sum to 1, not 0.9", "orphan: no facility makes it",
        "orphan: no recipe or sink uses it", "demand.site/chip.grade: must be given",
    ):  # fmt: skip
        assert rule in text
    assert [line.split(":")[0] for line in text.splitlines()] == sorted(
        line.split(":")[0] for line in text.splitlines()
    )


def test_a_row_that_cannot_be_read_makes_nothing_else_an_orphan(
    paxsim: Paxsim, small: Path
) -> None:
    edit(small, "recipes", "chip", quantity="none")
    result = paxsim("data", "check", small)
    assert len(result.stdout.splitlines()) == 1
    assert "small/recipes.csv:2: recipes.chip/ore.quantity = none: must be a number" in (
        result.stdout
    )


def test_a_plan_above_capacity_fails_with_who_asks(paxsim: Paxsim, small: Path) -> None:
    edit(small, "facilities", "pit_b", capacity_per_day="50")
    result = paxsim("data", "check", small)
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert (
        "small/facilities.csv:4: facilities.pit_b.capacity_per_day = 50: planned starts of 55"
        in (result.stdout)
    )
    assert "asked by others 40, works 15" in result.stdout


def test_transit_that_varies_on_a_lane_through_a_hub_fails(paxsim: Paxsim, small: Path) -> None:
    add(small, "facilities", id="quay", kind="hub", country="AUS", capacity_per_day="100",
        source_id="guess", grade="C")  # fmt: skip
    blank = {"route": "", "transit_noise": ""}
    write(small, "lanes", ({**row, **blank} for row in read(small, "lanes")))
    edit(small, "lanes", "others", route="quay", transit_noise="3")
    result = paxsim("data", "check", small)
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert "small/lanes.csv:2: lanes.others/ore/pit_b.transit_noise: a lane through hubs" in (
        result.stdout
    )


def test_capacity_without_a_buyer_says_that_the_total_does_not_close(
    paxsim: Paxsim, small: Path
) -> None:
    edit(small, "demand", "others", units_per_day="1")
    result = paxsim("data", "check", small)
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert result.stdout == (
        "small/materials.csv:3: materials.ore: total does not close: of 120 a day that could be "
        "made at the start, 21 have a planned buyer (at least 50% must): raise the demand of a "
        "market sink, or correct the capacities\n"
    )


def test_a_market_that_takes_nothing_says_that_the_total_does_not_close(
    paxsim: Paxsim, small: Path
) -> None:
    edit(small, "demand", "others", units_per_day="0")
    edit(small, "facilities", "pit_b", capacity_per_day="20")
    text = paxsim("data", "check", small).stdout
    assert "small/demand.csv:2: demand.others/ore.units_per_day = 0: total does not close" in text


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"publisher": "", "url": ""}, "needs a publisher and a date"),
        ({"url": "example.org"}, "must be an address"),
    ],
)
def test_a_source_that_cannot_be_found_again_fails(
    paxsim: Paxsim, small: Path, cells: Row, rule: str
) -> None:
    edit(small, "sources", "survey", **cells)
    result = paxsim("data", "check", small)
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert result.stdout.startswith("small/sources.csv:3: sources.survey.url")
    assert rule in result.stdout


def test_a_number_without_a_grade_is_counted(small: Path) -> None:
    edit(small, "recipes", "chip", grade="")
    found = audit(small)
    assert found.uncited == 2, "quantity and cover"
    assert [finding.problem.path for finding in found.findings] == ["recipes.chip/ore.grade"]


def test_a_warning_does_not_fail(paxsim: Paxsim, small: Path) -> None:
    rows = read(small, "demand")
    for row in rows:
        pulse = "2025-11-01:1;2025-11-02:1.5;2025-11-03:1"
        row["profile"] = pulse if row["sink"] == "site" else ""
    write(small, "demand", rows)
    edit(small, "recipes", "chip", cover_days="0", cover_days_low="0", cover_days_high="0")
    result = paxsim("data", "check", small, "--format", "csv")
    assert result.exit_code == ExitCode.DONE
    assert [line.split(",")[:3] for line in result.stdout.splitlines()[1:]] == [
        ["warning", "stock_survives_growth", "small"]
    ]


def test_a_dataset_that_does_not_exist_is_invalid_input(paxsim: Paxsim) -> None:
    result = paxsim("data", "check", "aliance")
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert "did you mean 'alliance'?" in result.stderr
