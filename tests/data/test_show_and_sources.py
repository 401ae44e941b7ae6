"""``paxsim data show`` and ``data sources``: from a number to its source, and back."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from simulator.cli.exit_codes import ExitCode
from simulator.spec import load_dataset
from simulator.spec.citations import Citation, citations
from simulator.spec.countries import DATA
from simulator.spec.tables import TABLES
from tests.data.conftest import Paxsim


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_shown(paxsim: Paxsim, small: Path, table: str) -> None:
    result = paxsim("data", "show", table, small)
    assert result.exit_code == ExitCode.DONE
    assert len(result.stdout.splitlines()) == 1 + len(load_dataset(small).rows(table))


def test_filters_must_all_hold_and_take_wildcards(paxsim: Paxsim, small: Path) -> None:
    def shown(*where: str) -> list[str]:
        words = [word for pair in where for word in ("--where", pair)]
        result = paxsim("data", "show", "facilities", small, *words, "--format", "json")
        return [row["id"] for row in json.loads(result.stdout)]

    assert shown("id=pit_*") == ["pit_a", "pit_b"]
    assert shown("id=pit_*", "country=C?N") == ["pit_b"]
    assert shown("capacity_per_day=30") == ["pit_a"]
    assert shown("output=", "country=USA") == ["site"]
    assert shown("kind=hub") == []


def test_a_table_shows_ranges_lines_and_no_empty_columns(paxsim: Paxsim, small: Path) -> None:
    header, row = paxsim("data", "show", "recipes", small).stdout.splitlines()
    assert header.split() == [
        "line", "recipe", "input", "quantity", "criticality", "onset_days", "cover_days",
        "purpose", "source_id", "grade",
    ]  # fmt: skip
    assert row.split()[:4] == ["2", "chip", "ore", "2"]
    assert "5 (2 to 9)" in row


@pytest.mark.parametrize("table", ["materials", "facilities", "recipes", "lanes", "demand"])
def test_csv_loads_again_as_the_same_rows(paxsim: Paxsim, copy: Path, table: str) -> None:
    before = load_dataset(copy)
    text = paxsim("data", "show", table, copy, "--format", "csv").stdout
    (copy / f"{table}.csv").write_text(text, encoding="utf-8")
    assert load_dataset(copy).rows(table) == before.rows(table)


def test_json_is_as_a_scenario_file_has_it(paxsim: Paxsim, small: Path) -> None:
    (row,) = json.loads(paxsim("data", "show", "recipes", small, "--format", "json").stdout)
    assert row["cover_days"] == {"distribution": "pert", "low": 2, "mode": 5, "high": 9}
    assert row["line"] == 2


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("show", "facility"), ExitCode.INPUT_INVALID, "unknown table; did you mean 'facilities'?"),
        (
            ("show", "lanes", "--where", "suplier=x"),
            ExitCode.INPUT_INVALID,
            "no such column; did you mean 'supplier'?",
        ),
        (("show", "lanes", "--where", "supplier"), ExitCode.USAGE, "must be COLUMN=VALUE"),
        (("show",), ExitCode.USAGE, "TABLE"),
        (("sources", "analyst"), ExitCode.INPUT_INVALID, "no such source; did you mean"),
    ],
)
def test_what_is_not_there_is_named(
    paxsim: Paxsim, words: tuple[str, ...], code: ExitCode, message: str
) -> None:
    result = paxsim("data", *words)
    assert result.exit_code == code
    assert message in result.stderr


def test_sources_are_listed_with_how_much_rests_on_each(paxsim: Paxsim, small: Path) -> None:
    result = paxsim("data", "sources", "--dataset", small, "--format", "csv")
    guess, survey = rows(result.stdout)
    # guess: works (utilisation, cycle), two sinks without a number, recipe (2), two lanes (2 each)
    assert (guess["id"], guess["rows"], guess["numbers"]) == ("guess", "6", "8")
    assert (guess["A"], guess["B"], guess["C"]) == ("0", "0", "8")
    # survey: chip (3), ore (2), pits (1 each), recipe (2), two lanes (2 each), demand (1 each)
    assert (survey["rows"], survey["numbers"]) == ("12", "15")
    assert (survey["A"], survey["B"], survey["C"]) == ("6", "7", "2")


def test_a_source_names_every_number_that_cites_it(paxsim: Paxsim, small: Path) -> None:
    result = paxsim("data", "sources", "guess", "--dataset", small, "--format", "json")
    record = json.loads(result.stdout)
    assert record["title"] == "Our own estimate"
    cited = {(item["table"], item["key"], item["field"]): item for item in record["cited_by"]}
    cover = cited["recipes", "chip/ore", "cover_days"]
    assert (cover["value"], cover["grade"]) == ("5 (2 to 9)", "C")
    assert (cover["file"], cover["line"]) == ("small/recipes.csv", 2)
    assert cover["sources"] == "guess;survey"
    assert ("facilities", "site", "") in cited, "a row without numbers of its own"


def test_a_source_in_a_table_opens_with_what_it_is(paxsim: Paxsim, small: Path) -> None:
    text = paxsim("data", "sources", "survey", "--dataset", small).stdout
    assert "title      A survey of pits\n" in text
    assert "https://example.org/pits" in text
    assert "small/lanes.csv" in text


def chosen(table: str, count: int) -> list[Citation]:
    """Numbers of the packaged dataset chosen at random, the same in every run."""
    found = [item for item in citations(load_dataset("alliance")) if item.table == table]
    return random.Random(20251009).sample([item for item in found if item.field], count)


@pytest.mark.parametrize("table", ["facilities", "recipes", "lanes"])
def test_numbers_chosen_at_random_can_be_traced_from_table_to_source(
    paxsim: Paxsim, table: str
) -> None:
    titles = {row.id: row.title for row in load_dataset("alliance").sources}
    found = chosen(table, 10)
    for item in found:
        assert item.grade in ("A", "B", "C")
        assert item.sources
        assert all(titles[source] for source in item.sources)
        lines = (DATA / item.file).read_text(encoding="utf-8").splitlines()
        assert item.line is not None
        assert lines[item.line - 1].startswith(item.key.replace("/", ",")), "the line is the row's"
    source = Counter(source for item in found for source in item.sources).most_common()[-1][0]
    record = json.loads(paxsim("data", "sources", source, "--format", "json").stdout)
    mine = {(item.key, item.field, item.line) for item in found if source in item.sources}
    assert mine <= {(row["key"], row["field"], row["line"]) for row in record["cited_by"]}


@pytest.mark.parametrize("verb", [(), ("check",), ("show",), ("sources",), ("calibrate",)])
def test_help_ends_with_three_examples(paxsim: Paxsim, verb: tuple[str, ...]) -> None:
    result = paxsim("data", *verb, "-h")
    assert result.exit_code == ExitCode.DONE
    examples = result.stdout.partition("Examples:\n")[2].splitlines()
    assert sum("paxsim data" in line for line in examples) == 3
