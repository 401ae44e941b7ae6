"""Handing things out in turn: without holding on to them, or worked on by several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from simulator.provenance import usable_cores

_Made = TypeVar("_Made")
_Found = TypeVar("_Found")


def one_by_one(made: list[_Made]) -> Iterator[_Made]:
    """Hand out what is in a list, and hold on to none of it.

    What is read of a plan day by day is copied out of its room and kept with it, as much as a
    recorded run, so that a plan should go when it has been run.
    """
    made.reverse()
    while made:
        yield made.pop()


def each(
    work: Callable[[_Made], _Found], items: Sequence[_Made], workers: int | None = None
) -> Iterator[_Found]:
    """Do ``work`` on all items on threads, and give the results in order, a few ahead at most.

    There is a thread per usable core unless ``workers`` are given.
    """
    threads = workers or usable_cores()
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, len(items), threads):
            yield from pool.map(work, items[first : first + threads])
