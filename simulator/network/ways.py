"""The legs of every lane in whole days, and where goods are that left a number of days ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from simulator.network.network import Ints, Network, Numbers
from simulator.units import whole_days


@dataclass(frozen=True)
class Ways:
    """Legs in one realisation.

    Attributes
    ----------
    legs, leg_days, transit
        Days of each leg by lane, the same end to end, and their sums.
    lane, ago, leg, due
        One entry per lane and day of dispatch before day 0, oldest first: so many days ago it
        left, is on that leg, and is due at its end on that day.
    """

    legs: tuple[tuple[int, ...], ...]
    leg_days: Ints
    transit: Ints
    lane: Ints
    ago: Ints
    leg: Ints
    due: Ints


_known: WeakKeyDictionary[Network, tuple[bytes, Ways]] = WeakKeyDictionary()


def ways_of(network: Network, numbers: Numbers) -> Ways:
    """Legs of a realisation; where transit is certain, they are the same in all of them."""
    key = numbers.transit_days.tobytes()
    known = _known.get(network)
    if known is None or known[0] != key:
        known = _known[network] = (key, _make(network, numbers))
    return known[1]


def split_legs(total: int, given: Sequence[int], hubs: int) -> tuple[int, ...]:
    """Whole days of each leg of a lane through ``hubs`` hubs.

    Without ``given`` days the first and the last leg take a day and the middle ones share the
    rest; with a single hub both legs share it. Longer or shorter sampled totals change the longest
    leg.
    """
    if hubs == 0:
        return (max(1, total),)
    count = hubs + 1
    legs = list(given) if given else [1] * count
    middle = range(count) if hubs == 1 else range(1, count - 1)
    spare = total - sum(legs)
    if given or spare < 0:
        longest = max(range(count), key=lambda i: legs[i])
        legs[longest] = max(1, legs[longest] + spare)
        return tuple(legs)
    for n, leg in enumerate(middle):
        legs[leg] += spare // len(middle) + (1 if n < spare % len(middle) else 0)
    return tuple(legs)


def _make(network: Network, numbers: Numbers) -> Ways:
    legs = tuple(
        split_legs(whole_days(days, 1), network.lane_leg_days[i], len(network.lane_hubs[i]))
        for i, days in enumerate(numbers.transit_days.tolist())
    )
    columns: list[list[Ints]] = [[np.zeros(0, np.int64)] for _ in range(4)]
    for i, days in enumerate(legs):
        ends = np.cumsum(days)
        ago = np.arange(int(ends[-1]), 0, -1)
        leg = np.searchsorted(ends, ago)
        for column, part in zip(
            columns, (np.full(len(ago), i), ago, leg, ends[leg] - ago), strict=True
        ):
            column.append(part)
    lane, ago, leg, due = (np.concatenate(column).astype(np.int64) for column in columns)
    return Ways(
        legs=legs,
        leg_days=np.array([days for line in legs for days in line], np.int64),
        transit=np.array([sum(line) for line in legs], np.int64),
        lane=lane,
        ago=ago,
        leg=leg,
        due=due,
    )
