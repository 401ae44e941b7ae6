"""Calendar days and number formatting: the only place where dates turn into day numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

KG_PER_UNIT: Mapping[str, float | None] = MappingProxyType(
    {
        **{"t": 1000.0, "kg": 1.0, "g": 0.001, "kct": 0.2},
        **dict.fromkeys(("MWh", "GWh"), 0.0),
        **dict.fromkeys(("kWh", "kW", "MW", "TB", "m3", "m2", "cm2", "L", "km")),
        **dict.fromkeys(("unit", "set", "kit", "tool", "device", "drive")),
        **dict.fromkeys(("wafer", "stack", "slot", "rack")),
    }
)
"""Units that materials of a packaged dataset are counted in: mass in kg, or None where it varies.

A MWh is of electricity, a kWh the size of a battery; a kct is a thousand carats, a slot the place
of one accelerator in a rack.
"""


def day_of(when: date, start: date) -> int:
    """Day number of a date, counted from the scenario's start (day 0; may be negative)."""
    return (when - start).days


def date_of(day: int, start: date) -> date:
    """Calendar date of a day number."""
    return start + timedelta(days=day)


def whole_days(value: float, minimum: int = 0) -> int:
    """Round a sampled duration half up to whole days, at least ``minimum``."""
    return max(minimum, math.floor(value + 0.5))


def human(value: float, digits: int = 3) -> str:
    """Write a number for people: three significant digits, thousands separated, k/M/bn beyond."""
    if not math.isfinite(value):
        return "n/a" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    for size, suffix in ((1e12, " tn"), (1e9, " bn"), (1e6, " M")):
        if abs(value) >= size:
            return f"{value / size:.{digits}g}{suffix}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"
