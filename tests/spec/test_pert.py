from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaincinv

from simulator.spec.pert import pert_quantiles

U = np.concatenate([[0.0, 1.0, 0.5, 0.25, 2.0**-12, 2.0**-13, 2.0**-40, 1 - 2.0**-53],
                    np.linspace(1e-6, 1 - 1e-6, 801), 2.0 ** -np.arange(1.0, 30.0)])  # fmt: skip


@pytest.mark.parametrize("a", [1.0, 1.0001, 1.2, 1.7, 2.4, 3.0, 3.7, 4.9999, 5.0])
def test_quantiles_are_those_of_the_exact_inverse(a: float) -> None:
    found = pert_quantiles(np.array([a]), U[None])[0]
    np.testing.assert_allclose(found, betaincinv(a, 6 - a, U), rtol=1e-12, atol=1e-15)


@given(st.floats(1, 5), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_value_does_not_depend_on_what_is_worked_out_beside_it(a: float, u: list[float]) -> None:
    many = pert_quantiles(np.array([a, 6 - a, 2.0]), np.array([u, u, u]))
    alone = [pert_quantiles(np.array([a]), np.array([[one]]))[0, 0] for one in u]
    assert many[0].tolist() == alone


@given(st.floats(1, 5))
def test_quantiles_rise(a: float) -> None:
    u = np.linspace(0, 1, 20_001)
    assert (np.diff(pert_quantiles(np.array([a]), u[None])[0]) >= 0).all()
