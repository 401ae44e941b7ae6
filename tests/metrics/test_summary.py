"""From replications to the summary that goes into a file."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from simulator.metrics import summarise_replications
from simulator.metrics.definitions import METRICS, metric_info
from simulator.metrics.risk import wilson_interval


@pytest.fixture
def columns():
    return {
        "replication": np.arange(4),
        "status": np.array(["done"] * 4, dtype=object),
        "output_loss_pct": np.array([0.0, 2.0, 8.0, 12.0]),
        "output_loss_h100e": np.full(4, math.nan),
        "output_loss_pct_year1": np.array([0.0, 1.0, 1.0, 2.0]),
        "time_to_impact_days": np.array([math.nan, 90.0, 100.0, 110.0]),
        "time_to_recover_days": np.array([math.nan, 30.0, 40.0, 500.0]),
        "recover_censored": np.array([False, False, False, True]),
        "delivered_loss_pct:USA": np.array([1.0, 1.0, 2.0, 4.0]),
        "delivered_loss_units:USA": np.array([10.0, 10.0, 20.0, 40.0]),
        "delivered_loss_pct:JPN": np.zeros(4),
        "draw:october/approval": np.full(4, 0.25),
    }


def test_only_metrics_with_numbers_are_summarised(columns):
    assert set(summarise_replications(columns)["metrics"]) == {
        "output_loss_pct",
        "output_loss_pct_year1",
        "time_to_impact_days",
        "time_to_recover_days",
    }


def test_each_metric_has_its_statistics_and_its_unit(columns):
    record = summarise_replications(columns)["metrics"]["output_loss_pct"]
    assert record["mean"] == 5.5
    assert record["unit"] == "%"
    assert record.keys() >= {"mean_ci95", "p05", "p50", "p95", "var95", "cvar95", "cvar95_ci95"}


def test_a_run_never_impacted_is_censored_for_the_impact_and_absent_from_the_recovery(columns):
    metrics = summarise_replications(columns)["metrics"]
    reached, back = metrics["time_to_impact_days"], metrics["time_to_recover_days"]
    assert (reached["n"], reached["censored"], reached["excluded"]) == (4, 1, 0)
    assert (back["n"], back["censored"], back["excluded"]) == (3, 1, 1)
    assert back["p50"] == 40.0
    assert back["p95"] is None


def test_times_stay_in_the_summary_when_nothing_ever_happens():
    metrics = summarise_replications(
        {"time_to_impact_days": [math.nan] * 3, "time_to_recover_days": [math.nan] * 3}
    )["metrics"]
    assert metrics["time_to_impact_days"]["censored"] == 3
    assert metrics["time_to_recover_days"]["n"] == 0


def test_countries_are_sorted_and_hold_both_losses(columns):
    countries = summarise_replications(columns)["countries"]
    assert list(countries) == ["JPN", "USA"]
    assert countries["USA"]["delivered_loss_units"]["mean"] == 20.0
    assert countries["USA"]["delivered_loss_pct"]["unit"] == "%"


def test_the_probability_of_exceeding_each_threshold_has_a_wilson_interval(columns):
    rows = summarise_replications(columns)["probabilities"]
    assert [row["probability"] for row in rows] == [0.75, 0.5, 0.25, 0.0, 0.0]
    assert rows[0]["ci95"] == list(wilson_interval(3, 4))


def test_a_summary_without_replications_is_empty_and_strict_json():
    summary = summarise_replications({})
    assert summary == {"metrics": {}, "countries": {}, "probabilities": []}


def test_the_summary_is_strict_json(columns):
    json.dumps(summarise_replications(columns), allow_nan=False)


def test_every_metric_has_a_label_a_unit_and_a_meaning():
    names = [*METRICS, "output_loss_pct_year2", "delivered_loss_pct:JPN"]
    for info in map(metric_info, names):
        assert info.label
        assert info.unit in {"%", "units", "H100e", "USD", "days"}
        assert info.meaning.endswith(".")


def test_an_unknown_metric_shows_as_it_is_called():
    assert metric_info("something").label == "something"
