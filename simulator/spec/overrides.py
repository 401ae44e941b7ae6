"""``--set key=value``: replace values of a scenario file before it is validated.

As in files that extend another, ``null`` removes: ``--set shocks.truce=null``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.errors import InputError, Problem
from simulator.spec.document import Document, Place, dotted
from simulator.spec.messages import did_you_mean
from simulator.spec.record import Location
from simulator.spec.shock import shock_types
from simulator.spec.yaml_io import parse_value

#: Keys whose entries are made when an override names one that is not there.
_OPEN = ("parameters",)
_FILE = "--set"
_EXAMPLE = "such as horizon_days=365 or shocks.october.approval=0.25"


def apply_overrides(
    document: Document, overrides: Mapping[str, str] | Sequence[str], known: Sequence[str]
) -> list[Problem]:
    """Put overrides into a parsed scenario file.

    Parameters
    ----------
    document
        Parsed file; changed in place.
    overrides
        Values as YAML text by dotted path, or texts ``path=value``.
    known
        Keys that a scenario may have at the top.

    Returns
    -------
    list of Problem
        What is wrong with the overrides themselves.
    """
    problems: list[Problem] = []
    if not isinstance(document.data, dict):
        return problems
    if isinstance(overrides, Mapping):
        pairs = [(str(key), str(value)) for key, value in overrides.items()]
    else:
        pairs = []
        for text in overrides:
            key, equals, value = text.partition("=")
            if not equals or not key.strip():
                rule = "an override must be key=value"
                problems.append(Problem(text, None, rule, _EXAMPLE, _FILE))
                continue
            pairs.append((key.strip(), value))
    for key, value in pairs:
        problem = _apply(document, key, value, known)
        if problem is not None:
            problems.append(problem)
    return problems


def _apply(document: Document, key: str, text: str, known: Sequence[str]) -> Problem | None:
    try:
        value = parse_value(text)
    except InputError as error:
        first = error.problems[0]
        return Problem(key, text, first.rule, "quote the value for the shell", _FILE)
    node: object = document.data
    path: Location = ()
    rest = key
    step: str | int
    while True:
        if isinstance(node, dict):
            step, rest = _step(node, rest, path)
        elif isinstance(node, list):
            head, _, rest = rest.partition(".")
            if not head.isdecimal() or int(head) >= len(node):
                rule = f"must be an index of a list with {len(node)} entries, from 0"
                return Problem(key, head, rule, "", _FILE)
            step = int(head)
        else:
            where = ".".join(str(part) for part in path)
            return Problem(key, None, f"{where} is a single value, without keys", "", _FILE)
        path = (*path, step)
        if not rest:
            break
        inner = node.get(step) if isinstance(node, dict) else node[int(step)]
        if inner is None and isinstance(node, dict):
            if len(path) == 1 and step in _OPEN:
                inner = node[str(step)] = {}
            else:
                return _nowhere(document, path, known)
        node = inner
    if value is None and isinstance(node, dict) and len(path) > 1 and step not in node:
        rule = f"there is nothing of this name to remove; {did_you_mean(step, node, 'known here')}"
        return Problem(dotted(path), None, rule, "correct the name", _FILE)
    _put(document, node, path, value)
    return None


def _nowhere(document: Document, path: Location, known: Sequence[str]) -> Problem:
    """Explain that there is nothing at a path to set something within."""
    node, step = document.at(path[:-1]), path[-1]
    options = list(known) if len(path) == 1 else []
    if len(path) == 3 and isinstance(node, Mapping):
        kind = shock_types().get(str(node.get("type")))
        options = kind.keys() if kind is not None else []
    if step in options:
        rule = "is not given in the file, so nothing within it can be set"
        return Problem(dotted(path), None, rule, "set it as a whole", _FILE)
    given = list(node) if isinstance(node, Mapping) else []
    rule = f"unknown path; {did_you_mean(step, [*given, *options], 'known here')}"
    return Problem(dotted(path), None, rule, "", _FILE)


def _step(node: dict[str, object], rest: str, path: Location) -> tuple[str, str]:
    """Take the longest beginning of a path that is a key; else its first word."""
    if path and path[0] in _OPEN:
        return rest, ""  # names of parameters contain dots themselves
    words = rest.split(".")
    for count in range(len(words), 0, -1):
        head = ".".join(words[:count])
        if head in node:
            return head, ".".join(words[count:])
    return words[0], ".".join(words[1:])


def _put(document: Document, node: object, path: Location, value: object) -> None:
    step = path[-1]
    if isinstance(node, dict) and value is None and len(path) > 1:
        del node[str(step)]
    elif isinstance(node, dict):
        node[str(step)] = value
    elif isinstance(node, list):
        node[int(step)] = value
    # places within what was replaced are void; problems there point to the override
    for places in (document.places, document.keys):
        for old in [old for old in places if old[: len(path)] == path]:
            del places[old]
        places[path] = Place(None, None, _FILE)
