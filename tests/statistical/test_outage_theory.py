"""Outages against closed forms: availability of alternating renewals, and loss behind a buffer.

*Availability.* Gaps between the events of a hazard run from one start to the next, and outages may
overlap. With gaps without memory that is the queue M/G/oo: the number of outages under way on a day
is Poisson with mean rate x E[D], so the facility is up with probability exp(-rate x E[D]). Up-times
are then exponential with mean 1/rate, down-times are its busy periods with mean (exp(rate x E[D]) -
1)/rate (Takacs 1962), and up/(up + down), the availability of any alternating renewal process
(Barlow & Proschan 1965), is the same number. Days are whole: an event counts for the day it falls
on, so on a day the outages under way are those of the last D days, and the formulas hold with the
mean of the rounded D. With regular gaps that are longer than outages it is 1 - E[D]/E[gap].

*Loss behind a buffer.* A supplier stops for D days, and the sink holds B days of use: it loses
max(0, D - B) days. With D exponential, rounded half up to whole days, the mean is the sum of P(D >=
j + 1/2) over j >= B: exp(-(B + 1/2)/m) / (1 - exp(-1/m)), which is close to m exp(-B/m).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.engine import simulate
from tests.networks import model, serial

TESTS = 10
#: Chance that a test of this file fails though all is right, over all its tests: one in a thousand.
ALARM = 0.001 / TESTS


def assert_mean(samples: list[float], expected: float, within: float) -> None:
    """The mean of independent samples is what is expected, and is known to ``within``."""
    values = np.array(samples)
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert stats.ttest_1samp(values, expected).pvalue > ALARM, (values.mean(), expected, error)
    assert error < within * abs(expected)  # or the test would say nothing


def up_days(hazard: str, days: int, warm_up: int, replications: int) -> list[np.ndarray]:
    """For each replication, whether the mine was up on each day after the warm-up."""
    rest = f"shocks: {{hits: {{type: hazard, facilities: mine, {hazard}}}}}"
    ready = model(serial(), rest, days=days)
    return [
        simulate(ready.realise(k).shocked)["facilities", "capacity_now"][
            ready.network.facility_index["mine"]
        ][warm_up:]
        > 0.0
        for k in range(replications)
    ]


def mean_whole_days(mean: float) -> float:
    """Mean of an exponential duration rounded half up to whole days."""
    return math.exp(-0.5 / mean) / -math.expm1(-1.0 / mean)


@pytest.mark.parametrize(
    ("duration", "mean_days", "lasting"),
    [
        ("12", 12.0, 1.0),
        # lasting: the chance that a duration is not rounded to no day at all
        ("{distribution: exponential, mean: 9}", mean_whole_days(9.0), math.exp(-0.5 / 9.0)),
    ],
    ids=["fixed", "exponential"],
)
def test_availability_is_that_of_the_alternating_renewal_process(
    duration: str, mean_days: float, lasting: float
) -> None:
    rate = 8.0
    found = up_days(f"annual_rate: {rate}, duration_days: {duration}", 1500, 150, 150)
    load = rate / 365.25 * mean_days
    expected = math.exp(-load)
    assert_mean([float(up.mean()) for up in found], expected, within=0.02)
    up_mean = 365.25 / rate
    down_mean = math.expm1(load) * up_mean
    assert up_mean / (up_mean + down_mean) == pytest.approx(expected)
    # one interruption per cycle: their number a day is 1/(up + down)
    starts = [float((up[:-1] & ~up[1:]).mean()) for up in found]
    # days are whole: a cycle shows only if at least one up day lies between two outages
    per_day = expected * -math.expm1(-rate * lasting / 365.25)
    assert_mean(starts, per_day, within=0.05)


def test_availability_with_regular_gaps_is_one_less_the_share_of_the_outage() -> None:
    # gaps of about 60 days, outages of 15: gaps shorter than that have a chance of 1e-5
    found = up_days("annual_rate: 6, regularity: 8, duration_days: 15", 2000, 1000, 80)
    expected = 1.0 - 15.0 / (365.25 / 6.0)
    assert_mean([float(up.mean()) for up in found], expected, within=0.005)


@pytest.mark.parametrize(("buffer_days", "mean_days"), [(0, 5.0), (10, 12.0), (20, 12.0)])
def test_the_loss_of_an_exponential_outage_behind_a_buffer_is_the_closed_form(
    buffer_days: int, mean_days: float
) -> None:
    duration = f"{{distribution: exponential, mean: {mean_days}}}"
    stop = f"{{type: outage, facilities: mine, from: 2026-01-11, duration_days: {duration}}}"
    rest = f"shocks: {{stop: {stop}}}"
    ready = model(serial(market_cover=buffer_days), rest, days=260)
    slot = ready.network.slot_ids.index("market/metal")
    lost = []
    for k in range(800):
        used = simulate(ready.realise(k).shocked)["slots", "used"][slot]
        lost.append(float((10.0 - used).sum() / 10.0))
    expected = math.exp(-(buffer_days + 0.5) / mean_days) / -math.expm1(-1.0 / mean_days)
    assert expected == pytest.approx(mean_days * math.exp(-buffer_days / mean_days), rel=0.01)
    assert_mean(lost, expected, within=0.15)
