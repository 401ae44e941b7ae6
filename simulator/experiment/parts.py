"""Results of replications as they come in: kept in memory, or spilled to a folder part by part."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulator.experiment.register import PART, PENDING, Register, read_register
from simulator.experiment.replication import Replication
from simulator.experiment.rows import Column, Numbers, Rows, joined, numbers_of, part_columns
from simulator.experiment.store import synced, write_groups, writing
from simulator.experiment.trajectories import Kept, Trajectories

PART_BYTES = 32_000_000
"""A part is written when its series have grown to this size."""
PART_SECONDS = 5.0
"""A part is written no later than this, so that a killed run loses no more."""
MERGED = "merged"
"""Event: these parts are in histograms from now on."""


class Parts:
    """Collects replications in any order and gives them back sorted by number.

    Parameters
    ----------
    folder
        Where parts are written to, and where those of a killed run are found again; None keeps them
        in memory.

    Attributes
    ----------
    series
        Daily series of the replications in parts.
    done, failed
        How many there are.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.series = Trajectories(folder)
        self._pending: list[Replication] = []
        self._pending_bytes = 0
        self._written = time.monotonic()
        self._failed: dict[int, str] = {}
        self._columns: list[dict[str, Column]] = []  # in memory only
        self._numbers: list[Numbers] = []
        self._register: Register | None = None
        if folder is not None:
            self._register = Register(folder)
            self._load(folder)
        self.done = sum(len(numbers) for numbers in self._numbers)
        self.failed = len(self._failed)

    def add(self, results: list[Replication]) -> None:
        """Take in results; raises `OutputError` if a part cannot be written."""
        for result in results:
            self._pending.append(result)
            self._pending_bytes += 0 if result.series is None else result.series.nbytes
            self.failed += bool(result.error)
            self.done += not result.error
        late = self.folder is not None and time.monotonic() - self._written > PART_SECONDS
        if late or self._pending_bytes >= PART_BYTES:
            self.flush()

    def todo(self, total: int, *, failed_too: bool = False) -> list[int]:
        """Replications below ``total`` that are still to be computed.

        Parameters
        ----------
        total
            How many there are to be in the end.
        failed_too
            Compute failed ones again; they count as not yet computed from now on.
        """
        self.flush()
        if failed_too:
            self._failed.clear()
            self.failed = 0
        missing = np.ones(total, np.bool_)
        here = self._all_numbers()
        missing[here[here < total]] = False
        return [int(number) for number in np.flatnonzero(missing)]

    def expect(self, numbers: Iterable[int]) -> None:
        """Register replications before they start."""
        if self._register is not None:
            self._register.add(PENDING, replications=spans(numbers))

    def close(self) -> None:
        """Write what is left, and let others use the folder."""
        self.flush()
        if self._register is not None:
            self._register.close()

    def flush(self) -> None:
        """Close the part under way."""
        self._written = time.monotonic()
        if not self._pending:
            return
        ordered = sorted(self._pending, key=lambda result: result.number)
        self._pending, self._pending_bytes = [], 0
        failed = [r for r in ordered if r.error]
        self._failed.update({r.number: r.error for r in failed})
        done = [r for r in ordered if not r.error]
        name = _name(len(self._numbers))
        shape: list[int] = []
        if done:
            numbers, columns = numbers_of(done), part_columns(done)
            self._keep(name, numbers, columns)
            shape = self.series.add(name, done)
            self._numbers.append(numbers)
        if self._register is not None:
            facts = [failure_facts(r.number, r.origin, r.error) for r in failed]
            found = spans(r.number for r in done)
            self._register.add(PART, part=name, shape=shape, replications=found, failed=facts)
        self._merge()

    def rows(self) -> Rows:
        """One row per replication, sorted: number, status, error, metrics, drivers."""
        self.flush()
        order = sorted(range(len(self._numbers)), key=lambda part: int(self._numbers[part][0]))
        parts = ((self._numbers[part], self._part(part)) for part in order)
        return joined(parts, np.sort(self._all_numbers()), self._failed)

    def settle(self) -> None:
        """Close the last part, and merge it where the others are: ready for bands."""
        self.flush()
        if not self.series.exact and self.series.parts:
            self._merge(at_once=True)

    def kept_series(self, places: Sequence[int]) -> list[tuple[Numbers, Kept, list[int]]]:
        """Numbers, series, and where in them the kept ones are, of each part."""
        found = []
        for part, numbers in enumerate(self._numbers):
            whole = self.series.parts.get(_name(part))
            if whole is None:
                found.append((numbers, self.series.chosen[_name(part)], list(range(len(places)))))
            else:
                found.append((numbers, whole, list(places)))
        return found

    def _all_numbers(self) -> Numbers:
        failed = np.fromiter(self._failed, np.int64, len(self._failed))
        return np.concatenate([*self._numbers, failed]).astype(np.int64)

    def _merge(self, *, at_once: bool = False) -> None:
        if at_once or self.series.full:
            facts = self.series.merge()
            if self._register is not None:
                self._register.add(MERGED, **facts)
            self.series.forget(facts)

    def _load(self, folder: Path) -> None:
        for event in read_register(folder):
            if event["event"] == MERGED and self._register is not None:
                self.series.forget(event)
            if event["event"] != PART:
                continue
            for row in event["failed"]:
                self._failed[row["replication"]] = f"{row['type']}: {row['message']}".rstrip(": ")
            if event["shape"]:
                self._numbers.append(_numbers(event["replications"]))
                if self._register is not None:
                    self.series.load(event["part"], event["shape"])
                for number in self._numbers[-1].tolist():  # computed again with success
                    self._failed.pop(number, None)

    def _keep(self, name: str, numbers: Numbers, columns: dict[str, Column]) -> None:
        if self.folder is None:
            self._columns.append(columns)
            return
        table = Rows(numbers, columns).table()
        # Synced before the register names it, so that a power cut cannot leave a name only.
        with writing(self.folder), synced(self.folder / f"{name}.parquet") as file:
            write_groups((table,), file)

    def _part(self, part: int) -> Mapping[str, Column]:
        if self.folder is None:
            return self._columns[part]
        import pyarrow.parquet as pq

        table = pq.read_table(self.folder / f"{_name(part)}.parquet")
        return {
            name: table[name].to_numpy()
            for name in table.column_names
            if name not in ("replication", "status", "error")
        }


def parts_so_far(folder: Path) -> Rows:
    """Rows of the replications that a run has written so far, while it goes on."""
    reader = Parts()
    reader.folder = folder
    reader._load(folder)
    return reader.rows()


def count_so_far(folder: Path) -> int:
    """How many replications a run has written so far, failed ones included."""
    reader = Parts()
    reader._load(folder)
    return len(reader._all_numbers())


def failure_facts(number: int, origin: str, error: str) -> dict[str, Any]:
    """What the register keeps of a failed replication."""
    kind, _, message = error.partition(": ")
    return {"replication": number, "origin": origin, "type": kind, "message": message}


def spans(numbers: Iterable[int]) -> list[list[int]]:
    """Rising numbers as ``[first, last]`` pairs."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def _name(part: int) -> str:
    return f"part-{part:06d}"


def _numbers(ends: Iterable[list[int]]) -> Numbers:
    return np.concatenate([np.arange(first, last + 1) for first, last in ends])
