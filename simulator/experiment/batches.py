"""Replications side by side: as many pairs of runs as fill a block of the compiled engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.engine import kernel
from simulator.experiment.observe import observer

if TYPE_CHECKING:
    from simulator.metrics.outcome import OutcomeSeries
    from simulator.network.plan import Room
    from simulator.sampling.model import Model, Pair


class Pairs:
    """Runs the pairs of replications of a prepared scenario in blocks.

    Plans are written where the engine reads them, and are gone with the next batch. A baseline that
    is the same in all replications is run once.

    Attributes
    ----------
    size
        Replications that fill a block.
    """

    def __init__(self, model: Model, seed: int) -> None:
        self.model, self.seed = model, seed
        self.size = kernel.COLUMNS if model.same_baseline else kernel.COLUMNS // 2
        self._rooms: list[Room] = []
        self._baseline: OutcomeSeries | None = None

    def __call__(self, numbers: Sequence[int]) -> list[tuple[Pair, OutcomeSeries, OutcomeSeries]]:
        """Outcomes of the baseline and the shocked run of each replication, and what it drew."""
        found: list[tuple[Pair, OutcomeSeries, OutcomeSeries]] = []
        for first in range(0, len(numbers), self.size):
            found += self._block(numbers[first : first + self.size])
        return found

    def _block(self, numbers: Sequence[int]) -> list[tuple[Pair, OutcomeSeries, OutcomeSeries]]:
        model, seen = self.model, observer(self.model.network)
        if not self._rooms:
            self._rooms = kernel.plan_rooms(model.plan, self.size)
        pairs = [
            model.realise(number, self.seed, room)
            for number, room in zip(numbers, self._rooms, strict=False)
        ]
        calm = [pair.baseline for pair in pairs]
        if model.same_baseline:
            calm = calm[:1] if self._baseline is None else []
        runs = kernel.run_rows([*calm, *(pair.shocked for pair in pairs)], seen.rows)
        outcomes = [seen.read(started, matured, used) for started, matured, _, used in runs]
        before, shocked = outcomes[: len(calm)], outcomes[len(calm) :]
        if model.same_baseline:
            self._baseline = self._baseline or before[0]
            before = [self._baseline] * len(pairs)
        return list(zip(pairs, before, shocked, strict=True))
