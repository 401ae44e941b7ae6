"""Rows of a study on the disk: parts that only grow while it runs, then one tidy table of all.

A part holds rows of any cells, a row group for each, and counts once the register names it. Memory
holds the rows since the last part, so neither cells nor replications are limited by it. At the end
the parts are joined in order of cells and replications, a window at a time: the table's bytes do
not depend on who computed what, when, or how often it was interrupted.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.experiment.design import Cell
from simulator.experiment.parts import failure_facts, spans
from simulator.experiment.register import PART, PENDING, Register, read_register
from simulator.experiment.replication import DRAW, Replication
from simulator.experiment.rows import rows_of
from simulator.experiment.store import writing
from simulator.metrics.definitions import METRICS
from simulator.spec.record import plain

PLAN = "study.plan.json"
LEVER = "lever:"
"""Prefix of the columns with settings of levers."""
PART_ROWS = 20_000
"""A part is written when it has so many rows."""
PART_SECONDS, PART_SHARE = 5.0, 0.01
"""A part is written no later than this, or than this share of the time so far."""
WINDOW = 65_536
"""Rows of a cell that are in memory at once when the parts are joined."""

Replications = npt.NDArray[np.bool_]


class CellRows:
    """Collects rows in any order, and gives them back in order of cells and replications.

    Parameters
    ----------
    folder
        Where the parts are; those that are there already count.
    cells, replications
        What there is to do.

    Attributes
    ----------
    rows, failed
        Rows so far, failed ones included, and how many of them failed.
    cells_done
        Cells that have all their rows.
    """

    def __init__(self, folder: Path, cells: Sequence[Cell], replications: int) -> None:
        self.folder, self.cells, self.replications = folder, cells, replications
        self.rows = self.failed = self.cells_done = 0
        self._here: dict[int, Replications] = {}
        self._counts = [0] * len(cells)
        self._failed: set[int] = set()
        self._pending: list[Replication] = []
        self._parts: dict[int, list[_Piece]] = {}
        self._names = 0
        self._register = Register(folder)
        self._begun = self._written = time.monotonic()
        for event in read_register(folder):
            if event["event"] == PART:
                self._take(event)

    def wanted(self, cell: int) -> Sequence[int]:
        """Replications of a cell that are still to be computed, rising."""
        here = self._here.get(cell)
        return range(self.replications) if here is None else np.flatnonzero(~here).tolist()

    def expect(self) -> None:
        """Register what is to be computed, before it starts."""
        todo = [n for n, count in enumerate(self._counts) if count < self.replications]
        self._register.add(PENDING, cells=spans(todo), replications=self.replications)

    def forget_failed(self) -> None:
        """Make failed replications count as not computed."""
        for number in self._failed:
            cell, replication = divmod(number, self.replications)
            self._here[cell][replication] = False
            self.cells_done -= self._counts[cell] == self.replications
            self._counts[cell] -= 1
        self.rows -= len(self._failed)
        self.failed = 0
        self._failed.clear()

    def add(self, results: Sequence[Replication]) -> None:
        """Take in results."""
        for result in results:
            self._count(result.number, failed=bool(result.error))
        self._pending += results
        now = time.monotonic()
        late = max(PART_SECONDS, PART_SHARE * (now - self._begun))
        if len(self._pending) >= PART_ROWS or now - self._written > late:
            self.flush()

    def flush(self) -> None:
        """Write the rows since the last part."""
        self._written = time.monotonic()
        if not self._pending:
            return
        ordered = sorted(self._pending, key=lambda result: result.number)
        self._pending = []
        table, count = _table(ordered, self.replications), self.replications
        name = f"part-{self._names:06d}"
        with writing(self.folder), (self.folder / f"{name}.parquet").open("wb") as file:
            pieces = _write_groups(table, file)
        failed = [
            {"cell": r.number // count, **failure_facts(r.number % count, r.origin, r.error)}
            for r in ordered
            if r.error
        ]
        self._register.add(PART, part=name, rows=len(table), cells=pieces, failed=failed)
        self._known(name, pieces)

    def close(self) -> None:
        """Let others use the folder."""
        self._register.close()

    def combine(self, target: Path) -> None:
        """Join all rows to one table, in order of cells and replications, a window at a time."""
        self.flush()
        names = sorted({piece.path for pieces in self._parts.values() for piece in pieces})
        if not names:
            return
        schema = _ordered(pa.unify_schemas([pq.read_schema(path) for path in names]), self.cells)
        draft = target.with_name(f".{target.name}.tmp")
        with writing(target):
            with pq.ParquetWriter(draft, schema, compression="zstd", store_schema=False) as writer:
                for cell in self.cells:
                    for rows in self._windows(cell.number):
                        writer.write_table(_complete(rows, cell, schema))
            draft.replace(target)

    def _windows(self, cell: int) -> Iterator[pa.Table]:
        pieces = self._parts.get(cell, [])
        for first in range(0, self.replications, WINDOW):
            last = first + WINDOW - 1
            found = [piece for piece in pieces if piece.first <= last and piece.last >= first]
            tables = [piece.read(first, last) for piece in found]
            rows = pa.concat_tables(tables, promote_options="default") if tables else None
            if rows is not None and rows.num_rows:
                yield _latest(rows)

    def _take(self, event: Mapping[str, Any]) -> None:
        failed = {row["cell"] * self.replications + row["replication"] for row in event["failed"]}
        for cell, spanned in event["cells"]:
            for first, last in spanned:
                for replication in range(first, last + 1):
                    number = cell * self.replications + replication
                    self._count(number, failed=number in failed)
        self._known(event["part"], event["cells"])

    def _known(self, name: str, pieces: Sequence[tuple[int, Sequence[Sequence[int]]]]) -> None:
        self._names = int(name.removeprefix("part-")) + 1
        path = self.folder / f"{name}.parquet"
        for group, (cell, spanned) in enumerate(pieces):
            piece = _Piece(path, group, spanned[0][0], spanned[-1][1])
            self._parts.setdefault(cell, []).append(piece)

    def _count(self, number: int, *, failed: bool) -> None:
        cell, replication = divmod(number, self.replications)
        here = self._here.get(cell)
        if here is None:
            here = self._here[cell] = np.zeros(self.replications, np.bool_)
        if here[replication]:  # computed again after it failed
            self.failed -= number in self._failed
            self._failed.discard(number)
        else:
            here[replication] = True
            self.rows += 1
            self._counts[cell] += 1
            self.cells_done += self._counts[cell] == self.replications
        if failed:
            self._failed.add(number)
            self.failed += 1


def study_plan(folder: Path) -> dict[str, Any] | None:
    """What a study was begun with; None if none was begun here."""
    try:
        content: dict[str, Any] = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def study_rows_so_far(stage: Path) -> int:
    """Rows that a study has written so far, while it goes on."""
    events = read_register(stage)
    return sum(int(event["rows"]) for event in events if event["event"] == PART)


def study_so_far(stage: Path) -> pd.DataFrame:
    """Rows that a study has written so far, by cell and replication, without its levers."""
    tables = []
    for event in read_register(stage):
        if event["event"] != PART:
            continue
        with pq.ParquetFile(stage / f"{event['part']}.parquet") as file:
            for group, (cell, _) in enumerate(event["cells"]):
                table = file.read_row_group(group).to_pandas()
                table.insert(0, "cell", cell)
                tables.append(table)
    if not tables:
        return pd.DataFrame({"cell": [], "replication": []})
    rows: pd.DataFrame = pd.concat(tables).sort_values(["cell", "replication"], kind="stable")
    return rows.drop_duplicates(["cell", "replication"], keep="last").reset_index(drop=True)


class _Piece:
    """Rows of one cell in one part: a row group of a file."""

    def __init__(self, path: Path, group: int, first: int, last: int) -> None:
        self.path, self.group, self.first, self.last = path, group, first, last

    def read(self, first: int, last: int) -> pa.Table:
        with pq.ParquetFile(self.path) as file:
            rows = file.read_row_group(self.group)
        if first <= self.first and self.last <= last:
            return rows
        number = rows["replication"]
        return rows.filter(pc.and_(pc.greater_equal(number, first), pc.less_equal(number, last)))


def lever_columns(cell: Cell) -> Mapping[str, Any]:
    """Columns that say which cell a row belongs to."""
    levers = {f"{LEVER}{path}": _scalar(value) for path, value in cell.levers.items()}
    return {"cell": cell.number, "scenario": cell.name, **levers}


def _table(results: Sequence[Replication], count: int) -> pd.DataFrame:
    table = rows_of(results).frame()
    table.insert(0, "cell", table["replication"] // count)
    table["replication"] %= count
    return table


def _write_groups(table: pd.DataFrame, file: IO[bytes]) -> list[tuple[int, list[list[int]]]]:
    """Write a row group for each cell; the file is on the disk when this returns."""
    plain_table = table.drop(columns="cell")
    content = pa.Table.from_pandas(plain_table, preserve_index=False).replace_schema_metadata(None)
    pieces, at = [], 0
    with pq.ParquetWriter(file, content.schema, compression="zstd", store_schema=False) as writer:
        for cell, rows in itertools.groupby(table["cell"].tolist()):
            size = sum(1 for _ in rows)
            writer.write_table(content.slice(at, size))
            pieces.append((cell, spans(table["replication"].iloc[at : at + size].tolist())))
            at += size
    file.flush()
    os.fsync(file.fileno())
    return pieces


def _latest(rows: pa.Table) -> pa.Table:
    """Rows by replication; of one that was computed again, the last."""
    numbers = rows["replication"].to_numpy()
    order = np.argsort(numbers, kind="stable")
    ranked = numbers[order]
    return rows.take(order[np.append(ranked[1:] != ranked[:-1], True)])


def _scalar(value: object) -> object:
    # A column has one type: numbers stay numbers, anything else is the text a file would have.
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | float):
        return float(value)
    return json.dumps(plain(value), default=str)


def _ordered(schema: pa.Schema, cells: Sequence[Cell]) -> pa.Schema:
    # Parts differ in their columns (years, countries), so that the order must come from the names.
    levers: dict[str, pa.DataType] = {}
    for cell in cells:
        for name, value in lever_columns(cell).items():
            text = levers.get(name) == pa.string() or not isinstance(value, int | float)
            levers[name] = pa.string() if text else pa.float64()
    levers["cell"] = pa.int64()
    first = ("replication", "status", "error")
    rest = sorted((name for name in schema.names if name not in first), key=_rank)
    heads = [pa.field(name, kind) for name, kind in levers.items()]
    return pa.schema([*heads, *(schema.field(name) for name in (*first, *rest))])


def _rank(name: str) -> tuple[int, int, str]:
    """Place of a column: metrics, years, countries, what was drawn."""
    if name.startswith(DRAW):
        return 3, 0, name
    if name in METRICS:
        return 0, list(METRICS).index(name), name
    kind, _, country = name.partition(":")
    if country:
        return 2, 0, f"{country} {kind}"
    year = name.rpartition("_year")[2]
    return (1, int(year), name) if year.isdecimal() else (0, len(METRICS), name)


def _complete(rows: pa.Table, cell: Cell, schema: pa.Schema) -> pa.Table:
    own, size = lever_columns(cell), rows.num_rows
    columns = []
    for field in schema:
        if field.name in rows.column_names:
            columns.append(rows[field.name].cast(field.type))
        elif field.name in own:
            value = own[field.name]
            known = str(value) if pa.types.is_string(field.type) else value
            columns.append(pa.array([known] * size, field.type))
        else:
            columns.append(pa.nulls(size, field.type))
    return pa.table(columns, schema=schema)
