"""One edit of a packaged scenario leaves it sound, or is refused with a message that helps."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np
import pytest

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.engine import simulate
from simulator.errors import InputError, Problem
from simulator.sampling import prepare
from simulator.spec import Shock, parse_scenario, shock_types
from simulator.spec.load import read_dataset, scenario_folder
from simulator.spec.yaml_io import dump_yaml, parse_yaml

FILES = sorted(scenario_folder().glob("*.yaml"))
# Words by which a rule says what to do where there is no remedy of its own.
TELLS = ("must", "did you mean", "known", "nearest", "unknown", "packaged", "has no effect")
Node = dict[str, object] | list[object]


@pytest.fixture(autouse=True)
def _tables_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packaged tables are the same in every run; reading them is most of the time."""
    name = "simulator.spec.network_field.read_dataset"
    monkeypatch.setattr(name, lru_cache(maxsize=8)(read_dataset))


def mutated(text: str, random: Random) -> str:
    """The text with one edit: of its lines, or of a key or value of its content."""
    return _edited_line(text, random) if random.random() < 0.3 else _edited_data(text, random)


def _edited_line(text: str, random: Random) -> str:
    lines = text.splitlines()
    at = random.choice([n for n, line in enumerate(lines) if line and not line.startswith("#")])
    line = lines[at]
    edit = random.choice(["drop", "double", "indent", "cut", "letter", "swap"])
    if edit == "drop":
        del lines[at]
    elif edit == "double":
        lines.insert(at, line)
    elif edit == "indent":
        lines[at] = random.choice([" ", "  ", "\t"]) + line
    elif edit == "cut":
        lines[at] = line[: random.randrange(len(line))]
    elif edit == "letter":
        n = random.randrange(len(line))
        lines[at] = line[:n] + random.choice("ax0-:{}[],'\"#&*!%@ é") + line[n + 1 :]
    else:
        other = random.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines) + "\n"


def _edited_data(text: str, random: Random) -> str:
    data = copy.deepcopy(parse_yaml(text, "seed").data)
    assert isinstance(data, dict)
    node, key = random.choice(list(_places(data)))
    value = node[key]  # type: ignore[call-overload, index]
    edit = random.choice(["value", "value", "value", "key", "drop", "add"])
    if edit == "value" or isinstance(node, list):
        node[key] = _other(value, random)  # type: ignore[call-overload, index]
    elif edit == "key":
        node[_misspelt(str(key), random)] = node.pop(str(key))
    elif edit == "drop":
        del node[str(key)]
    else:
        names = {k for kind in shock_types().values() for k in kind.keys()}  # noqa: SIM118
        node[random.choice(sorted(names))] = _other(None, random)
    return dump_yaml(data)


def _places(node: object) -> Iterator[tuple[Node, object]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield node, key
            yield from _places(value)
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield node, n
            yield from _places(value)


def _misspelt(word: str, random: Random) -> str:
    n = random.randrange(len(word) + 1)
    return random.choice([word[:n] + word[n + 1 :], word[:n] + "x" + word[n:], word.upper(), ""])


def _other(value: object, random: Random) -> object:
    if isinstance(value, date) and random.random() < 0.7:
        return value + timedelta(days=random.choice([-4000, -40, -1, 1, 60, 900, 20_000]))
    if isinstance(value, int | float) and random.random() < 0.6:
        return random.choice([-value, 0, value * 10, value / 7, 1e9, float("inf"), float("nan")])
    if isinstance(value, str) and random.random() < 0.6:
        return _misspelt(value, random)
    kinds = [None, True, 3, -1.5, "", "x", "TWN", "2026-02-30", date(2026, 1, 1), [], {}, [[]]]
    more: list[object] = [
        {"distribution": "normal", "mean": 0, "sd": 1},
        {"distribution": random.choice(["beta", "pert", "no-such"])},
        {"kind": "fab"},
        {"any": [], "except": "x"},
        random.choice(sorted(shock_types())),
        ["fab_*", {"country": "TWN"}],
    ]
    return random.choice([*kinds, *more])


def check(path: Path, seed: int, *, runs: bool) -> bool:
    """Whether the mutant can be prepared, and run; if not, its message must be of use."""
    text = mutated(path.read_text(encoding="utf-8"), Random(seed))
    problems: tuple[Problem, ...] = ()
    try:
        model = prepare(parse_scenario(text, file=path.name, folder=path.parent, path=path))
        if runs:
            found = simulate(model.realise(1).shocked)
            assert all(np.isfinite(series).all() for series in found.series.values()), text
    except InputError as error:
        problems = error.problems
        if not problems:
            raise AssertionError(f"an error without a problem\n{text}") from error
    for problem in problems:
        told = problem.remedy or any(word in problem.rule for word in TELLS)
        assert problem.file == path.name, f"{problem}\n{text}"
        assert problem.line, f"{problem}\n{text}"
        assert told, f"{problem}\n{text}"
        assert "pydantic" not in str(problem), f"{problem}\n{text}"
    return not problems


def check_all(count: int, first: int = 0, *, runs: bool = False) -> None:
    outcomes = []
    for n in range(first, first + count):
        try:
            outcomes.append(check(FILES[n % len(FILES)], n, runs=runs))
        except AssertionError:
            raise
        except Exception as error:
            text = mutated(FILES[n % len(FILES)].read_text(encoding="utf-8"), Random(n))
            raise AssertionError(f"edit {n}: {type(error).__name__}: {error}\n{text}") from error
    assert 0.05 < sum(outcomes) / count < 0.9, "edits that all pass, or none, test nothing"


def test_200_random_edits_end_in_a_scenario_or_in_a_message_with_file_line_and_remedy() -> None:
    check_all(200)


@pytest.mark.slow
def test_1000_random_edits_end_in_a_run_or_in_a_message_with_file_line_and_remedy() -> None:
    check_all(1000, first=200, runs=True)


def test_what_is_mutated_holds_shocks() -> None:
    assert any("shocks:" in path.read_text(encoding="utf-8") for path in FILES)
    assert all(issubclass(kind, Shock) for kind in shock_types().values())
