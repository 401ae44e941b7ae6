"""The verbs around the language: describe as a page, schema, new, variants."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import simulator
from simulator.cli.exit_codes import ExitCode
from simulator.cli.new import SCHEMA, TEMPLATES

Paxsim = Callable[..., Result]
SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_describe_writes_a_page_that_stands_alone(paxsim: Paxsim, pit: Path) -> None:
    result = paxsim("describe", "pit.yaml", "--html", "page.html")
    assert result.exit_code == ExitCode.DONE
    page = pit.with_name("page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "://" not in page
    assert "page  page.html" in result.stderr
    assert "First effects" in result.stdout


def test_describe_gives_its_parts_as_json(paxsim: Paxsim, pit: Path) -> None:
    record = json.loads(paxsim("describe", "pit.yaml", "--format", "json").stdout)
    assert record["calendar"][0]["when"] == "2025-10-20"
    assert record["touched"][0]["flows"] == [["ore", 1.0]]
    assert record["uncertain"][0]["name"] == "shocks.stop.duration_days"
    assert record["first_effects"][0]["facility"] == "works"


def test_a_page_that_cannot_be_written_is_said_so(paxsim: Paxsim, pit: Path) -> None:
    result = paxsim("describe", "pit.yaml", "--html", "nowhere/page.html")
    assert result.exit_code == ExitCode.USAGE
    assert "nowhere/page.html: cannot be written" in result.stderr


def test_schema_prints_the_schema_that_the_scenarios_name(paxsim: Paxsim, here: Path) -> None:
    text = paxsim("schema").stdout
    assert json.loads(text)["title"] == "paxsim scenario"
    assert text == (SCENARIOS / SCHEMA).read_text(encoding="utf-8"), (
        f"write it again: paxsim schema -o scenarios/{SCHEMA}"
    )
    assert paxsim("schema", "-o", "s.json").exit_code == ExitCode.DONE
    assert (here / "s.json").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_packaged_scenario_names_the_schema_for_editors(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert f"# yaml-language-server: $schema={SCHEMA}\n" in text
    assert "yaml-language-server" not in simulator.load_scenario(path).question


@pytest.mark.parametrize("template", TEMPLATES)
def test_new_writes_a_file_that_is_valid_and_can_be_described(
    paxsim: Paxsim, here: Path, template: str
) -> None:
    result = paxsim("new", "mine", "--template", template)
    assert result.exit_code == ExitCode.DONE
    assert result.stdout == "mine.yaml\n"
    assert (here / SCHEMA).exists()
    checked = paxsim("validate", "mine.yaml", "--format", "json")
    assert [row for row in json.loads(checked.stdout) if row["severity"] == "error"] == []
    described = paxsim("describe", "mine.yaml")
    assert described.exit_code == ExitCode.DONE
    assert described.stdout.startswith("mine: ")


def test_new_overwrites_nothing(paxsim: Paxsim, here: Path) -> None:
    (here / "mine.yaml").write_text("x", encoding="utf-8")
    result = paxsim("new", "mine.yaml")
    assert result.exit_code == ExitCode.USAGE
    assert "mine.yaml: is there already: choose another name" in result.stderr
    assert (here / "mine.yaml").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("name", ["a b", ".yaml", "-x", "é"])
def test_new_refuses_a_name_that_no_scenario_may_have(
    paxsim: Paxsim, here: Path, name: str
) -> None:
    assert paxsim("new", "--", name).exit_code == ExitCode.USAGE
    assert list(here.iterdir()) == []


def test_a_variant_is_run_and_described_by_its_name(paxsim: Paxsim, pit: Path) -> None:
    changes = "variants:\n  short: {shocks: {stop: {duration_days: 2}}}\n"
    pit.write_text(pit.read_text(encoding="utf-8") + changes, encoding="utf-8")
    assert paxsim("describe", "pit.yaml#short").stdout.startswith("stopped-pit-short: ")
    result = paxsim("run", "pit.yaml#short", "-n", 2, "-o", "out", "--format", "json")
    assert json.loads(result.stdout)["scenario"] == "stopped-pit-short"
    assert list(simulator.load_variants("pit.yaml")) == ["short"]


def test_validate_checks_the_variants_too(paxsim: Paxsim, pit: Path) -> None:
    changes = "variants:\n  short: {shocks: {stop: {duration_days: -2}}}\n"
    text = pit.read_text(encoding="utf-8")
    pit.write_text(text + changes, encoding="utf-8")
    result = paxsim("validate", "pit.yaml", "--format", "json")
    assert result.exit_code == ExitCode.INPUT_INVALID
    (row,) = json.loads(result.stdout)
    assert row["line"] == len(text.splitlines()) + 2
    assert row["path"] == "shocks.stop.duration_days"
