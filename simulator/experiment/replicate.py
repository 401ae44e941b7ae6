"""One replication: a paired baseline and shocked run, turned into a row and into daily series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from simulator import shocks  # noqa: F401  (registers the types that a scenario may name)
from simulator.engine import simulate as run_engine
from simulator.engine.log import EventLog
from simulator.engine.trajectory import Trajectory
from simulator.errors import invalid
from simulator.experiment.baseline import pair_of_outcomes
from simulator.experiment.observe import observer
from simulator.experiment.replication import DRAW, Replication, failure, origin_of
from simulator.experiment.series import series_names, series_values
from simulator.metrics.loss import impact
from simulator.sampling.model import Model, prepare
from simulator.spec import Scenario, load_scenario

if TYPE_CHECKING:
    from simulator.experiment.batches import Pairs
    from simulator.metrics.outcome import OutcomeSeries
    from simulator.sampling.model import Pair


@dataclass(frozen=True)
class ScenarioJob:
    """Replications of one scenario.

    Attributes
    ----------
    scenario, seed, engine
        What to run; ``seed`` is the only source of randomness.
    draws
        Whether the sampled numbers of the tables are among the values of a replication. What shocks
        and measures drew always is.
    """

    scenario: Scenario
    seed: int
    engine: str
    draws: bool = False

    def start(self) -> ScenarioReplicate:
        """Build the network and resolve the shocks; raises `InputError` if they do not fit."""
        return ScenarioReplicate(self, prepare(self.scenario))


class ScenarioReplicate:
    """Runs any replication of a prepared scenario; a number gives the same result anywhere."""

    def __init__(self, job: ScenarioJob, model: Model) -> None:
        self.job = job
        self.model = model
        self.series: tuple[str, ...] = ()
        self._pairs: Pairs | None = None
        if job.engine == "block":
            from simulator.experiment.batches import Pairs

            self._pairs = Pairs(model, job.seed)

    @property
    def batch_size(self) -> int:
        """How many replications it is best to ask for at once."""
        return 1 if self._pairs is None else self._pairs.size

    def fork(self) -> Callable[[Sequence[int]], list[Replication]]:
        """Another one of the same prepared scenario, for another thread; gives its `batch`."""
        return ScenarioReplicate(self.job, self.model).batch

    def batch(self, numbers: Sequence[int]) -> list[Replication]:
        """Run replications side by side; each has the result that it has alone."""
        if self._pairs is None or len(numbers) == 1:
            return [self(number) for number in numbers]
        try:
            return self._together(numbers)
        except Exception:  # one by one, so that only those that fail are failed ones
            return [self(number) for number in numbers]

    def __call__(self, number: int) -> Replication:
        """Run one replication; whatever goes wrong in it becomes its ``error``."""
        try:
            return self.attempt(number)
        except Exception as error:
            return Replication(number, error=failure(error), origin=origin_of(error))

    def attempt(self, number: int) -> Replication:
        """Run one replication and let its exceptions pass."""
        if self._pairs is not None:
            return self._together((number,))[0]
        pair = self.model.realise(number, self.job.seed)
        run = partial(run_engine, engine=self.job.engine)
        both = pair_of_outcomes(pair, observer(self.model.network), run)
        return self._result(number, pair, *both)

    def _together(self, numbers: Sequence[int]) -> list[Replication]:
        assert self._pairs is not None
        found = self._pairs(numbers)
        return [self._result(n, *one) for n, one in zip(numbers, found, strict=True)]

    def _result(
        self, number: int, pair: Pair, baseline: OutcomeSeries, shocked: OutcomeSeries
    ) -> Replication:
        self.series = series_names(baseline)
        values = dict(impact(baseline, shocked))
        draws = pair.draws if self.job.draws else pair.events
        values |= {f"{DRAW}{name}": float(value) for name, value in sorted(draws.items())}
        return Replication(number, values=values, series=series_values(baseline, shocked))


def simulate(
    scenario: Scenario | str | Path,
    replication: int = 0,
    *,
    seed: int | None = None,
    engine: str = "auto",
    baseline: bool = False,
    log: EventLog | None = None,
) -> Trajectory:
    """Run one replication of a scenario and keep every series of it.

    Parameters
    ----------
    scenario
        A scenario, or its name or path.
    replication
        Which one, counted from 0. The same number is the same future in every run of this seed.
    seed
        Defaults to the scenario's own.
    engine
        ``auto`` or the name of an engine.
    baseline
        The same future without the shocks and measures.
    log
        Records why each facility made less than it wanted, if given.

    Returns
    -------
    Trajectory
        ``frame(kind)`` gives DataFrames of facilities, slots, lanes, hubs and sinks by day.

    Raises
    ------
    InputError
        If the scenario is invalid, or ``replication`` is below 0.
    """
    if replication < 0:
        raise invalid("replication", replication, "must be 0 or more", "replications count from 0")
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    pair = prepare(loaded).realise(replication, loaded.seed if seed is None else seed)
    chosen = pair.baseline if baseline else pair.shocked
    return run_engine(chosen, engine=engine, record="all", log=log)
