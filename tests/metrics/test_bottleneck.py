"""The bottleneck of single days, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.metrics.bottleneck import CAPACITY, CATCHING_UP, NONE, Input, bottleneck, wanted

ONE = np.ones(1)


def of_a_day(
    started: float, capacity: float, *inputs: Input, aim: float = 10.0
) -> tuple[int, float]:
    cause, lost = bottleneck(aim * ONE, started * ONE, capacity * ONE, inputs)
    return int(cause[0]), float(lost[0])


def prompt(slot: int, stock: float, *, need: float = 1.0, criticality: float = 1.0) -> Input:
    return Input(slot, need, criticality, stock * ONE)


def slow(slot: int, health: float) -> Input:
    return Input(slot, 1.0, 0.5, 100 * ONE, health * ONE)


def test_wanted_fills_the_base_stock_and_is_never_negative() -> None:
    found = wanted(np.array([30.0, 30.0]), np.array([5.0, 0.0]), np.array([10.0, 20.0]), 20 * ONE)
    assert found.tolist() == [5.0, 0.0]


def test_nothing_is_a_bottleneck_when_all_was_started() -> None:
    assert of_a_day(10.0, 12.0, prompt(4, 0.0)) == (NONE, 0.0)
    assert of_a_day(15.0, 20.0, prompt(4, 0.0)) == (NONE, 0.0)  # catching up
    assert of_a_day(10.0 - 1e-12, 12.0) == (NONE, 0.0)  # rounding


def test_an_outage_binds_by_capacity() -> None:
    assert of_a_day(4.0, 4.0, prompt(4, 100.0)) == (CAPACITY, 6.0)
    assert of_a_day(0.0, 0.0, prompt(4, 100.0), slow(5, 0.9)) == (CAPACITY, 10.0)


def test_the_scarcer_input_binds_after_its_criticality() -> None:
    # 2 of 10 with kappa 0.5 leave 0.6 of output; 5 of 10 with kappa 1 leave 0.5
    assert of_a_day(5.0, 20.0, prompt(3, 2.0, criticality=0.5), prompt(7, 5.0)) == (7, 5.0)
    # two units of it to one of output
    assert of_a_day(5.0, 20.0, prompt(3, 10.0, need=2.0), prompt(7, 6.0)) == (3, 5.0)


def test_inputs_are_held_against_what_capacity_allows() -> None:
    # half of capacity is out; 4 of the 5 that could be made are covered
    assert of_a_day(4.0, 5.0, prompt(3, 4.0)) == (CAPACITY, 6.0)
    assert of_a_day(2.0, 5.0, prompt(3, 2.0)) == (3, 8.0)


def test_worn_health_binds_only_beyond_spare_capacity() -> None:
    assert of_a_day(9.0, 15.0, slow(3, 0.6)) == (3, 1.0)
    assert of_a_day(10.0, 20.0, slow(3, 0.6)) == (NONE, 0.0)
    assert of_a_day(3.0, 15.0, slow(3, 0.6), prompt(7, 3.0)) == (7, 7.0)


def test_capacity_that_waits_for_a_tool_is_bound_by_the_scarcest_tool() -> None:
    tools = [
        Input(8, 0.5, 1.0, 3 * ONE, pending=4 * ONE),
        Input(9, 0.5, 1.0, 1 * ONE, pending=4 * ONE),
    ]
    assert of_a_day(6.0, 6.0, *tools) == (9, 4.0)
    # an outage on top: the tools alone would not have sufficed
    assert of_a_day(2.0, 2.0, *tools) == (CAPACITY, 8.0)


def test_what_no_input_explains_is_catching_up() -> None:
    assert of_a_day(8.0, 20.0, prompt(3, 10.0)) == (CATCHING_UP, 2.0)


def test_days_are_told_apart() -> None:
    days = np.array([10.0, 0.0, 10.0])
    stock = Input(3, 1.0, 1.0, np.array([10.0, 10.0, 2.0]))
    cause, lost = bottleneck(days, np.array([0.0, 0.0, 2.0]), np.array([0.0, 9.0, 9.0]), [stock])
    assert cause.tolist() == [CAPACITY, NONE, 3]
    assert lost == pytest.approx([10.0, 0.0, 8.0])
