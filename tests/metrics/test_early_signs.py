"""Early signs: how often a stage is hit, and when."""

from __future__ import annotations

import math

import pytest

from simulator.metrics.early_signs import sign


def test_a_sign_counts_hits_and_takes_quantiles_of_those_hit_only() -> None:
    found = sign([30.0, math.nan, 10.0, 20.0])
    assert found is not None
    assert found.hit_share == 0.75
    assert found.replications == 4
    assert found.days_p50 == 20.0
    assert found.days_p05 == pytest.approx(11.0)  # 10 + 0.05 x 2 x 10
    assert found.days_p95 == pytest.approx(29.0)
    assert 0.0 < found.lo95 < 0.75 < found.hi95 < 1.0


def test_what_is_never_hit_is_no_sign() -> None:
    assert sign([math.nan, math.nan]) is None
    assert sign([]) is None
