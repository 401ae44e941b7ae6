"""All engines on 200 random networks with random shocks: every series, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from simulator.engine import kernel, simpy_engine
from simulator.engine.trajectory import Trajectory
from simulator.network.network import DEMAND
from simulator.sampling.realisation import Realisation, realisation
from simulator.shocks import Control, Effect, combine
from tests.random_networks import Recipe, random_effects, recipes

NETWORKS = 200
SERVED: list[float] = []
"""Share of the demand that was served in each example."""

seeds = st.integers(0, 2**32)


def scarce(recipe: Recipe, seed: int, cut: float) -> Realisation:
    """A random network under random shocks, whose makers all lose a share of their capacity."""
    model = recipe.model()
    network = model.network
    makers = [f for f in network.facilities if network.kinds[f] != "hub" and not network.is_sink(f)]
    effects = [
        *random_effects(network, seed, 20),
        *(Effect(Control.CAPACITY, f, 3, None, 1.0 - cut) for f in makers),
    ]
    calm = model.realise(0).baseline
    return realisation(
        network, calm.numbers, calm.plan, combine(effects, network.horizon_days),
        calm.daily_demand, calm.daily_transit,
    )  # fmt: skip


def served(real: Realisation, out: Trajectory) -> float:
    """Use of all sinks over the demand that no shock has touched."""
    sinks = real.network.slot_purpose == DEMAND
    return float(out["slots", "used"][sinks].sum() / real.plan.slot_rate[sinks].sum())


@settings(max_examples=NETWORKS)
@given(
    recipe=recipes(growth=None, lots=None, noise=None), seed=seeds, cut=st.sampled_from([0, 0.3, 1])
)
def agree(recipe: Recipe, seed: int, cut: float) -> None:
    real = scarce(recipe, seed, cut)
    one = simpy_engine.run(real, everything=True)
    two = kernel.run(real, everything=True)
    assert one.series.keys() == two.series.keys()
    for key, series in one.series.items():
        assert np.array_equal(series, two[key]), key
    (block,) = kernel.run_many([real])
    for key, series in block.series.items():
        assert np.array_equal(series, one[key]), key
    SERVED.append(served(real, one))
    event(f"served {SERVED[-1]:.1f}")


@pytest.mark.slow
def test_three_engines_agree_on_every_series_of_200_random_networks() -> None:
    SERVED.clear()
    agree()
    assert len(SERVED) >= NETWORKS
    assert sum(share < 0.5 for share in SERVED) > NETWORKS // 20
