"""The engines on the packaged scenarios: bit for bit the same, in all replications looked at."""

from __future__ import annotations

import numpy as np
import pytest

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.engine import Trajectory, kernel, simpy_engine
from simulator.sampling import Realisation, prepare
from simulator.spec import list_scenarios, load_scenario

REPLICATIONS = 20

every_scenario = pytest.mark.parametrize("name", [info.name for info in list_scenarios()])


def assert_same(one: Trajectory, other: Trajectory, where: str) -> None:
    for key, series in other.series.items():
        assert np.array_equal(one[key], series), (where, key)


@pytest.mark.slow
@every_scenario
def test_scalar_and_block_agree_on_every_scenario(name: str) -> None:
    model = prepare(load_scenario(name))
    for first in range(0, REPLICATIONS, 4):
        pairs = [model.realise(n) for n in range(first, first + 4)]
        reals: list[Realisation] = [run for p in pairs for run in (p.baseline, p.shocked)]
        for n, (real, found) in enumerate(zip(reals, kernel.run_many(reals), strict=True)):
            assert_same(kernel.run(real), found, f"{name}, run {2 * first + n}")


@pytest.mark.slow
@every_scenario
def test_simpy_and_scalar_agree_on_every_series_of_every_scenario(name: str) -> None:
    # Baselines are the same in all of them; that of the scenario `baseline` is one of these runs.
    real = prepare(load_scenario(name)).realise(0).shocked
    assert_same(kernel.run(real, everything=True), simpy_engine.run(real, everything=True), name)
