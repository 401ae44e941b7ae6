"""Rows of a study on the disk: a file for each cell that is done, then one tidy table of all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.experiment.design import Cell
from simulator.experiment.parts import failure_facts, joined_table
from simulator.experiment.register import DONE_CELL, PENDING, Register
from simulator.experiment.replication import Replication
from simulator.experiment.store import write_parquet, writing
from simulator.spec.record import plain

LEVER = "lever:"
"""Prefix of the columns with settings of levers."""


class CellRows:
    """Collects rows in any order; a cell is written, whole, when all its replications are in.

    Parameters
    ----------
    folder
        Where the files are; cells that are there already count as done.
    cells, replications
        What there is to do.
    """

    def __init__(self, folder: Path, cells: Sequence[Cell], replications: int) -> None:
        self.folder, self.cells, self.replications = folder, cells, replications
        self.failed = 0
        self.rows = 0
        self.done: set[int] = set()
        self._open: dict[int, list[Replication]] = {}
        self._register = Register(folder)
        for cell in cells:
            path = self.path(cell.number)
            if path.is_file():
                status = pq.read_table(path, columns=["status"])["status"]
                self.done.add(cell.number)
                self.rows += len(status)
                self.failed += sum(1 for value in status.to_pylist() if value != "done")

    def path(self, number: int) -> Path:
        """File of a cell."""
        return self.folder / f"cell-{number:06d}.parquet"

    def todo(self) -> list[int]:
        """What is still to be computed: cell times replications plus replication."""
        cells = [cell.number for cell in self.cells if cell.number not in self.done]
        self._register.add(PENDING, cells=cells)
        count = self.replications
        return [number * count + k for number in cells for k in range(count)]

    def forget_failed(self) -> None:
        """Make cells with failed replications count as not computed."""
        for number in sorted(self.done):
            table = pd.read_parquet(self.path(number), columns=["status"])
            if (table["status"] != "done").any():
                self.path(number).unlink()
                self.done.discard(number)
                self.rows -= len(table)
                self.failed -= int((table["status"] != "done").sum())

    def add(self, results: Sequence[Replication]) -> None:
        """Take in results."""
        for result in results:
            self._open.setdefault(result.number // self.replications, []).append(result)
            self.rows += 1
            self.failed += bool(result.error)
        for number in [n for n, rows in self._open.items() if len(rows) == self.replications]:
            self._write(number, self._open.pop(number))

    def close(self) -> None:
        """Let others use the folder; cells that are not whole are dropped."""
        self._open.clear()
        self._register.close()

    def combine(self, target: Path) -> None:
        """Join all cells that are done to one table, a cell at a time, in order of cells."""
        paths = [self.path(number) for number in sorted(self.done)]
        if not paths:
            return
        schema = _ordered(pa.unify_schemas([pq.read_schema(path) for path in paths]))
        draft = target.with_name(f".{target.name}.tmp")
        with writing(target):
            with pq.ParquetWriter(draft, schema, compression="zstd", store_schema=False) as writer:
                for path in paths:
                    writer.write_table(_with_schema(pq.read_table(path), schema))
            draft.replace(target)

    def tables(self) -> Iterator[tuple[Cell, pd.DataFrame]]:
        """Cells that are done, in order, each with its rows."""
        for number in sorted(self.done):
            yield self.cells[number], pd.read_parquet(self.path(number))

    def _write(self, number: int, results: list[Replication]) -> None:
        first = number * self.replications
        table = _rows(self.cells[number], results, first)
        draft = self.folder / ".cell.tmp"
        with writing(self.folder):
            with draft.open("wb") as file:
                write_parquet(table, file)
            draft.replace(self.path(number))
        failed = [failure_facts(r.number - first, r.origin, r.error) for r in results if r.error]
        self._register.add(DONE_CELL, cell=number, failed=failed)
        self.done.add(number)


def lever_columns(cell: Cell) -> Mapping[str, Any]:
    """Columns that say which cell a row belongs to."""
    levers = {f"{LEVER}{path}": _scalar(value) for path, value in cell.levers.items()}
    return {"cell": cell.number, "scenario": cell.name, **levers}


def _rows(cell: Cell, results: Sequence[Replication], first: int) -> pd.DataFrame:
    done = [{"replication": r.number - first, **r.values} for r in results if not r.error]
    failed = {r.number - first: r.error for r in results if r.error}
    table = joined_table([pd.DataFrame(done)] if done else [], failed)
    for at, (name, value) in enumerate(lever_columns(cell).items()):
        table.insert(at, name, value)
    return table


def _scalar(value: object) -> object:
    # A column has one type: numbers stay numbers, anything else is the text a file would have.
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | float):
        return float(value)
    return json.dumps(plain(value), default=str)


def _ordered(schema: pa.Schema) -> pa.Schema:
    # Cells may differ in their columns (years, countries), so their order comes from the names.
    heads = [n for n in schema.names if n in ("cell", "scenario") or n.startswith(LEVER)]
    heads += [n for n in ("replication", "status", "error") if n in schema.names]
    rest = [name for name in schema.names if name not in heads]
    return pa.schema([schema.field(name) for name in (*heads, *rest)])


def _with_schema(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
