"""Every file of the corpus: valid ones load and round-trip, invalid ones say what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.errors import InputError
from simulator.sampling import prepare
from simulator.spec import list_variants, load_dataset, load_scenario, parse_scenario, shock_types

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
VALID = sorted((CORPUS / "valid").glob("*.yaml"))
INVALID = sorted((CORPUS / "invalid").glob("*.yaml"))
TABLES = sorted(path.parent for path in (CORPUS / "tables").glob("*/expect.txt"))


def names(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", VALID, ids=names)
def test_a_valid_file_loads_and_its_resolved_text_loads_to_the_same(path: Path) -> None:
    scenario = load_scenario(path)
    text = scenario.to_yaml()
    again = parse_scenario(text, file="resolved")
    assert again == scenario
    assert again.to_yaml() == text
    assert again.checksum == scenario.checksum
    assert again.dataset.checksum == scenario.dataset.checksum


@pytest.mark.parametrize("path", INVALID, ids=names)
def test_an_invalid_file_says_what_is_wrong_and_where(path: Path) -> None:
    expected = path.read_text().splitlines()[0].removeprefix("# expect: ")
    with pytest.raises(InputError) as caught:
        prepare(load_scenario(path))
    assert expected in str(caught.value)
    for problem in caught.value.problems:
        assert problem.file == str(path) or not problem.line
        assert "pydantic" not in str(problem)
        assert "Input should" not in str(problem)


@pytest.mark.parametrize("path", INVALID, ids=names)
def test_an_invalid_file_has_few_problems_and_none_twice(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        prepare(load_scenario(path))
    assert len(caught.value.problems) <= 5
    assert len(set(str(caught.value).splitlines())) == len(caught.value.problems)


@pytest.mark.parametrize("folder", TABLES, ids=names)
def test_a_folder_with_errors_names_all_of_them(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_dataset(folder)
    for expected in (folder / "expect.txt").read_text().splitlines():
        assert expected in str(caught.value)


def test_a_table_without_faults_has_no_fault_because_of_another() -> None:
    with pytest.raises(InputError) as caught:
        load_dataset(CORPUS / "tables" / "many-errors-at-once")
    expected = (CORPUS / "tables" / "many-errors-at-once" / "expect.txt").read_text()
    assert len(caught.value.problems) == len(expected.splitlines())


def test_the_corpus_covers_the_rules() -> None:
    assert len(VALID) >= 60
    assert len(INVALID) >= 120
    written = " ".join(path.read_text() for path in VALID)
    assert [kind for kind in shock_types() if f"type: {kind}" not in written] == []


@pytest.mark.parametrize("path", VALID, ids=names)
def test_a_valid_file_and_all_its_variants_can_be_prepared_and_drawn(path: Path) -> None:
    for name in (str(path), *(f"{path}#{variant}" for variant in list_variants(path))):
        model = prepare(load_scenario(name))
        for replication in range(3):
            model.realise(replication)
