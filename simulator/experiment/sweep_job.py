"""The runs of a study: cells that differ in shocks and measures only share their baselines.

With common random numbers, replication k has the same numbers, plan and baseline in all such cells.
So cells with one base go through in groups, a few replications of all of them at a time: what they
share is worked out once, and each cell adds its own shocked runs.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from simulator.engine import kernel
from simulator.engine import simulate as run_engine
from simulator.experiment.baseline import baselines
from simulator.experiment.monte_carlo import FASTEST_ENGINE
from simulator.experiment.observe import observe, observer
from simulator.experiment.replication import DRAW, Replication, failure, origin_of
from simulator.metrics.loss import impact
from simulator.metrics.outcome import OutcomeSeries
from simulator.network.room import Room, lent_room
from simulator.sampling.model import Drawn, Model, base_of, prepare
from simulator.sampling.realisation import Realisation
from simulator.spec import Scenario

CELLS_TOGETHER = 16
"""So many cells at most share a baseline at a time: more would save little, and take long."""
CELLS_TOGETHER_SLOWLY = 4
"""The same for engines that run one replication at a time."""
_GROUPS_KEPT = 4

Group = tuple[int, ...]


@dataclass(frozen=True)
class SweepJob:
    """All replications of all cells: number n is replication n % count of cell n // count.

    Attributes
    ----------
    scenarios
        One per cell.
    count
        Replications per cell.
    seed, engine
        The same for all cells.
    draws
        Whether sampled drivers are kept as columns.
    """

    scenarios: tuple[Scenario, ...]
    count: int
    seed: int
    engine: str
    draws: bool = False

    def start(self) -> SweepReplicate:
        """Nothing is prepared before its first replication."""
        return SweepReplicate(self, _Prepared(self))

    @property
    def together(self) -> int:
        """Replications that are run side by side."""
        return kernel.COLUMNS if self.engine == FASTEST_ENGINE else 1

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Cells that go through together, in order of their numbers."""
        most = CELLS_TOGETHER if self.engine == FASTEST_ENGINE else CELLS_TOGETHER_SLOWLY
        bases: dict[object, list[int]] = {}
        for cell, scenario in enumerate(self.scenarios):
            bases.setdefault(base_of(scenario), []).append(cell)
        found = [
            tuple(base[first : first + most])
            for base in bases.values()
            for first in range(0, len(base), most)
        ]
        return tuple(sorted(found))

    @cached_property
    def group_of(self) -> tuple[int, ...]:
        """Number of the group of each cell."""
        place = {cell: at for at, group in enumerate(self.groups) for cell in group}
        return tuple(place[cell] for cell in range(len(self.scenarios)))

    def order(self, wanted: Callable[[int], Sequence[int]]) -> Iterator[int]:
        """Numbers in the order in which they share most.

        Parameters
        ----------
        wanted
            Gives the replications of a cell that are to be computed, rising.
        """
        for group in self.groups:
            todo = {cell: wanted(cell) for cell in group}
            if all(len(rest) == self.count for rest in todo.values()):
                for first in range(0, self.count, self.together):
                    last = min(first + self.together, self.count)
                    for cell in group:
                        yield from range(cell * self.count + first, cell * self.count + last)
                continue
            block = {cell: _by_block(rest, self.together) for cell, rest in todo.items()}
            for at in sorted(set().union(*block.values())):
                for cell in group:
                    yield from (cell * self.count + k for k in block[cell].get(at, ()))


class _Prepared:
    """Models of the cells of a few groups, shared among threads."""

    def __init__(self, job: SweepJob) -> None:
        self._job = job
        self._lock = threading.Lock()
        self._groups: dict[int, dict[int, Model | Exception]] = {}

    def group(self, number: int) -> dict[int, Model | Exception]:
        """Models of a group by cell, or why they cannot be made."""
        with self._lock:
            found = self._groups.pop(number, None)
            if found is None:
                found, like = {}, None
                for cell in self._job.groups[number]:
                    model = found[cell] = _model(self._job.scenarios[cell], like)
                    like = like or (model if isinstance(model, Model) else None)
            while len(self._groups) >= _GROUPS_KEPT:
                self._groups.pop(next(iter(self._groups)))
            self._groups[number] = found
            return found


