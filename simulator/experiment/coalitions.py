"""Losses of parts of a scenario: the same future with some of its shocks and measures only.

Draws belong to names, so an entry has the same dates and numbers whoever else is there, and what is
left out changes nothing else. Parts that set the very same controls are run once; so what does
nothing gets exactly zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias

from simulator.compiling import COLUMNS
from simulator.engine import kernel
from simulator.experiment.baseline import planned_outcome
from simulator.experiment.in_turn import Workers, each, in_groups
from simulator.experiment.observe import observer
from simulator.network.room import lent_room
from simulator.sampling.realisation import realisation
from simulator.sampling.streams import Streams
from simulator.shocks.base import ShockType
from simulator.shocks.effects import ChangePoints, Effect, combine

if TYPE_CHECKING:
    from simulator.metrics.outcome import OutcomeSeries
    from simulator.sampling.model import Model
    from simulator.sampling.realisation import Realisation

Coalition: TypeAlias = frozenset[str]
"""Keys of the entries that are there, such as ``shocks.october``."""
MOST_CONTEXTS = 64
"""Beyond so many ways in which suspensions can be there or not, every entry counts as active."""
LEAST_GROUP = 4
"""Replications whose parts a thread runs together, if there are so many."""


@dataclass
class Future:
    """One replication, in which any part of the scenario can be made to happen.

    Attributes
    ----------
    number
        Which replication.
    calm
        Its realisation without any entry.
    """

    number: int
    calm: Realisation
    _model: Model
    _streams: Streams
    _contexts: dict[Coalition, dict[str, tuple[Effect, ...]]] = field(default_factory=dict)
    _changes: dict[Coalition, ChangePoints] = field(default_factory=dict)

    @cached_property
    def suspending(self) -> Coalition:
        """Entries that act through others."""
        entries = self._model.entries
        return frozenset(k for k, e in entries.items() if type(e).spells is not ShockType.spells)

    def prepare(self) -> None:
        """Work out all effects now, while the plan still holds."""
        for some in self._suspensions():
            self._context(some)

    def active(self) -> tuple[str, ...]:
        """Entries that change a control in some part of the scenario, by name."""
        everyone = sorted(self._model.entries)
        if 2 ** len(self.suspending) > MOST_CONTEXTS:
            return tuple(everyone)
        contexts = {some: self._context(some) for some in self._suspensions()}
        found = {key for own in contexts.values() for key, effects in own.items() if effects}
        for some, own in contexts.items():
            found |= {key for key in some if _acts(own) != _acts(contexts[some - {key}])}
        return tuple(key for key in everyone if key in found)

    def changes(self, coalition: Coalition) -> ChangePoints:
        """Change-points of a part of the scenario; kept."""
        if coalition not in self._changes:
            own = self._context(coalition & self.suspending)
            effects = [e for key in sorted(coalition) for e in own.get(key, ())]
            self._changes[coalition] = combine(effects, self.calm.network.horizon_days)
        return self._changes[coalition]

    def realisation(self, coalition: Coalition) -> Realisation:
        """The replication with a part of the scenario."""
        calm = self.calm
        return realisation(
            calm.network, calm.numbers, calm.plan, self.changes(coalition), calm.daily_demand,
            calm.daily_transit,
        )  # fmt: skip

    def same(self, coalition: Coalition) -> tuple[bytes, ...]:
        """What two parts have in common if they set the same controls."""
        found = self.changes(coalition)
        return tuple(a.tobytes() for a in (found.day, found.control, found.target, found.value))

    def _suspensions(self) -> Iterator[Coalition]:
        keys = sorted(self.suspending)
        if 2 ** len(keys) > MOST_CONTEXTS:
            yield from (frozenset(), frozenset(keys))
            return
        for count in range(len(keys) + 1):
            yield from map(frozenset, itertools.combinations(keys, count))

    def _context(self, suspensions: Coalition) -> dict[str, tuple[Effect, ...]]:
        if suspensions not in self._contexts:
            present = (self._model.entries.keys() - self.suspending) | suspensions
            self._contexts[suspensions] = self._model.effects_by_entry(
                self._streams, self.number, self.calm.plan, present
            )[0]
        return self._contexts[suspensions]


def _acts(effects: dict[str, tuple[Effect, ...]]) -> dict[str, tuple[Effect, ...]]:
    return {key: own for key, own in effects.items() if own}


@dataclass(frozen=True)
class Values:
    """Losses of the parts of one replication.

    Attributes
    ----------
    number, active
        Which replication, and the entries that change anything in it.
    baseline_units
        Output without any entry.
    loss
        Units lost against that, by coalition.
    """

    number: int
    active: tuple[str, ...]
    baseline_units: float
    loss: dict[Coalition, float]


class Coalitions:
    """Runs parts of a prepared scenario, side by side in blocks of the compiled engine.

    Parameters
    ----------
    model
        The prepared scenario.
    seed
        Of all draws.
    workers
        Threads; they never change a result.
    """

    def __init__(self, model: Model, seed: int, workers: Workers = None) -> None:
        self.model, self.seed, self.workers = model, seed, workers
        self.streams = Streams(seed)

    def future(self, number: int) -> Future:
        """One replication."""
        calm, _ = self.model.undisturbed(number, self.seed)
        return Future(number, calm, self.model, self.streams)

    def losses(
        self, numbers: Sequence[int], wanted: Callable[[Future], Iterable[Coalition]]
    ) -> Iterator[Values]:
        """Losses of the parts that are wanted of each replication, in the order of ``numbers``."""
        groups = in_groups(numbers, self.workers, LEAST_GROUP, COLUMNS)
        for found in each(partial(self._losses, wanted), groups, self.workers):
            yield from found

    def _losses(
        self, wanted: Callable[[Future], Iterable[Coalition]], numbers: Sequence[int]
    ) -> list[Values]:
        with lent_room(self.model.network) as room:
            calm = self.model.undisturbed_many(numbers, self.seed, room=room)
            futures = [
                Future(number, real, self.model, self.streams)
                for number, (real, _) in zip(numbers, calm, strict=True)
            ]
            for future in futures:
                future.prepare()
            return [*self._group([(future, [*wanted(future)]) for future in futures])]

    def _group(self, asked: list[tuple[Future, list[Coalition]]]) -> Iterator[Values]:
        empty: Coalition = frozenset()
        seen = observer(self.model.network)
        outcomes = {
            (future.number, future.same(empty)): planned
            for future, _ in asked
            if (planned := planned_outcome(future.calm, seen)) is not None
        }
        chosen: dict[tuple[int, tuple[bytes, ...]], tuple[Future, Coalition]] = {}
        for future, parts in asked:
            for part in (empty, *parts):
                if (key := (future.number, future.same(part))) not in outcomes:
                    chosen.setdefault(key, (future, part))
        outcomes |= dict(zip(chosen, self._run(list(chosen.values())), strict=True))
        for future, parts in asked:
            calm = outcomes[future.number, future.same(empty)]
            loss = {
                part: units_lost(calm, outcomes[future.number, future.same(part)].settled(calm))
                for part in (empty, *parts)
            }
            yield Values(future.number, future.active(), float(calm.units.sum()), loss)

    def _run(self, tasks: list[tuple[Future, Coalition]]) -> Iterator[OutcomeSeries]:
        seen = observer(self.model.network)
        for first in range(0, len(tasks), COLUMNS):
            # No more at once than run side by side: each may have targets of its own.
            reals = [f.realisation(part) for f, part in tasks[first : first + COLUMNS]]
            yield from map(seen.take, kernel.run_rows(reals, seen.rows))


def units_lost(baseline: OutcomeSeries, shocked: OutcomeSeries) -> float:
    """Output lost over the horizon, as ``output_loss_units`` of a run is worked out."""
    return float((baseline.output - shocked.output).sum(axis=1).sum())
