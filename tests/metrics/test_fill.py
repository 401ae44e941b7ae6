"""Hand-computed fill rates and first days of shortage."""

from __future__ import annotations

import math

import numpy as np

from simulator.metrics.fill import fill_rate, filled, first_short_day, first_short_days


def test_a_stock_fills_what_it_covers_whether_it_is_used_or_not() -> None:
    covered = filled(np.array([50.0, 10.0, 4.0, 0.0]), np.array([10.0, 10.0, 10.0, 0.0]))
    assert covered.tolist() == [10.0, 10.0, 4.0, 0.0]


def test_fill_rate_is_filled_over_needed() -> None:
    assert fill_rate(np.array([10.0, 4.0, 0.0]), np.array([10.0, 10.0, 20.0])) == 14 / 40
    assert math.isnan(fill_rate(np.zeros(3), np.zeros(3)))


def test_a_stage_is_hit_on_the_first_day_that_leaves_more_than_one_percent_uncovered() -> None:
    need = np.array([0.0, 100.0, 100.0, 100.0])
    assert first_short_day(np.array([0.0, 100.0, 99.0, 98.9]), need) == 3
    assert math.isnan(first_short_day(np.array([0.0, 100.0, 99.0, 99.0]), need))


def test_first_short_days_are_those_of_each_row() -> None:
    need = np.full((3, 4), 10.0)
    covered = np.array([[10, 10, 10, 10], [10, 0, 10, 0], [5, 5, 5, 5]], dtype=float)
    found = first_short_days(covered, need)
    assert math.isnan(found[0])
    assert found[1:].tolist() == [1.0, 0.0]
    assert found.tolist()[1:] == [first_short_day(c, n) for c, n in zip(covered, need)][1:]  # noqa: B905
