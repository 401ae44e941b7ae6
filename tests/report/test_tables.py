"""The summary as a tidy table and as text."""

from __future__ import annotations

import math

import pytest

from simulator.report import summary_frame, summary_text


@pytest.fixture
def summary(make_run, read):
    return read(make_run(runs=40, days=400, failed=2), "summary.json")


def test_the_tidy_table_holds_every_number_of_the_summary(summary):
    frame = summary_frame(summary)
    assert list(frame.columns) == ["metric", "statistic", "value", "unit"]
    cells = frame.set_index(["metric", "statistic"])["value"]
    assert cells.index.is_unique
    for name, record in summary["metrics"].items():
        assert cells[name, "mean"] == record["mean"]
        assert cells[name, "mean_ci95_low"] == record["mean_ci95"][0]
    japan = summary["countries"]["JPN"]["delivered_loss_pct"]
    assert cells["delivered_loss_pct:JPN", "p50"] == japan["p50"]
    assert japan["cvar95"] is None
    assert math.isnan(cells["delivered_loss_pct:JPN", "cvar95"])
    odds = summary["probabilities"][1]
    assert cells["output_loss_pct", "probability_above_5_pct"] == odds["probability"]


def test_what_is_not_finite_is_missing_in_the_tidy_table(summary):
    summary["metrics"]["time_to_impact_days"]["p95"] = None
    frame = summary_frame(summary)
    cell = frame[(frame["metric"] == "time_to_impact_days") & (frame["statistic"] == "p95")]
    assert math.isnan(cell["value"].item())


def test_units_belong_to_values_and_counts_are_runs(summary):
    units = summary_frame(summary).set_index(["metric", "statistic"])["unit"]
    assert units["output_loss_usd", "mean"] == "USD"
    assert units["output_loss_usd", "n"] == "runs"


def test_an_empty_summary_gives_an_empty_table():
    assert summary_frame({"metrics": {}}).empty


def test_the_text_is_aligned_and_plain(summary):
    lines = summary_text(summary).split("\n")
    assert lines[0] == "china-october-2025: 40 replications (2 failed), 400 days, seed 20251009"
    table = lines[2 : lines.index("", 3)]
    ends = {line.index("  ") for line in table[1:2]}
    assert ends
    assert all(not line.endswith(" ") for line in table)
    assert "\u00a0" not in "".join(lines)
    assert "\t" not in "".join(lines)


def test_the_text_says_what_was_censored_and_how_thin_the_tail_is(summary):
    text = summary_text(summary)
    back = summary["metrics"]["time_to_recover_days"]
    assert f"Not recovered by the end in {back['censored']} of the {back['n']} runs" in text
    assert "40 observations leave 2 beyond the 95 % quantile" in text


def test_the_text_of_a_run_without_impact_has_dashes_for_the_recovery(make_run, read):
    text = summary_text(read(make_run(runs=250, days=60, severity=0.0), "summary.json"))
    row = next(line for line in text.split("\n") if line.startswith("Time to recover"))
    assert row.split()[3:] == ["–", "n/a", "–", "–", "–", "n/a"]
    assert "No impact in 250 of 250 runs." in text


def test_the_text_without_replications_says_so(make_run, read):
    text = summary_text(read(make_run(runs=0, failed=3, days=30), "summary.json"))
    assert text.endswith("No replication finished.")
