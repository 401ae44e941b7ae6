"""Shapes over time that several shock types share: loss with recovery, and ramps."""

from __future__ import annotations

import math

STEP, LINEAR, EXPONENTIAL = "step", "linear", "exponential"
_SETTLED = 0.001


def outage_path(
    severity: float, duration_days: int, recovery: str, recovery_days: int
) -> tuple[float, ...]:
    """Remaining capacity per day, from the first day of an outage to full recovery.

    Parameters
    ----------
    severity
        Share of capacity lost during ``duration_days``.
    recovery
        ``step`` back at once; ``linear`` over ``recovery_days``; ``exponential`` with
        ``recovery_days`` as its time constant, cut off when a thousandth is missing.
    """
    path = [1.0 - severity] * duration_days
    if recovery == LINEAR:
        path += [
            1.0 - severity * (1.0 - day / (recovery_days + 1.0))
            for day in range(1, recovery_days + 1)
        ]
    elif recovery == EXPONENTIAL and recovery_days > 0 and severity > 0.0:
        last = (
            math.ceil(recovery_days * math.log(severity / _SETTLED)) if severity > _SETTLED else 0
        )
        path += [1.0 - severity * math.exp(-day / recovery_days) for day in range(1, last + 1)]
    return tuple(path)


def ramp(first: float, last: float, days: int) -> tuple[float, ...]:
    """Values that climb evenly from ``first`` (excluded) to ``last`` (included) over days."""
    return tuple(first + (last - first) * day / days for day in range(1, days + 1))
