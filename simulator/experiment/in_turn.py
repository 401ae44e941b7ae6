"""Handing things out in turn: without holding on to them, or worked on by several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias, TypeVar

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


class Crew:
    """Threads that several can hand work to, so that no more are busy than there are.

    Parameters
    ----------
    threads
        How many.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads)

    def each(self, work: Callable[[_Made], _Found], items: Sequence[_Made]) -> Iterator[_Found]:
        """Do ``work`` on all items, and give the results in order, a few ahead at most."""
        for first in range(0, len(items), self.threads):
            yield from self._pool.map(work, items[first : first + self.threads])

    def end(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()


Workers: TypeAlias = "int | Crew | None"
"""Threads to work with: so many, those of a crew, or one per usable core; results are the same."""


@contextmanager
def crew_of(workers: Workers) -> Iterator[Crew]:
    """Give a crew: the one that is there, or one that ends with the work."""
    if isinstance(workers, Crew):
        yield workers
        return
    crew = Crew(workers or usable_cores())
    try:
        yield crew
    finally:
        crew.end()


def each(
    work: Callable[[_Made], _Found], items: Sequence[_Made], workers: Workers = None
) -> Iterator[_Found]:
    """Do ``work`` on all items on threads; see `Crew.each`."""
    with crew_of(workers) as crew:
        yield from crew.each(work, items)


def in_groups(
    items: Sequence[_Made], workers: Workers, least: int, most: int
) -> list[Sequence[_Made]]:
    """Part items into groups, one for each thread if that makes them neither small nor large.

    A thread needs memory of its own, and a block of plans costs as much for a few as for many.
    """
    threads = workers.threads if isinstance(workers, Crew) else workers or usable_cores()
    size = min(max(least, -(-len(items) // threads)), most)
    return [items[first : first + size] for first in range(0, len(items), size)]
