"""Sampled numbers in their places."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.network.placing import whole_days_each
from simulator.units import whole_days


@given(values=st.lists(st.floats(-5, 1e6) | st.integers(0, 400).map(lambda half: half / 2)))
def test_many_durations_are_rounded_as_each_is(values: list[float]) -> None:
    assert whole_days_each(np.array(values)).tolist() == [whole_days(value) for value in values]


@pytest.mark.parametrize("endless", [math.inf, math.nan])
def test_a_duration_without_end_is_refused(endless: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        whole_days_each(np.array([3.0, endless]))
