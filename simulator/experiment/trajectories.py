"""Daily series of all replications: kept whole up to a size, as histograms beyond it.

A part holds its series with replications innermost, so that one day of all of them is read in long
runs. Up to `EXACT_BYTES` all parts are kept and quantiles are exact. Beyond, parts are merged into
histograms and go, so that neither memory nor disk grows with the number of replications. Which of
the two it is depends on the number of replications only, not on parts or workers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np

from simulator.experiment.histogram import Histogram, merged
from simulator.experiment.in_turn import each
from simulator.experiment.replication import Replication, Series
from simulator.experiment.store import synced, write_groups, writing

EXACT_BYTES = 2_000_000_000
"""Series up to this size are kept whole."""
MERGE_BYTES = 256_000_000
"""Beyond it, parts are merged whenever they have grown to this size."""
CELLS = 2048
"""Cells of a run, of its series and days, that are turned at a time."""
BLOCK_BYTES = 24_000_000
"""Series that one thread works on at once, as far as days can be taken apart."""

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Stored:
    """An array in a file, mapped only while it is read: what stays mapped counts as memory."""

    path: Path
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Its size."""
        return 4 * math.prod(self.shape)

    def __getitem__(self, key: Any) -> Series:  # noqa: ANN401 - whatever NumPy takes
        """A part of it, copied."""
        return np.array(np.memmap(self.path, np.float32, "r", shape=self.shape)[key])


Kept: TypeAlias = Series | Stored


class Trajectories:
    """Series of replications, part by part, in memory or in a folder.

    Parameters
    ----------
    folder
        Where parts are; None keeps them in memory.

    Attributes
    ----------
    kept
        Places of series that stay whole whatever their size.
    parts
        Name to array (baseline and shocked, series, days, replications), of those kept whole.
    chosen
        The same, with the ``kept`` series only, of those that were merged.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.kept: tuple[int, ...] = ()
        self.parts: dict[str, Kept] = {}
        self.chosen: dict[str, Kept] = {}
        self._histograms: list[Histogram] = []
        self._state = ""

    @property
    def exact(self) -> bool:
        """Whether all values are at hand."""
        return not self._histograms and not self._state

    @property
    def full(self) -> bool:
        """Whether it is time to merge."""
        size = sum(part.nbytes for part in self.parts.values())
        return size > (EXACT_BYTES if self.exact else MERGE_BYTES)

    def add(self, name: str, done: Sequence[Replication]) -> list[int]:
        """Take in a part, and return its shape; raises `OutputError` if it cannot be written."""
        series = [result.series for result in done if result.series is not None]
        self.parts[name] = self._stored(f"{name}.series", _side_by_side(series))
        return list(self.parts[name].shape)

    def load(self, name: str, shape: Sequence[int]) -> None:
        """Find a part of an earlier process again."""
        assert self.folder is not None
        path, part = self.folder / f"{name}.series", tuple(shape)
        if path.exists():
            self.parts[name] = Stored(path, part)
        path = self.folder / f"{name}.kept"
        if path.exists():
            one = part[0] * part[2] * part[3] * 4
            part = (part[0], path.stat().st_size // one, *part[2:])
            self.chosen[name] = Stored(path, part)

    def merge(self) -> dict[str, Any]:
        """Put all parts into the histograms.

        Returns
        -------
        dict
            Facts for the register; when they are there, `forget` frees the disk.
        """
        import pyarrow as pa

        count = next(iter(self.parts.values())).shape[1]
        groups = each(lambda index: self._merged(index), range(count))
        names = list(self.parts)
        facts: dict[str, Any] = {"parts": names, "state": "", "before": self._state}
        for name in names if self.kept else ():
            part = self.parts[name][:, list(self.kept)]
            self.chosen[name] = self._stored(f"{name}.kept", part)
        if self.folder is None:
            self._histograms = list(groups)
        else:
            number = int(Path(self._state).stem[6:] or 0) + 1 if self._state else 1
            state = facts["state"] = f"bands-{number:06d}.parquet"
            with writing(self.folder), synced(self.folder / state) as file:
                write_groups((pa.table(one.columns()) for one in groups), file)
        return facts

    def forget(self, facts: Mapping[str, Any]) -> None:
        """Let go of parts that are in the histograms named in the register."""
        self._state = facts["state"]
        for name in facts["parts"]:
            self.parts.pop(name, None)
            if self.folder is not None:
                (self.folder / f"{name}.series").unlink(missing_ok=True)
        if self.folder is not None and facts["before"]:
            (self.folder / facts["before"]).unlink(missing_ok=True)

    def histogram(self, index: int) -> Histogram:
        """Histogram of one series: days of the baseline, the shocked run, and the loss."""
        if self.folder is None:
            return self._histograms[index]
        import pyarrow.parquet as pq

        group = pq.ParquetFile(self.folder / self._state).read_row_group(index)
        return Histogram(*(group[name].to_numpy() for name in ("keys", "counts", "low", "high")))

    def blocks(self, index: int) -> Iterator[tuple[int, Series]]:
        """First day and values of one series by blocks of days, of all parts kept whole.

        Values have the shape (baseline, shocked and loss; days; replications).
        """
        parts = list(self.parts.values())
        days, count = parts[0].shape[2], sum(part.shape[3] for part in parts)
        step = max(1, BLOCK_BYTES // (3 * 4 * count))
        for first in range(0, days, step):
            some = slice(first, first + step)
            pair = np.concatenate([part[:, index, some] for part in parts], axis=-1)
            yield first, np.concatenate([pair, pair[:1] - pair[1:]])

    def _merged(self, index: int) -> Histogram:
        days = next(iter(self.parts.values())).shape[2]
        found = [] if self.exact else [self.histogram(index)]
        for first, values in self.blocks(index):
            runs, some, count = values.shape
            cells = np.arange(runs)[:, None] * days + np.arange(first, first + some)
            found.append(Histogram.of(values.reshape(-1, count), cells.ravel()))
        return merged(found)

    def _stored(self, name: str, part: Series) -> Kept:
        part = np.ascontiguousarray(part)
        if self.folder is None:
            return part
        path = self.folder / name
        with writing(self.folder), synced(path) as file:  # unlike np.save, says why it could not
            file.write(part.data)
        return Stored(path, part.shape)


def _side_by_side(series: Sequence[Series]) -> Series:
    """Series of replications along a new last axis, some cells at a time, as a cache holds few."""
    flat = [one.reshape(-1) for one in series]
    cells = flat[0].size
    found = np.empty((cells, len(flat)), flat[0].dtype)
    for first in range(0, cells, CELLS):
        found[first : first + CELLS] = np.stack([one[first : first + CELLS] for one in flat]).T
    return found.reshape(*series[0].shape, len(flat))
