"""Replications as a few arrays, which travel between machines faster than many small objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.experiment.replication import Replication, Series


@dataclass(frozen=True)
class Alike:
    """Replications that have the same columns; arrays with a row for each.

    Attributes
    ----------
    names, flags
        Columns, and whether each is true or false rather than a number.
    numbers, values
        Replication numbers; values (replications, columns).
    series
        (replications, runs, series, days); None where no series are kept.
    """

    names: tuple[str, ...]
    flags: tuple[bool, ...]
    numbers: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    series: Series | None


Packed = tuple[list[Alike], list[Replication]]
"""Those that are done, and failed ones as they are."""


def packed(results: Sequence[Replication]) -> Packed:
    """Put replications into arrays, those with the same columns together."""
    kinds: dict[tuple[tuple[str, ...], bool], list[Replication]] = {}
    for result in results:
        if not result.error:
            kinds.setdefault((tuple(result.values), result.series is None), []).append(result)
    alike = []
    for (names, _), own in kinds.items():
        flags = tuple(isinstance(value, bool) for value in own[0].values.values())
        values = np.array([list(result.values.values()) for result in own], dtype=np.float64)
        series = [result.series for result in own if result.series is not None]
        numbers = np.array([result.number for result in own], dtype=np.int64)
        together = np.stack(series) if series else None
        alike.append(Alike(names, flags, numbers, values, together))
    return alike, [result for result in results if result.error]


def unpacked(content: Packed) -> list[Replication]:
    """Give the replications back, by number."""
    alike, results = content[0], list(content[1])
    for own in alike:
        rows, flags = own.values.tolist(), [at for at, flag in enumerate(own.flags) if flag]
        for at, number in enumerate(own.numbers.tolist()):
            values: dict[str, float | bool] = dict(zip(own.names, rows[at], strict=True))
            for flag in flags:
                values[own.names[flag]] = bool(rows[at][flag])
            series = None if own.series is None else own.series[at]
            results.append(Replication(number, values=values, series=series))
    return sorted(results, key=lambda result: result.number)
