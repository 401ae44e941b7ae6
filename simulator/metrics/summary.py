"""From the columns of all replications to the ``metrics``, ``countries`` and odds of a summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simulator.metrics.definitions import METRICS, metric_info
from simulator.metrics.risk import exceedance_probability, summarise

LEVELS: Final = (0.90, 0.95, 0.99)
THRESHOLDS_PCT: Final = (1.0, 5.0, 10.0, 25.0, 50.0)
"""Output losses whose probability of being exceeded is reported."""


def summarise_replications(columns: Mapping[str, npt.ArrayLike]) -> dict[str, Any]:
    """Summarise every metric column of the replications that are done.

    Parameters
    ----------
    columns
        Column name to one value per finished replication. Columns that are no metrics (``draw:``,
        ``replication``, ``status`` ...) are passed over, and so are metrics without a
        single number, except the times, where that says "never".

    Returns
    -------
    dict
        ``metrics``: name to statistics (see `Summary.as_dict`) and ``unit``; ``countries``: code to
        ``delivered_loss_pct`` and ``delivered_loss_units``; ``probabilities``: for each threshold
        of ``output_loss_pct`` the ``probability`` of exceeding it, with its Wilson interval.
        Ready for JSON: anything not finite is None.
    """
    metrics: dict[str, Any] = {}
    countries: dict[str, dict[str, Any]] = {}
    for name, values in columns.items():
        record = _record(name, values, columns)
        if record is None:
            continue
        kind, _, country = name.partition(":")
        if country:
            countries.setdefault(country, {})[kind] = record
        else:
            metrics[name] = record
    return {
        "metrics": metrics,
        "countries": dict(sorted(countries.items())),
        "probabilities": _probabilities(columns.get("output_loss_pct", ())),
    }


def _record(
    name: str, values: npt.ArrayLike, columns: Mapping[str, npt.ArrayLike]
) -> dict[str, Any] | None:
    if not _is_metric(name):
        return None
    numbers = np.asarray(values, dtype=np.float64)
    if name == "time_to_recover_days":
        # Without an impact there is nothing to recover from.
        summary = summarise(
            numbers,
            levels=LEVELS,
            censored=columns.get("recover_censored"),
            nan_means="excluded",
        )
    elif name == "time_to_impact_days":
        summary = summarise(numbers, levels=LEVELS)
    elif np.isnan(numbers).all():
        return None
    else:
        summary = summarise(numbers, levels=LEVELS, nan_means="excluded")
    return {**summary.as_dict(), "unit": metric_info(name).unit}


def _is_metric(name: str) -> bool:
    return name in METRICS or name.startswith(
        ("output_loss_pct_year", "delivered_loss_pct:", "delivered_loss_units:")
    )


def _probabilities(losses: npt.ArrayLike) -> list[dict[str, Any]]:
    numbers = np.asarray(losses, dtype=np.float64)
    if not numbers.size:
        return []
    rows = []
    for threshold in THRESHOLDS_PCT:
        share, (low, high) = exceedance_probability(numbers, threshold)
        rows.append({"output_loss_above_pct": threshold, "probability": share, "ci95": [low, high]})
    return rows
