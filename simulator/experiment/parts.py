"""Results of replications as they come in: kept in memory, or spilled to a folder part by part."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulator.experiment.register import PART, PENDING, Register, read_register
from simulator.experiment.replication import DONE, DRAW, FAILED, Replication, Series
from simulator.experiment.store import write_parquet, writing

PART_BYTES = 32_000_000
"""A part is written when its series have grown to this size."""
PART_SECONDS = 5.0
"""A part is written no later than this, so that a killed run loses no more."""


class Parts:
    """Collects replications in any order and gives them back sorted by number.

    Parameters
    ----------
    folder
        Where parts are written to, and where those of a killed run are found again; None keeps them
        in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._pending: list[Replication] = []
        self._pending_bytes = 0
        self._written = time.monotonic()
        self._failed: dict[int, str] = {}
        self._tables: list[pd.DataFrame] = []
        self._numbers: list[npt.NDArray[np.int64]] = []
        self._series: list[Series] = []
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
        here = set(self._failed).union(*(numbers.tolist() for numbers in self._numbers))
        return [number for number in range(total) if number not in here]

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
        failed = [r for r in ordered if r.series is None]
        self._failed.update({r.number: r.error for r in failed})
        done = [(r.number, r.series) for r in ordered if r.series is not None]
        name = f"part-{len(self._series):06d}"
        shape: list[int] = []
        if done:
            self._tables.append(
                pd.DataFrame(
                    [{"replication": r.number, **r.values} for r in ordered if not r.error]
                )
            )
            self._numbers.append(np.array([number for number, _ in done]))
            kept = self._kept(name, np.stack([series for _, series in done]))
            self._series.append(kept)
            shape = list(kept.shape)
        if self._register is not None:
            facts = [failure_facts(r.number, r.origin, r.error) for r in failed]
            numbers = spans(number for number, _ in done)
            self._register.add(PART, part=name, shape=shape, replications=numbers, failed=facts)

    def table(self) -> pd.DataFrame:
        """One row per replication, sorted: number, status, error, metrics, drivers."""
        self.flush()
        return joined_table(self._tables, self._failed)

    def series(self, run: int, index: int) -> Series:
        """One series of the baseline (0) or shocked (1) runs, shape (replications done, days)."""
        self.flush()
        order = np.argsort(np.concatenate(self._numbers), kind="stable")
        return np.concatenate([part[:, run, index] for part in self._series])[order]

    def _load(self, folder: Path) -> None:
        for event in read_register(folder):
            if event["event"] != PART:
                continue
            for row in event["failed"]:
                self._failed[row["replication"]] = f"{row['type']}: {row['message']}".rstrip(": ")
            if event["shape"]:
                table = pd.read_parquet(folder / f"{event['part']}.parquet")
                self._tables.append(table)
                self._numbers.append(table["replication"].to_numpy(np.int64))
                shape = tuple(event["shape"])
                path = folder / f"{event['part']}.float32"
                self._series.append(np.memmap(path, np.float32, "r", shape=shape))
                for number in self._numbers[-1].tolist():  # computed again with success
                    self._failed.pop(number, None)

    def _kept(self, name: str, series: Series) -> Series:
        if self.folder is None:
            return series
        with writing(self.folder):
            with (self.folder / f"{name}.parquet").open("wb") as file:
                write_parquet(self._tables[-1], file)
                _to_disk(file.fileno())
            path = self.folder / f"{name}.float32"
            with path.open("wb") as file:  # unlike np.save, says why it could not write
                file.write(np.ascontiguousarray(series).data)
                file.flush()
                _to_disk(file.fileno())
            return np.memmap(path, series.dtype, "r", shape=series.shape)


def parts_so_far(folder: Path) -> pd.DataFrame:
    """Table of the replications that a run has written so far, while it goes on."""
    reader = Parts()
    reader._load(folder)
    return joined_table(reader._tables, reader._failed)


def joined_table(tables: list[pd.DataFrame], failed: Mapping[int, str]) -> pd.DataFrame:
    """Join tables of replications with the failed ones, sorted by number, columns in order."""
    done = pd.concat(tables) if tables else pd.DataFrame({"replication": []})
    numbers = sorted([*done["replication"].astype("int64"), *failed])
    # A driver may be drawn in some replications only, so the order of columns comes from names.
    names = [str(name) for name in done.columns if name != "replication"]
    draws = sorted(name for name in names if name.startswith(DRAW))
    metrics = [name for name in names if not name.startswith(DRAW)]
    table = done.set_index("replication").reindex(index=numbers, columns=[*metrics, *draws])
    for name in metrics:
        if table[name].dtype == object:  # true, false, and nothing where it failed
            table[name] = table[name].astype("boolean")
    errors = [failed.get(number, "") for number in numbers]
    facts = pd.DataFrame(
        {
            "replication": np.array(numbers, dtype=np.int64),
            "status": [FAILED if error else DONE for error in errors],
            "error": errors,
        }
    )
    return pd.concat([facts, table.reset_index(drop=True)], axis=1)


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


def _to_disk(descriptor: int) -> None:
    # Before the register names a part, so that a power cut cannot leave a name without content.
    os.fsync(descriptor)
