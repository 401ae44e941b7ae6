"""The key ``network`` of a scenario file: a packaged name, a folder, or the tables themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from simulator.errors import InputError, Problem
from simulator.spec.assemble import assemble
from simulator.spec.csv_io import RawRow, RawTable
from simulator.spec.dataset import Dataset, RowPlace
from simulator.spec.document import Document, Place
from simulator.spec.load import dataset_names, read_dataset, unreadable
from simulator.spec.messages import did_you_mean, nearest
from simulator.spec.record import Location
from simulator.spec.tables import REQUIRED_TABLES, TABLES

Resolved = tuple[str | Dataset, Dataset | None, list[Problem]]


def resolve_network(document: Document, folder: Path) -> Resolved:
    """Load the network that a scenario file names or holds.

    Parameters
    ----------
    document
        The scenario file.
    folder
        Where a folder of tables is looked for.

    Returns
    -------
    tuple
        The network as a record should name it, its dataset (``None`` if there is none), problems.
    """
    given = document.at(("network",))
    if given is None and isinstance(document.data, dict) and "network" not in document.data:
        given = "alliance"
    if isinstance(given, dict):
        dataset, problems = _inline(document, given)
        return dataset, dataset, problems
    if not isinstance(given, str):
        rule = "must be a name, a folder or tables"
        remedy = f"packaged networks: {', '.join(dataset_names())}"
        return "", None, [document.problem(("network",), given, rule, remedy)]
    try:
        dataset, problems = read_dataset(given, folder)
    except InputError as error:
        return "", None, [
            document.problem(("network",), given, p.rule, p.remedy) for p in error.problems
        ]  # fmt: skip
    return (given if given in dataset_names() else dataset), dataset, problems


def _inline(document: Document, given: dict[str, object]) -> tuple[Dataset, list[Problem]]:
    problems: list[Problem] = []
    tables: dict[str, RawTable] = {}
    missing: dict[str, RawTable] = {}  # tables that one with a misspelt name may be
    for table in given:
        where: Location = ("network", table)
        if table == "name":
            continue
        if table not in TABLES:
            hint = did_you_mean(table, TABLES, "known tables")
            problems.append(document.problem(where, None, f"unknown table; {hint}"))
            for near in nearest(table, TABLES):
                missing.setdefault(near, unreadable())
            continue
        tables[table] = _rows(document, where, given[table], problems)
    tables = {**missing, **tables}
    for table in REQUIRED_TABLES:
        if table not in tables:
            rule = f"missing table {table}"
            problems.append(document.problem(("network",), None, rule, "add it, if need be as []"))
            tables[table] = unreadable()

    def locate(table: str, index: int, error: ValidationError) -> list[Problem]:
        return document.problems(error, ("network", table, positions[table][index]))

    positions = {table: _positions(given.get(table)) for table in tables}
    name = str(given.get("name", "inline"))
    ordered = {table: tables[table] for table in TABLES if table in tables}
    dataset, found = assemble(name, ordered, locate=locate)
    found = [replace(p, path=_inner(p.path)) for p in found]
    return dataset, [*problems, *found]


def _inner(path: str) -> str:
    return path if path.startswith("network") else f"network.{path}"


def _positions(rows: object) -> list[int]:
    listed = rows if isinstance(rows, list) else []
    return [i for i, row in enumerate(listed) if isinstance(row, dict)]


def _rows(document: Document, where: Location, given: object, problems: list[Problem]) -> RawTable:
    found: list[RawRow] = []
    if given is None:
        given = []
    if not isinstance(given, list):
        problems.append(document.problem(where, given, "must be a list of rows"))
        return unreadable()
    for index, row in enumerate(given):
        here: Location = (*where, index)
        if not isinstance(row, dict):
            rule, remedy = "must be a mapping", "write a row as {id: ..., ...}"
            problems.append(document.problem(here, row, rule, remedy))
            continue
        place = document.place(here)
        cells = {str(key): document.place((*here, str(key))) for key in row}
        file = place.file or document.file
        found.append((row, RowPlace(file, place.line, cells | {"": Place(place.line)})))
    return RawTable(rows=found, doubtful=len(found) < len(given))
