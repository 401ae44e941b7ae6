"""Rooms for blocks of plans, lent to one piece of work after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from simulator.network.room import Room

if TYPE_CHECKING:
    from simulator.network.network import Network

_Made = TypeVar("_Made")

_free: WeakKeyDictionary[Network, list[Room]] = WeakKeyDictionary()


@contextmanager
def lent_room(network: Network) -> Iterator[Room]:
    """Lend room for a block of plans of a network, which hold until it is given back.

    There are never more rooms than were in use at a time, as memory that is new costs more than the
    plans put there. They are kept as long as the network is.

    Parameters
    ----------
    network
        What the plans are of; several threads may ask.
    """
    free = _free.setdefault(network, [])
    try:
        room = free.pop()
    except IndexError:
        room = Room()
    try:
        yield room
    finally:
        free.append(room)


def one_by_one(made: list[_Made]) -> Iterator[_Made]:
    """Hand out what is in a list, and hold on to none of it.

    What is read of a plan day by day is copied out of its room and kept with it, as much as a
    recorded run, so that a plan should go when it has been run.
    """
    made.reverse()
    while made:
        yield made.pop()
