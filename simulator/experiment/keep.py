"""What a run keeps on request (``--keep``): sampled drivers, and daily series of replications.

Both are written as streams. Drivers are not stored while a run goes on: any of them can be drawn
again from its name, the seed and the number of the replication.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.errors import UsageError
from simulator.experiment.replication import DRAW
from simulator.spec.messages import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

    from simulator.experiment.parts import Parts
    from simulator.experiment.replication import Series
    from simulator.experiment.rows import Numbers
    from simulator.sampling.model import Model

DRAWS, SERIES = "draws", "series"
_USUAL = "output"
_ALL = "all"
_DRAWS_PER_GROUP = 1_024
_VALUES_PER_GROUP = 1_000_000


@dataclass(frozen=True)
class Keep:
    """What to keep.

    Attributes
    ----------
    draws
        Sampled numbers of the tables, in ``draws.parquet``.
    series
        Names of daily series, in ``series.parquet``; ``all`` stands for all of them.
    """

    draws: bool = False
    series: tuple[str, ...] = ()

    def places(self, names: Sequence[str]) -> tuple[int, ...]:
        """Places of the kept series among all; raises `UsageError` if one is not there."""
        if _ALL in self.series:
            return tuple(range(len(names)))
        for name in self.series:
            if name not in names:
                known = did_you_mean(name, names, "series of this scenario")
                raise UsageError(f"--keep series:{name}: no such series; {known}")
        return tuple(names.index(name) for name in self.series)

    @property
    def words(self) -> list[str]:
        """What `parse_keep` makes this from."""
        return [*([DRAWS] if self.draws else []), *(f"{SERIES}:{name}" for name in self.series)]


def parse_keep(words: Sequence[str]) -> Keep:
    """Read ``draws``, ``series`` (the output), ``series:delivered:JPN`` or ``series:all``.

    Raises
    ------
    UsageError
        If a word is something else.
    """
    series = []
    for word in words:
        kind, _, name = word.partition(":")
        if kind == SERIES:
            series.append(name or _USUAL)
        elif word != DRAWS:
            rule = f"must be {DRAWS}, {SERIES}, {SERIES}:NAME or {SERIES}:{_ALL}"
            raise UsageError(f"--keep {word}: {rule}, such as {SERIES}:delivered:JPN")
    return Keep(DRAWS in words, tuple(dict.fromkeys(series)))


def draw_tables(model: Model, seed: int, numbers: Numbers) -> Iterator[pa.Table]:
    """Sampled numbers of the tables for the replications given, a row group at a time.

    Columns are ``replication`` and ``draw:<name>``, as in ``replications.parquet``, which has the
    draws of shocks and measures.
    """
    import pyarrow as pa

    for first in range(0, max(1, len(numbers)), _DRAWS_PER_GROUP):
        some = numbers[first : first + _DRAWS_PER_GROUP]
        drawn = model.parameters(some, seed)
        columns = {f"{DRAW}{name}": drawn[:, at] for at, name in enumerate(model.parameter_names)}
        yield pa.table({"replication": some, **columns})


def series_tables(parts: Parts, names: Sequence[str], places: Sequence[int]) -> Iterator[pa.Table]:
    """Kept series in long form: one row per replication, run and day, sorted by these.

    Parameters
    ----------
    parts
        All replications.
    names
        Names of all series, in the order of the parts.
    places
        Which of them are kept.
    """
    import pyarrow as pa

    runs = pa.array(["baseline", "shocked"])
    for numbers, values in _groups(parts, tuple(places)):
        count, days = len(numbers), values.shape[-1]
        run = np.tile(np.repeat(np.arange(2, dtype=np.int8), days), count)
        yield pa.table(
            {
                "replication": np.repeat(numbers, 2 * days),
                "run": pa.DictionaryArray.from_arrays(run, runs),
                "day": np.tile(np.arange(days, dtype=np.int32), 2 * count),
                **{names[place]: values[:, :, at].ravel() for at, place in enumerate(places)},
            }
        )


def _groups(parts: Parts, places: tuple[int, ...]) -> Iterator[tuple[Numbers, Series]]:
    """Replications in order, some at once: their numbers and (replications, runs, series, days)."""
    held = parts.kept_series(places)
    numbers = np.concatenate([own for own, _, _ in held])
    part = np.repeat(np.arange(len(held)), [len(own) for own, _, _ in held])
    within = np.concatenate([np.arange(len(own)) for own, _, _ in held])
    order = np.argsort(numbers)
    days = held[0][1].shape[2]
    step = max(1, _VALUES_PER_GROUP // (2 * days))
    for first in range(0, len(numbers), step):
        some = order[first : first + step]
        values = np.empty((len(some), 2, len(places), days), np.float32)
        for which in np.unique(part[some]):
            _, series, at = held[which]
            rows = part[some] == which
            values[rows] = np.moveaxis(series[:, at, :, :][..., within[some][rows]], -1, 0)
        yield numbers[some], values
