"""The legs of every lane in whole days, and where goods are that left a number of days ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np

from simulator.network.network import Floats, Ints, Network, Numbers
from simulator.units import whole_days


@dataclass(frozen=True)
class Ways:
    """Legs in one realisation.

    Attributes
    ----------
    leg_start, leg_days
        Where the legs of each lane begin, and the days of each leg, lanes end to end.
    transit
        Days of each lane from door to door.
    """

    leg_start: Ints
    leg_days: Ints
    transit: Ints
    _base: _Legs

    @cached_property
    def under_way(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Lane, days ago, leg, and day due of what is under way at the start.

        One entry per lane and day of dispatch before day 0, oldest first: so many days ago it
        left, is on that leg, and is due at its end on that day.
        """
        base = self._base
        ends = np.cumsum(self.leg_days)
        if len(ends):
            ends -= np.concatenate(([0], ends))[base.start[base.lane]]
        order = base.backwards
        count = self.leg_days[order]
        first = np.cumsum(count) - count
        due = np.arange(int(count.sum())) - np.repeat(first, count)
        ago = np.repeat(ends[order], count) - due
        return np.repeat(base.lane[order], count), ago, np.repeat(base.number[order], count), due

    @property
    def legs(self) -> tuple[tuple[int, ...], ...]:
        """Days of each leg, lane by lane."""
        days = self.leg_days.tolist()
        return tuple(tuple(days[a:b]) for a, b in pairwise(self.leg_start.tolist()))


@dataclass(frozen=True)
class _Legs:
    """Legs at base transit; ``backwards`` lists them lane by lane from the last to the first."""

    start: Ints
    days: Ints
    lane: Ints
    number: Ints
    longest: Ints
    backwards: Ints


_bases: WeakKeyDictionary[Network, _Legs] = WeakKeyDictionary()
_known: WeakKeyDictionary[Network, tuple[bytes, Ways]] = WeakKeyDictionary()


def ways_of(network: Network, numbers: Numbers) -> Ways:
    """Legs of a realisation: those at base transit, the longest one stretched or shrunk."""
    key = numbers.transit_days.tobytes()
    known = _known.get(network)
    if known is None or known[0] != key:
        known = _known[network] = (key, _make(_base(network), numbers.transit_days))
    return known[1]


def split_legs(total: int, given: Sequence[int], hubs: int) -> tuple[int, ...]:
    """Whole days of each leg of a lane through ``hubs`` hubs, at its base transit.

    Without ``given`` days the first and the last leg take a day and the middle ones share the
    rest; with a single hub both legs share it. Every leg takes a day at least.
    """
    if hubs == 0:
        return (max(1, total),)
    if given:
        return tuple(given)
    count = hubs + 1
    legs = [1] * count
    middle = range(count) if hubs == 1 else range(1, count - 1)
    spare = max(0, total - count)
    for n, leg in enumerate(middle):
        legs[leg] += spare // len(middle) + (1 if n < spare % len(middle) else 0)
    return tuple(legs)


def _base(network: Network) -> _Legs:
    known = _bases.get(network)
    if known is not None:
        return known
    legs = [
        split_legs(whole_days(days, 1), network.lane_leg_days[i], len(network.lane_hubs[i]))
        for i, days in enumerate(network.numbers.transit_days.tolist())
    ]
    start = np.cumsum([0, *map(len, legs)]).astype(np.int64)
    longest = [s + line.index(max(line)) for s, line in zip(start.tolist(), legs, strict=False)]
    backwards = [n for i in range(len(legs)) for n in reversed(range(start[i], start[i + 1]))]
    base = _Legs(
        start=start,
        days=np.array([days for line in legs for days in line], np.int64),
        lane=np.array([i for i, line in enumerate(legs) for _ in line], np.int64),
        number=np.array([n for line in legs for n in range(len(line))], np.int64),
        longest=np.array(longest, np.int64),
        backwards=np.array(backwards, np.int64),
    )
    _bases[network] = base
    return base


def _make(base: _Legs, transit_days: Floats) -> Ways:
    wanted = np.maximum(np.floor(transit_days + 0.5).astype(np.int64), 1)
    days = base.days.copy()
    planned = _sums(days, base)
    days[base.longest] = np.maximum(days[base.longest] + wanted - planned, 1)
    return Ways(leg_start=base.start, leg_days=days, transit=_sums(days, base), _base=base)


def _sums(days: Ints, base: _Legs) -> Ints:
    total = np.concatenate(([0], np.cumsum(days)))
    return np.asarray(total[base.start[1:]] - total[base.start[:-1]], np.int64)
