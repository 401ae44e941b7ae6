"""The daily series whose bands a run reports, from the outcome of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from simulator.experiment.replication import Series
    from simulator.metrics.outcome import FloatArray, OutcomeSeries

SERIES_DTYPE = np.float32
SMOOTHING_DAYS = 7


def series_names(outcome: OutcomeSeries) -> tuple[str, ...]:
    """Names of the series, in the order of `series_values`."""
    return (
        "output",
        "output_cumulative",
        *(f"output:{material}" for material in outcome.material_ids),
        *(f"delivered:{country}" for country in outcome.country_ids),
    )


def series_values(*outcomes: OutcomeSeries) -> Series:
    """Daily values, shape (outcomes, series, days), in the order of `series_names`.

    Trailing 7-day means in units/day, but for the second series: cumulative units. The outcomes
    must be of the same materials, countries and days.
    """
    first = outcomes[0]
    materials, countries, days = len(first.material_ids), len(first.country_ids), first.days
    rows = np.empty((len(outcomes), 1 + materials + countries, days))
    found = np.empty((len(outcomes), len(rows[0]) + 1, days), SERIES_DTYPE)
    for own, outcome, series in zip(rows, outcomes, found, strict=True):
        own[0] = outcome.units
        own[1 : 1 + materials] = outcome.output
        own[1 + materials :] = outcome.delivered
        series[1] = np.cumsum(own[0])
    rates = trailing_mean(rows)
    found[:, 0], found[:, 2:] = rates[:, 0], rates[:, 1:]
    return found


def trailing_mean(rows: FloatArray, days: int = SMOOTHING_DAYS) -> FloatArray:
    """Mean over the last ``days`` days along the last axis; over fewer at the start."""
    length = rows.shape[-1]
    before = max(1, min(days, length)) - 1
    padded = np.zeros((*rows.shape[:-1], before + length))
    padded[..., before:] = rows
    # Shifted copies keep a constant series constant; differences of a running sum do not. With
    # zeros between them all rows are shifted as one, which takes a third of the time.
    flat, total = padded.reshape(-1), np.zeros(padded.shape)
    count = flat.size - before
    sums = total.reshape(-1)[:count]
    for shift in range(before + 1):
        sums += flat[before - shift : before - shift + count]
    whole: FloatArray = total[..., :length] / np.minimum(np.arange(1, length + 1), days)
    return whole
