"""A network's tables, validated, sorted by key, with the place each row came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from simulator.errors import Problem
from simulator.spec.countries import iso_countries
from simulator.spec.distributions import Distribution
from simulator.spec.document import Place
from simulator.spec.record import plain
from simulator.spec.tables import (
    TABLES,
    AllianceMember,
    AnyRow,
    Calibration,
    Country,
    Demand,
    Facility,
    Lane,
    Material,
    RecipeInput,
    SlotRow,
    Source,
)


class RowPlace(NamedTuple):
    """Where a row stands: file, line, and where each cell is (line, or ``None`` for the row's)."""

    file: str
    line: int | None
    cells: Mapping[str, Place]


@dataclass(frozen=True)
class Dataset:
    """Everything known about a network; rows are sorted by key, so file order never matters.

    Attributes
    ----------
    name
        Name or folder it was loaded by.
    materials, facilities, recipes, lanes, demand, slots, sources, alliances, countries,
    calibration
        The tables.
    places
        Place of each row by table, in the order of the rows.
    """

    name: str
    materials: tuple[Material, ...] = ()
    facilities: tuple[Facility, ...] = ()
    recipes: tuple[RecipeInput, ...] = ()
    lanes: tuple[Lane, ...] = ()
    demand: tuple[Demand, ...] = ()
    slots: tuple[SlotRow, ...] = ()
    sources: tuple[Source, ...] = ()
    alliances: tuple[AllianceMember, ...] = ()
    countries: tuple[Country, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    places: Mapping[str, tuple[RowPlace, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the tables that runs depend on, whatever their format and order of rows."""
        tables = self.plain().items()
        content = {table: rows for table, rows in tables if rows and table != "calibration"}
        text = json.dumps(content, sort_keys=True, default=_as_text, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def rows(self, table: str) -> tuple[AnyRow, ...]:
        """Rows of a table by its name."""
        found: tuple[AnyRow, ...] = getattr(self, table)
        return found

    def where(self, table: str, index: int) -> tuple[str, int | None]:
        """File and line of the row at an index of a table; empty where it came from no file."""
        place = self.place(table, index)
        return place.file, place.line

    def place(self, table: str, index: int) -> RowPlace:
        """Place of the row at an index of a table, with its cells."""
        known = self.places.get(table, ())
        return known[index] if index < len(known) else RowPlace("", None, {})

    def problem(
        self, table: str, index: int, name: str, value: object, rule: str, remedy: str = ""
    ) -> Problem:
        """Describe something wrong in one field (or, with ``""``, the whole) of a row."""
        place = self.place(table, index)
        cell = place.cells.get(name, Place(None))
        path = f"{table}.{self.rows(table)[index].key}"
        own_file = cell.file is not None and cell.file != place.file
        line = place.line if cell.line is None and not own_file else cell.line
        file = place.file if cell.file is None else cell.file
        path = f"{path}.{name}" if name else path
        return Problem(path, plain(value), rule, remedy, file, line, cell.column)

    def numbers(self) -> Iterator[tuple[str, Distribution]]:
        """Yield (name, number) for every uncertain number; names are as under ``parameters``.

        Yields
        ------
        tuple
            Such as ``("recipes.n5/tool_spares.criticality", Pert(...))``.
        """
        for table in TABLES:
            for row in self.rows(table):
                for name, number in row.numbers():
                    yield f"{table}.{row.key}.{name}", number

    def plain(self) -> dict[str, list[object]]:
        """Give the tables as a user would write them inline; packaged countries are left out."""
        iso = iso_countries()
        tables: dict[str, list[object]] = {}
        for table in TABLES:
            tables[table] = [
                row.plain()
                for row in self.rows(table)
                if not (isinstance(row, Country) and iso.get(row.code) == row)
            ]
        return tables

    def members(self, alliance: str, on: date | None) -> tuple[str, ...]:
        """Codes of an alliance's members on a date (``None``: at any time), sorted."""
        found = {
            row.country for row in self.alliances if row.alliance == alliance and row.holds(on)
        }
        return tuple(sorted(found))


def sort_rows(rows: Iterable[tuple[AnyRow, RowPlace]]) -> list[tuple[AnyRow, RowPlace]]:
    """Sort rows by key, part by part; missing parts first."""
    return sorted(rows, key=lambda pair: sort_key(pair[0]))


def sort_key(row: AnyRow) -> tuple[str, ...]:
    """Parts of a row's identity as texts, to sort by."""
    values = (getattr(row, name) for name in type(row).identity)
    return tuple("" if value is None else str(value) for value in values)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
