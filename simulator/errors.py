"""The one tree of errors, each rebuildable from its ``args``: SimPy and pools re-create them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place of an input, with the rule it breaks and what to do about it.

    Attributes
    ----------
    path
        Dotted place within the file, such as ``shocks.october.approval``.
    value
        The offending value as given; ``None`` where nothing was given.
    rule
        What must hold.
    remedy
        What the user can do.
    file, line, column
        Where it stands; line and column count from 1.
    """

    path: str
    value: object
    rule: str
    remedy: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part not in ("", None))
        given = self.path if self.value is None else f"{self.path} = {_short(self.value)}"
        return ": ".join(part for part in (place, given, self.rule, self.remedy) if part)


class PaxsimError(Exception):
    """Base of all errors that paxsim raises on purpose; its text is meant for the user."""


class InputError(PaxsimError):
    """An input is invalid; ``args[0]`` holds every problem found, not just the first."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, sorted by place."""
        found: Iterable[Problem] = self.args[0]
        return tuple(sorted(found, key=lambda p: (p.file, p.line or 0, p.column or 0, p.path)))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(PaxsimError):
    """A command or call was given options that do not go together."""


class OutputError(PaxsimError):
    """Results cannot be written: the folder exists, the disk is full, permission is missing."""


class StuckError(PaxsimError):
    """The model cannot go on: a broken invariant such as a negative stock or a lost consignment."""


def invalid(path: str, value: object, rule: str, remedy: str = "") -> InputError:
    """Build an `InputError` with a single problem."""
    return InputError((Problem(path, value, rule, remedy),))


def _short(value: object, limit: int = 60) -> str:
    text = str(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
