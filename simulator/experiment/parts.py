"""Results of replications as they come in: kept in memory, or spilled to a folder part by part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulator.experiment.replication import DONE, DRAW, FAILED, Replication, Series
from simulator.experiment.store import write_parquet, writing

PART_BYTES = 32_000_000
"""A part is written when its series have grown to this size."""


class Parts:
    """Collects replications in any order and gives them back sorted by number.

    Parameters
    ----------
    folder
        Where parts are written to; None keeps them in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.done = 0
        self.failed = 0
        self._pending: list[Replication] = []
        self._pending_bytes = 0
        self._failed: dict[int, str] = {}
        self._tables: list[pd.DataFrame] = []
        self._numbers: list[npt.NDArray[np.int64]] = []
        self._series: list[Series] = []

    def add(self, results: list[Replication]) -> None:
        """Take in results; raises `OutputError` if a part cannot be written."""
        for result in results:
            self._pending.append(result)
            self._pending_bytes += 0 if result.series is None else result.series.nbytes
            self.failed += bool(result.error)
            self.done += not result.error
        if self._pending_bytes >= PART_BYTES:
            self.flush()

    def flush(self) -> None:
        """Close the part under way."""
        if not self._pending:
            return
        ordered = sorted(self._pending, key=lambda result: result.number)
        self._pending, self._pending_bytes = [], 0
        self._failed.update({r.number: r.error for r in ordered if r.series is None})
        done = [(r.number, r.series) for r in ordered if r.series is not None]
        if not done:
            return
        self._tables.append(
            pd.DataFrame([{"replication": r.number, **r.values} for r in ordered if not r.error])
        )
        self._numbers.append(np.array([number for number, _ in done]))
        self._series.append(self._kept(np.stack([series for _, series in done])))

    def table(self) -> pd.DataFrame:
        """One row per replication, sorted: number, status, error, metrics, drivers."""
        self.flush()
        done = pd.concat(self._tables) if self._tables else pd.DataFrame({"replication": []})
        numbers = sorted([*done["replication"].astype("int64"), *self._failed])
        # A driver may be drawn in some replications only, so the order of columns comes from names.
        names = [str(name) for name in done.columns if name != "replication"]
        draws = sorted(name for name in names if name.startswith(DRAW))
        metrics = [name for name in names if not name.startswith(DRAW)]
        table = done.set_index("replication").reindex(index=numbers, columns=[*metrics, *draws])
        for name in metrics:
            if table[name].dtype == object:  # true, false, and nothing where it failed
                table[name] = table[name].astype("boolean")
        errors = [self._failed.get(number, "") for number in numbers]
        table.insert(0, "replication", np.array(numbers, dtype=np.int64))
        table.insert(1, "status", [FAILED if error else DONE for error in errors])
        table.insert(2, "error", errors)
        return table.reset_index(drop=True)

    def series(self, run: int, index: int) -> Series:
        """One series of the baseline (0) or shocked (1) runs, shape (replications done, days)."""
        self.flush()
        order = np.argsort(np.concatenate(self._numbers), kind="stable")
        return np.concatenate([part[:, run, index] for part in self._series])[order]

    def _kept(self, series: Series) -> Series:
        if self.folder is None:
            return series
        stem = f"part-{len(self._series):06d}"
        with writing(self.folder):
            with (self.folder / f"{stem}.parquet").open("wb") as file:
                write_parquet(self._tables[-1], file)
            path = self.folder / f"{stem}.float32"
            with path.open("wb") as file:  # unlike np.save, says why it could not write
                file.write(np.ascontiguousarray(series).data)
            return np.memmap(path, series.dtype, "r", shape=series.shape)