class SweepReplicate:
    """Runs any replication of any cell; a number gives the same row, whatever runs beside it."""

    def __init__(self, job: SweepJob, prepared: _Prepared) -> None:
        self.job, self._prepared = job, prepared
        self._calm: tuple[object, OutcomeSeries] | None = None

    @property
    def batch_size(self) -> int:
        """How many replications it is best to ask for at once."""
        return self.job.together * max(len(group) for group in self.job.groups)

    def fork(self) -> Callable[[Sequence[int]], list[Replication]]:
        """Another one for another thread; gives its `batch`."""
        return SweepReplicate(self.job, self._prepared).batch

    def prepare(self, cells: Sequence[int]) -> None:
        """Prepare cells of one group, and forget them."""
        like: Model | None = None
        for cell in cells:
            model = _model(self.job.scenarios[cell], like)
            like = like or (model if isinstance(model, Model) else None)

    def split(self, numbers: Sequence[int]) -> Iterator[Sequence[int]]:
        """Numbers in parts that are best computed at once."""
        first = 0
        for _, part in itertools.groupby(numbers, self._place):
            last = first + sum(1 for _ in part)
            yield numbers[first:last]
            first = last

    def __call__(self, number: int) -> Replication:
        """Run one."""
        return self.batch((number,))[0]

    def batch(self, numbers: Sequence[int]) -> list[Replication]:
        """Run many, in the order given; whatever goes wrong in one becomes its ``error``."""
        found: dict[int, Replication] = {}
        places: dict[tuple[int, int], list[int]] = {}
        for number in numbers:
            places.setdefault(self._place(number), []).append(number)
        for (group, _), part in places.items():
            models = self._prepared.group(group)
            usable = [n for n in part if isinstance(models[n // self.job.count], Model)]
            for number in part:
                model = models[number // self.job.count]
                if isinstance(model, Exception):
                    found[number] = _failed(number, model)
            found.update(self._together(usable, models) if usable else {})
        return [found[number] for number in numbers]

    def _place(self, number: int) -> tuple[int, int]:
        cell, replication = divmod(number, self.job.count)
        return self.job.group_of[cell], replication // self.job.together

    def _together(
        self, numbers: Sequence[int], models: dict[int, Model | Exception]
    ) -> dict[int, Replication]:
        try:
            return self._runs(numbers, models)
        except Exception as error:  # one by one, so that only those that fail are failed ones
            if len(numbers) == 1:
                return {numbers[0]: _failed(numbers[0], error)}
            found: dict[int, Replication] = {}
            for number in numbers:
                found.update(self._together((number,), models))
            return found

    def _runs(
        self, numbers: Sequence[int], models: dict[int, Model | Exception]
    ) -> dict[int, Replication]:
        count = self.job.count
        cells: dict[int, list[int]] = {}
        for number in numbers:
            cells.setdefault(number // count, []).append(number % count)
        first = models[next(iter(cells))]
        assert isinstance(first, Model)
        with lent_room(first.network) as room:
            return self._cells(cells, models, first, room)

    def _cells(
        self,
        cells: dict[int, list[int]],
        models: dict[int, Model | Exception],
        first: Model,
        room: Room,
    ) -> dict[int, Replication]:
        count, seed = self.job.count, self.job.seed
        replications = sorted({k for own in cells.values() for k in own})
        calm = dict(zip(replications, self._undisturbed(first, replications, room), strict=True))
        before = self._baselines(first, [calm[k][0] for k in replications])
        baseline = dict(zip(replications, before, strict=True))
        found: dict[int, Replication] = {}
        for cell, own in cells.items():
            model = models[cell]
            assert isinstance(model, Model)
            shocked = model.disturbed([calm[k][0] for k in own], own, seed)
            after = self._outcomes([real for real, _ in shocked])
            for k, outcome, (_, seen) in zip(own, after, shocked, strict=True):
                values = dict(impact(baseline[k], outcome.settled(baseline[k])))
                if self.job.draws:
                    drawn = calm[k][1] | seen
                    values |= {f"{DRAW}{name}": float(v) for name, v in sorted(drawn.items())}
                found[cell * count + k] = Replication(cell * count + k, values=values)
        return found

    def _undisturbed(
        self, model: Model, replications: Sequence[int], room: Room
    ) -> Iterator[tuple[Realisation, Drawn]]:
        seed = self.job.seed
        if self.job.engine != FASTEST_ENGINE:
            yield from (model.undisturbed(k, seed) for k in replications)
        else:
            yield from model.undisturbed_many(replications, seed, room=room)

    def _baselines(self, model: Model, reals: Sequence[Realisation]) -> list[OutcomeSeries]:
        if not model.same_baseline:
            return self._run_calm(reals)
        if self._calm is None or self._calm[0] is not model.network:
            self._calm = model.network, self._run_calm(reals[:1])[0]
        return [self._calm[1]] * len(reals)

    def _run_calm(self, reals: Sequence[Realisation]) -> list[OutcomeSeries]:
        return baselines(reals, observer(reals[0].network), self._outcomes)

    def _outcomes(self, reals: Sequence[Realisation]) -> list[OutcomeSeries]:
        network = reals[0].network
        if self.job.engine != FASTEST_ENGINE:
            return [observe(network, run_engine(real, engine=self.job.engine)) for real in reals]
        seen = observer(network)
        return [seen.take(found) for found in kernel.run_rows(reals, seen.rows)]


def _model(scenario: Scenario, like: Model | None) -> Model | Exception:
    try:
        return prepare(scenario, like)
    except Exception as error:
        return error


def _failed(number: int, error: Exception) -> Replication:
    return Replication(number, error=failure(error), origin=origin_of(error))


def _by_block(replications: Sequence[int], size: int) -> dict[int, list[int]]:
    blocks: dict[int, list[int]] = {}
    for replication in replications:
        blocks.setdefault(replication // size, []).append(replication)
    return blocks
