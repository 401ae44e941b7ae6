from __future__ import annotations

from datetime import date
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from simulator.experiment.bands import COLUMNS, band_table, day_quantiles
from simulator.experiment.parts import Parts
from simulator.experiment.series import trailing_mean

LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@pytest.mark.parametrize("count", [1, 2, 7, 200])
def test_quantiles_agree_with_numpy(count: int) -> None:
    values = np.random.default_rng(1).normal(size=(count, 11)).astype(np.float32)
    found = day_quantiles(np.ascontiguousarray(values.T))
    assert list(found) == [*LEVELS, "mean"]
    for name, level in LEVELS.items():
        expected = np.quantile(values.astype(np.float64), level, axis=0)
        np.testing.assert_allclose(found[name], expected, rtol=1e-6)


def test_a_table_has_every_series_run_and_day(jobs: ModuleType) -> None:
    parts = Parts()
    parts.add([jobs.replication(number) for number in range(5)])
    parts.settle()
    table = band_table(parts.series, ("output", "a", "b"), date(2025, 10, 1)).to_pandas()
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 3 * 3 * jobs.DAYS
    assert {table[name].dtype.name for name in (*LEVELS, "mean")} == {"float32"}
    loss = table[(table["series"] == "output") & (table["run"] == "loss")]
    # The baseline of replication r is r + day, its shocked run is r.
    assert loss["mean"].tolist() == list(range(jobs.DAYS))
    shocked = table[(table["series"] == "b") & (table["run"] == "shocked")]
    assert set(shocked["p50"]) == {2.0}
    assert shocked["date"].iloc[1] == pd.Timestamp("2025-10-02")


def test_without_a_finished_replication_the_table_is_empty() -> None:
    table = band_table(Parts().series, ("output",), date(2025, 10, 1))
    assert len(table) == 0
    assert tuple(table.column_names) == COLUMNS


def test_a_trailing_mean_looks_back_seven_days_and_keeps_a_constant() -> None:
    days = np.arange(10.0)[None]
    expected = [days[0, max(0, t - 6) : t + 1].mean() for t in range(10)]
    np.testing.assert_allclose(trailing_mean(days)[0], expected)
    np.testing.assert_allclose(trailing_mean(np.full((1, 400), 0.1)), 0.1, rtol=1e-15)
    assert trailing_mean(np.ones((2, 3))).shape == (2, 3)
