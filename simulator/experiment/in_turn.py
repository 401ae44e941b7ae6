"""Handing things out without holding on to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

_Made = TypeVar("_Made")


def one_by_one(made: list[_Made]) -> Iterator[_Made]:
    """Hand out what is in a list, and hold on to none of it.

    What is read of a plan day by day is copied out of its room and kept with it, as much as a
    recorded run, so that a plan should go when it has been run.
    """
    made.reverse()
    while made:
        yield made.pop()
