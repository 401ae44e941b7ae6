"""Hand-computed cases of every metric of one replication."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from simulator.errors import InputError
from simulator.metrics import OutcomeSeries, impact
from simulator.metrics.loss import (
    loss_pct,
    peak_loss_pct,
    resilience_loss_days,
    time_to_impact,
    time_to_recover,
    year_windows,
)


def series(output, *, delivered=None, fab_starts=None, h100e=(1.0,), price=(30_000.0,)):
    rows = np.atleast_2d(np.asarray(output, dtype=float))
    reached = rows[:1] if delivered is None else np.atleast_2d(np.asarray(delivered, dtype=float))
    return OutcomeSeries(
        output=rows,
        material_ids=tuple(f"chip{row}" for row in range(rows.shape[0])),
        units_h100e=np.asarray(h100e, dtype=float),
        price_usd=np.asarray(price, dtype=float),
        delivered=reached,
        country_ids=("JPN", "USA")[: reached.shape[0]],
        fab_starts=rows.sum(axis=0) if fab_starts is None else np.asarray(fab_starts, dtype=float),
    )


def dip(days, first, last, level, normal=100.0):
    rate = np.full(days, normal)
    rate[first:last] = level
    return rate


def test_a_run_equal_to_its_baseline_loses_exactly_nothing():
    calm = series(np.full(60, 7.3))
    result = impact(calm, calm)
    assert [result[name] for name in result if "loss" in name] == [0.0] * 12
    assert math.isnan(result["time_to_impact_days"])
    assert math.isnan(result["time_to_recover_days"])
    assert result["recover_censored"] is False


def test_losses_are_baseline_minus_shocked_in_units_equivalents_value_and_percent():
    normal = series(
        [np.full(100, 10.0), np.full(100, 5.0)], h100e=(1.0, 2.5), price=(30_000.0, 40_000.0)
    )
    shocked = series(
        [dip(100, 20, 30, 0.0, 10.0), dip(100, 20, 40, 1.0, 5.0)],
        h100e=(1.0, 2.5),
        price=(30_000.0, 40_000.0),
    )
    result = impact(normal, shocked)
    assert result["output_loss_units"] == 10 * 10 + 20 * 4
    assert result["output_loss_h100e"] == 100 * 1 + 80 * 2.5
    assert result["output_loss_usd"] == 100 * 30_000 + 80 * 40_000
    assert result["output_loss_pct"] == 100 * 180 / 1500
    assert result["baseline_units"] == 1500
    assert result["baseline_usd"] == 1000 * 30_000 + 500 * 40_000


def test_output_caught_up_later_is_netted_from_the_loss_but_not_from_the_resilience_loss():
    normal = np.full(100, 100.0)
    shocked = dip(100, 10, 20, 50.0)
    shocked[30:40] = 120.0
    result = impact(series(normal), series(shocked))
    assert result["output_loss_units"] == 500 - 200
    assert result["resilience_loss_days"] == 5.0


def test_a_gain_is_a_negative_loss_with_no_peak_and_no_impact():
    result = impact(series(np.full(50, 100.0)), series(np.full(50, 110.0)))
    assert result["output_loss_pct"] == -10.0
    assert result["peak_loss_pct"] == 0.0
    assert math.isnan(result["time_to_impact_days"])


def test_the_peak_is_the_worst_week_not_the_worst_day():
    normal = np.full(100, 100.0)
    assert peak_loss_pct(normal, dip(100, 40, 41, 0.0)) == pytest.approx(100 / 7, rel=1e-12)
    assert peak_loss_pct(normal, dip(100, 40, 47, 0.0)) == pytest.approx(100, rel=1e-12)
    assert peak_loss_pct(normal, dip(100, 0, 3, 0.0)) == pytest.approx(300 / 7, rel=1e-12)


def test_the_peak_of_a_horizon_shorter_than_a_week_is_over_all_of_it():
    assert peak_loss_pct(np.full(4, 10.0), np.array([10.0, 0.0, 10.0, 10.0])) == 25.0


def test_the_peak_is_relative_to_the_growing_baseline_of_the_same_week():
    normal = np.concatenate([np.full(50, 100.0), np.full(50, 400.0)])
    shocked = normal.copy()
    shocked[20:27] = 0.0  # all of 100
    shocked[70:77] -= 300.0  # more units, but three quarters of 400
    assert peak_loss_pct(normal, shocked) == pytest.approx(100)


def test_time_to_impact_is_the_first_day_more_than_one_percent_below():
    normal = np.full(40, 100.0)
    shocked = normal.copy()
    shocked[5:] = 99.0  # exactly 1 % below is still normal
    shocked[17] = 98.9
    assert time_to_impact(normal, shocked) == 17.0


@pytest.mark.parametrize("rate", [0.1, 0.3, 7.0, 1e-7, 123456.789])
def test_a_loss_of_exactly_one_percent_is_not_an_impact_at_any_scale(rate):
    normal = np.full(10, rate)
    assert math.isnan(time_to_impact(normal, 0.99 * normal))


def test_days_without_baseline_output_cannot_be_an_impact():
    normal = np.array([0.0, 0.0, 10.0, 10.0])
    assert time_to_impact(normal, np.array([0.0, 0.0, 10.0, 9.0])) == 3.0


def test_an_impact_on_the_first_day_is_day_zero():
    assert time_to_impact(np.full(3, 1.0), np.zeros(3)) == 0.0


def test_an_outage_of_d_days_takes_d_days_to_recover():
    normal = np.full(100, 100.0)
    assert time_to_recover(normal, dip(100, 12, 29, 0.0)) == (17.0, False)


def test_a_relapse_within_30_days_is_part_of_the_same_impact():
    normal = np.full(200, 100.0)
    shocked = dip(200, 10, 20, 0.0)
    shocked[20 + 29] = 0.0  # 29 normal days are too few
    assert time_to_recover(normal, shocked) == (40.0, False)


def test_after_30_normal_days_a_second_dip_does_not_count():
    normal = np.full(200, 100.0)
    shocked = dip(200, 10, 20, 0.0)
    shocked[20 + 30] = 0.0
    assert time_to_recover(normal, shocked) == (10.0, False)


def test_recovery_needs_30_days_to_be_seen_before_the_horizon():
    normal = np.full(60, 100.0)
    assert time_to_recover(normal, dip(60, 10, 30, 0.0)) == (20.0, False)
    assert time_to_recover(normal, dip(60, 10, 31, 0.0)) == (50.0, True)


def test_output_that_never_comes_back_is_censored_at_the_horizon():
    normal = np.full(60, 100.0)
    assert time_to_recover(normal, dip(60, 10, 60, 50.0)) == (50.0, True)


def test_catching_up_above_the_baseline_counts_as_recovered():
    normal = np.full(100, 100.0)
    shocked = dip(100, 10, 20, 0.0)
    shocked[20:40] = 150.0
    assert time_to_recover(normal, shocked) == (10.0, False)


def test_resilience_loss_weighs_each_day_by_its_own_baseline():
    normal = np.array([100.0, 200.0, 400.0, 0.0])
    shocked = np.array([50.0, 150.0, 400.0, 0.0])
    assert resilience_loss_days(normal, shocked) == 0.5 + 0.25


def test_percent_of_nothing_is_zero_for_nothing_and_undefined_otherwise():
    assert loss_pct(np.zeros(3), np.zeros(3)) == 0.0
    assert math.isnan(loss_pct(np.zeros(3), np.ones(3)))


@pytest.mark.parametrize(
    ("days", "windows"),
    [
        (0, ()),
        (10, ((0, 10),)),
        (365, ((0, 365),)),
        (366, ((0, 366),)),
        (394, ((0, 394),)),
        (395, ((0, 365), (365, 395))),
        (1096, ((0, 365), (365, 730), (730, 1096))),
    ],
)
def test_years_are_365_days_and_a_short_rest_joins_the_last_one(days, windows):
    assert year_windows(days) == windows


def test_each_year_is_measured_against_its_own_baseline():
    normal = np.concatenate([np.full(365, 100.0), np.full(365, 300.0)])
    shocked = normal.copy()
    shocked[365 : 365 + 73] = 0.0
    result = impact(series(normal), series(shocked))
    assert result["output_loss_pct_year1"] == 0.0
    assert result["output_loss_pct_year2"] == 20.0
    assert "output_loss_pct_year3" not in result
    assert result["output_loss_pct"] == 15.0


def test_deliveries_are_measured_country_by_country_and_fab_starts_beside_them():
    normal = series(np.full(10, 9.0), delivered=[np.full(10, 4.0), np.full(10, 5.0)])
    shocked = dataclasses.replace(
        normal,
        delivered=np.array([np.full(10, 4.0), np.full(10, 2.0)]),
        fab_starts=np.full(10, 6.0),
    )
    result = impact(normal, shocked)
    assert (result["delivered_loss_units:JPN"], result["delivered_loss_pct:JPN"]) == (0.0, 0.0)
    assert (result["delivered_loss_units:USA"], result["delivered_loss_pct:USA"]) == (30.0, 60.0)
    assert result["fab_starts_loss_pct"] == pytest.approx(100 / 3)
    assert result["output_loss_units"] == 0.0


@pytest.mark.parametrize("missing", [math.nan, 0.0])
def test_a_chip_without_an_equivalent_has_no_equivalent_loss(missing):
    normal = series(np.full(10, 9.0), h100e=(missing,))
    assert math.isnan(impact(normal, normal)["output_loss_h100e"])


def test_every_metric_is_a_plain_number_or_bool():
    normal = series(np.full(400, 9.0))
    assert {type(value) for value in impact(normal, normal).values()} == {float, bool}


def test_runs_of_different_length_are_refused_with_both_numbers():
    with pytest.raises(InputError, match=r"shocked.days = 9: must equal the baseline's 10"):
        impact(series(np.ones(10)), series(np.ones(9)))


def test_shapes_that_do_not_fit_are_refused_by_name():
    normal = series(np.ones(10))
    with pytest.raises(InputError, match=r"OutcomeSeries.fab_starts"):
        dataclasses.replace(normal, fab_starts=np.ones(9))
    with pytest.raises(InputError, match=r"OutcomeSeries.price_usd"):
        dataclasses.replace(normal, price_usd=np.ones(2))
