"""A parsed input with the line and column of every value, to say where a problem stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import ValidationError

from simulator.errors import Problem
from simulator.spec.record import Location


class Place(NamedTuple):
    """Line and column, counted from 1; ``file`` differs from the document's for overrides."""

    line: int | None
    column: int | None = None
    file: str | None = None


@dataclass
class Document:
    """Plain data (mappings, lists, scalars) of one file, with places.

    Attributes
    ----------
    data
        The parsed content.
    file
        Name for messages.
    places
        Place of each value by its path.
    keys
        Place of each mapping key by the path of its value.
    comment
        Text of the comment that opens the file.
    """

    data: object
    file: str
    places: dict[Location, Place] = field(default_factory=dict)
    keys: dict[Location, Place] = field(default_factory=dict)
    comment: str = ""

    def problem(
        self, path: Sequence[str | int], value: object, rule: str, remedy: str = ""
    ) -> Problem:
        """Describe something wrong at a path, with the nearest place known for it."""
        place = self.place(tuple(path))
        file = self.file if place.file is None else place.file
        return Problem(dotted(path), value, rule, remedy, file, place.line, place.column)

    def place(self, path: Location) -> Place:
        """Place of a path, or of the innermost thing around it that has one."""
        while path:
            found = self.keys.get(path) or self.places.get(path)
            if found is not None:
                return found
            path = path[:-1]
        return self.places.get((), Place(1, 1))

    def problems(self, error: ValidationError, prefix: Location = ()) -> list[Problem]:
        """Turn the errors of a model validated from the data at ``prefix`` into problems."""
        return [
            self.problem(
                self.fit(prefix, item["loc"]),
                item["input"],
                str(item["ctx"]["rule"]) if "ctx" in item else item["msg"],
                str(item["ctx"].get("remedy", "")) if "ctx" in item else "",
            )
            for item in error.errors(include_url=False)
        ]

    def fit(self, prefix: Location, loc: Location) -> Location:
        """Path in the file of a location in a model, whose short forms may have been expanded."""
        node = self.at(prefix)
        path = list(prefix)
        for index, part in enumerate(loc):
            if isinstance(node, Mapping) and str(part) in node:
                node = node[str(part)]
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                node = node[part]
            elif index < len(loc) - 1 or not isinstance(node, Mapping):
                continue  # a step that only the model has
            path.append(part)
        return tuple(path)

    def at(self, path: Location) -> object:
        """Value at a path; ``None`` where there is none."""
        node = self.data
        for part in path:
            if isinstance(node, Mapping):
                node = node.get(part)
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                node = node[part]
            else:
                return None
        return node


def dotted(path: Sequence[str | int]) -> str:
    """Write a path for people: ``lanes[3].share``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def undotted(text: str) -> Location:
    """Take a path as people read it apart again: ``lanes[3].share`` into its steps."""
    steps = re.findall(r"\[(\d+)\]|([^.\[\]]+)", text)
    return tuple(int(index) if index else name for index, name in steps)
