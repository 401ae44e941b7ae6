"""Shapley values and the averages over replications, on games and samples worked out by hand."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.metrics.attribution import (
    Strata,
    added,
    chosen_by_loss,
    contributions,
    prefixes,
    shapley,
    shapley_sampled,
    shared_out,
    subsets,
)

NAMES = "abcdef"


def game(values: list[float]) -> dict[frozenset[str], float]:
    """A loss for every coalition of as many causes as there are values for."""
    causes = NAMES[: int(math.log2(len(values)))]
    return dict(zip(subsets(causes), values, strict=True))


games = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(-1e6, 1e6), min_size=2**n, max_size=2**n)
)


def test_two_causes_of_which_either_suffices_share_the_loss_equally() -> None:
    either = game([0, 8, 8, 8])
    assert shapley("ab", either.__getitem__) == {"a": 4, "b": 4}


def test_two_causes_that_need_one_another_share_the_loss_equally() -> None:
    both = game([0, 0, 0, 8])
    assert shapley("ab", both.__getitem__) == {"a": 4, "b": 4}


def test_a_measure_that_takes_half_of_a_loss_away_has_a_negative_share() -> None:
    # a alone loses 8, with measure b it loses 4, b alone nothing
    assert shapley("ab", game([0, 8, 0, 4]).__getitem__) == {"a": 6, "b": -2}


def test_the_glove_game_has_its_known_value() -> None:
    # one left glove (a) and two right ones (b, c): a pair is worth 1
    value = {s: float("a" in s and len(s) > 1) for s in subsets("abc")}
    found = shapley("abc", value.__getitem__)
    assert found == pytest.approx({"a": 2 / 3, "b": 1 / 6, "c": 1 / 6}, rel=1e-15)


@given(games)
def test_shapley_shares_sum_to_the_loss(values: list[float]) -> None:
    known = game(values)
    causes = NAMES[: int(math.log2(len(values)))]
    total = math.fsum(shapley(causes, known.__getitem__).values())
    size = max(map(abs, values))
    assert abs(total - (values[-1] - values[0])) <= 1e-12 * size * len(values)


@given(games, st.integers(0, 5))
def test_a_cause_that_never_changes_the_loss_gets_exactly_zero(
    values: list[float], place: int
) -> None:
    known = game(values)
    causes = NAMES[: int(math.log2(len(values)))]
    idle = causes[place % len(causes)]
    found = shapley(causes, lambda some: known[some - {idle}])
    assert found[idle] == 0.0


@given(games)
def test_all_orders_together_give_the_exact_shares(values: list[float]) -> None:
    known = game(values)
    causes = NAMES[: int(math.log2(len(values)))]
    sampled = shapley_sampled(list(permutations(causes)), known.__getitem__)
    exact = shapley(causes, known.__getitem__)
    for cause in causes:
        assert sampled[cause] == pytest.approx(exact[cause], abs=1e-9 * max(map(abs, values)))


def test_the_marginals_of_one_order_sum_to_the_loss() -> None:
    known = game([0, 3, 5, 7, 1, 2, 4, 9])
    found = shapley_sampled(["bca"], known.__getitem__)
    assert found == {"b": 5, "c": known[frozenset("bc")] - 5, "a": 9 - known[frozenset("bc")]}
    assert prefixes("bc") == [frozenset(), frozenset("b"), frozenset("bc")]


def test_contributions_are_means_with_the_t_interval_of_the_percentage() -> None:
    units = np.array([[1.0, 0.0], [3.0, 0.0]])
    loss, baseline = np.array([2.0, 6.0]), np.array([100.0, 100.0])
    first, idle = contributions(units, loss, baseline)
    half = 12.706204736174698 * math.sqrt(2) / math.sqrt(2)  # t of 0.975 with 1 degree of freedom
    assert (first.loss_units, first.loss_pct, first.share) == (2, 2, 0.5)
    assert (first.lo95, first.hi95) == pytest.approx((2 - half, 2 + half))
    assert (idle.loss_pct, idle.lo95, idle.hi95) == (0, 0, 0)


def test_nothing_lost_has_no_shares() -> None:
    (only,) = contributions(np.zeros((2, 1)), np.zeros(2), np.ones(2))
    assert only.loss_pct == 0
    assert math.isnan(only.share)


def test_contributions_of_strata_are_weighted_and_scaled_to_the_known_loss() -> None:
    # a tenth of the run loses, 4 % on average; of two that are looked at, one cause has all
    strata = Strata(part=[0, 0, 1, 1], weight=[0.1, 0.9], loss_units=0.4, loss_pct=0.4)
    loss, baseline = np.array([2.0, 4.0, 0.0, 0.0]), np.full(4, 100.0)
    whole, half = contributions(np.array([loss, loss / 2]).T, loss, baseline, strata)
    assert (whole.loss_units, whole.loss_pct, whole.share) == pytest.approx((0.4, 0.4, 1))
    assert (half.loss_units, half.loss_pct, half.share) == pytest.approx((0.2, 0.2, 0.5))


def test_replications_are_picked_in_proportion_to_their_loss() -> None:
    assert chosen_by_loss(np.array([0.0, 1.0, 0.0, 3.0]), 4) == [1, 3, 3, 3]
    assert chosen_by_loss(np.zeros(3), 4) == []
    assert chosen_by_loss(np.zeros(0), 4) == []


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda loss: sum(loss) > 1e-3),
    st.integers(1, 20),
)
def test_nothing_is_picked_that_lost_nothing(loss: list[float], count: int) -> None:
    picked = chosen_by_loss(np.array(loss), count)
    assert len(picked) == count
    assert all(loss[n] > 0 for n in picked)


def test_shares_of_picked_replications_add_up_to_the_loss_of_all() -> None:
    shares = np.array([[1.0, 0.0], [0.5, 0.5]])
    lost = shared_out(shares, 8.0, 4.0)
    gained = shared_out(np.array([[0.0, 1.0]]), -2.0, -1.0)
    both = added([lost, gained], 6.0)
    assert [c.loss_units for c in both] == [6, 0]
    assert [c.loss_pct for c in both] == [3, 0]
    assert [c.share for c in both] == [1, 0]
