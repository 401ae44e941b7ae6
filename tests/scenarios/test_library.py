"""The packaged scenarios: each says what it asks, rests on, draws and expects, and runs."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.cli import main
from simulator.cli.schema import schema_text
from simulator.report.briefing import brief
from simulator.report.briefing_page import briefing_text
from simulator.report.result import monte_carlo
from simulator.sampling import prepare
from simulator.spec import list_scenarios, list_variants, load_scenario, load_variants
from tests.scenarios.library_table import DOCUMENT, EXPECT, page, paragraphs, sources

LIBRARY = list_scenarios()
REPLICATIONS = 200
SOURCE = re.compile(r"\b[pmc]:[\w-]+|\banalyst-estimate\b")
#: What the issue asks for, by the name that it has here.
ASKED = {
    "china-october-2025",
    "china-october-2025-suspended",
    "china-snap-back-2026",
    "china-truce-extended",
    "china-truce-lapsed",
    "china-april-2025",
    "gallium-germanium-ban",
    "gallium-germanium-pause",
    "japan-freeze",
    "licence-squeeze",
    "gulf-gas",
    "wf6-gap",
    "taiwan-blockade",
    "taiwan-earthquakes",
    "malacca-detour",
    "red-sea-detour",
    "congo-cobalt",
    "nexperia-brake",
    "spruce-pine",
    "long-beach-congestion",
    "ai-demand-surge",
    "all-hazards",
    "october-stockpile",
    "october-heavy-separation",
    "october-allies-first",
    "october-double-sourcing",
    "october-double-covers",
    "october-all-measures",
    "malaysia-rare-earths",
}

every_scenario = pytest.mark.parametrize("name", [info.name for info in LIBRARY])


def test_the_library_is_complete() -> None:
    names = {info.name for info in LIBRARY}
    assert names >= ASKED
    assert len(names) >= 25
    assert names == {info.path.stem for info in LIBRARY}


def test_the_command_lists_all_of_it() -> None:
    result = CliRunner().invoke(main, ["scenarios", "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["name"] for row in rows] == [info.name for info in LIBRARY]
    assert all(row["question"].endswith("?") and int(row["horizon_days"]) > 0 for row in rows)


@pytest.mark.parametrize("path", [info.path for info in LIBRARY], ids=lambda path: path.stem)
def test_a_file_opens_with_its_question_and_says_what_to_expect(path: Path) -> None:
    question, *rest = paragraphs(path)
    assert question.endswith("?")
    assert any(text.startswith(EXPECT) for text in rest)
    if path.stem != "baseline":
        assert len(rest) >= 2, "say what is drawn before what to expect"
    assert "# yaml-language-server: $schema=scenario.schema.json" in path.read_text("utf-8")


@every_scenario
def test_a_scenario_prepares_describes_and_names_its_sources(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.question.endswith("?")
    assert scenario.horizon_days == 1096
    assert scenario.dataset.name == "alliance"
    assert SOURCE.search(scenario.notes)
    for section in (scenario.shocks, scenario.measures):
        assert all(SOURCE.search(entry.note) for entry in section.values())
    text = briefing_text(brief(prepare(scenario)))
    assert scenario.question in text
    assert all(entry in text for entry in (*scenario.shocks, *scenario.measures))


@pytest.mark.parametrize(
    "path",
    [info.path for info in LIBRARY if list_variants(info.path)],
    ids=lambda path: path.stem,
)
def test_the_variants_of_a_scenario_prepare(path: Path) -> None:
    for variant in load_variants(path).values():
        assert briefing_text(brief(prepare(variant)))


def test_one_measure_alone_is_one_of_those_together() -> None:
    together = load_scenario("october-all-measures")
    alone = [
        load_scenario(name)
        for name in sorted(ASKED)
        if name.startswith("october-") and name != together.name
    ]
    kept = [entry for scenario in alone for entry in scenario.measures]
    assert sorted(kept) == sorted(together.measures)
    for scenario in alone:
        assert scenario.shocks == together.shocks
        assert all(together.measures[key] == own for key, own in scenario.measures.items())


def test_every_source_that_is_named_is_known() -> None:
    known = sources()
    for info in LIBRARY:
        named = set(re.findall(r"\b[pmc]:[\w-]+", info.path.read_text(encoding="utf-8")))
        assert named <= set(known), info.name


def test_the_page_on_the_library_is_up_to_date() -> None:
    remedy = "write it again with `python -m tests.scenarios.library_table`"
    assert DOCUMENT.read_text(encoding="utf-8") == page(), remedy


def test_the_schema_beside_the_scenarios_is_up_to_date() -> None:
    beside = LIBRARY[0].path.with_name("scenario.schema.json")
    remedy = f"write it again with `paxsim schema -o scenarios/{beside.name}`"
    assert beside.read_text(encoding="utf-8") == schema_text(), remedy


@pytest.mark.slow
@every_scenario
def test_no_replication_of_a_scenario_fails(name: str) -> None:
    result = monte_carlo(load_scenario(name), replications=REPLICATIONS)
    assert len(result.replications) == REPLICATIONS
    assert result.record["failed"] == 0
