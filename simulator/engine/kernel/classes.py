"""Priority classes that change over time: which there are, as arrays of the compiled kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.shocks.effects import Control

if TYPE_CHECKING:
    from simulator.network.network import Floats, Ints
    from simulator.sampling.realisation import Realisation


def with_class_numbers(real: Realisation) -> Floats:
    """Values of a realisation's change-points, those of priority as the numbers of the classes."""
    changes = real.changes
    if not len(changes):
        return changes.value
    moved = changes.control == int(Control.PRIORITY)
    planned = real.network.lane_priority[np.where(moved, changes.target, 0)]
    return np.where(moved, changes.value + planned, changes.value)


def class_numbers(reals: Sequence[Realisation]) -> tuple[Ints, Ints]:
    """All class numbers of the facilities that have a lane moved to another class.

    Returns
    -------
    class_start, class_number
        Facility ``f`` has the numbers from ``class_start[f]`` to ``class_start[f + 1]``, ascending;
        none where classes stay as planned.
    """
    network = reals[0].network
    found: dict[int, set[int]] = {}
    for real in reals:
        if not len(real.changes):
            continue
        moved = real.changes.control == int(Control.PRIORITY)
        lanes = real.changes.target[moved]
        suppliers = network.lane_supplier[lanes]
        numbers = with_class_numbers(real)[moved].astype(np.int64)
        for f, number in zip(suppliers.tolist(), numbers.tolist(), strict=True):
            found.setdefault(f, set()).add(number)
    for f, known in found.items():
        known.update(int(network.lane_priority[i]) for i in network.out_lanes[f])
    counts = [len(found.get(f, ())) for f in network.facilities]
    sorted_numbers = [number for f in sorted(found) for number in sorted(found[f])]
    start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return start, np.array(sorted_numbers, np.int64)
