"""Numbers with their units as people read them: rounded, with no-break spaces and a true minus."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

SPACE: Final = "\u00a0"
UNKNOWN: Final = "n/a"
TOO_FEW: Final = "too few runs"
NOTHING: Final = "\u2013"
"""Stands for a number that no replication has, such as the recovery from nothing."""
NEGLIGIBLE_PCT: Final = 0.005
"""A percentage below this rounds to nothing at two decimals, and is called nothing."""

_SUFFIX: Final = {"%": "%", "units": "chips", "H100e": "H100e", "days": "days"}
_BEYOND: Final = {
    "time_to_impact_days": "never",
    "time_to_recover_days": "past the end",
}


def quantity(value: float | None, unit: str, *, beyond: str = UNKNOWN) -> str:
    """Write one number with its unit.

    Parameters
    ----------
    value
        The number; None or non-finite gives ``beyond``.
    unit
        ``%``, ``units``, ``H100e``, ``USD``, ``days`` or anything else as it is.
    beyond
        Text for a number that is not there.
    """
    if value is None or not math.isfinite(value):
        return beyond
    return _with_unit(_digits(value, unit, _decimals(value, unit)), unit)


def interval(low: float | None, high: float | None, unit: str) -> str:
    """Write two ends with one unit; an end that is not there is said in words."""
    ends = [None if end is None or not math.isfinite(end) else end for end in (low, high)]
    if ends[0] is None and ends[1] is None:
        return UNKNOWN
    if ends[0] is None:
        return f"{quantity(ends[1], unit)} or less"
    if ends[1] is None:
        return f"{quantity(ends[0], unit)} or more"
    return _between(ends[0], ends[1], unit)


def ends(pair: Sequence[float | None], unit: str) -> str:
    """Write a pair from ``summary.json`` as an interval."""
    return interval(pair[0], pair[1], unit)


def beyond(metric: str) -> str:
    """Word for a value of this metric that lies beyond what was observed."""
    return _BEYOND.get(metric, UNKNOWN)


def typical(record: Mapping[str, Any], statistic: str, metric: str) -> str:
    """Write one statistic of a metric; beyond what was observed in words, a dash without runs."""
    missing = beyond(metric) if record["n"] else NOTHING
    missing = TOO_FEW if is_refused(record, statistic) else missing
    return quantity(record[statistic], cell_unit(record), beyond=missing)


def spread(record: Mapping[str, Any], metric: str) -> str:
    """Write the 5 to 95 % range of a metric; its ends may lie beyond what was observed."""
    low, high, unit = record["p05"], record["p95"], cell_unit(record)
    if not record["n"]:
        return NOTHING
    if is_refused(record, "p95"):
        return TOO_FEW
    if low is not None and high is not None:
        return interval(low, high, unit)
    if low is not None:
        return f"{quantity(low, unit)} to {beyond(metric)}"
    return beyond(metric)


def is_refused(record: Mapping[str, Any], statistic: str) -> bool:
    """Whether a statistic is not given since too few replications lie beyond it."""
    return statistic in str(record.get("refused", "")).split()


def cell_unit(record: Mapping[str, Any]) -> str:
    """Unit to repeat in each cell of a table: none for counts, which the row's name says."""
    unit = str(record["unit"])
    return "" if unit in ("units", "H100e") else unit


def share(part: float) -> str:
    """Write a proportion as a percentage that never rounds to all or none unless it is."""
    percent = round(100 * part, 9)  # 100 x (1 - 0.9) is not 10
    if 0 < percent < 0.1:
        return f"under{SPACE}0.1{SPACE}%"
    if 99.9 < percent < 100:
        return f"over{SPACE}99.9{SPACE}%"
    text = f"{percent:.0f}" if percent == round(percent) else f"{percent:.1f}"
    return f"{text}{SPACE}%"


def day_and_month(when: date) -> str:
    """Write a date in full, as in 9 October 2025."""
    return f"{when.day}{SPACE}{when:%B}{SPACE}{when.year}"


def _between(low: float, high: float, unit: str) -> str:
    places = _decimals(max(low, high, key=abs), unit)
    if _digits(low, unit, places) == _digits(high, unit, places) and low != high:
        places += 1
    first, last = _digits(low, unit, places), _digits(high, unit, places)
    if first == last:
        return _with_unit(first, unit)
    left = _with_unit(first, unit) if unit == "USD" else first
    return f"{left} to {_with_unit(last, unit)}"


def _decimals(value: float, unit: str) -> int:
    size = abs(value)
    if unit == "days":
        return 0 if size >= 10 or size == round(size) else 1
    if unit != "%":
        return 0
    return 2 if 0 < size < 1 else 1


def _digits(value: float, unit: str, decimals: int) -> str:
    if unit == "%" or unit == "days":
        text = f"{value:,.{decimals}f}"
        text = "0" if float(text.replace(",", "")) == 0 else text
    else:
        text = _significant(value, 3 + decimals)
    return text.replace("-", "\u2212")


def _significant(value: float, digits: int) -> str:
    if abs(value) < 1e-6:
        return "0"  # what rounding leaves of nothing
    if value == round(value) and abs(value) < 1000:
        return f"{value:.0f}"
    rounded = float(f"{value:.{digits}g}")
    for size, suffix in ((1e12, "tn"), (1e9, "bn"), (1e6, "M")):
        if abs(rounded) >= size:
            return f"{rounded / size:#.{digits}g}".removesuffix(".") + f"{SPACE}{suffix}"
    if abs(rounded) >= 1000:
        return f"{rounded:,.0f}"
    return f"{rounded:#.{digits}g}".removesuffix(".")


def _with_unit(digits: str, unit: str) -> str:
    if unit == "USD":
        sign, size = ("\u2212", digits[1:]) if digits.startswith("\u2212") else ("", digits)
        return f"{sign}${size}"
    if unit == "days" and digits == "1":
        return f"1{SPACE}day"
    suffix = _SUFFIX.get(unit, unit)
    return f"{digits}{SPACE}{suffix}" if suffix else digits
