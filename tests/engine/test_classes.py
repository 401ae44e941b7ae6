"""Priority classes that change from a date on: who is served first today, hand-computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import kernel, simpy_engine
from simulator.sampling.realisation import realisation
from simulator.shocks import Control, Effect, combine
from tests.engine.test_block import assert_as_alone
from tests.engine.test_rationing import given as given_to
from tests.engine.test_rationing import markets, outage
from tests.networks import Run, assert_days, model, run
from tests.random_networks import Recipe, random_effects, recipes

LAST = 60


def moved(engine: str, *windows: tuple[str, int, int | None, float], second: str = "") -> Run:
    """A mine that gives 7 a day instead of 10 on days 10 to 14, and lanes in other classes."""
    ready = model(markets(10, second=second), outage(0.3), days=LAST)
    network = ready.network
    effects, _ = ready.effects(None, 0, ready.plan)
    for customer, start, end, classes in windows:
        lane = network.lane_index[f"{customer}/ore/mine"]
        effects.append(Effect(Control.PRIORITY, lane, start, end, classes))
    calm = ready.realise(0).baseline
    return run(realisation(network, calm.numbers, calm.plan, combine(effects, LAST)), engine)


def test_a_lane_moved_behind_the_others_gets_what_they_leave_from_that_day_on(
    engine: str,
) -> None:
    one, two = given_to(moved(engine, ("two", 12, None, 1.0)))
    # Days 10, 11: 7/10 of both plans. Day 12: one lacks 1.8 + 1.8 + 6 = 9.6 to its target and asks
    # its 9 (1.5 x plan), more than the 7 there are; 13: 9.6 - 7 + 6 = 8.6; 14: 7.6; 15: 6.6 of 10.
    assert_days(one, {9: 6, 10: 4.2, 11: 4.2, 12: 7, 13: 7, 14: 7, 15: 6.6, 16: 6})
    assert_days(two, {9: 4, 10: 2.8, 11: 2.8, 12: 0, 13: 0, 14: 0, 15: 3.4, 16: 4})


def test_when_the_window_ends_the_lane_is_back_in_its_class(engine: str) -> None:
    one, two = given_to(moved(engine, ("two", 12, 14, 1.0)))
    assert_days(one, {11: 4.2, 12: 7, 13: 7, 14: 4.2})
    assert_days(two, {11: 2.8, 12: 0, 13: 0, 14: 2.8})


def test_two_measures_on_one_lane_move_it_by_both(engine: str) -> None:
    # Two is planned ahead of one; one step brings both to one class, two put two behind.
    first = ", priority: 0"
    ahead = given_to(moved(engine, second=first))
    assert_days(ahead[1], {10: 4, 11: 4})
    level = given_to(moved(engine, ("two", 0, None, 1.0), second=first))
    assert_days(level[1], {10: 2.8, 11: 2.8})
    behind = given_to(moved(engine, ("two", 0, None, 1.0), ("two", 5, None, 1.0), second=first))
    assert_days(behind[0], {10: 6, 11: 6})
    assert_days(behind[1], {10: 1, 11: 1})


def test_moving_all_lanes_alike_changes_nothing(engine: str) -> None:
    as_planned = given_to(moved(engine))
    together = given_to(moved(engine, ("one", 3, 13, 2.0), ("two", 3, 13, 2.0)))
    for before, after in zip(as_planned, together, strict=True):
        assert np.array_equal(before, after)


def test_a_class_before_all_others_may_have_a_negative_number(engine: str) -> None:
    _, two = given_to(moved(engine, ("two", 10, None, -2.0)))
    assert_days(two, {10: 4, 11: 4, 12: 4})


@settings(max_examples=40)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=st.integers(0, 2**32))
def test_classes_that_change_are_the_same_in_all_engines_and_columns(
    recipe: Recipe, seed: int
) -> None:
    ready = recipe.model()
    network, draw = ready.network, np.random.default_rng(seed)
    reals = []
    for n in range(9):
        effects = random_effects(network, int(draw.integers(2**32)), 8)
        for lane in draw.choice(len(network.lanes), size=n):
            start = int(draw.integers(-2, network.horizon_days))
            end = None if draw.random() < 0.5 else start + int(draw.integers(1, 30))
            steps = float(draw.integers(-1, 3))
            effects.append(Effect(Control.PRIORITY, int(lane), start, end, steps))
        calm = ready.realise(n).baseline
        changes = combine(effects, network.horizon_days)
        reals.append(realisation(network, calm.numbers, calm.plan, changes))
    assert_as_alone(reals)
    for real in reals[-2:]:
        one = simpy_engine.run(real, everything=True)
        two = kernel.run(real, everything=True)
        for key, series in one.series.items():
            assert np.array_equal(series, two[key]), key


def test_the_order_of_facilities_does_not_matter_when_classes_change() -> None:
    ready = model(markets(10), outage(0.3), days=LAST)
    lane = ready.network.lane_index["two/ore/mine"]
    effects = [*ready.effects(None, 0, ready.plan)[0], Effect(Control.PRIORITY, lane, 9, 13, 1.0)]
    calm = ready.realise(0).baseline
    real = realisation(ready.network, calm.numbers, calm.plan, combine(effects, LAST))
    numbers = list(ready.network.facilities)
    one, two = (simpy_engine.run(real, order=order) for order in (numbers, numbers[::-1]))
    assert all(np.array_equal(one[key], two[key]) for key in one.series)


@pytest.mark.parametrize("day", [0, 11])
def test_a_change_point_of_priority_counts_classes_from_the_planned_one(day: int) -> None:
    changes = combine([Effect(Control.PRIORITY, 3, day, day + 2, 1.0)] * 2, LAST)
    assert changes.of(Control.PRIORITY) == {3: [(day, 2.0), (day + 2, 0.0)]}
