"""Histograms of daily values that can be merged, for more replications than memory holds.

A bin holds the floats of one sign, one power of two and the same first `MANTISSA_BITS` bits after
it, so that bins are the same for all, whatever comes first: a merged histogram depends on neither
order nor grouping. Each bin knows its count, and its least and largest value, between which values
are taken to lie evenly. So a quantile is wrong by less than the width of a bin, 0.4 % of its value
(tried: usually a hundredth of that), and a value that all replications share is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.experiment.replication import Series

MANTISSA_BITS = 8
_SHIFT = 23 - MANTISSA_BITS
_BINS = 1 << (32 - _SHIFT)
_MAGNITUDE = np.int32(0x7FFFFFFF)


@dataclass(frozen=True)
class Histogram:
    """Bins of many cells (say, days), sorted by cell and value; only those with a value are kept.

    Attributes
    ----------
    keys
        Cell times the number of possible bins, plus the bin.
    counts
        How many values it holds.
    low, high
        The least and the largest of them.
    """

    keys: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    low: Series
    high: Series

    @classmethod
    def of(cls, values: Series, cells: npt.NDArray[np.int64]) -> Histogram:
        """Histogram of ``values``, one row for each of the ``cells``."""
        ranked = np.sort(values + np.float32(0.0), axis=1)  # the sum makes -0 to 0
        bits = ranked.view(np.int32)
        bins = np.where(bits < 0, bits ^ _MAGNITUDE, bits) >> _SHIFT
        begins = np.ones(bins.shape, np.bool_)
        np.not_equal(bins[:, 1:], bins[:, :-1], out=begins[:, 1:])
        starts = np.flatnonzero(begins)
        ends = np.append(starts[1:], bins.size)
        keys = cells[starts // bins.shape[1]] * _BINS + _BINS // 2 + bins.ravel()[starts]
        flat = ranked.ravel()
        return cls(keys, ends - starts, flat[starts], flat[ends - 1])

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(self.keys[-1]) // _BINS + 1

    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """Its four arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def quantiles(self, levels: Mapping[str, float]) -> dict[str, Series]:
        """Quantiles of each cell, interpolated as exact ones are; every cell has equal counts."""
        sums = np.cumsum(self.counts)
        each = int(sums[-1]) // self.cells
        first = np.arange(self.cells, dtype=np.int64) * each
        found = {}
        for name, level in levels.items():
            place = level * (each - 1)
            below = int(place)
            low = self._ranked(sums, first + below)
            high = self._ranked(sums, first + min(below + 1, each - 1))
            found[name] = (low + (place - below) * (high - low)).astype(np.float32)
        return found

    def means(self) -> Series:
        """Mean of each cell, each value counting as the middle of its bin's values."""
        starts = np.searchsorted(self.keys, np.arange(self.cells, dtype=np.int64) * _BINS)
        middle = 0.5 * (self.low.astype(np.float64) + self.high)
        total = np.add.reduceat(middle * self.counts, starts)
        return np.asarray(total / np.add.reduceat(self.counts, starts), dtype=np.float32)

    def _ranked(
        self, sums: npt.NDArray[np.int64], ranks: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        at = np.searchsorted(sums, ranks, side="right")
        within = ranks - (sums[at] - self.counts[at])
        share = within / np.maximum(self.counts[at] - 1, 1)
        low = self.low[at].astype(np.float64)
        return np.asarray(low + share * (self.high[at] - low))


def merged(parts: Sequence[Histogram]) -> Histogram:
    """The histogram of the values of all parts, whatever their order."""
    keys = np.concatenate([part.keys for part in parts])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))

    def one(name: str, join: np.ufunc) -> npt.NDArray[Any]:
        whole = np.concatenate([getattr(part, name) for part in parts])[order]
        return np.asarray(join.reduceat(whole, starts))

    return Histogram(
        keys[starts], one("counts", np.add), one("low", np.minimum), one("high", np.maximum)
    )
