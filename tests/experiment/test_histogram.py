from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulator.experiment.bands import QUANTILES, day_quantiles
from simulator.experiment.histogram import MANTISSA_BITS, Histogram, merged

CELLS = np.arange(3)
WIDTH = 2.0**-MANTISSA_BITS


def values(count: int, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    rows = [generator.normal(size=count), generator.lognormal(3, 1, count), np.full(count, 0.1)]
    return np.array(rows, np.float32)


def same(one: Histogram, two: Histogram) -> None:
    for name, column in one.columns().items():
        np.testing.assert_array_equal(column, two.columns()[name])


@pytest.mark.parametrize("cuts", [[500], [1, 2, 3], [100, 900], [999]])
def test_neither_order_nor_grouping_changes_a_merged_histogram(cuts: list[int]) -> None:
    whole = values(1000)
    parts = [Histogram.of(part, CELLS) for part in np.split(whole, cuts, axis=1)]
    same(merged(parts[::-1]), Histogram.of(whole, CELLS))
    same(merged([merged(parts[:1]), merged(parts[1:])]), Histogram.of(whole, CELLS))


def test_quantiles_are_within_a_bin_of_the_exact_ones_and_mostly_much_nearer() -> None:
    whole = values(20_000)
    found, exact = Histogram.of(whole, CELLS).quantiles(QUANTILES), day_quantiles(whole)
    for name in QUANTILES:
        np.testing.assert_allclose(found[name], exact[name], rtol=WIDTH, err_msg=name)
        np.testing.assert_allclose(found[name], exact[name], rtol=WIDTH / 10, err_msg=name)
    mean = Histogram.of(whole, CELLS).means()
    np.testing.assert_allclose(mean, exact["mean"], rtol=1e-3, atol=1e-4)


def test_a_value_that_all_share_is_exact() -> None:
    found = Histogram.of(values(500), CELLS)
    assert {float(found.quantiles(QUANTILES)[name][2]) for name in QUANTILES} == {
        float(np.float32(0.1))
    }
    assert found.means()[2] == np.float32(0.1)


def test_the_two_zeros_are_one_value() -> None:
    found = Histogram.of(np.array([[0.0, -0.0, 0.0]], np.float32), np.arange(1))
    assert found.counts.tolist() == [3]


@given(arrays(np.float32, (2, 7), elements=st.floats(-(2.0**99), 2.0**99, width=32)))
def test_counts_and_ends_are_those_of_the_values(some: np.ndarray) -> None:
    found = Histogram.of(some, np.arange(2))
    assert found.counts.sum() == some.size
    assert found.cells == 2
    assert (found.low <= found.high).all()
    assert found.low.min() == some.min()
    assert found.high.max() == some.max()
    assert (np.diff(found.keys) > 0).all()
