"""The answer of a comparison in two sentences, from its table alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.metrics.definitions import metric_info
from simulator.report.wording import SPACE, interval, quantity, share

if TYPE_CHECKING:
    from pandas import DataFrame


def compare_answer(table: DataFrame, metric: str) -> str:
    """Say in two sentences which alternative loses least, by how much, and how surely.

    Parameters
    ----------
    table
        Result of `simulator.report.compare.compare`: every number comes from here.
    metric
        What was compared.
    """
    rows = [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
    first, others = rows[0], rows[1:]
    info = metric_info(metric)
    unit, label = info.unit, info.label.lower()
    best = max(others, key=lambda row: float(row["saved"]))
    name, other = best["alternative"], first["alternative"]
    over = f"on average over the same {int(first['replications']):,} futures"
    if best["saved"] == best["saved_ci95_low"] == best["saved_ci95_high"] == 0.0:
        level = quantity(first["mean"], unit)
        return (
            f"{name} and {other} do not differ: {over} the {label} is {level}. {_tail(best, unit)}"
        )
    if best["saved"] > 0:
        most = "" if len(others) == 1 else " most,"
        sign, does = 1.0, f"Against {other}, {name} lowers the {label}{most}"
    else:
        least = "" if len(others) == 1 else " least,"
        sign, does = -1.0, f"Nothing loses less than {other}: {name} raises the {label}{least}"
    low, high = sorted(sign * best[f"saved_ci95_{end}"] for end in ("low", "high"))
    return (
        f"{does} by {_amount(sign * best['saved'], unit)} {over} (95{SPACE}% "
        f"interval {_bounds(low, high, unit)}): from {quantity(first['mean'], unit)} to "
        f"{quantity(best['mean'], unit)}. {_tail(best, unit)}"
    )


def _tail(best: Mapping[str, Any], unit: str) -> str:
    wins = (
        f"it loses least in {share(best['best'])} of futures "
        f"({share(best['best_ci95_low'])} to {share(best['best_ci95_high'])})"
    )
    saved = best["cvar95_saved"]
    if saved is None or math.isnan(saved):
        return f"These futures are too few to compare the worst cases; {wins}."
    sign = 1.0 if saved >= 0 else -1.0
    low, high = sorted(sign * best[f"cvar95_saved_ci95_{end}"] for end in ("low", "high"))
    verb = "falls" if sign > 0 else "rises"
    return (
        f"In the worst 5{SPACE}% of cases the mean {verb} by {_amount(sign * saved, unit)} "
        f"({_bounds(low, high, unit)}); {wins}."
    )


def _amount(value: float, unit: str) -> str:
    # Differences of percentages are points; "3 % of output loss" would be something else.
    if unit != "%":
        return quantity(value, unit)
    return f"{quantity(value, unit).removesuffix(f'{SPACE}%')}{SPACE}percentage points"


def _bounds(low: float, high: float, unit: str) -> str:
    return interval(low, high, unit).removesuffix(f"{SPACE}%")
