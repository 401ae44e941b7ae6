"""What a replication leaves behind, and what makes one; nothing here knows of scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Series: TypeAlias = npt.NDArray[np.float32]
DONE, FAILED = "done", "failed"
DRAW = "draw:"
"""Prefix of the columns with sampled drivers."""


@dataclass(frozen=True)
class Replication:
    """Result of one replication; a failed one is data like any other.

    Attributes
    ----------
    number
        Which replication, counted from 0.
    error
        Empty, or ``Type: message`` of what went wrong.
    values
        Metrics and sampled drivers (``draw:<name>``) by column name; empty if failed.
    series
        Daily series, shape (baseline and shocked, series, days); None if failed.
    origin
        Module, line and function where the error arose; empty where unknown.
    """

    number: int
    error: str = ""
    values: dict[str, float | bool] = field(default_factory=dict)
    series: Series | None = None
    origin: str = ""

    @property
    def status(self) -> str:
        """``done`` or ``failed``."""
        return FAILED if self.error else DONE


Replicate: TypeAlias = Callable[[int], Replication]
"""Makes the replication of a number; the same number gives the same result anywhere."""


def batch_size(replicate: Replicate) -> int:
    """How many replications it is best to ask for at once."""
    return int(getattr(replicate, "batch_size", 1))


def in_parts(replicate: object, numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Numbers in the parts that a replicate computes best at once, in the order given."""
    split = getattr(replicate, "split", None)
    if split is not None:
        yield from split(numbers)
        return
    size = int(getattr(replicate, "batch_size", 1))
    for first in range(0, len(numbers), size):
        yield numbers[first : first + size]


def in_batches(replicate: Replicate, numbers: Sequence[int]) -> Iterator[list[Replication]]:
    """Compute replications in the batches that suit; in the order given."""
    batch = getattr(replicate, "batch", None)
    for chosen in in_parts(replicate, numbers):
        yield [replicate(number) for number in chosen] if batch is None else batch(chosen)


class Job(Protocol):
    """What a worker needs to start: small, picklable, the same for all workers."""

    def start(self) -> Replicate:
        """Prepare once; the result is then called for many replications."""


def origin_of(error: BaseException) -> str:
    """Module file, line and function in which an error arose, without folders of this machine."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    code = trace.tb_frame.f_code
    return f"{PurePath(code.co_filename).name}:{trace.tb_lineno} in {code.co_name}"


def failure(error: BaseException) -> str:
    """``Type: message`` on one line, as a failed replication records it."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
