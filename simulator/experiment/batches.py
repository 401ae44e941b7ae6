"""Replications side by side: as many pairs of runs as fill a block of the compiled engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.compiling import COLUMNS
from simulator.engine import kernel
from simulator.experiment.observe import observer
from simulator.network.room import lent_room

if TYPE_CHECKING:
    from simulator.metrics.outcome import OutcomeSeries
    from simulator.network.room import Room
    from simulator.sampling.model import Model, Pair


class Pairs:
    """Runs the pairs of replications of a prepared scenario in blocks.

    Plans are written where the engine reads them, in room that is lent for a block only: those of
    the pairs are gone once it has run. A baseline that is the same in all replications is run once.

    Attributes
    ----------
    size
        Replications that fill a block.
    """

    def __init__(self, model: Model, seed: int) -> None:
        self.model, self.seed = model, seed
        self.size = COLUMNS
        self._baseline: OutcomeSeries | None = None

    def __call__(self, numbers: Sequence[int]) -> list[tuple[Pair, OutcomeSeries, OutcomeSeries]]:
        """Outcomes of the baseline and the shocked run of each replication, and what it drew."""
        found: list[tuple[Pair, OutcomeSeries, OutcomeSeries]] = []
        for first in range(0, len(numbers), self.size):
            with lent_room(self.model.network) as room:
                found += self._block(numbers[first : first + self.size], room)
        return found

    def _block(
        self, numbers: Sequence[int], room: Room
    ) -> list[tuple[Pair, OutcomeSeries, OutcomeSeries]]:
        model, seen = self.model, observer(self.model.network)
        pairs = model.realise_many(numbers, self.seed, room=room)
        shocked = [pair.shocked for pair in pairs]
        if not model.same_baseline:
            found = kernel.run_pairs([pair.baseline for pair in pairs], shocked, seen.rows)
            return [
                (pair, seen.take(before), seen.take(after))
                for pair, (before, after) in zip(pairs, found, strict=True)
            ]
        if self._baseline is None:
            self._baseline = seen.take(*kernel.run_rows([pairs[0].baseline], seen.rows))
        after = kernel.run_rows(shocked, seen.rows)
        return [
            (pair, self._baseline, seen.take(one)) for pair, one in zip(pairs, after, strict=True)
        ]
