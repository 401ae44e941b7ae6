from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.backtest.scores import Shape, covers, crps, naive_forecasts, quantiles, shape

INDEX = st.floats(0, 5)


def test_the_crps_of_one_member_is_its_absolute_error() -> None:
    assert crps(np.array([0.7]), 1.0) == pytest.approx(0.3)


def test_the_crps_of_two_members_is_that_of_its_definition() -> None:
    # E|X - y| = (1 + 3) / 2, E|X - X'| / 2 = (2 + 2) / 4 / 2
    assert crps(np.array([0.0, 2.0]), 3.0) == pytest.approx(2.0 - 0.5)


@given(st.lists(INDEX, min_size=1, max_size=20), INDEX)
def test_the_crps_is_that_of_all_pairs(members: list[float], observed: float) -> None:
    drawn = np.array(members)
    pairs = np.abs(drawn[:, None] - drawn[None, :]).mean()
    expected = np.abs(drawn - observed).mean() - pairs / 2
    assert crps(drawn, observed) == pytest.approx(expected, abs=1e-12)
    assert crps(drawn, observed) >= -1e-12


def test_the_crps_of_many_normal_members_is_the_closed_form() -> None:
    # Gneiting & Raftery 2007, equation 21
    z = 0.8
    members = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    expected = z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi)
    assert crps(members, z) == pytest.approx(expected, abs=1e-4)


def test_the_band_holds_its_ends_and_what_rounds_to_them() -> None:
    members = np.linspace(0.0, 1.0, 101)
    assert covers(members, 0.05)
    assert covers(members, 0.954)
    assert not covers(members, 0.96)
    assert not covers(members, 0.04)


def test_a_band_of_nothing_but_zeros_holds_zero() -> None:
    assert covers(np.zeros(50), 0.0)
    assert not covers(np.zeros(50), 0.01)


def test_quantiles_of_what_may_be_infinite_are_numbers() -> None:
    assert quantiles(np.array([1.0, 2.0, np.inf, np.inf]), (0.05, 0.5, 0.95)) == [1.0, 2.0, np.inf]


def test_the_shape_of_a_stop_with_stocking_up_is_read_off_by_hand() -> None:
    found = shape([1.7, 0.0, 0.04, 0.5, 1.1, 0.8], [-1, 0, 1, 2, 3, 4])
    assert found == Shape(
        peak_before=1.7, depth=1.0, months_to_trough=0.0, months_to_return=3.0, zero_months=2.0
    )


def test_a_flow_that_never_came_back_returns_never() -> None:
    found = shape([0.5, 0.2, 0.8], [0, 1, 2])
    assert (found.depth, found.months_to_trough) == (0.8, 1.0)
    assert found.months_to_return == np.inf
    assert math.isnan(found.peak_before)


def test_a_flow_that_never_fell_was_never_away() -> None:
    assert shape([1.0, 0.95, 1.2], [0, 1, 2]).months_to_return == 0.0


def test_naive_forecasts_know_only_what_was_known() -> None:
    index = {"2022-08": 0.9, "2023-06": 1.1, "2023-08": 0.0, "2024-06": 0.5}
    found = naive_forecasts(index, "2023-06", ["2023-08", "2024-06", "2024-08"])
    assert found["level"] == [1.0, 1.0, 1.0]
    assert found["persistence"] == [1.1, 1.1, 1.1]
    # August 2023 was not known in June 2023
    assert found["seasonal"][:2] == [0.9, 1.1]
    assert math.isnan(found["seasonal"][2])
    assert found["last_month"] == [1.1, 0.0, 0.5]
