"""Composition: a scenario file that extends another, and named variants within one file.

``extends`` names another scenario, packaged or by path (relative to the file), whose keys are taken
over; what the file itself says is put on top. ``variants`` holds named changes of the file. In
both, mappings merge key by key, lists and single values replace, and ``null`` removes. A mapping
with another ``type`` or ``distribution`` than below replaces it, since the two have different keys.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.errors import InputError, Problem
from simulator.spec.document import Document, Place
from simulator.spec.load import dataset_names, find_scenario, split_variant
from simulator.spec.messages import did_you_mean
from simulator.spec.record import Location
from simulator.spec.yaml_io import parse_yaml, read_text

EXTENDS, VARIANTS = "extends", "variants"
_KINDS = ("type", "distribution")
"""Keys that say which other keys a mapping has."""


@dataclass(frozen=True)
class Source:
    """Where a scenario file came from.

    Attributes
    ----------
    folder
        Folder that its paths are relative to.
    path
        The file; ``None`` for text that is in none.
    chain
        Names and paths of the files that extend it, the first one first.
    """

    folder: Path
    path: Path | None = None
    chain: tuple[tuple[str, Path], ...] = ()


def compose(document: Document, source: Source, variant: str | None = None) -> Document:
    """Give a document without ``extends`` and ``variants``: what they say is worked in.

    Every value keeps the file and line where it stands.

    Parameters
    ----------
    document
        A parsed scenario file; left as it is.
    source
        Where it came from.
    variant
        Name of a variant; ``None`` takes the file without any.

    Raises
    ------
    InputError
        If what it extends is not there or extends it in turn, if there is no such variant, or if
        something is removed that is not there.
    """
    raw = document.data
    if not isinstance(raw, dict) or not ({EXTENDS, VARIANTS} & set(raw) or variant):
        return document
    own = {key: value for key, value in raw.items() if key not in (EXTENDS, VARIANTS)}
    problems: list[Problem] = []
    variants = _variants(document, problems)
    if EXTENDS in raw:
        result = _base(document, raw[EXTENDS], source)
        _Merger(result, document, (), problems).run(own)
        result.file, result.comment = document.file, document.comment or result.comment
        if document.comment and "question" not in own and isinstance(result.data, dict):
            result.data.pop("question", None)
        for path in ((), (EXTENDS,)):
            result.places[path] = document.places.get(path, Place(1, 1))
    else:
        result = replace(document, data=own, places=dict(document.places), keys=dict(document.keys))
    if variant is not None:
        if variant not in variants:
            hint = did_you_mean(variant, variants, "its variants")
            where = (VARIANTS,) if VARIANTS in raw else ()
            problem = document.problem(where, variant, f"no such variant; {hint}", "name another")
            raise InputError((problem,))
        _name_variant(result, source, variant)
        _Merger(result, document, (VARIANTS, variant), problems).run(variants[variant])
    if problems:
        raise InputError(tuple(problems))
    return result


def variant_names(document: Document) -> list[str]:
    """Names of the variants of a parsed file, in the order of the file."""
    raw = document.data
    found = raw.get(VARIANTS) if isinstance(raw, dict) else None
    return list(found) if isinstance(found, dict) else []


def _variants(document: Document, problems: list[Problem]) -> dict[str, dict[str, object]]:
    given = document.at((VARIANTS,))
    if given is None:
        return {}
    if not isinstance(given, dict):
        rule, remedy = "must be a mapping of names to changes", "such as deeper: {shocks: ...}"
        problems.append(document.problem((VARIANTS,), given, rule, remedy))
        return {}
    found: dict[str, dict[str, object]] = {}
    for name, changes in given.items():
        where: Location = (VARIANTS, name)
        if not name or not all(c.isalnum() or c in "_-" for c in name):
            rule = "a name must have letters, digits, '_' and '-' only"
            problems.append(document.problem(where, None, rule, "such as deeper"))
        if changes is not None and not isinstance(changes, dict):
            rule, remedy = "must be a mapping of keys", "write what differs, such as {seed: 2}"
            problems.append(document.problem(where, changes, rule, remedy))
            continue
        for key in {EXTENDS, VARIANTS} & set(changes or {}):
            rule, remedy = "cannot be given in a variant", "give it at the top of the file"
            problems.append(document.problem((*where, key), None, rule, remedy))
        found[name] = {k: v for k, v in (changes or {}).items() if k not in (EXTENDS, VARIANTS)}
    return found


def _base(document: Document, given: object, source: Source) -> Document:
    """The composed file that a document extends, with the file in every place."""
    if not isinstance(given, str) or not given:
        rule, remedy = "must be a name or a path", "such as extends: china-october-2025"
        raise InputError((document.problem((EXTENDS,), given, rule, remedy),))
    name, variant = split_variant(given, source.folder)
    try:
        path, shown = find_scenario(name, source.folder)
    except InputError as error:
        raise InputError(
            tuple(document.problem((EXTENDS,), given, p.rule, p.remedy) for p in error.problems)
        ) from None
    here = [] if source.path is None else [(document.file, source.path.resolve())]
    chain = (*source.chain, *here)
    if path.resolve() in [known for _, known in chain]:
        loop = " -> ".join([*(text for text, _ in chain), shown])
        rule, remedy = f"extends itself: {loop}", "let one of them stand on its own"
        raise InputError((document.problem((EXTENDS,), given, rule, remedy),))
    if not path.exists():
        rule, remedy = "no such file", "give a packaged name, or a path relative to this file"
        raise InputError((document.problem((EXTENDS,), given, rule, remedy),))
    parsed = parse_yaml(read_text(path, shown), shown)
    base = compose(parsed, Source(path.parent, path, chain), variant)
    if not isinstance(base.data, dict):
        problem = parsed.problem((), base.data, "must be a mapping of keys", "see `paxsim new`")
        raise InputError((problem,))
    data = copy.deepcopy(base.data)
    data.pop("name", None)
    _move_network(data, path.parent, source.folder)
    return Document(
        data,
        base.file,
        {path: _in(place, base.file) for path, place in base.places.items()},
        {path: _in(place, base.file) for path, place in base.keys.items()},
        base.comment,
    )


def _move_network(data: dict[str, object], old: Path, new: Path) -> None:
    """Make a folder of tables, given relative to one folder, relative to another."""
    network = data.get("network")
    if isinstance(network, str) and network not in dataset_names():
        folder = Path(network).expanduser()
        if not folder.is_absolute():
            data["network"] = os.path.relpath(old / folder, new)


def _name_variant(document: Document, source: Source, variant: str) -> None:
    """Tell variants apart by name; a variant may give another."""
    if isinstance(document.data, dict):
        usual = source.path.stem if source.path is not None else "scenario"
        name = document.data.get("name", usual)
        if isinstance(name, str):
            document.data["name"] = f"{name}-{variant}"


def _in(place: Place, file: str) -> Place:
    return place if place.file is not None else place._replace(file=file)


class _Merger:
    """Puts changes from a part of one document on top of another, places and all."""

    def __init__(
        self, target: Document, source: Document, prefix: Location, problems: list[Problem]
    ) -> None:
        self.target, self.source, self.prefix, self.problems = target, source, prefix, problems

    def run(self, changes: Mapping[str, object]) -> None:
        """Merge the changes into the target's data."""
        assert isinstance(self.target.data, dict)
        self.target.data = copy.deepcopy(self.target.data)
        self._merge(self.target.data, changes, ())

    def _merge(
        self, node: MutableMapping[str, object], changes: Mapping[str, object], path: Location
    ) -> None:
        for key, value in changes.items():
            here = (*path, key)
            known = node.get(key)
            if value is None:
                self._remove(node, here)
            elif isinstance(known, dict) and isinstance(value, dict) and _alike(known, value):
                self._merge(known, value, here)
                self._take(here, nested=False)
            else:
                self._drop(here)
                node[key] = copy.deepcopy(value)
                self._take(here, nested=True)

    def _remove(self, node: MutableMapping[str, object], path: Location) -> None:
        key = str(path[-1])
        if key in node:
            del node[key]
            self._drop(path)
        elif len(path) > 1:  # at the top, a key without entries says nothing
            hint = did_you_mean(key, node, "known here")
            where = (*self.prefix, *path)
            rule = f"there is nothing of this name to remove; {hint}"
            self.problems.append(self.source.problem(where, None, rule, "correct the name"))

    def _drop(self, path: Location) -> None:
        for places in (self.target.places, self.target.keys):
            for old in [old for old in places if old[: len(path)] == path]:
                del places[old]

    def _take(self, path: Location, *, nested: bool) -> None:
        """Take over the places of a path, and of all within it if ``nested``."""
        full, skip = (*self.prefix, *path), len(self.prefix)
        pairs = (
            (self.source.places, self.target.places),
            (self.source.keys, self.target.keys),
        )
        for places, into in pairs:
            for old, place in list(places.items()):
                if old == full or (nested and old[: len(full)] == full):
                    into[old[skip:]] = _in(place, self.source.file)


def _alike(known: Mapping[str, object], value: Mapping[str, object]) -> bool:
    return all(kind not in value or value[kind] == known.get(kind) for kind in _KINDS)
