"""Timeline of the stages that are hit, the first first: what to watch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from simulator.report import style
from simulator.report.bands import date_ticks
from simulator.report.stages import OUTCOME, SELDOM, stages_hit
from simulator.report.wording import day_and_month, share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

_POINTS: Final = 8
_CHARACTER: Final = 0.56 * _POINTS
"""Mean width of a character in points, on the safe side."""
_MOST: Final = {True: 10, False: 16}


def stage_timeline(
    early_signs: DataFrame | None, start: date, horizon_days: int, ax: Axes | None = None
) -> Axes:
    """Draw when each stage is hit: median and 90 % range of days, over the runs where it is.

    Parameters
    ----------
    early_signs
        Content of ``early_signs.parquet``.
    start
        Date of day 0.
    horizon_days
        Length of the horizon in days.
    ax
        Axes to draw on; None makes a figure.
    """
    count = len(stages_hit(early_signs, _MOST[False]))
    ax = style.new_axes(ax, height=1.2 + 0.3 * count)
    narrow = style.width_inches(ax) < 5
    rows = stages_hit(early_signs, _MOST[narrow])
    if rows.empty:
        return style.message(
            ax, f"No stage is short in {share(SELDOM)} of runs or more, so there is no timeline."
        )
    records: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    last = int(min(horizon_days, 1.15 * rows["days_p95"].max() + 10))
    places = np.arange(len(records))[::-1]
    for y, row in zip(places, records, strict=True):
        colour = style.LAYER_COLOURS.get(row["layer"], style.SHOCKED)
        middle = row["days_p50"]
        ax.plot([row["days_p05"], row["days_p95"]], [y, y], color=colour, lw=5, alpha=0.45)
        ax.plot([middle], [y], "o", color=colour, ms=8, mec="white", mew=0.8)
        _write(ax, y, row, row["days_p05"] / last)
    ax.set_ylim(-0.6, len(records) - 0.2)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, last)
    ticks = date_ticks(start, 0, last, max(4, int(style.width_inches(ax) * 1.4)))
    ax.set_xticks([day for day, _ in ticks], [label for _, label in ticks])
    style.grid(ax, "x")
    style.finding(ax, _finding(records, start))
    return ax


def _write(ax: Axes, y: float, row: dict[str, Any], start: float) -> None:
    """Write above a line, from where it begins; further left where there is no room."""
    often = f", {share(row['hit_share'])} of runs"
    points = 0.93 * 72 * float(ax.figure.get_size_inches()[0])  # type: ignore[union-attr]
    most = int(points / _CHARACTER) - len(often)
    text = f"{style.plain(str(row['label']), most)}{often}"
    note = ax.annotate(
        text,
        (max(0.0, min(start, 1 - len(text) * _CHARACTER / points)), y),
        xycoords=("axes fraction", "data"),
        xytext=(0, 5),
        textcoords="offset points",
        ha="left",
        va="bottom",
        fontsize=_POINTS,
        color=style.INK,
    )
    note.set_parse_math(False)


def _finding(records: Sequence[dict[str, Any]], start: date) -> str:
    stages = [row for row in records if row["stage"] != OUTCOME]
    if not stages:
        return "Output falls before any stage runs short"
    first = stages[0]
    when = day_and_month(start + timedelta(days=int(first["days_p50"])))
    often = share(first["hit_share"])
    return f"Watch {first['label']}: short by {when} at the median, in {often} of runs"
