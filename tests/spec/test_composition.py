"""Composition of scenario files: what extends what, variants, and where the problems are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.errors import InputError
from simulator.shocks import ExportRestriction, Outage
from simulator.spec import load_scenario, load_variants, number, parse_scenario

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "valid"
BASE = (CORPUS / "suspension-tree.yaml").read_text(encoding="utf-8")

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


def problems(path: Path | str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    return [str(problem) for problem in caught.value.problems]


def test_what_is_extended_is_taken_over_and_changes_are_put_on_top(write: Write) -> None:
    path = write("child.yaml", "extends: base.yaml\nseed: 5\nshocks: {x: {until: 2025-12-01}}\n")
    child, base = load_scenario(path), load_scenario(path.with_name("base.yaml"))
    x = child.shocks["x"]
    assert isinstance(x, ExportRestriction)
    assert str(x.until) == "2025-12-01"
    assert x.materials == base.shocks["x"].materials  # type: ignore[attr-defined]
    assert (child.seed, child.name, child.question) == (5, "child", "What if?")
    assert child.dataset == base.dataset


def test_lists_replace_and_null_removes(write: Write) -> None:
    path = write("child.yaml", "extends: base.yaml\nshocks: {truce: null, x: {materials: [ore]}}\n")
    assert list(load_scenario(path).shocks) == ["x"]


def test_a_mapping_of_another_kind_replaces(write: Write) -> None:
    write(
        "one.yaml",
        "extends: base.yaml\nshocks: {truce: null, x: {type: outage,"
        " facilities: mine_1, from: 2025-10-10, severity: {distribution: beta, a: 2, b: 3},"
        " duration_days: 3}}\n",
    )
    path = write(
        "two.yaml",
        "extends: one.yaml\nshocks: {x: {severity: {distribution: uniform, low: 0, high: 1}}}\n",
    )
    third = write("three.yaml", "extends: two.yaml\nshocks: {x: {severity: {high: 0.5}}}\n")
    x = load_scenario(path).shocks["x"]
    assert isinstance(x, Outage)
    assert x.severity.bounds == (0, 1)
    assert load_scenario(third).shocks["x"].severity.bounds == (0, 0.5)  # type: ignore[attr-defined]


def test_the_question_of_the_opening_comment_is_the_file_s_own(write: Write) -> None:
    path = write("child.yaml", "# What else?\nextends: base.yaml\n")
    assert load_scenario(path).question == "What else?"


def test_a_problem_stands_in_the_file_where_the_value_is(write: Write) -> None:
    write("broken.yaml", BASE.replace("mechanism: ban", "mechanism: bans"))
    path = write("child.yaml", "extends: broken.yaml\nshocks:\n  truce: {from: 2025-13-01}\n")
    found = problems(path)
    assert len(found) == 2
    assert any(text.startswith(f"{path.with_name('broken.yaml')}:") for text in found)
    assert any(text.startswith(f"{path}:3: shocks.truce.from") for text in found)


def test_a_problem_of_preparation_has_its_place_too(write: Write) -> None:
    from simulator.sampling import prepare

    path = write("child.yaml", "extends: base.yaml\nshocks:\n  x:\n    materials: chip\n")
    with pytest.raises(InputError) as caught:
        prepare(load_scenario(path))
    assert str(caught.value).startswith(f"{path}:4: shocks.x.materials = chip: no lane carries")


def test_a_loop_is_an_error_with_file_and_line(write: Write) -> None:
    write("a.yaml", "seed: 1\nextends: b.yaml\n")
    path = write("b.yaml", "extends: a.yaml\n")
    (text,) = problems(path)
    assert text.startswith(f"{path.with_name('a.yaml')}:2: extends = b.yaml: extends itself: ")


def test_paths_are_relative_to_the_file_that_names_them(write: Write) -> None:
    write("inner/child.yaml", "extends: ../base.yaml\n")
    path = write("outer/grandchild.yaml", "extends: ../inner/child.yaml\n")
    assert list(load_scenario(path).shocks) == ["truce", "x"]


def test_a_folder_of_tables_is_found_from_the_file_that_names_it(tmp_path: Path) -> None:
    folder = CORPUS / "folder-network.yaml"
    path = tmp_path / "child.yaml"
    path.write_text(f"extends: {folder}\nseed: 3\n", encoding="utf-8")
    assert load_scenario(path).dataset.facilities == load_scenario(folder).dataset.facilities


def test_variants_differ_from_the_file_in_what_they_say() -> None:
    path = CORPUS / "variants.yaml"
    found = load_variants(path)
    assert list(found) == ["deeper", "longer", "none"]
    assert found["deeper"].shocks["x"].severity == number(1)  # type: ignore[attr-defined]
    assert found["longer"].question == "What if it takes longer?"
    assert not found["none"].shocks
    assert [s.name for s in found.values()] == [
        "variants-deeper", "variants-longer", "variants-none",
    ]  # fmt: skip
    assert load_scenario(f"{path}#deeper") == found["deeper"]
    assert load_scenario(path).shocks["x"].severity == number(0.5)  # type: ignore[attr-defined]


def test_a_variant_of_another_file_can_be_extended_and_its_variants_are_not_taken_over() -> None:
    path = CORPUS / "extends-a-variant.yaml"
    assert load_scenario(path).shocks["x"].severity == number(1)  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="has no variants"):
        load_variants(path)


def test_an_unknown_variant_names_the_nearest() -> None:
    (text,) = problems(f"{CORPUS / 'variants.yaml'}#deepr")
    assert "variants = deepr: no such variant; did you mean 'deeper'?" in text
    (text,) = problems(f"{CORPUS / 'serial-chain.yaml'}#deeper")
    assert "its variants: none" in text


def test_a_problem_in_a_variant_stands_on_its_line(write: Write) -> None:
    text = BASE + "variants:\n  late:\n    shocks:\n      x: {from: 2025-13-01}\n"
    path = write("v.yaml", text)
    load_scenario(path)
    (found,) = problems(f"{path}#late")
    line = text.splitlines().index("      x: {from: 2025-13-01}") + 1
    assert found.startswith(f"{path}:{line}: shocks.x.from")


def test_the_resolved_text_is_plain(write: Write) -> None:
    path = write("child.yaml", "extends: base.yaml\nvariants: {a: {seed: 9}}\n")
    text = load_scenario(f"{path}#a").to_yaml()
    assert "extends" not in text
    assert "variants" not in text
    assert parse_scenario(text) == load_scenario(f"{path}#a")


@pytest.mark.parametrize("key", ["extends", "variants"])
def test_composition_cannot_be_set_from_outside(key: str) -> None:
    with pytest.raises(InputError, match=f"{key}: cannot be set"):
        load_scenario(CORPUS / "serial-chain.yaml", [f"{key}=x"])


def test_values_of_what_is_extended_can_be_set(write: Write) -> None:
    path = write("child.yaml", "extends: base.yaml\n")
    changed = load_scenario(path, ["shocks.x.until=2025-12-01"])
    assert str(changed.shocks["x"].until) == "2025-12-01"  # type: ignore[attr-defined]
