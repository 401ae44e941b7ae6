"""Daily quantiles of every series: of baseline, shocked runs, and their difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from simulator.experiment.parts import Parts
from simulator.experiment.replication import Series

RUNS = ("baseline", "shocked", "loss")
QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
COLUMNS = ("series", "run", "day", "date", *QUANTILES, "mean")


def band_table(parts: Parts, names: Sequence[str], start: date) -> pd.DataFrame:
    """Make the table of ``bands.parquet``.

    Parameters
    ----------
    parts
        All replications; only finished ones count.
    names
        Series names, in the order of the parts.
    start
        Date of day 0.

    Returns
    -------
    DataFrame
        One row per series, run and day: ``p05`` to ``p95`` (linear interpolation) and ``mean`` in
        float32, in the unit of the series. ``loss`` is baseline minus shocked, replication by
        replication. One series is in memory at a time.
    """
    tables = []
    for index, name in enumerate(names if parts.done else ()):
        baseline, shocked = parts.series(0, index), parts.series(1, index)
        for run, values in zip(RUNS, (baseline, shocked, baseline - shocked), strict=True):
            tables.append(_one(name, run, values, start))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def _one(name: str, run: str, values: Series, start: date) -> pd.DataFrame:
    days = values.shape[1]
    dates = np.datetime64(start, "D") + np.arange(days)
    return pd.DataFrame(
        {
            "series": name,
            "run": run,
            "day": np.arange(days, dtype=np.int32),
            "date": dates.astype("datetime64[s]"),
            **day_quantiles(values),
            "mean": values.mean(axis=0, dtype=np.float64).astype(np.float32),
        }
    )


def day_quantiles(values: Series) -> dict[str, npt.NDArray[np.float32]]:
    """Quantiles over replications, for each day; ``values`` has shape (replications, days)."""
    # Sorting contiguous rows is several times faster than sorting columns.
    ranked = np.sort(np.ascontiguousarray(values.T), axis=1)
    quantiles = {}
    for label, level in QUANTILES.items():
        place = level * (ranked.shape[1] - 1)
        below = int(place)
        above = min(below + 1, ranked.shape[1] - 1)
        low, high = ranked[:, below].astype(np.float64), ranked[:, above].astype(np.float64)
        quantiles[label] = (low + (place - below) * (high - low)).astype(np.float32)
    return quantiles
