"""The design of a sensitivity study: two samples A and B, and A with one group at a time from B."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from simulator.errors import UsageError
from simulator.experiment.batches import Pairs
from simulator.experiment.input_groups import EVENTS, PARAMETERS, REST, InputGroups
from simulator.experiment.replication import DRAW, Replication, failure, origin_of
from simulator.metrics.loss import impact
from simulator.sampling.mixed import MixedStreams, second_seed
from simulator.sampling.model import Model, prepare
from simulator.sampling.streams import EVENT, Streams
from simulator.spec import Scenario

if TYPE_CHECKING:
    from simulator.network.room import Room
    from simulator.sampling.model import Pair

Y = "outcome"


class Sampled(Protocol):
    """A function of uniforms by name: what a scenario is, and test functions are."""

    def __call__(self, number: int, streams: Streams) -> tuple[float, dict[str, float]]:
        """Outcome and drawn values of one point."""

    def group(self, thing: str, purpose: str) -> str:
        """Group of a stream."""


class SampledJob(Protocol):
    """Starts a `Sampled` in any process."""

    def sampled(self) -> Sampled:
        """Prepare once."""


@dataclass(frozen=True)
class ScenarioOutcome:
    """One metric of a scenario as a function of its inputs."""

    scenario: Scenario
    metric: str
    by: str = "field"

    def sampled(self) -> _ScenarioSampled:
        """Prepare the scenario."""
        return _ScenarioSampled(self, prepare(self.scenario))


class _ScenarioSampled:
    def __init__(self, job: ScenarioOutcome, model: Model) -> None:
        self.metric = job.metric
        self.group = InputGroups(model, job.by).group
        self._model = _MixedModel(model)
        self._pairs = Pairs(cast(Model, self._model), model.scenario.seed)
        self.batch_size = self._pairs.size

    def __call__(self, number: int, streams: Streams) -> tuple[float, dict[str, float]]:
        return self.many((number,), streams)[0]

    def many(
        self, numbers: Sequence[int], streams: Streams
    ) -> list[tuple[float, dict[str, float]]]:
        self._model.streams = streams
        found = []
        for pair, baseline, shocked in self._pairs(numbers):
            metrics = impact(baseline, shocked)
            if self.metric not in metrics:
                known = ", ".join(name for name in metrics if ":" not in name)
                raise UsageError(f"--metric {self.metric}: is no metric; there are {known}")
            found.append((float(metrics[self.metric]), dict(pair.draws)))
        return found


class _MixedModel:
    """A model whose replications take their uniforms from ``streams``."""

    def __init__(self, model: Model) -> None:
        self.network, self.plan, self.same_baseline = (
            model.network, model.plan, model.same_baseline,
        )  # fmt: skip
        self.streams = Streams(model.scenario.seed)
        self._model = model

    def realise_many(self, numbers: Sequence[int], _seed: int, *, room: Room) -> list[Pair]:
        return self._model.realise_many(numbers, room=room, streams=self.streams)


@dataclass(frozen=True)
class DesignJob:
    """Points of the design: number n is point n % count of matrix n // count (A, B, AB ...).

    Attributes
    ----------
    function
        What is evaluated.
    seed, count
        Seed of A, and number of points.
    kept
        Groups with a matrix of their own; what is in none of them is `REST`.
    matrices
        What each matrix from the third on takes from B.
    """

    function: SampledJob
    seed: int
    count: int
    kept: frozenset[str] = frozenset()
    matrices: tuple[str, ...] = ()

    def start(self) -> _DesignReplicate:
        """Prepare the function once."""
        return _DesignReplicate(self)


class _DesignReplicate:
    def __init__(self, job: DesignJob) -> None:
        self.job = job
        self.sampled = job.function.sampled()
        first, second = Streams(job.seed), Streams(second_seed(job.seed))
        self.streams = [
            first,
            second,
            *(MixedStreams(first, second, self._takes(name)) for name in job.matrices),
        ]

    @property
    def batch_size(self) -> int:
        """How many points it is best to ask for at once."""
        return int(getattr(self.sampled, "batch_size", 1))

    def batch(self, numbers: Sequence[int]) -> list[Replication]:
        """Evaluate points side by side; each has the result that it has alone."""
        many = getattr(self.sampled, "many", None)
        if many is None or len(numbers) == 1:
            return [self(number) for number in numbers]
        results: list[Replication] = []
        for matrix, group in itertools.groupby(numbers, lambda n: n // self.job.count):
            chosen = list(group)
            points = [number % self.job.count for number in chosen]
            try:
                found = many(points, self.streams[matrix])
            except UsageError:
                raise
            except Exception:  # one by one, so that only those that fail are failed ones
                return [self(number) for number in numbers]
            results += [self._result(n, *one) for n, one in zip(chosen, found, strict=True)]
        return results

    def __call__(self, number: int) -> Replication:
        """Evaluate one point."""
        matrix, point = divmod(number, self.job.count)
        try:
            return self._result(number, *self.sampled(point, self.streams[matrix]))
        except UsageError:
            raise
        except Exception as error:
            return Replication(number, error=failure(error), origin=origin_of(error))

    def _result(self, number: int, outcome: float, draws: dict[str, float]) -> Replication:
        if not math.isfinite(outcome):
            rule = "ValueError: the outcome is not a number in this run; choose another metric"
            return Replication(number, error=rule)
        values: dict[str, float | bool] = {Y: outcome}
        if number < 2 * self.job.count:
            values |= {f"{DRAW}{name}": value for name, value in draws.items()}
        return Replication(number, values=values)

    def _takes(self, name: str) -> Callable[[str, str], bool]:
        def takes(thing: str, purpose: str) -> bool:
            if name in (EVENTS, PARAMETERS):
                return (purpose == EVENT) == (name == EVENTS)
            group = self.sampled.group(thing, purpose)
            return (group if group in self.job.kept else REST) == name

        return takes
