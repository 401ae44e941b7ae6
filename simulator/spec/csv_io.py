"""One CSV file to mappings as YAML would give them, with the line of every row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from simulator.errors import Problem
from simulator.spec.dataset import RowPlace
from simulator.spec.document import Place
from simulator.spec.messages import did_you_mean
from simulator.spec.tables import TABLES, number_fields, real_fields

RawRow = tuple[dict[str, object], RowPlace]


@dataclass
class RawTable:
    """Rows of one table before validation, and what was already found wrong.

    Attributes
    ----------
    rows
        Mapping of given fields, and place, per row.
    problems
        Problems of the file or of single cells.
    spoiled
        Indices of rows that have a problem already.
    absent
        Required columns that the header lacks; reported once, not for each row.
    doubtful
        Whether rows or columns may be missing, so that nothing should be concluded from the rows.
    """

    rows: list[RawRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    spoiled: set[int] = field(default_factory=set)
    absent: frozenset[str] = frozenset()
    doubtful: bool = False


def parse_csv(text: str, table: str, file: str) -> RawTable:
    """Parse a table.

    Parameters
    ----------
    text
        Content of the file.
    table
        Name of the table, such as ``lanes``.
    file
        Name of the file in messages.
    """
    found = RawTable()
    records = _records(text, file, found)
    first = next(records, None)
    if first is None:
        if not found.problems:
            rule = "has no header line"
            found.problems.append(Problem(table, None, rule, _expected(table), file, 1))
        found.doubtful = True
        return found
    line, header = first
    names = [name.strip() for name in header]
    _check_header(names, table, file, line, found)
    columns = {name: index for index, name in enumerate(names) if name in _columns(table)}
    cells = {name: Place(None, index + 1) for name, index in columns.items()}
    for row_line, record in records:
        place = RowPlace(file, row_line, cells)
        if len(record) != len(names):
            rule = f"the row has {len(record)} cells, the header {len(names)}"
            remedy = "quote texts that contain commas"
            path = f"{table}[{len(found.rows)}]"
            found.problems.append(Problem(path, None, rule, remedy, file, row_line))
            found.spoiled.add(len(found.rows))
        given = {
            name: record[index].strip() for name, index in columns.items() if index < len(record)
        }
        filled = {name: cell for name, cell in given.items() if cell}
        _add(filled, place, table, found)
    return found


def _records(text: str, file: str, found: RawTable) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "check the quotes of that row"
        rule = f"is not valid CSV: {error}"
        found.problems.append(Problem("row", None, rule, remedy, file, line))
        found.doubtful = True


def _check_header(names: list[str], table: str, file: str, line: int, found: RawTable) -> None:
    known = _columns(table)
    for index, name in enumerate(names):
        rule = ""
        if not name:
            rule = "a column has no name"
        elif name not in known:
            rule = f"unknown column; {did_you_mean(name, known, 'known columns')}"
        elif name in names[:index]:
            rule = "duplicate column"
        if rule:
            path = f"{table}.{name}" if name else table
            found.problems.append(Problem(path, None, rule, "", file, line, index + 1))
            found.doubtful = True
    missing = [name for name in _required(table) if name not in names]
    for name in missing:
        rule = "missing column"
        path = f"{table}.{name}"
        found.problems.append(Problem(path, None, rule, _expected(table), file, line))
    found.absent = frozenset(missing)
    found.doubtful = found.doubtful or bool(missing)


def _add(cells: dict[str, str], place: RowPlace, table: str, found: RawTable) -> None:
    numbers, reals = _number_names(table), _real_names(table)
    row: dict[str, object] = {}
    for name, cell in cells.items():
        if name in numbers or name in reals:
            row[name] = _number(cell)
        elif name not in _companions(table):
            row[name] = cell
    index = len(found.rows)
    found.rows.append((row, place))
    for name in numbers:
        low, high = cells.get(f"{name}_low"), cells.get(f"{name}_high")
        if low is None and high is None:
            continue
        if name in found.absent:
            continue
        if low is None or high is None or name not in row:
            rule = f"{name}, {name}_low and {name}_high must be given together"
            column = place.cells[f"{name}_{'high' if low is None else 'low'}"].column
            path = f"{table}.{_key(row, table, index)}.{name}"
            problem = Problem(path, cells.get(name), rule, "", place.file, place.line, column)
            found.problems.append(problem)
            found.spoiled.add(index)
            row.setdefault(name, _number(low or high or ""))
        else:
            row[name] = _three_point(_number(low), row[name], _number(high))


def _three_point(low: object, mode: object, high: object) -> object:
    if low == mode == high:
        return mode
    return {"distribution": "pert", "low": low, "mode": mode, "high": high}


def _number(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell  # the field says what is wrong with it


def _key(row: dict[str, object], table: str, index: int) -> str:
    parts = [row.get(name) for name in TABLES[table].identity]
    return "/".join(str(part) for part in parts) if all(parts) else str(index)


@cache
def _number_names(table: str) -> frozenset[str]:
    return number_fields(TABLES[table])


@cache
def _real_names(table: str) -> frozenset[str]:
    return real_fields(TABLES[table])


@cache
def _companions(table: str) -> frozenset[str]:
    return frozenset(f"{name}_{end}" for name in _number_names(table) for end in ("low", "high"))


@cache
def _columns(table: str) -> frozenset[str]:
    return frozenset(TABLES[table].model_fields) | _companions(table)


@cache
def _required(table: str) -> tuple[str, ...]:
    return tuple(name for name, info in TABLES[table].model_fields.items() if info.is_required())


def _expected(table: str) -> str:
    last = ("source_id", "grade", "note")
    names = [name for name in TABLES[table].model_fields if name not in last]
    return f"columns: {', '.join(names)}"
