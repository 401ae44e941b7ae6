"""How windows on one target become change-points: what multiplies, adds, is least, or replaces."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.shocks import Control, Effect, combine
from simulator.shocks.effects import AT_ONCE, NEUTRAL
from simulator.shocks.shapes import outage_path, ramp

MULTIPLIED = (
    Control.CAPACITY,
    Control.HANDLING,
    Control.DEMAND,
    Control.COVER,
    Control.PROGRESS,
)


def steps(control: Control, *windows: tuple, days: int = 20) -> list[tuple[int, float]]:
    """Changes of target 0 under windows (start, end, values)."""
    points = combine([Effect(control, 0, *window) for window in windows], days)
    assert set(points.control.tolist()) <= {int(control)}
    return points.of(control).get(0, [])


@pytest.mark.parametrize("control", MULTIPLIED)
def test_factors_multiply_where_windows_meet(control: Control) -> None:
    found = steps(control, (2, 8, 0.5), (5, 12, 0.25))
    assert found == [(2, 0.5), (5, 0.125), (8, 0.25), (12, 1.0)]


def test_of_limits_the_least_holds() -> None:
    found = steps(Control.LIMIT, (2, 8, 0.5), (5, 12, 0.25), (6, 7, 0.9))
    assert found == [(2, 0.5), (5, 0.25), (12, math.inf)]


def test_an_infinite_limit_is_no_limit() -> None:
    assert steps(Control.LIMIT, (2, 8, math.inf)) == []
    assert steps(Control.LIMIT, (0, None, 0.5), (2, 8, math.inf)) == [(0, 0.5)]


def test_delays_add_up() -> None:
    assert steps(Control.DELAY, (2, 8, 3.0), (5, 12, 4.0)) == [(2, 3), (5, 7), (8, 4), (12, 0)]


@pytest.mark.parametrize("control", [Control.SHARE, Control.STANDBY])
def test_of_shares_the_last_one_given_holds(control: Control) -> None:
    assert steps(control, (2, 8, 0.5), (5, None, 0.25)) == [(2, 0.5), (5, 0.25)]
    assert steps(control, (5, 9, 0.25)) == [(5, 0.25), (9, -1.0)]


@pytest.mark.parametrize("control", [Control.STOCK_ADD, Control.FINISHED_ADD])
def test_units_added_on_one_day_add_up_and_leave_no_state(control: Control) -> None:
    assert steps(control, (3, 9, 5.0), (3, None, 2.0), (4, 5, 1.0)) == [(3, 7), (4, 1)]


@pytest.mark.parametrize(
    "control", [Control.STOCK_KEEP, Control.FINISHED_KEEP, Control.PROCESS_KEEP]
)
def test_shares_kept_on_one_day_multiply_and_leave_no_state(control: Control) -> None:
    assert steps(control, (3, 9, 0.5), (3, 4, 0.5), (4, 5, 0.9)) == [(3, 0.25), (4, 0.9)]


def test_what_acts_at_once_may_act_on_every_day_of_a_window() -> None:
    assert steps(Control.STOCK_ADD, (3, 6, (1.0, 0.0, 2.0))) == [(3, 1), (5, 2)]


def test_a_window_without_end_lasts_to_the_horizon() -> None:
    assert steps(Control.CAPACITY, (5, None, 0.5)) == [(5, 0.5)]
    assert steps(Control.CAPACITY, (5, 20, 0.5)) == [(5, 0.5)]
    assert steps(Control.CAPACITY, (5, 99, 0.5)) == [(5, 0.5)]


def test_a_window_that_began_before_the_run_counts_from_its_own_first_day() -> None:
    assert steps(Control.CAPACITY, (-2, 2, (0.1, 0.2, 0.3, 0.4))) == [(0, 0.3), (1, 0.4), (2, 1.0)]
    assert steps(Control.STOCK_ADD, (-1, None, 5.0)) == []


@pytest.mark.parametrize("window", [(5, 5, 0.5), (9, 3, 0.5), (20, None, 0.5), (-9, 0, 0.5)])
def test_an_empty_window_changes_nothing(window: tuple) -> None:
    assert steps(Control.CAPACITY, window) == []


def test_days_without_a_change_have_no_change_point() -> None:
    path = (0.5, 0.5, 0.5, 0.7, 0.7)
    assert steps(Control.CAPACITY, (3, 8, path)) == [(3, 0.5), (6, 0.7), (8, 1.0)]
    assert steps(Control.CAPACITY, (3, 8, 0.5), (8, 9, 0.5)) == [(3, 0.5), (9, 1.0)]


def test_targets_and_controls_do_not_meddle_with_each_other() -> None:
    points = combine(
        [
            Effect(Control.CAPACITY, 1, 4, 6, 0.0),
            Effect(Control.CAPACITY, 0, 4, 6, 0.5),
            Effect(Control.HANDLING, 0, 2, 6, 0.25),
        ],
        20,
    )
    assert points.day.tolist() == [2, 4, 4, 6, 6, 6]
    assert points.of(Control.CAPACITY) == {0: [(4, 0.5), (6, 1.0)], 1: [(4, 0.0), (6, 1.0)]}
    assert points.of(Control.HANDLING) == {0: [(2, 0.25), (6, 1.0)]}
    keys = list(zip(points.day, points.control, points.target, strict=True))
    assert keys == sorted(keys)


def test_nothing_happens_without_effects() -> None:
    assert len(combine([], 20)) == 0


windows = st.tuples(
    st.integers(-5, 25), st.none() | st.integers(-5, 30), st.floats(0, 2, allow_nan=False)
)


@given(control=st.sampled_from(list(Control)), given=st.lists(windows, max_size=4))
def test_change_points_give_the_value_of_every_day(
    control: Control, given: list[tuple[int, int | None, float]]
) -> None:
    found = steps(control, *given)
    value = NEUTRAL[control]
    by_day = dict(found)
    for day in range(20):
        meeting = [
            v
            for start, end, v in given
            if (day == start if control in AT_ONCE else start <= day < (20 if end is None else end))
        ]
        if control in AT_ONCE:
            value = NEUTRAL[control]
        value = by_day.get(day, value)
        assert value == pytest.approx(_combined(control, meeting))


@given(control=st.sampled_from(sorted(set(Control) - AT_ONCE)), given=st.lists(windows, max_size=4))
def test_a_value_of_a_whole_window_is_to_the_last_bit_the_same_value_on_each_of_its_days(
    control: Control, given: list[tuple[int, int | None, float]]
) -> None:
    daily = []
    for start, end, value in given:
        last = 20 if end is None else end
        daily.append((start, last, (value,) * max(0, last - start)))
    assert steps(control, *daily) == steps(control, *given)


def _combined(control: Control, values: list[float]) -> float:
    if control in (Control.DELAY, Control.STOCK_ADD, Control.FINISHED_ADD, Control.PRIORITY):
        return math.fsum(values)
    if control in (Control.SHARE, Control.STANDBY):
        return values[-1] if values else -1.0
    if control is Control.LIMIT:
        return min(values, default=math.inf)
    return math.prod(values)


# shapes


def test_a_step_comes_back_at_once() -> None:
    assert outage_path(0.75, 3, "step", 0) == (0.25, 0.25, 0.25)
    assert outage_path(1.0, 0, "step", 0) == ()


def test_a_linear_recovery_climbs_by_equal_steps_and_is_complete_after_its_days() -> None:
    # 2 days out, then 1/4, 2/4 and 3/4 of the way; on the fourth day all is back
    assert outage_path(1.0, 2, "linear", 3) == pytest.approx((0, 0, 0.25, 0.5, 0.75))
    assert outage_path(0.4, 1, "linear", 1) == pytest.approx((0.6, 0.8))


def test_an_exponential_recovery_has_its_time_constant_and_ends_when_a_thousandth_is_missing() -> (
    None
):
    path = outage_path(0.8, 1, "exponential", 10)
    assert path[0] == pytest.approx(0.2)
    assert path[10] == pytest.approx(1 - 0.8 / math.e)
    # 10 x log(0.8 / 0.001) = 66.8: 67 days of recovery
    assert len(path) == 68
    assert 1 - path[-1] < 0.001 < 1 - path[-2]


def test_an_outage_of_no_severity_recovers_at_once() -> None:
    assert outage_path(0.0, 2, "exponential", 10) == (1.0, 1.0)


def test_a_ramp_leaves_its_first_value_and_reaches_its_last() -> None:
    assert ramp(1.0, 2.0, 4) == (1.25, 1.5, 1.75, 2.0)
    assert ramp(1.0, 2.0, 0) == ()
    assert np.isclose(ramp(2.0, 1.0, 3), (5 / 3, 4 / 3, 1.0)).all()
