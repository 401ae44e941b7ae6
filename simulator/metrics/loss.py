"""What one replication lost: the shocked run against its paired baseline, day by day."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.errors import invalid
from simulator.metrics.outcome import BoolArray, FloatArray, OutcomeSeries

TOLERANCE: Final = 0.01
"""Output counts as normal while it is at most this share below its baseline."""
SETTLED_DAYS: Final = 30
"""Output has recovered once it stayed normal for this many days."""
PEAK_WINDOW_DAYS: Final = 7
YEAR_DAYS: Final = 365
SHORTEST_WINDOW_DAYS: Final = 30
"""A last, shorter window than this belongs to the year before it (1096 days are three years)."""


def impact(baseline: OutcomeSeries, shocked: OutcomeSeries) -> dict[str, float | bool]:
    """Measure one replication: every per-replication metric, by name.

    Losses are baseline minus shocked over the horizon: net of what is caught up later, and negative
    where the shocked run makes more. Percentages are of the baseline; they are 0 where nothing was
    planned and nothing was lost, and NaN where there is output without a baseline.

    Parameters
    ----------
    baseline, shocked
        The same realisation without and with the scenario's shocks and measures.

    Returns
    -------
    dict
        ``output_loss_units``, ``output_loss_h100e`` (NaN if no material has an equivalent),
        ``output_loss_usd``, ``output_loss_pct`` (of units), ``peak_loss_pct``,
        ``time_to_impact_days`` (NaN: never), ``time_to_recover_days`` (NaN: no impact),
        ``recover_censored``, ``output_loss_pct_year<k>``, ``resilience_loss_days``,
        ``fab_starts_loss_pct``, ``commissioned_loss_units`` and ``commissioned_loss_pct`` (of all
        countries), ``baseline_units``, ``baseline_usd``, and per country
        ``delivered_loss_units:<code>`` and ``delivered_loss_pct:<code>``.

    Raises
    ------
    InputError
        If the two series are not of the same materials, countries and days.
    """
    _check_paired(baseline, shocked)
    lost = (baseline.output - shocked.output).sum(axis=1)
    normal, actual = baseline.units, shocked.units
    began = time_to_impact(normal, actual)
    recovered, censored = time_to_recover(normal, actual)
    result: dict[str, float | bool] = {
        "output_loss_units": float(lost.sum()),
        "output_loss_h100e": _in_equivalents(lost, baseline.units_h100e),
        "output_loss_pct": loss_pct(normal, actual),
        "output_loss_usd": float(lost @ baseline.price_usd),
        "peak_loss_pct": peak_loss_pct(normal, actual),
        "time_to_impact_days": began,
        "time_to_recover_days": recovered,
        "recover_censored": censored,
    }
    for year, (first, last) in enumerate(year_windows(baseline.days), start=1):
        result[f"output_loss_pct_year{year}"] = loss_pct(normal[first:last], actual[first:last])
    result["baseline_units"] = float(normal.sum())
    result["baseline_usd"] = float(baseline.output.sum(axis=1) @ baseline.price_usd)
    result["resilience_loss_days"] = resilience_loss_days(normal, actual)
    result["fab_starts_loss_pct"] = loss_pct(baseline.fab_starts, shocked.fab_starts)
    due, came = baseline.delivered.sum(axis=0), shocked.delivered.sum(axis=0)
    result["commissioned_loss_units"] = float((due - came).sum())
    result["commissioned_loss_pct"] = loss_pct(due, came)
    wanted, got = (np.ascontiguousarray(one.delivered) for one in (baseline, shocked))
    sums = wanted.sum(axis=1).tolist(), (wanted - got).sum(axis=1).tolist()
    for code, base, less in zip(baseline.country_ids, *sums, strict=True):
        result[f"delivered_loss_units:{code}"] = less
        result[f"delivered_loss_pct:{code}"] = _pct(base, less)
    return result


def loss_pct(normal: FloatArray, actual: FloatArray) -> float:
    """Cumulative loss in % of the baseline; 0 of 0 is 0, anything else of 0 is NaN."""
    return _pct(float(normal.sum()), float((normal - actual).sum()))


def _pct(base: float, lost: float) -> float:
    if base > 0:
        return 100.0 * lost / base
    return 0.0 if lost == 0 else float("nan")


def peak_loss_pct(normal: FloatArray, actual: FloatArray) -> float:
    """Largest shortfall of the 7-day mean below that of the baseline, in %; never below 0.

    Only whole windows count; a horizon shorter than 7 days is one window. Windows without baseline
    output are left out.
    """
    width = min(PEAK_WINDOW_DAYS, normal.size)
    if width == 0:
        return 0.0
    base = np.convolve(normal, np.ones(width), mode="valid")
    lost = np.convolve(normal - actual, np.ones(width), mode="valid")
    share = np.divide(lost, base, out=np.zeros_like(base), where=base > 0)
    return max(0.0, 100.0 * float(share.max()))


def time_to_impact(normal: FloatArray, actual: FloatArray) -> float:
    """First day (0 = the start) whose output is more than 1 % below the baseline; NaN if none.

    Daily output counts, on days with baseline output only: the runs are paired, so daily noise is
    the same in both and needs no smoothing.
    """
    days = np.flatnonzero(_short(normal, actual))
    return float(days[0]) if days.size else float("nan")


def time_to_recover(normal: FloatArray, actual: FloatArray) -> tuple[float, bool]:
    """Days from the impact to the first of 30 consecutive normal days, and whether censored.

    Normal is at most 1 % below the baseline: making up for lost output counts as normal. If fewer
    than 30 normal days in a row follow before the horizon, the time is what was observed, from
    the impact to the horizon, and censored. Without an impact it is NaN and not censored.
    """
    short = _short(normal, actual)
    days = np.flatnonzero(short)
    if not days.size:
        return float("nan"), False
    ends = np.append(days, short.size)
    settled = np.flatnonzero(np.diff(ends) > SETTLED_DAYS)
    if not settled.size:
        return float(short.size - days[0]), True
    return float(days[settled[0]] + 1 - days[0]), False


def resilience_loss_days(normal: FloatArray, actual: FloatArray) -> float:
    """Area of Bruneau's triangle in days of baseline output: the sum of each day's lost share.

    Only shortfall counts: output caught up later does not shrink the area, so beside the net
    output loss this says how long and how deep the outcome was below normal.
    """
    missing = np.maximum(0.0, normal - actual)
    return float(np.divide(missing, normal, out=np.zeros_like(normal), where=normal > 0).sum())


def year_windows(days: int) -> tuple[tuple[int, int], ...]:
    """Cut the horizon into 365-day windows ``(first, beyond last)``.

    The last one may be partial; one of fewer than 30 days joins the window before it.
    """
    starts = list(range(0, days, YEAR_DAYS))
    if not starts:
        return ()
    if len(starts) > 1 and days - starts[-1] < SHORTEST_WINDOW_DAYS:
        starts.pop()
    return tuple(zip(starts, [*starts[1:], days], strict=True))


def _short(normal: FloatArray, actual: FloatArray) -> BoolArray:
    # The small slack keeps rounding from turning a loss of exactly 1 % into more than 1 %.
    return np.asarray((normal > 0) & (normal - actual > TOLERANCE * (1 + 1e-9) * normal))


def _in_equivalents(lost: FloatArray, per_unit: FloatArray) -> float:
    known = np.nan_to_num(per_unit, nan=0.0)
    return float(lost @ known) if known.any() else float("nan")


def _check_paired(baseline: OutcomeSeries, shocked: OutcomeSeries) -> None:
    for name in ("material_ids", "country_ids", "days"):
        mine, other = getattr(shocked, name), getattr(baseline, name)
        if mine != other:
            raise invalid(f"shocked.{name}", mine, f"must equal the baseline's {other}")
