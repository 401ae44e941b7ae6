"""Replications side by side: as many pairs of runs as fill a block of the compiled engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.compiling import COLUMNS
from simulator.engine import kernel
from simulator.experiment.baseline import baselines, planned_outcome
from simulator.experiment.observe import observer
from simulator.network.room import lent_room

if TYPE_CHECKING:
    from simulator.metrics.outcome import OutcomeSeries
    from simulator.network.room import Room
    from simulator.sampling.model import Model, Pair

FEWEST_TOGETHER = 3
"""A block takes as long as this many runs that are simulated alone, however many it holds."""


class Pairs:
    """Runs the pairs of replications of a prepared scenario in blocks.

    Plans are written where the engine reads them, in room that is lent for a block only: those of
    the pairs are gone once it has run. Only a baseline that does not keep to its plan is run, and
    once where it is the same in all replications.

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
        calm = {n: one for n, one in enumerate(self._calm(pairs)) if one is not None}
        shocked = kernel.run_rows([pairs[n].shocked for n in calm], seen.rows)
        found = {n: (calm[n], seen.take(after)) for n, after in zip(calm, shocked, strict=True)}
        apart = [n for n in range(len(pairs)) if n not in calm]
        found |= dict(zip(apart, self._both([pairs[n] for n in apart]), strict=True))
        return [
            (pair, found[n][0], found[n][1].settled(found[n][0])) for n, pair in enumerate(pairs)
        ]

    def _both(self, pairs: Sequence[Pair]) -> list[tuple[OutcomeSeries, OutcomeSeries]]:
        """Run the baselines, too, of pairs in which they do not keep to their plans."""
        seen = observer(self.model.network)
        if len(pairs) < FEWEST_TOGETHER:
            return [(seen(kernel.run(p.baseline)), seen(kernel.run(p.shocked))) for p in pairs]
        both = kernel.run_pairs(
            [pair.baseline for pair in pairs], [pair.shocked for pair in pairs], seen.rows
        )
        return [(seen.take(before), seen.take(after)) for before, after in both]

    def _calm(self, pairs: Sequence[Pair]) -> list[OutcomeSeries | None]:
        """Baselines that need no run of their own; None for the others."""
        seen = observer(self.model.network)
        if not self.model.same_baseline:
            return [planned_outcome(pair.baseline, seen) for pair in pairs]
        if self._baseline is None:
            (self._baseline,) = baselines(
                [pairs[0].baseline],
                seen,
                lambda reals: map(seen.take, kernel.run_rows(reals, seen.rows)),
            )
        return [self._baseline] * len(pairs)
