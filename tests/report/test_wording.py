"""How numbers are written."""

from __future__ import annotations

import math

import pytest

from simulator.report.wording import interval, quantity, share, spread


def spaced(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "%", "0 %"),
        (-0.0, "%", "0 %"),
        (12.345, "%", "12.3 %"),
        (0.4567, "%", "0.46 %"),
        (0.001, "%", "0 %"),
        (-3.25, "%", "−3.2 %"),
        (1, "days", "1 day"),
        (143.4, "days", "143 days"),
        (2.5, "days", "2.5 days"),
        (0, "units", "0 chips"),
        (7, "units", "7 chips"),
        (239_486, "units", "239,000 chips"),
        (4_200_000, "units", "4.20 M chips"),
        (999_999, "units", "1.00 M chips"),
        (30e9, "USD", "$30.0 bn"),
        (-1.5e12, "USD", "−$1.50 tn"),
        (123.4, "USD", "$123"),
        (5, "", "5"),
    ],
)
def test_numbers_are_rounded_to_what_can_be_read(value, unit, text):
    assert spaced(quantity(value, unit)) == text


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_number_that_is_not_there_is_said_in_words(value):
    assert quantity(value, "%") == "n/a"
    assert quantity(value, "days", beyond="never") == "never"


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (11.2, 13.1, "%", "11.2 to 13.1 %"),
        (12.31, 12.34, "%", "12.31 to 12.34 %"),
        (-5.0, 3.0, "%", "−5.0 to 3.0 %"),
        (0.0, 0.0, "%", "0 %"),
        (212.2, 356.9, "days", "212 to 357 days"),
        (43.8e9, 51.1e9, "USD", "$43.8 bn to $51.1 bn"),
        (16.6, None, "%", "16.6 % or more"),
        (None, 16.6, "%", "16.6 % or less"),
        (None, None, "%", "n/a"),
        (1.0, math.inf, "%", "1.0 % or more"),
    ],
)
def test_intervals_name_their_unit_once_and_say_open_ends(low, high, unit, text):
    assert spaced(interval(low, high, unit)) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.953, "95.3 %"),
        (0.5, "50 %"),
        (0.0001, "under 0.1 %"),
        (0.9999, "over 99.9 %"),
    ],
)
def test_a_share_rounds_to_none_or_all_only_if_it_is(part, text):
    assert spaced(share(part)) == text


def test_a_range_that_reaches_past_the_horizon_says_so():
    record = {"p05": 501.0, "p95": None, "unit": "days", "n": 10}
    assert spaced(spread(record, "time_to_recover_days")) == "501 days to past the end"
    assert spread(record | {"p05": None}, "time_to_impact_days") == "never"
    assert spread(record | {"n": 0}, "time_to_recover_days") == "–"
