"""When to stop: run until the interval of one number is narrow enough.

Looks are taken at sizes fixed in advance (256, then half as many again each time), always at the
first so many replications, so that neither workers nor speed decide where a run ends. Stopping at
the first narrow interval favours samples whose spread is small by luck; with few looks, each at a
much larger sample than the last, that costs little: tried on normal, exponential, lognormal and
uniform losses, 95 % intervals where a run stopped cover the truth in 93 to 96 % of runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.errors import UsageError
from simulator.metrics.risk import (
    TAIL_OBSERVATIONS_NEEDED,
    mean_with_interval,
    quantile,
    quantile_interval,
    tail_risk,
)

if TYPE_CHECKING:
    from simulator.experiment.rows import Rows
    from simulator.metrics.outcome import FloatArray
    from simulator.metrics.risk import Interval

FIRST_LOOK = 256
GROWTH = 1.5
DEFAULT_METRIC = "output_loss_pct"
_FORM = re.compile(
    r"\s*(?:(?P<metric>[\w:]+)\.)?(?P<statistic>mean|p\d{1,2}|c?var\d{1,2}(?:\.\d+)?)"
    r"\s*(?:±|\+/?-)\s*(?P<half>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)\s*(?P<percent>%?)\s*"
)
_EXAMPLES = "write 'cvar95 ±2%' or 'output_loss_pct.mean ±0.1'"


@dataclass(frozen=True)
class Until:
    """A target for the half-width of an interval.

    Attributes
    ----------
    text
        As given.
    metric, statistic
        What is estimated: ``mean``, ``p50``, ``var95``, ``cvar99`` ...
    half_width
        Wanted; in the unit of the metric, or relative to the estimate.
    relative
        Whether it is relative.
    """

    text: str
    metric: str
    statistic: str
    half_width: float
    relative: bool

    def looks(self, cap: int) -> Iterator[int]:
        """Sizes at which to look, rising, the last one ``cap``."""
        size = float(FIRST_LOOK)
        while size < cap:
            yield int(size)
            size = math.ceil(size * GROWTH / 64) * 64
        yield cap

    def verdict(self, rows: Rows) -> dict[str, Any]:
        """Judge the replications so far.

        Parameters
        ----------
        rows
            The first n replications.

        Returns
        -------
        dict
            ``estimate``, ``half_width`` (of the 95 % interval; None if unbounded), ``wanted``,
            ``reached``, ``target`` and ``replications``.
        """
        if self.metric not in rows.columns:
            known = ", ".join(name for name in rows.metrics if ":" not in name)
            raise UsageError(f"--until: {self.metric} is no metric of this run; there are {known}")
        values = _numbers(rows, self.metric)
        estimate, (low, high) = estimate_with_interval(values, self.statistic)
        half = max(high - estimate, estimate - low)
        wanted = self.half_width * abs(estimate) if self.relative else self.half_width
        return {
            "target": self.text,
            "replications": len(rows),
            "estimate": estimate if math.isfinite(estimate) else None,
            "half_width": half if math.isfinite(half) else None,
            "wanted": wanted if math.isfinite(wanted) else None,
            "reached": bool(half <= wanted),
        }


def parse_until(text: str) -> Until:
    """Read ``cvar95 ±2%`` or ``output_loss_pct.mean ±0.1``; ``+-`` will do for ``±``.

    Raises
    ------
    UsageError
        If it says something else.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise UsageError(f"--until {text!r}: must name a statistic and a half-width: {_EXAMPLES}")
    half, relative = float(found["half"]), bool(found["percent"])
    if half <= 0 or (found["statistic"] != "mean" and not 0 < _level(found["statistic"]) < 1):
        raise UsageError(f"--until {text!r}: half-width and level must be above 0: {_EXAMPLES}")
    metric = found["metric"] or DEFAULT_METRIC
    return Until(text, metric, found["statistic"], half / 100 if relative else half, relative)


def estimate_with_interval(
    values: FloatArray, statistic: str, confidence: float = 0.95
) -> tuple[float, Interval]:
    """Estimate one statistic with its interval; not bounded where the tail is too thin.

    Parameters
    ----------
    values
        One per replication; infinite where something did not happen.
    statistic
        ``mean``, ``pNN``, ``varNN`` or ``cvarNN``.
    confidence
        Nominal coverage.
    """
    if statistic == "mean":
        return mean_with_interval(values[np.isfinite(values)], confidence)
    level, ranked = _level(statistic), np.sort(values)
    unbounded = (-math.inf, math.inf)
    if statistic.startswith("cvar"):
        tail = tail_risk(ranked, level, confidence)
        return tail.cvar, tail.cvar_ci if _enough(ranked.size, level) else unbounded
    bounds = quantile_interval(ranked, level, confidence)
    return quantile(ranked, level), bounds if _enough(ranked.size, level) else unbounded


def _enough(size: int, level: float) -> bool:
    return size * min(level, 1 - level) + 1e-9 >= TAIL_OBSERVATIONS_NEEDED


def _level(statistic: str) -> float:
    digits = statistic.lstrip("cvarp")
    return float(digits) / 100


def _numbers(rows: Rows, metric: str) -> FloatArray:
    values = rows.values(metric)
    if metric == "time_to_impact_days":
        return np.where(np.isnan(values), np.inf, values)
    return np.asarray(values[~np.isnan(values)])
