"""Rows of replications as plain columns: gathered part by part, written as a stream.

Columns are NumPy arrays, so that a million replications need what their numbers need. A table for
pandas is made from them only where somebody asks for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.experiment.replication import DONE, DRAW, FAILED, Replication
from simulator.experiment.store import ROWS_PER_GROUP

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Column: TypeAlias = npt.NDArray[np.float64] | npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Replications by number, rising; failed ones have no values.

    Attributes
    ----------
    numbers
        Which replications.
    columns
        Name to values, one per number: NaN (or False) where a replication failed, or has none.
    failed
        What went wrong, by number.
    """

    numbers: Numbers
    columns: Mapping[str, Column]
    failed: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def done(self) -> npt.NDArray[np.bool_]:
        """Which rows are of replications that finished."""
        return ~np.isin(self.numbers, np.fromiter(self.failed, np.int64, len(self.failed)))

    @property
    def metrics(self) -> list[str]:
        """Names of the columns that are no sampled drivers, in order."""
        return [name for name in self.columns if not name.startswith(DRAW)]

    def values(self, name: str) -> npt.NDArray[np.float64]:
        """One column over the replications that finished."""
        return self.columns[name][self.done].astype(np.float64)

    def tables(self) -> Iterator[pa.Table]:
        """Rows as Arrow tables of one schema, `ROWS_PER_GROUP` at a time; at least one."""
        for first in range(0, max(1, len(self)), ROWS_PER_GROUP):
            yield self.table(slice(first, first + ROWS_PER_GROUP))

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Rows as a table for pandas: number, status, error, and all or some ``columns``."""
        import pandas as pd
        import pyarrow as pa

        chosen = self.columns if columns is None else {n: self.columns[n] for n in columns}
        tables = Rows(self.numbers, chosen, self.failed).tables()
        kinds = {pa.bool_(): pd.BooleanDtype()} if self.failed else {}
        frame: pd.DataFrame = pa.concat_tables(tables).to_pandas(types_mapper=kinds.get)
        return frame

    def table(self, rows: slice = slice(None)) -> pa.Table:
        """Some of the rows as an Arrow table: number, status, error, metrics, drivers."""
        import pyarrow as pa

        numbers = self.numbers[rows]
        errors = [self.failed.get(number, "") for number in numbers.tolist()]
        lost = np.array([bool(error) for error in errors], np.bool_)
        columns = {
            "replication": pa.array(numbers),
            "status": pa.array([FAILED if error else DONE for error in errors], pa.string()),
            "error": pa.array(errors, pa.string()),
        }
        for name, column in self.columns.items():
            mask = lost if column.dtype == np.bool_ else np.isnan(column[rows])
            columns[name] = pa.array(column[rows], mask=mask)
        return pa.table(columns)


def part_columns(done: Sequence[Replication]) -> dict[str, Column]:
    """Values of replications by column; NaN where one has no value of that name."""
    names = dict.fromkeys(name for result in done for name in result.values)
    return {name: _column([result.values.get(name) for result in done]) for name in names}


def joined(
    parts: Iterable[tuple[Numbers, Mapping[str, Column]]],
    numbers: Numbers,
    failed: Mapping[int, str],
) -> Rows:
    """Put parts together, one in memory at a time.

    Parameters
    ----------
    parts
        Numbers and columns of each, in any order; a number in several counts from the last of them.
    numbers
        All numbers, rising, failed ones included.
    failed
        What went wrong, by number.

    Returns
    -------
    Rows
        Metrics in the order in which they were found, then drivers by name: a driver may be drawn
        in some replications only.
    """
    columns: dict[str, npt.NDArray[Any]] = {}
    for own, part in parts:
        at = np.searchsorted(numbers, own)
        for name, values in part.items():
            if name not in columns:
                empty = False if values.dtype == np.bool_ else np.nan
                columns[name] = np.full(len(numbers), empty, values.dtype)
            elif columns[name].dtype != values.dtype:
                columns[name] = np.asarray(columns[name], np.float64)
            columns[name][at] = values
    draws = sorted(name for name in columns if name.startswith(DRAW))
    order = [*(name for name in columns if not name.startswith(DRAW)), *draws]
    return Rows(numbers, {name: columns[name] for name in order}, failed)


def rows_of(results: Sequence[Replication]) -> Rows:
    """Rows of replications in any order."""
    ordered = sorted(results, key=lambda result: result.number)
    done = [result for result in ordered if not result.error]
    part = numbers_of(done), part_columns(done)
    failed = {result.number: result.error for result in ordered if result.error}
    return joined([part], numbers_of(ordered), failed)


def _column(values: list[float | bool | None]) -> Column:
    if all(isinstance(value, bool | np.bool_) for value in values):
        return np.array(values, np.bool_)
    return np.array([np.nan if value is None else value for value in values], np.float64)


def numbers_of(results: Sequence[Replication]) -> Numbers:
    """Numbers of replications, in the order given."""
    return np.array([result.number for result in results], np.int64)
