"""Daily quantiles of every series: of baseline, shocked runs, and their difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulator.experiment.in_turn import each
from simulator.experiment.replication import Series
from simulator.experiment.trajectories import Trajectories

if TYPE_CHECKING:
    import pyarrow as pa

RUNS = ("baseline", "shocked", "loss")
QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
COLUMNS = ("series", "run", "day", "date", *QUANTILES, "mean")


def band_table(trajectories: Trajectories, names: Sequence[str], start: date) -> pa.Table:
    """Make the table of ``bands.parquet``.

    Parameters
    ----------
    trajectories
        Series of all replications that finished.
    names
        Series names, in the order of the parts.
    start
        Date of day 0.

    Returns
    -------
    pyarrow.Table
        One row per series, run and day: ``p05`` to ``p95`` (linear interpolation) and ``mean`` in
        float32, in the unit of the series. ``loss`` is baseline minus shocked, replication by
        replication. Exact, or from histograms where there are too many replications to keep.
    """
    import pyarrow as pa

    measured = [*QUANTILES, "mean"]
    if trajectories.exact and not trajectories.parts:
        found = []
    else:
        one = _exact if trajectories.exact else _estimated
        found = list(each(lambda index: one(trajectories, index), range(len(names))))
    days = len(found[0]["mean"]) // len(RUNS) if found else 0
    rows = len(found) * len(RUNS) * days
    dates = np.datetime64(start, "D") + np.arange(days)
    blank: Series = np.zeros(0, np.float32)
    return pa.table(
        {
            "series": np.repeat(np.array(names[: len(found)], object), len(RUNS) * days),
            "run": np.tile(np.repeat(np.array(RUNS, object), days), len(found)),
            "day": np.resize(np.arange(days, dtype=np.int32), rows),
            "date": np.resize(dates.astype("datetime64[s]"), rows),
            **{
                name: np.concatenate([blank, *(series[name] for series in found)])
                for name in measured
            },
        }
    )


def day_quantiles(values: Series) -> dict[str, Series]:
    """Quantiles and mean over replications of each day; ``values``: (days, replications)."""
    ranked = np.sort(values, axis=1)
    found = {}
    for label, level in QUANTILES.items():
        place = level * (ranked.shape[1] - 1)
        below = int(place)
        above = min(below + 1, ranked.shape[1] - 1)
        low, high = ranked[:, below].astype(np.float64), ranked[:, above].astype(np.float64)
        found[label] = (low + (place - below) * (high - low)).astype(np.float32)
    # Of ranked values, so that it does not depend on the order in which they came.
    found["mean"] = ranked.mean(axis=1, dtype=np.float64).astype(np.float32)
    return found


def _exact(trajectories: Trajectories, index: int) -> dict[str, Series]:
    """Statistics of one series: days of the baseline, then of the shocked run, then of the loss."""
    blocks = [
        {name: part.reshape(len(RUNS), -1) for name, part in _of_block(values).items()}
        for _, values in trajectories.blocks(index)
    ]
    return {
        name: np.concatenate([block[name] for block in blocks], axis=1).ravel()
        for name in blocks[0]
    }


def _of_block(values: Series) -> dict[str, npt.NDArray[np.float32]]:
    return day_quantiles(values.reshape(-1, values.shape[-1]))


def _estimated(trajectories: Trajectories, index: int) -> dict[str, Series]:
    histogram = trajectories.histogram(index)
    return {**histogram.quantiles(QUANTILES), "mean": histogram.means()}
