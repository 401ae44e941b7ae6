"""``paxsim data calibrate``: expressions by hand, verdicts, and the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import simulator
from simulator.cli.exit_codes import ExitCode
from simulator.errors import InputError
from simulator.network.calibration import BASE_DATE, calibrate
from simulator.report.calibration_page import calibration_page
from simulator.spec import load_dataset
from tests.data.conftest import Paxsim
from tests.data.tables import Row, write

ROOT = Path(__file__).parents[2]


def row(kind: str, parameters: str, published: float, tolerance: float, **cells: str) -> Row:
    defaults = {"id": "x", "unit": "t", "source_id": "survey", "grade": "B", "independent": "yes"}
    return {
        **defaults,
        "what": f"what {cells.get('id', 'x')} is",
        "model_expression": kind,
        "parameters": parameters,
        "published": str(published),
        "tolerance_pct": str(tolerance),
        "note": "",
        **cells,
    }


CLOSED = row(
    "share", "material=ore;countries=CHN", 91.7, 1, id="closed", independent="by-construction"
)


def value(folder: Path, kind: str, parameters: str) -> float:
    write(folder, "calibration", [row(kind, parameters, 1, 5)])
    (found,) = calibrate(load_dataset(folder))
    return found.model


@pytest.mark.parametrize(
    ("kind", "parameters", "expected"),
    [
        ("share", "material=ore;countries=CHN", 100 * 55 / 60),
        ("share", "material=ore;facilities=pit_a", 100 * 5 / 60),
        ("share", "material=ore;countries=CHN;basis=capacity", 75),
        ("share", "material=ore;countries=CHN+AUS", 100),
        ("share", "material=ore;countries=CHN+AUS;facilities=pit_a;basis=sales", 100 * 5 / 60),
        ("supply_share", "material=ore;customers=works;suppliers=pit_b", 75),
        ("supply_share", "material=ore;customer_countries=TWN;supplier_countries=AUS", 25),
        ("supply_share", "material=ore;suppliers=pit_a", 100 * 5 / 60),
        ("use_share", "material=ore;customers=works", 100 * 20 / 60),
        ("use_share", "material=ore;customer_countries=CHN", 100 * 40 / 60),
        ("rate", "facilities=works;scale=365", 3650),
        ("rate", "material=ore", 60),
        ("rate", "material=ore;countries=CHN;basis=capacity", 90),
        ("rate", "facilities=pit_*;basis=sales;days=30;day=10", 60),
        ("rate", "facilities=works;per_unit=input:ore", 20),
        ("rate", "facilities=works;per_unit=chip/ore", 20),
        ("total", "facilities=works", 3650),
        ("total", "facilities=works;days=10", 100),
        ("units_per_unit", "recipe=chip;input=ore", 2),
        ("units_per_unit", "recipe=chip;input=ore;invert=yes;scale=10", 5),
        ("ratio", "above=rate(material=ore);below=rate(material=chip)", 6),
        ("ratio", "above=total(material=ore,days=2);below=rate(material=chip);scale=100", 1200),
        ("cover", "facility=works;material=ore", 5),
    ],
)
def test_an_expression_reads_the_plan(
    small: Path, kind: str, parameters: str, expected: float
) -> None:
    assert value(small, kind, parameters) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kind", "parameters", "rule"),
    [
        ("share", "material=orr;countries=CHN", "= orr: unknown material; did you mean 'ore'?"),
        ("share", "material=ore;countries=CHM", "= CHM: matches none of countries"),
        ("rate", "facilities=quarry_*", "= quarry_*: matches none of facilities"),
        ("rate", "material=ore;countries=TWN", "matches no facility"),
        ("supply_share", "material=ore;customers=site;suppliers=pit_a", "matches no lane"),
        ("units_per_unit", "recipe=chip;input=tin", "= chip/tin: no such row in recipes"),
        ("rate", "facilities=pit_a;per_unit=input:ore", "= /ore: no such row in recipes"),
        ("cover", "facility=works;material=tin", "= works/tin: no such stock"),
    ],
)
def test_an_expression_that_matches_nothing_is_an_error(
    small: Path, kind: str, parameters: str, rule: str
) -> None:
    with pytest.raises(InputError) as caught:
        value(small, kind, parameters)
    text = str(caught.value)
    assert text.startswith("small/calibration.csv:2: calibration.x.parameters")
    assert rule in text
    assert f"in {kind}({parameters})" in text


@pytest.mark.parametrize(
    ("kind", "parameters", "rule"),
    [
        ("shore", "material=ore", "must be one of share, supply_share"),
        ("share", "material=ore", "share needs countries or facilities"),
        ("share", "countries=CHN", "share needs material"),
        ("share", "material=ore;country=CHN", "share takes no argument country; did you mean"),
        ("share", "material", "must be key=value pairs"),
        ("rate", "material=ore;material=ore", "material is given twice"),
        ("rate", "material=ore;basis=stock", "basis must be one of starts, sales, capacity"),
        ("rate", "material=ore;days=0", "days must be >= 1"),
        ("rate", "material=ore;day=1.5", "day must be a whole number"),
        ("rate", "material=ore;scale=much", "scale must be a number"),
        ("ratio", "above=rate(material=ore)", "ratio needs below"),
        ("ratio", "above=share(material=ore);below=rate(material=ore)", "must be rate(...) or"),
    ],
)
def test_an_expression_that_makes_no_sense_is_invalid_input(
    small: Path, kind: str, parameters: str, rule: str
) -> None:
    write(small, "calibration", [row(kind, parameters, 1, 5)])
    with pytest.raises(InputError) as caught:
        load_dataset(small)
    assert str(caught.value).startswith("small/calibration.csv:2: calibration.x.")
    assert rule in str(caught.value)


@pytest.mark.parametrize(
    ("published", "tolerance", "verdict", "difference"),
    [
        (60, 0, "ok", 0.0),
        (50, 20, "ok", 20.0),
        (50, 19.9, "off", 20.0),
        (80, 25, "ok", -25.0),
        (80, 24.9, "off", -25.0),
    ],
)
def test_a_verdict_is_of_the_difference_in_percent_of_the_published_figure(
    paxsim: Paxsim, small: Path, published: float, tolerance: float, verdict: str, difference: float
) -> None:
    write(small, "calibration", [row("rate", "material=ore", published, tolerance)])
    result = paxsim("data", "calibrate", small, "--format", "json")
    (found,) = json.loads(result.stdout)
    assert found["verdict"] == verdict
    assert found["difference_pct"] == pytest.approx(difference)
    expected = ExitCode.DONE if verdict == "ok" else ExitCode.SOME_FAILED
    assert result.exit_code == expected


def test_the_table_shows_model_published_source_and_independence(
    paxsim: Paxsim, small: Path
) -> None:
    write(small, "calibration", [row("rate", "material=ore", 61, 5, id="ore"), CLOSED])
    result = paxsim("data", "calibrate", small)
    assert result.exit_code == ExitCode.DONE
    lines = result.stdout.splitlines()
    assert lines[1].split()[:1] == ["ore"], "rows stand in the order of the file"
    assert {"60", "61", "survey", "yes", "ok"} <= set(lines[1].split())
    assert {"91.67", "by-construction"} <= set(lines[2].split())
    assert "2 compared, 1 of them independent; 0 beyond tolerance" in result.stderr


def test_the_page_keeps_what_is_independent_apart_and_says_why_a_row_is_off(
    paxsim: Paxsim, small: Path
) -> None:
    note = "the survey counts one pit"
    write(small, "calibration", [row("rate", "material=ore", 30, 5, id="ore", note=note), CLOSED])
    result = paxsim("data", "calibrate", small, "--markdown", "page.md")
    assert result.exit_code == ExitCode.SOME_FAILED
    page = Path("page.md").read_text(encoding="utf-8")
    assert page.startswith("<!-- Made by `paxsim data calibrate small --markdown")
    assert "0 of 1 within tolerance" in page
    own, built = page.split("## By construction")
    assert "| what ore is | 60 | 30 | t | +100.0 | 5 | **off** | B | survey |" in own
    assert "the survey counts one pit" in own
    assert "what closed is" not in own
    assert "| ok |" in built
    assert "- `survey`: [A survey of pits](https://example.org/pits) (Bureau, 2025)" in page


def test_a_page_that_cannot_be_written_is_a_matter_of_usage(paxsim: Paxsim, small: Path) -> None:
    write(small, "calibration", [row("rate", "material=ore", 60, 5)])
    result = paxsim("data", "calibrate", small, "--markdown", "no/such/folder.md")
    assert result.exit_code == ExitCode.USAGE


def test_without_a_table_there_is_nothing_to_compare(paxsim: Paxsim, small: Path) -> None:
    result = paxsim("data", "calibrate", small)
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert "add calibration.csv" in result.stderr


def test_the_check_evaluates_the_expressions_too(paxsim: Paxsim, small: Path) -> None:
    write(small, "calibration", [row("rate", "facilities=quarry", 60, 5)])
    result = paxsim("data", "check", small)
    assert result.exit_code == ExitCode.INPUT_INVALID
    assert "small/calibration.csv:2: calibration.x.parameters = quarry" in result.stdout


def test_the_check_warns_of_what_is_beyond_tolerance(paxsim: Paxsim, small: Path) -> None:
    write(small, "calibration", [row("rate", "material=ore", 50, 5)])
    result = paxsim("data", "check", small)
    assert result.exit_code == ExitCode.DONE
    assert result.stdout == (
        "small/calibration.csv:2: calibration.x.published = 50: beyond tolerance: the model gives "
        "60 t, +20.0 % (at most 5 %) (warning)\n"
    )


def test_no_result_depends_on_the_calibration_table(small: Path) -> None:
    before = load_dataset(small)
    write(small, "calibration", [row("rate", "material=ore", 60, 5)])
    assert load_dataset(small).checksum == before.checksum


def test_the_packaged_dataset_is_within_tolerance_or_says_why_not() -> None:
    found = calibrate(simulator.load_dataset("alliance"))
    assert len(found) >= 25
    assert sum(item.independent for item in found) >= 8
    for item in found:
        assert item.within or item.row.note, f"{item.row.id}: {item.difference_pct:+.1f} %"


def test_the_page_in_the_documentation_is_that_of_the_packaged_dataset() -> None:
    dataset = simulator.load_dataset("alliance")
    page = calibration_page(dataset, calibrate(dataset), BASE_DATE)
    written = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    assert written == page, "run `paxsim data calibrate --markdown docs/calibration.md`"
