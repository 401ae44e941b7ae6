"""Puts sampled values of the uncertain numbers in their places, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.network.build import WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.network.network import Floats, Ints, Numbers, UncertainNumber


@dataclass(frozen=True)
class Placing:
    """For each array of `Numbers`: which of its entries take which of the uncertain numbers."""

    arrays: Mapping[str, tuple[Ints, Ints]]

    @classmethod
    def of(cls, uncertain: Sequence[UncertainNumber]) -> Placing:
        """Places of uncertain numbers, which are counted in the order given."""
        found: dict[str, tuple[list[int], list[int]]] = {}
        for n, item in enumerate(uncertain):
            entries, numbers = found.setdefault(item.array, ([], []))
            entries.extend(item.entries)
            numbers.extend([n] * len(item.entries))
        return cls(
            {
                name: (np.array(entries, np.int64), np.array(numbers, np.int64))
                for name, (entries, numbers) in found.items()
            }
        )

    def numbers(self, base: Numbers, values: Floats) -> Numbers:
        """Copy of ``base`` with the values in place; unchanged arrays are shared."""
        changed: dict[str, Any] = {}
        for name, (entries, numbers) in self.arrays.items():
            array = getattr(base, name).copy()
            chosen = values[numbers]
            if name in WHOLE:
                array[entries] = whole_days_each(chosen)
            else:
                array[entries] = chosen
            changed[name] = array
        return replace(base, **changed)


def whole_days_each(values: Floats) -> Ints:
    """`units.whole_days` of many durations; raises `ValueError` where one has no end."""
    if not np.isfinite(values).all():
        raise ValueError("a duration is not a finite number of days")
    return np.maximum(np.floor(values + 0.5), 0.0).astype(np.int64)
