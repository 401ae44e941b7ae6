"""Room for the profiles of a block of plans, which may be used again for the next ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from simulator.compiling import COLUMNS, aligned

if TYPE_CHECKING:
    from simulator.network.network import Floats, Network
    from simulator.network.schedule import Schedule

_free: WeakKeyDictionary[Network, list[Room]] = WeakKeyDictionary()
_SLACK = 192
"""Days by which the next block's grid may be longer without new memory."""


@dataclass(frozen=True, eq=False)
class Profiles:
    """Profiles of plans side by side, (things, days, columns), from which `Plan` takes its column.

    Attributes
    ----------
    zero, earlier
        Index of day 0, and days that starts have before the others.
    starts, sales_then_target
        Of facilities: starts, and sales of which the base stock takes the place from day 0 on.
    growth, hub_load
        In the rows of the schedule: of facilities with tools, and of hubs.
    slot_wanted, ordered_before, reorder_point
        Of slots: cumulative amounts wanted on each day from day 0 up to the horizon, orders before
        day 0, and reorder points only where a slot orders in lots.
    lane_share
        Shares of lanes, in the rows of the schedule's dated shares.
    """

    zero: int
    earlier: int
    starts: Floats
    sales_then_target: Floats
    growth: Floats
    hub_load: Floats
    slot_wanted: Floats
    ordered_before: Floats
    reorder_point: Floats
    lane_share: Floats

    def alone(self, column: int) -> Profiles:
        """A copy of one column."""
        return Profiles(
            self.zero,
            self.earlier,
            **{
                name: np.ascontiguousarray(getattr(self, name)[:, :, column : column + 1])
                for name in PROFILES
            },
        )

    def first(self, name: str) -> int:
        """Index of day 0 in one of the profiles."""
        if name == "slot_wanted":
            return 0
        return self.zero + self.earlier if name == "starts" else self.zero


PROFILES = tuple(Profiles.__dataclass_fields__)[2:]


class Room:
    """Memory for a block of plans, and for the work on them.

    Memory that is new costs more to touch for the first time than a plan costs to work out.
    """

    def __init__(self) -> None:
        self._flat: dict[str, Floats] = {}

    def profiles(
        self, network: Network, schedule: Schedule, earlier: int, *, lumpy: bool
    ) -> Profiles:
        """Room for the profiles of a block; what is in them is of no meaning."""
        f, k = len(network.facilities), len(network.slots)
        tools, hubs = (int(r.max(initial=0)) + 1 for r in (schedule.tool_row, schedule.hub_row))
        zero, days = -schedule.first_day, schedule.days
        sizes = {
            "starts": (f, earlier + days),
            "sales_then_target": (f, days),
            "growth": (tools, days),
            "hub_load": (hubs, days),
            "slot_wanted": (k, network.horizon_days),
            "ordered_before": (k, zero),
            "reorder_point": (k if lumpy else 0, days),
            "lane_share": (len(schedule.share), days),
        }
        return Profiles(zero, earlier, **{name: self._get(name, *sizes[name]) for name in sizes})

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(flat.nbytes for flat in self._flat.values())

    def rows(self, schedule: Schedule, beyond: int) -> tuple[Floats, ...]:
        """Room for profiles of one thing: its rate, two sums that go on, and orders."""
        days = schedule.days
        lengths = (days, days + beyond, days + beyond, days)
        return tuple(self._get(f"row{n}", 1, length)[0] for n, length in enumerate(lengths))

    def _get(self, name: str, things: int, days: int) -> Floats:
        size = things * days * COLUMNS
        flat = self._flat.get(name)
        if flat is None or flat.size < size:
            flat = self._flat[name] = aligned(things * (days + _SLACK) * COLUMNS)
        return flat[:size].reshape(things, days, COLUMNS)


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


def largest_room() -> int:
    """Bytes of the largest room that was lent and given back in this process."""
    return max((room.nbytes for rooms in _free.values() for room in rooms), default=0)


def side_by_side(arrays: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Numbers of all plans of a block, (things, columns); the last fills columns left over."""
    return np.stack(arrays + [arrays[-1]] * (COLUMNS - len(arrays)), axis=1)
