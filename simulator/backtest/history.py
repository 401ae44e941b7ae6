"""What was observed: monthly flows of past episodes, and single facts, each with its source."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.errors import invalid

FOLDER = Path(__file__).resolve().parents[1] / "data" / "history"


@dataclass(frozen=True, slots=True)
class Month:
    """A series in one calendar month.

    Attributes
    ----------
    case, series
        The event it belongs to, and what was counted.
    month
        Such as ``2023-08``.
    value, unit
        What was observed.
    source_id, grade, note
        Where from (``sources.csv``), how sure (A to C), and how it was derived.
    """

    case: str
    series: str
    month: str
    value: float
    unit: str
    source_id: str
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A single observation: days to a first approval, or how long a ban or an outage lasted."""

    case: str
    kind: str
    value: float
    unit: str
    source_id: str
    grade: str
    note: str


@dataclass(frozen=True)
class History:
    """All that is known of past cases."""

    months: tuple[Month, ...]
    facts: tuple[Fact, ...]

    def without(self, case: str) -> History:
        """The same without anything of one case: what a forecast of that case may know."""
        return replace(
            self,
            months=tuple(row for row in self.months if row.case != case),
            facts=tuple(row for row in self.facts if row.case != case),
        )

    def series(self, name: str) -> dict[str, Month]:
        """Months of a series, in order; empty where nothing is known of it."""
        found = [row for row in self.months if row.series == name]
        return {row.month: row for row in sorted(found, key=lambda row: row.month)}

    def facts_of(self, kind: str) -> list[Fact]:
        """Facts of one kind, in the order of the file."""
        return [row for row in self.facts if row.kind == kind]


def load_history(folder: Path = FOLDER) -> History:
    """Read the packaged history, or another folder with ``monthly.csv`` and ``evidence.csv``.

    Raises
    ------
    InputError
        If a value is no number of 0 or more.
    """
    months = tuple(Month(value=number, **row) for number, row in _rows(folder / "monthly.csv"))
    return History(
        months,
        tuple(Fact(value=number, **row) for number, row in _rows(folder / "evidence.csv")),
    )


def load_sources(folder: Path = FOLDER) -> Mapping[str, Mapping[str, str]]:
    """Title, publisher, date and url of every source, by its id."""
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream)}


def _rows(path: Path) -> Iterator[tuple[float, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            text = row.pop("value")
            try:
                value = float(text)
            except ValueError:
                value = -1.0
            if not value >= 0.0:
                place = f"{path.name}:{line}: value"
                raise invalid(place, text, "must be a number of 0 or more", "correct the row")
            yield value, row
