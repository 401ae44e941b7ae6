"""Monte Carlo by blocks: the same rows and series whatever the engine and however it is cut up."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiment.baseline import keeps_to_plan
from simulator.experiment.replicate import ScenarioJob, ScenarioReplicate
from simulator.experiment.replication import Replication, batch_size, in_batches
from simulator.network.plan import Plan
from simulator.sampling.streams import Streams
from simulator.spec import Scenario
from tests.engine.test_block import CHAIN
from tests.networks import scenario

UNCERTAIN = CHAIN.replace(
    "transit_days: 4,", "transit_days: {distribution: uniform, low: 2, high: 9},"
).replace("quantity: 2,", "quantity: {distribution: pert, low: 1, mode: 2, high: 4},")
SHOCKS = """
shocks:
  outage:
    type: outage
    facilities: [mine_a]
    from: 2026-01-11
    duration_days: {distribution: uniform, low: 5, high: 40}
"""


def made(uncertainty: str = "full") -> Scenario:
    return scenario(UNCERTAIN, f"uncertainty: {uncertainty}\n{SHOCKS}", days=120)


def start(engine: str, wanted: Scenario) -> ScenarioReplicate:
    return ScenarioJob(wanted, 5, engine).start()


def assert_same(one: Replication, two: Replication) -> None:
    assert one.number == two.number
    assert one.error == two.error == ""
    assert list(one.values) == list(two.values)
    assert np.array([*one.values.values()]).tobytes() == np.array([*two.values.values()]).tobytes()
    assert one.series is not None
    assert two.series is not None
    assert one.series.tobytes() == two.series.tobytes()


@pytest.mark.parametrize("uncertainty", ["full", "none"])
@pytest.mark.parametrize("engine", ["scalar", "block"])
def test_every_engine_gives_the_same_replications(engine: str, uncertainty: str) -> None:
    wanted = made(uncertainty)
    definition, other = start("simpy", wanted), start(engine, wanted)
    found = [one for batch in in_batches(other, range(11)) for one in batch]
    for number, one in enumerate(found):
        assert_same(one, definition(number))


@pytest.mark.parametrize("uncertainty", ["full", "none"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 12])
def test_replications_do_not_depend_on_how_they_are_cut_into_batches(
    size: int, uncertainty: str
) -> None:
    wanted = made(uncertainty)
    whole = start("block", wanted).batch(range(12))
    parts = start("block", wanted)
    for first in range(0, 12, size):
        for one in parts.batch(range(first, min(first + size, 12))):
            assert_same(one, whole[one.number])


def test_only_the_replication_that_fails_is_a_failed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    replicate = start("block", made())
    effects = replicate.model.effects

    def broken(streams: Streams, replication: int, plan: Plan) -> object:
        if replication == 2:
            raise ValueError("no such future")
        return effects(streams, replication, plan)

    monkeypatch.setattr(replicate.model, "effects", broken)
    found = replicate.batch(range(4))
    assert [one.error for one in found] == ["", "", "ValueError: no such future", ""]
    assert_same(found[3], start("block", made())(3))


def test_blocks_take_as_many_replications_as_they_have_room_for() -> None:
    assert batch_size(start("block", made())) == batch_size(start("block", made("none"))) > 1
    assert batch_size(start("scalar", made())) == 1


@pytest.mark.parametrize("engine", ["scalar", "block"])
@pytest.mark.parametrize("count", [1, 2, 3, 19])
def test_baselines_that_have_to_be_run_are_the_same_in_any_engine_and_number(
    engine: str, count: int
) -> None:
    noisy = UNCERTAIN.replace(
        "units_per_day: 10,", "units_per_day: 10, daily: {distribution: poisson, mean: 10},"
    )
    wanted = scenario(noisy, SHOCKS, days=120)
    definition, other = start("simpy", wanted), start(engine, wanted)
    assert not keeps_to_plan(definition.model.realise(0, 5).baseline)
    for number, one in enumerate(other.batch(range(count))):
        assert_same(one, definition(number))
