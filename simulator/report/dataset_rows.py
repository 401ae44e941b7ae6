"""The tables of a dataset for people and spreadsheets: any table, and who cites a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from simulator.errors import invalid
from simulator.spec import Dataset, did_you_mean
from simulator.spec.citations import citations, number_text
from simulator.spec.distributions import Constant, Pert
from simulator.spec.profiles import Profile
from simulator.spec.tables import TABLES, AnyRow

CITATION_COLUMNS = ("table", "key", "field", "value", "grade", "sources", "file", "line", "note")
SOURCE_COLUMNS = ("id", "rows", "numbers", "A", "B", "C", "title", "publisher", "date", "url")

Cells = dict[str, Any]


def table_rows(
    dataset: Dataset, table: str, where: Sequence[tuple[str, str]] = (), *, form: str = "table"
) -> tuple[list[Cells], list[str]]:
    """Rows of a table that match, and their columns.

    Parameters
    ----------
    dataset
        Where to look.
    table
        Name of a table.
    where
        (column, pattern) pairs that must all hold; ``*`` and ``?`` are wildcards. A number is
        compared at its base value.
    form
        ``"table"``: texts, with ranges, the line in the file, and no empty columns; ``"csv"``:
        columns as the file has them, so that it loads again; ``"json"``: as a scenario file has it.

    Raises
    ------
    InputError
        If there is no such table or column.
    """
    if table not in TABLES:
        raise invalid("table", table, f"unknown table; {did_you_mean(table, TABLES, 'tables')}")
    columns = _columns(table)
    for name, _ in where:
        if name not in columns:
            raise invalid(f"{table}.{name}", None, f"no such column; {did_you_mean(name, columns)}")
    matching = [
        (i, row) for i, row in enumerate(dataset.rows(table)) if all(_holds(row, *w) for w in where)
    ]
    if form == "csv":
        rows = [_file_cells(row) for _, row in matching]
        return rows, _filled(_with_companions(columns, rows), rows)
    if form == "json":
        rows = [_plain_cells(row) for _, row in matching]
    else:
        rows = [{name: number_text(getattr(row, name)) for name in columns} for _, row in matching]
    for cells, (i, _) in zip(rows, matching, strict=True):
        cells["line"] = dataset.where(table, i)[1]
    return rows, _filled(["line", *columns], rows)


def source_rows(dataset: Dataset) -> list[Cells]:
    """Every source, and how many rows and numbers of each grade cite it; see `SOURCE_COLUMNS`."""
    numbers: dict[str, Counter[str]] = {}
    rows: dict[str, set[tuple[str, str]]] = {}
    for item in citations(dataset):
        for source in item.sources:
            rows.setdefault(source, set()).add((item.table, item.key))
            if item.field:
                numbers.setdefault(source, Counter())[item.grade] += 1
    return [
        {
            **{name: getattr(row, name) for name in ("id", "title", "publisher", "date", "url")},
            "rows": len(rows.get(row.id, ())),
            "numbers": numbers.get(row.id, Counter()).total(),
            **{grade: numbers.get(row.id, Counter())[grade] for grade in "ABC"},
        }
        for row in dataset.sources
    ]


def source_record(dataset: Dataset, source: str) -> Cells:
    """One source, with everything that cites it under ``cited_by``; see `CITATION_COLUMNS`.

    Raises
    ------
    InputError
        If there is no such source.
    """
    found = next((row for row in source_rows(dataset) if row["id"] == source), None)
    if found is None:
        known = [row.id for row in dataset.sources]
        raise invalid("source", source, f"no such source; {did_you_mean(source, known)}")
    cited = [
        {name: getattr(item, name) for name in CITATION_COLUMNS}
        | {"sources": ";".join(item.sources)}
        for item in citations(dataset)
        if source in item.sources
    ]
    return {**found, "cited_by": cited}


def _columns(table: str) -> list[str]:
    """Fields of a table; where a row comes from stands last, as in the files."""
    names = list(TABLES[table].model_fields)
    last = [name for name in ("source_id", "grade", "note") if name in names]
    return [*(name for name in names if name not in last), *last]


def _holds(row: AnyRow, name: str, pattern: str) -> bool:
    value = getattr(row, name)
    base = getattr(value, "base", value)
    return fnmatchcase(number_text(base), pattern)


def _plain_cells(row: AnyRow) -> Cells:
    written = row.plain()
    return dict(written) if isinstance(written, Mapping) else {}


def _file_cells(row: AnyRow) -> Cells:
    cells: Cells = {}
    for name in type(row).model_fields:
        value = getattr(row, name)
        if name not in row.model_fields_set or value is None:
            continue
        if isinstance(value, Pert):
            cells |= {name: value.mode, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            cells[name] = _exact(value)
    return cells


def _exact(value: object) -> object:
    """A cell with every digit, so that the row loads to the same numbers."""
    if isinstance(value, Profile):
        return ";".join(f"{when}:{amount!r}" for when, amount in value.knots)
    if isinstance(value, Constant):
        return value.value
    return value if isinstance(value, float) else number_text(value)


def _with_companions(columns: Iterable[str], rows: Sequence[Cells]) -> list[str]:
    given = {name for cells in rows for name in cells}
    ends = ("", "_low", "_high")
    return [
        f"{name}{end}" for name in columns for end in ends if not end or f"{name}{end}" in given
    ]


def _filled(columns: Sequence[str], rows: Sequence[Cells]) -> list[str]:
    return [name for name in columns if any(cells.get(name) not in (None, "") for cells in rows)]
