"""The manual's page on scenario files: complete, and every file in it valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.sampling import prepare
from simulator.spec import load_scenario, parse_scenario, shock_types

PAGE = (Path(__file__).parents[2] / "docs" / "scenario-files.md").read_text(encoding="utf-8")
FILES = [
    text
    for text in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    if "horizon_days" in text
]


@pytest.mark.parametrize("name", shock_types())
def test_every_type_and_what_it_needs_stands_on_the_page(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    for key, field in shock_types()[name].model_fields.items():
        if key not in ("note", "cost_usd"):
            column = 3 if field.is_required() else 4
            assert f"`{field.alias or key}`" in row.split("|")[column]


@pytest.mark.parametrize("text", FILES, ids=lambda text: text.split("\n")[0][:30])
def test_every_whole_file_on_the_page_is_valid_and_can_be_prepared(text: str) -> None:
    model = prepare(parse_scenario(text))
    assert model.entries
    assert not model.warnings


def test_the_page_has_whole_files() -> None:
    assert len(FILES) == 2


@pytest.mark.parametrize("variant", ["mild", "harsh"])
def test_the_variants_on_the_page_can_be_prepared(variant: str, tmp_path: Path) -> None:
    (text,) = (t for t in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "extends:" in t)
    (tmp_path / "my.yaml").write_text(text, encoding="utf-8")
    model = prepare(load_scenario(f"{tmp_path / 'my.yaml'}#{variant}"))
    assert "shocks.rare-earths" in model.entries


@pytest.mark.parametrize("setting", re.findall(r"--set (shocks\S+)`", PAGE))
def test_the_settings_on_the_page_can_be_made(setting: str) -> None:
    prepare(load_scenario("china-october-2025", [setting]))
