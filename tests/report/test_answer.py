"""The two sentences: which numbers they hold, and what they say at the edges."""

from __future__ import annotations

import re

import numpy as np
import pytest

from simulator.metrics import summarise_replications
from simulator.report import answer

SHOCK = {"timeline": [{"name": "x", "kind": "shock"}]}


def summary_of(losses, impact=None, recover=None, censored=None, **extra):
    losses = np.asarray(losses, dtype=float)
    n = losses.size
    columns = {
        "output_loss_pct": losses,
        "output_loss_units": losses * 1_000.0,
        "output_loss_usd": losses * 30e6,
        "peak_loss_pct": np.abs(losses) * 2,
        "time_to_impact_days": np.full(n, np.nan) if impact is None else impact,
        "time_to_recover_days": np.full(n, np.nan) if recover is None else recover,
        "recover_censored": np.zeros(n, bool) if censored is None else censored,
    }
    return {
        "replications": n,
        "failed": 0,
        "horizon_days": 365,
        "start_date": "2025-10-01",
        **summarise_replications(columns if n else {}),
        **extra,
    }


def said(summary, manifest=SHOCK):
    text = answer(summary, manifest).replace("\u00a0", " ")
    assert len(re.findall(r"\.(?: |$)", text)) == 2, text
    return text


def test_the_answer_says_how_much_how_surely_and_when():
    losses = np.linspace(10, 20, 1000)
    text = said(
        summary_of(losses, impact=np.linspace(94.5, 105.5, 1000), recover=np.linspace(50, 70, 1000))
    )
    assert text == (
        "The shocks cost 15.0 % of AI-chip output on average (95 % interval 14.8 to 15.2 %) "
        "between 1 October 2025 and 30 September 2026, that is 15,000 chips or $450 M; "
        "in the worst 5 % of cases the loss averages 19.8 % (19.7 to 19.8 %). "
        "Output first falls more than 1 % below normal after 100 days at the median (5 to 95 % "
        "range 95 to 105 days), and is back to normal 60 days later at the median."
    )


def test_no_loss_comes_with_what_the_number_of_runs_can_rule_out():
    text = said(summary_of(np.zeros(1000)))
    assert text.startswith("No AI-chip output is lost: between 1 October 2025")
    assert text.endswith(
        "the probability of losing more than 1 % is below 0.4 % (95 % confidence)."
    )


def test_no_loss_in_one_run_is_not_called_certain():
    assert "cannot be said from 1 run alone" in said(summary_of([0.0]))


def test_a_scenario_without_shocks_says_that_nothing_happens():
    assert said(summary_of(np.zeros(5)), {"timeline": []}).startswith("Nothing happens")


def test_one_run_has_no_uncertainty_to_report():
    text = said(summary_of([7.0], impact=[30.0], recover=[10.0]))
    assert "in a single run and so without a measure of uncertainty" in text
    assert "interval" not in text
    assert "median" not in text


def test_few_runs_refuse_to_say_how_bad_the_worst_cases_are():
    text = said(summary_of(np.linspace(1, 9, 50)))
    assert "50 runs are not enough to say how bad the worst 5 % of cases are" in text
    assert "loss averages" not in text


def test_runs_that_are_never_hit_or_never_back_are_counted():
    impact = np.where(np.arange(400) < 100, np.nan, 200.0)
    recover = np.where(np.isnan(impact), np.nan, 90.0)
    censored = np.arange(400) >= 340
    losses = np.where(np.isnan(impact), 0.0, 8.0)
    text = said(summary_of(losses, impact, recover, censored))
    assert "after 200 days at the median, in the 75 % of runs where it does" in text
    assert "90 days later at the median, though in 20 % of cases not by the end" in text


def test_when_most_runs_are_never_hit_the_time_is_the_mean_of_those_hit():
    impact = np.where(np.arange(400) < 300, np.nan, 200.0)
    text = said(summary_of(np.where(np.isnan(impact), 0.0, 8.0), impact, impact, impact > 0))
    assert "after 200 days on average, in the 25 % of runs where it does" in text
    assert text.endswith("it is not back to normal in any of them by the end of the period.")


def test_a_small_loss_that_never_reaches_one_percent_of_a_day_says_so():
    assert said(summary_of(np.full(300, 0.3))).endswith(
        "On no day does output fall more than 1 % below normal."
    )


def test_a_gain_is_added_not_cost():
    text = said(summary_of(np.linspace(-4, -2, 300)), {"timeline": [{"kind": "measure"}]})
    assert text.startswith("The measures add 3.0 % to AI-chip output on average")
    assert "(95 % interval 2.9 to 3.1 %)" in text
    assert "3,000 chips or $90.0 M" in text


def test_measures_are_named_beside_the_shocks():
    both = {"timeline": [{"kind": "shock"}, {"kind": "measure"}]}
    assert said(summary_of([1.0, 2.0]), both).startswith(
        "The shocks, with the measures taken, cost"
    )


def test_without_a_finished_run_there_is_no_answer():
    text = said(summary_of([], failed=3))
    assert text.startswith("No replication finished, so there is no answer. 3 failed")


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_every_number_comes_from_the_summary(scale):
    summary = summary_of(scale * np.linspace(1, 3, 500))
    mean = summary["metrics"]["output_loss_pct"]["mean"]
    assert f"{mean:.1f}" in said(summary)
