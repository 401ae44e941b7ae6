"""The page of metrics names every metric and every column."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from simulator.experiment import bottlenecks, criticality, early_signs, losses
from simulator.metrics.definitions import METRICS

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
SAYS_ITSELF = {"what", "id", "label", "layer", "country", "material", "unit", "days", "kind"}


@pytest.mark.parametrize(
    "names",
    [
        METRICS,
        early_signs.COLUMNS,
        losses.MEASURES,
        set(losses.COLUMNS) - SAYS_ITSELF,
        set(criticality.COLUMNS) - SAYS_ITSELF,
    ],
)
def test_the_page_of_metrics_names_them_all(names: Iterable[str]) -> None:
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []


def test_it_says_what_bottlenecks_and_rows_rest_on() -> None:
    for name in (*(name for name, _ in bottlenecks.OTHERS), early_signs.OUTCOME, losses.FILL):
        assert f"`{name}`" in PAGE
    for basis in (criticality.SIMULATED, criticality.APART, criticality.UNTOUCHED):
        assert f"`{basis}`" in PAGE
