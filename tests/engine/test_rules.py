"""The rules by themselves: each formula at its corners."""

from __future__ import annotations

import math

import pytest

from simulator.engine import rules


@pytest.mark.parametrize(
    ("capacity", "base_stock", "unfilled", "finished", "in_process", "wanted"),
    [
        (10, 60, 0, 0, 50, 10),
        (10, 60, 5, 0, 50, 10),
        (20, 60, 5, 0, 50, 15),
        (20, 60, 0, 30, 50, 0),
        (0, 60, 5, 0, 0, 0),
        (20, 0, 7, 0, 0, 7),
    ],
)
def test_wanted_is_what_is_missing_to_the_base_stock_within_capacity(
    capacity: float,
    base_stock: float,
    unfilled: float,
    finished: float,
    in_process: float,
    wanted: float,
) -> None:
    assert rules.wanted_start(capacity, base_stock, unfilled, finished, in_process) == wanted


def test_nothing_needed_is_always_available() -> None:
    assert rules.availability(0.0, 0.0) == 1.0
    assert rules.availability(5.0, 20.0) == 0.25
    assert rules.availability(30.0, 20.0) == 1.0


def test_health_moves_by_its_share_of_the_distance_and_at_once_within_a_day() -> None:
    assert rules.health_after(1.0, 0.0, 4.0) == 0.75
    assert rules.health_after(0.5, 1.0, 4.0) == 0.625
    assert rules.health_after(0.5, 0.2, 1.0) == 0.2
    assert rules.health_after(0.5, 0.2, 0.5) == 0.2


def test_started_is_cut_by_worn_capacity_first_and_by_the_scarcest_input_then() -> None:
    assert rules.started(10.0, 12.5, 0.9, 1.0) == 10.0
    assert rules.started(10.0, 12.5, 0.6, 1.0) == 7.5
    assert rules.started(10.0, 12.5, 0.6, 0.5) == 3.75


def test_performance_is_judged_by_the_lesser_of_asked_and_planned() -> None:
    assert rules.performance_after(0.5, 0.0, 0.0, 10.0, 14.0) == 0.5  # not asked
    assert rules.performance_after(1.0, 10.0, 15.0, 10.0, 14.0) == 1.0  # plan met
    assert rules.performance_after(1.0, 5.0, 15.0, 10.0, 2.0) == 0.75  # half the plan
    assert rules.performance_after(1.0, 5.0, 5.0, 10.0, 2.0) == 1.0  # all that was asked
    assert rules.performance_after(1.0, 5.0, 10.0, 0.0, 2.0) == 0.75  # no plan: of what was asked


def test_orders_beyond_surge_are_cut_unless_there_is_no_limit() -> None:
    assert rules.asked_today(100.0, 1.5, 10.0) == 15.0
    assert rules.asked_today(12.0, 1.5, 10.0) == 12.0
    assert rules.asked_today(100.0, math.inf, 10.0) == 100.0
    assert rules.asked_today(100.0, math.inf, 0.0) == 100.0
    assert rules.asked_today(100.0, 1.5, 0.0) == 0.0


def test_a_reorder_point_is_met_by_a_position_equal_to_it_but_for_rounding() -> None:
    assert rules.reorder_need(40.0, 30.0, 30.0) == 40.0
    assert rules.reorder_need(40.0, 30.0 + 1e-9, 30.0) == 40.0
    assert rules.reorder_need(40.0, 30.1, 30.0) == 0.0


def test_a_limit_is_a_multiple_of_the_plan() -> None:
    assert rules.allowed(12.0, math.inf, 10.0) == 12.0
    assert rules.allowed(12.0, 0.5, 10.0) == 5.0
    assert rules.allowed(3.0, 0.5, 10.0) == 3.0
    assert rules.allowed(12.0, 0.0, 10.0) == 0.0


def test_a_fraction_to_fill_is_one_when_nothing_is_asked() -> None:
    assert rules.fill_fraction(0.0, 0.0) == 1.0
    assert rules.fill_fraction(7.0, 10.0) == 0.7


def test_a_closed_hub_releases_nothing_not_even_what_weighs_nothing() -> None:
    assert rules.released_fraction(20.0, 0.0, 0.0) == 0.0
    assert rules.released_fraction(20.0, 0.5, 40.0) == 0.25
    assert rules.released_fraction(20.0, 1.0, 0.0) == 1.0


def test_a_trigger_counts_cover_in_days_of_planned_use() -> None:
    assert rules.counts_as_standby(29.0, 3.0, 10.0)
    assert not rules.counts_as_standby(30.0, 3.0, 10.0)
    assert rules.counts_as_standby(1e9, math.inf, 10.0)


def test_what_is_left_is_never_below_zero() -> None:
    assert rules.left_over(0.3, 0.1 + 0.2) == 0.0
    assert rules.left_over(5.0, 2.0) == 3.0


def test_rounding_is_no_need() -> None:
    # 30 - 20.1 - 9.9 is not 0 in binary; a supplier without a plan could not give the trace
    assert 30.000000000000004 - 20.1 - 9.9 > 0.0
    assert rules.stock_need(30.000000000000004, 0.0, 20.1, 9.9) == 0.0
    assert rules.stock_need(30.0, 5.0, 20.0, 9.0) == 6.0
    assert rules.stock_need(30.0, 0.0, 25.0, 9.0) == 0.0


def test_tools_that_are_there_but_for_rounding_build_all_that_is_pending() -> None:
    assert rules.capacity_built(7.0, 1.0 - 1e-15) == 7.0
    assert rules.capacity_built(7.0, 0.5) == 3.5


def test_readiness_covers_a_part_of_the_distance_and_never_falls_below_zero() -> None:
    assert rules.readiness_after(0.0, 0.5, 10.0) == 0.05
    assert rules.readiness_after(0.4, 1.0, 4.0) == pytest.approx(0.3)
    # shares that sum to more than 1 make nobody less than ready
    assert rules.readiness_after(0.0, 1.7, 10.0) == 0.0


def test_within_a_class_plans_come_first_and_what_is_beyond_them_second() -> None:
    assert rules.within_plan(12.0, 10.0) == 10.0
    assert rules.within_plan(7.0, 10.0) == 7.0
    assert rules.rationed(10.0, 2.0, 1.0, 0.5) == 11.0


def test_a_sink_uses_what_it_has_up_to_what_it_wants() -> None:
    assert rules.used_by_sink(7.0, 10.0) == 7.0
    assert rules.used_by_sink(17.0, 10.0) == 10.0


def test_an_input_is_never_used_beyond_what_there_is() -> None:
    assert rules.consumed(5.0, 2.0, 10.0) == 5.0
    assert rules.consumed(50.0, 2.0, 10.0) == 20.0


def test_a_lane_is_asked_its_share_and_its_standby_share_as_far_as_it_is_ready() -> None:
    assert rules.asked_of_lane(100.0, 0.2, 0.5, 0.1) == 25.0
