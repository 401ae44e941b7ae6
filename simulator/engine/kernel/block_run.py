"""Blocks of runs under way: from day to day, and pairs of runs that part when a shock acts."""

from __future__ import annotations

from collections.abc import Sequence
from threading import local
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import numpy as np

from simulator.compiling import COLUMNS, aligned
from simulator.engine.kernel.block import Arrays, simulate_block
from simulator.engine.kernel.block_layout import Block, rows_of

if TYPE_CHECKING:
    from simulator.engine.kernel.layout import Shape
    from simulator.network.network import Floats, Ints
    from simulator.sampling.realisation import Realisation

TILE_DAYS = 8
"""Days of the plans that are brought together at once: few enough to stay near the core."""

Rows: TypeAlias = "tuple[Ints, Ints, Ints, Ints]"
Outcome: TypeAlias = "tuple[Floats, ...]"
_Value = TypeVar("_Value")
_threads = local()


class BlockRun:
    """At most `COLUMNS` runs side by side, and how far they have come.

    Parameters
    ----------
    reals
        Realisations that fit a block.
    shape
        Topology of their network.
    wanted
        Rows to keep of each series of the outcome.
    """

    def __init__(self, reals: Sequence[Realisation], shape: Shape, wanted: Rows) -> None:
        self.count = len(reals)
        self.days = reals[0].network.horizon_days
        self.day = 0
        block = Block([*reals, *[reals[-1]] * (COLUMNS - self.count)], shape)
        self._fixed = (
            shape.arrays,
            block.common(),
            block.numbers(),
            block.plans(),
        )
        self._covers, self._changes = block.covers(), block.changes()
        facility, slot, lane, ways, scratch = block.state()
        used = aligned(len(wanted[3]), COLUMNS)
        self._state: list[Arrays] = [facility, slot, lane, ways, (*scratch, used)]
        f, k = len(shape.role), len(block.network.slots)
        self._things = f, k
        self._rows = (*wanted[:3], rows_of(wanted[3], k))
        self._records = tuple(aligned(self.days, len(chosen), COLUMNS) for chosen in wanted)

    @property
    def first_change(self) -> int:
        """Day of the first change-point; the last day if there is none."""
        return int(self._changes[0][0]) if len(self._changes[0]) else self.days

    def advance(self, until: int, *, disturbed: bool = True) -> None:
        """Run on to a day, with change-points or without."""
        covers, changes = self._covers, self._changes
        if not disturbed:
            covers = tuple(array[:0] for array in covers)
            changes = tuple(array[:0] for array in changes)
        facility, slot, lane, ways, scratch = self._state
        simulate_block(
            self.day, until, *self._fixed, covers, _tiles(*self._things), changes, facility, slot,
            lane, ways, scratch, (*self._rows, self._records),
        )  # fmt: skip
        self.day = until

    def parted(self) -> BlockRun:
        """Another one that has come as far, and goes its own way from here."""
        other = object.__new__(BlockRun)
        other.__dict__.update(self.__dict__)
        other._state = [tuple(_copy(array) for array in arrays) for arrays in self._state]
        other._records = tuple(_copy(record) for record in self._records)
        return other

    def outcome(self) -> list[Outcome]:
        """(things, days) arrays of the wanted rows, for each run."""
        turned = [np.ascontiguousarray(record.T) for record in self._records]
        return [tuple(record[c] for record in turned) for c in range(self.count)]


def run_apart(
    shocked: Sequence[Realisation], shape: Shape, wanted: Rows
) -> list[tuple[Outcome, Outcome]]:
    """Outcomes without and with the change-points, of realisations that fit a block.

    Until the first change-point of the block both are one run.
    """
    calm = BlockRun(shocked, shape, wanted)
    calm.advance(calm.first_change, disturbed=False)
    run = calm.parted()
    for one, disturbed in ((calm, False), (run, True)):
        one.advance(one.days, disturbed=disturbed)
    return list(zip(calm.outcome(), run.outcome(), strict=True))


def _copy(value: _Value) -> _Value:
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype != np.float64:
        return cast("_Value", value.copy())
    copied = aligned(*value.shape)
    copied[...] = value
    return cast("_Value", copied)


def _tiles(f: int, k: int) -> tuple[Floats, ...]:
    known: tuple[Floats, ...] | None = getattr(_threads, "tiles", None)
    if known is None or known[0].shape[1] != f or known[3].shape[1] != k:
        known = tuple(aligned(TILE_DAYS, n, COLUMNS) for n in (f, f, f, k))
        _threads.tiles = known
    return known
