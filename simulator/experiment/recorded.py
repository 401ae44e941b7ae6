"""Pairs of runs with all stocks recorded, for what cannot be seen in the outcome alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from simulator.compiling import COLUMNS
from simulator.engine import kernel
from simulator.experiment.baseline import planned_run, settled_run
from simulator.experiment.in_turn import Workers, each, in_groups, one_by_one
from simulator.network.room import lent_room

if TYPE_CHECKING:
    from simulator.engine import Trajectory
    from simulator.sampling.model import Model, Pair

KINDS: Final = ("facilities", "slots")
"""What is recorded; lanes would take twice the room, and nothing here looks at them."""
FEWEST: Final = 10
"""At least so many replications are recorded, if there are."""
MOST: Final = 50
"""More are not: quantiles of the days until a stage is hit change little then."""
ONE_IN: Final = 100
"""In between, one in so many is."""

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Recorded:
    """One replication: its draws, the run without shocks (outcome only) and the one with them."""

    number: int
    pair: Pair
    baseline: Trajectory
    shocked: Trajectory


def recorded_number(replications: int) -> int:
    """How many of so many replications are recorded.

    Recording a pair and looking at it costs some ten times what a pair in a block does, so that one
    in 100 adds a tenth to a run.
    """
    return min(replications, max(FEWEST, min(MOST, replications // ONE_IN)))


def over_recorded(
    model: Model,
    numbers: Sequence[int],
    look: Callable[[Recorded], _Found],
    *,
    seed: int | None = None,
    workers: Workers = None,
) -> list[_Found]:
    """Run replications once more, record all stocks, and keep what ``look`` sees in each.

    They are the same replications as in any other run of the model, bit for bit. A record of the
    alliance network over three years takes some 40 MB, so only one per thread is held at a time.

    Parameters
    ----------
    model
        The prepared scenario.
    numbers
        Which replications; results come in this order.
    look
        Called in several threads at a time.
    seed
        The scenario's by default.
    workers
        Threads; they never change a result.
    """
    own, same = threading.local(), _Same(model)

    def batch(chosen: Sequence[int]) -> list[_Found]:
        if not hasattr(own, "record"):  # memory that a thread uses again and again
            own.record = {}
        found = []
        with lent_room(model.network) as room:
            pairs = model.realise_many(chosen, seed, room=room)
            for number, pair in zip(chosen, one_by_one(pairs), strict=True):
                baseline = same.baseline(pair)
                shocked = kernel.run(pair.shocked, kinds=KINDS, record=own.record)
                shocked = settled_run(shocked, baseline)
                found.append(look(Recorded(number, pair, baseline, shocked)))
        return found

    batches = in_groups(numbers, workers, FEWEST, COLUMNS)
    return [one for found in each(batch, batches, workers) for one in found]


class _Same:
    """Runs baselines, and one that is the same in all replications only once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.found: Trajectory | None = None

    def baseline(self, pair: Pair) -> Trajectory:
        """Outcome of the run without shocks."""
        if self.found is not None:
            return self.found
        found = planned_run(pair.baseline) or kernel.run(pair.baseline)
        if self.model.same_baseline:
            self.found = found
        return found
