"""The manual: complete, true to the package, and built without a warning."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import simulator
from simulator.spec import parse_scenario, shock_types
from simulator.spec.tables import TABLES
from tests.docs.documented import PAGES, ROOT

sys.path.append(str(ROOT))  # last: an installed simulator comes first
from manual.columns import COLUMNS, COMMON
from manual.commands import commands_page, walk
from manual.language import language_page, part_models
from manual.markdown import docstring, examples
from manual.pages import PAGES as MADE
from manual.python_api import MODULES, public_names

LANGUAGE = language_page()
ENTRIES = [(name, text) for name, kind in shock_types().items() for text in examples(kind.__doc__)]
FORMULA = re.compile(r"^ {4,}\S.*$", flags=re.MULTILINE)


def section(page: str, title: str) -> str:
    return page.split(f"\n### {title}\n")[1].split("\n##")[0]


@pytest.mark.parametrize("name", shock_types())
def test_the_reference_describes_every_field_of_a_type(name: str) -> None:
    own = section(LANGUAGE, name)
    for key, field in shock_types()[name].model_fields.items():
        if key not in ("note", "cost_usd"):
            assert field.description, f"{name}.{key} has no description"
            line = next(
                row for row in own.splitlines() if row.startswith(f"| `{field.alias or key}`")
            )
            assert field.description.partition(" [")[0].replace("|", "\\|") in line
            assert ("required" in line) == field.is_required()
            if found := re.search(r"\[(\w+)\]$", field.description):
                assert f"| {found[1]} |" in line


@pytest.mark.parametrize("name", shock_types())
def test_every_type_has_an_example(name: str) -> None:
    assert name in dict(ENTRIES)
    assert "```yaml" in section(LANGUAGE, name)


def test_all_examples_of_the_types_are_entries_of_a_valid_scenario() -> None:
    lines = ["network: alliance", "start: 2025-10-01", "horizon_days: 800", "shocks:"]
    lines += ["  october: {type: export_restriction, by: CHN, materials: dytb_oxide,"]
    lines += ["            from: 2025-10-09, mechanism: licence, regime: new}"]
    lines += [f"  {line}" for _, text in ENTRIES for line in text.splitlines()]
    scenario = parse_scenario("\n".join(lines))
    assert len(scenario.shocks) > len(ENTRIES)
    for name, text in ENTRIES:
        assert {entry["type"] for entry in YAML(typ="safe").load(text).values()} == {name}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_a_table_is_described(table: str) -> None:
    known = {field.alias or key for key, field in TABLES[table].model_fields.items()}
    assert known - set(COMMON) == set(COLUMNS[table])
    assert all(f"| `{column}` |" in section(LANGUAGE, table) for column in COLUMNS[table])


def test_every_part_of_an_entry_has_a_place_in_the_reference() -> None:
    for name in re.findall(r"\]\(#(\w+)\)", LANGUAGE):
        titles = re.findall(r"^#{2,3} (.+)$", LANGUAGE, flags=re.MULTILINE)
        assert name in {title.lower() for title in titles}
    assert {"Reach", "Tree"} <= set(part_models())


def test_every_command_and_option_is_in_the_reference() -> None:
    import click

    from simulator.cli import main

    page = commands_page()
    for path, command in walk(main, ("paxsim",)):
        own = page.split(f"\n## {' '.join(path)}\n")[1].split("\n## ")[0]
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.opts[-1] in own


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_has_a_docstring(name: str) -> None:
    module = import_module(name)
    assert public_names(module)
    for one in public_names(module):
        assert (getattr(module, one).__doc__ or "").strip(), f"{name}.{one}"


def test_a_docstring_becomes_markdown() -> None:
    text = docstring("One ``x``.\n\nExamples\n--------\nTwo::\n\n    a: 1\n      b", "yaml")
    assert text == "One `x`.\n\n**Examples.** Two:\n\n```yaml\na: 1\n  b\n```"


def test_formulas_in_the_odd_page_are_those_of_the_model() -> None:
    model = {" ".join(line.split()) for line in PAGES["docs/model.md"].splitlines()}
    found = FORMULA.findall(PAGES["docs/odd.md"])
    assert len(found) == 9
    assert all(" ".join(line.split()) in model for line in found)


def test_terms_of_the_glossary_are_in_order_and_explained() -> None:
    terms = re.findall(r"^\*\*(.+)\*\*\n:   \S", PAGES["docs/glossary.md"], flags=re.MULTILINE)
    assert len(terms) == PAGES["docs/glossary.md"].count("\n:   ")
    assert terms == sorted(terms, key=lambda term: term.lower().replace("-", " "))
    asked = {"Facility", "Lane", "Cover", "Lead time", "Replication", "Fill rate", "CVaR", "Grade"}
    assert asked | {"Common random numbers", "Time to survive (TTS)"} <= set(terms)


def test_the_citation_file_says_what_the_package_says() -> None:
    fields = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert fields["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "type"} <= set(fields)
    assert fields["authors"] == [{"name": "The paxsim developers"}]
    assert str(fields["version"]) == simulator.__version__
    assert fields["license"] == "MIT"
    assert isinstance(fields["date-released"], date)
    assert "doi" not in fields


def test_no_page_names_a_path_of_one_machine() -> None:
    texts = {**PAGES, **{name: page() for name, page in MADE.items()}}
    for name, text in texts.items():
        assert not re.search(r"(?<![\w.])/(?:work|home|root|tmp|Users)/", text), name


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_of_the_top_folder_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[page])
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_picture_is_small_and_shown() -> None:
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < 200_000
        assert any(f"images/{picture.name})" in text for text in PAGES.values())


def test_the_layers_that_contributors_are_told_are_those_of_the_package() -> None:
    told = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGES["CONTRIBUTING.md"], flags=re.MULTILINE)
    named = {name for row in told for name in re.findall(r"`(\w+)`", row)}
    folder = ROOT / "simulator"
    there = {
        path.stem
        for path in folder.iterdir()
        if path.stem[0] not in "_." and path.name != "py.typed"
    }
    assert named == there


def test_the_manual_builds_without_a_warning_and_asks_for_nothing(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="needs paxsim[docs]")
    line = [sys.executable, "-P", "-m", "mkdocs", "build", "--strict", "--quiet"]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*line, "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "site").glob("*.html"))
    assert len(pages) > 25
    for page in pages:
        loaded = re.findall(
            r"<(?:script|img|link)\b[^>]*?(?:src|href)=\"?(https?:[^\" >]+)", page.read_text()
        )
        assert loaded == [], page.name
