"""Alternatives beside one another: differences future by future, tails, and output over time."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from simulator.metrics.definitions import metric_info
from simulator.metrics.risk import exceedance
from simulator.report import style
from simulator.report.bands import draw_dates
from simulator.report.wording import quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from simulator.metrics.outcome import FloatArray

LINES: Final = (
    ("#404040", "-"),
    ("#0072B2", "--"),
    ("#D55E00", "-."),
    ("#009E73", ":"),
    ("#CC79A7", (0, (6, 2))),
    ("#E69F00", (0, (1, 1))),
)
"""Colour and dashes of each alternative, so that lines stay apart in grey."""
_LETTERS: Final = 30
_POINTS: Final = 300


def difference_chart(table: DataFrame, metric: str, ax: Axes | None = None) -> Axes:
    """Draw what each alternative saves against the first, with 95 % intervals.

    Parameters
    ----------
    table
        Result of `simulator.report.compare.compare`.
    metric
        What was compared.
    ax
        Axes to draw on; None makes a figure.
    """
    records: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    first, others = records[0], records[1:]
    ax = style.new_axes(ax, height=1.5 + 0.55 * len(others))
    unit = metric_info(metric).unit
    for place, row in enumerate(others):
        for shift, key, marker, label in (
            (-0.12, "saved", "o", "on average"),
            (0.12, "cvar95_saved", "D", "in the worst 5 % of runs"),
        ):
            if not np.isfinite(row[key]):
                continue
            colour = style.MEASURE if row[key] >= 0 else style.LOSS
            ends = row[f"{key}_ci95_low"], row[f"{key}_ci95_high"]
            ax.hlines(place + shift, *ends, color=colour, linewidth=2)
            ax.plot(
                [row[key]],
                [place + shift],
                marker,
                color=colour,
                ms=7,
                ls="",
                label=label if place == 0 else None,
            )
    ax.axvline(0, color=style.INK, linewidth=1)
    letters = 16 if style.width_inches(ax) < 5 else _LETTERS
    names = [
        textwrap.fill(style.plain(str(row["alternative"]), 3 * letters), letters) for row in others
    ]
    ax.set_yticks(range(len(names)), names)
    for text in ax.get_yticklabels():
        text.set_parse_math(False)
    ax.set_ylim(len(names) - 0.4, -0.6)
    style.grid(ax, "x")
    label = metric_info(metric).label.lower()
    style.name_axes(ax, f"{label} saved, future by future{f' ({unit})' if unit else ''}", "")
    style.key_below(ax, 2)
    best = max(others, key=lambda row: float(row["saved"]))
    if best["saved"] > 0:
        saved = quantity(best["saved"], unit)
        style.finding(ax, f"{best['alternative']} saves most: {saved} on average")
    else:
        style.finding(ax, f"No alternative loses less than {first['alternative']} on average")
    return ax


def exceedance_curves(
    losses: FloatArray, names: Sequence[str], metric: str, ax: Axes | None = None
) -> Axes:
    """Draw the probability of losing more than each amount, one curve per alternative.

    Parameters
    ----------
    losses
        Shape (alternatives, replications).
    names
        Of the alternatives.
    metric
        What was compared.
    ax
        Axes to draw on; None makes a figure.
    """
    ax = style.new_axes(ax)
    for row, name in enumerate(names):
        amounts, odds = exceedance(losses[row])
        amounts, odds = np.insert(amounts, 0, min(0.0, amounts[0])), np.insert(odds, 0, 1.0)
        kept = np.unique(np.linspace(0, amounts.size - 1, _POINTS).astype(int))
        colour, dashes = LINES[row % len(LINES)]
        ax.step(
            amounts[kept],
            100 * odds[kept],
            where="post",
            color=colour,
            linestyle=dashes,
            linewidth=1.8,
            label=style.plain(name, _LETTERS),
        )
    ax.set_ylim(0, 102)
    style.grid(ax, "y")
    info = metric_info(metric)
    unit = f" ({info.unit})" if info.unit else ""
    style.name_axes(ax, f"{info.label.lower()}{unit}", "probability of more (%)")
    style.key_below(ax, 1 if style.width_inches(ax) < 5 else 2)
    style.finding(ax, "Lower and further left is better: how likely a loss beyond each size is")
    return ax


def output_losses(bands: Mapping[str, DataFrame], start: date, ax: Axes | None = None) -> Axes:
    """Draw the mean loss of output over time for each alternative, with bands for 90 % of runs.

    Parameters
    ----------
    bands
        Content of ``bands.parquet`` by alternative.
    start
        Date of day 0.
    ax
        Axes to draw on; None makes a figure.
    """
    ax = style.new_axes(ax)
    drawn = 0
    for row, (name, table) in enumerate(bands.items()):
        part = table[(table["series"] == "output") & (table["run"] == "loss")]
        part = part.sort_values("day")
        if part.empty:
            continue
        colour, dashes = LINES[row % len(LINES)]
        days = part["day"].to_numpy(float)
        ax.fill_between(days, part["p05"], part["p95"], color=colour, alpha=0.14, linewidth=0)
        ax.plot(
            days,
            part["mean"],
            color=colour,
            linestyle=dashes,
            linewidth=1.7,
            label=style.plain(name, _LETTERS),
        )
        drawn += 1
    if not drawn:
        return style.message(ax, "There are no daily bands of the output.")
    draw_dates(ax, start)
    style.grid(ax, "y")
    style.name_axes(ax, "", "accelerators lost a day, 7-day mean")
    style.key_below(ax, 1 if style.width_inches(ax) < 5 else 2)
    style.finding(ax, "Mean loss of output over time; shaded: nine runs in ten")
    return ax
