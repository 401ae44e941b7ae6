"""The daily series whose bands a run reports, from the outcome of one run."""

from __future__ import annotations

import numpy as np

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


def series_values(outcome: OutcomeSeries) -> FloatArray:
    """Daily values, shape (series, days): trailing 7-day means in units/day, cumulative units."""
    units = outcome.units
    rates = trailing_mean(np.vstack([units[None], outcome.output, outcome.delivered]))
    return np.vstack([rates[:1], np.cumsum(units)[None], rates[1:]])


def trailing_mean(rows: FloatArray, days: int = SMOOTHING_DAYS) -> FloatArray:
    """Mean over the last ``days`` days along the last axis; over fewer at the start."""
    total = np.zeros_like(rows)
    counts = np.minimum(np.arange(1, rows.shape[-1] + 1), days)
    # Shifted copies keep a constant series constant; differences of a running sum do not.
    for shift in range(min(days, rows.shape[-1])):
        total[..., shift:] += rows[..., : rows.shape[-1] - shift]
    return np.asarray(total / counts, dtype=np.float64)
