"""Pairs of runs that are one until the first shock: the same bits as two runs from day 0."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import kernel
from simulator.engine.kernel.block_run import BlockRun
from simulator.sampling.model import prepare
from simulator.sampling.realisation import Realisation, realisation
from simulator.shocks import Control, Effect, combine
from simulator.spec import load_scenario
from tests.random_networks import Recipe, random_effects, recipes


def rows_of(real: Realisation) -> tuple[np.ndarray, ...]:
    facilities = np.arange(len(real.network.facilities))
    return facilities, facilities, facilities, np.arange(len(real.network.slots))


def same(one: tuple[np.ndarray, ...], two: tuple[np.ndarray, ...]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@settings(max_examples=25)
@given(
    recipe=recipes(growth=None, lots=None, noise=None),
    seed=st.integers(0, 2**32),
    late=st.integers(1, 60),
)
def test_runs_that_part_on_the_first_change_are_those_that_never_were_one(
    recipe: Recipe, seed: int, late: int
) -> None:
    model = recipe.model()
    network = model.network
    calm = model.realise(0).baseline
    shocked = []
    for column in range(3):
        effects = [
            effect._replace(start=max(effect.start, late))
            for effect in random_effects(network, seed + column, 10)
            if effect.end is None or effect.end > late
        ]
        shocked.append(
            realisation(
                network,
                calm.numbers,
                calm.plan,
                combine(effects, network.horizon_days),
                calm.daily_demand,
                calm.daily_transit,
            )
        )
    wanted = rows_of(calm)
    found = kernel.run_pairs([calm] * 3, shocked, wanted)
    for (before, after), real in zip(found, shocked, strict=True):
        assert same(before, kernel.run_rows([calm], wanted)[0])
        assert same(after, kernel.run_rows([real], wanted)[0])


def test_a_cover_changes_no_target_before_its_day() -> None:
    model = prepare(load_scenario("baseline"))
    plan, network = model.plan, model.network
    change = combine([Effect(Control.COVER, 0, 100, 200, 2.0)], network.horizon_days)
    target = realisation(network, network.numbers, plan, change).targets[0]
    assert np.array_equal(target[:100], plan.slot_target[0][:100])
    assert np.array_equal(target[200:], plan.slot_target[0][200:])
    assert (target[100:200] > plan.slot_target[0][100:200]).all()


def test_a_block_without_a_change_is_one_run_to_the_last_day() -> None:
    model = prepare(load_scenario("baseline"))
    calm = model.realise(0).baseline
    runs = BlockRun([calm], kernel._shape(model.network), rows_of(calm))
    assert runs.first_change == model.network.horizon_days
    ((before, after),) = kernel.run_pairs([calm], [calm], rows_of(calm))
    assert same(before, after)
