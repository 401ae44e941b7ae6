"""Where the loss comes from: the attribution as a waterfall, and the ledger as bars."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from simulator.report import style
from simulator.report.attribution import (
    NO_ENTRY,
    leading_causes,
    leading_first_causes,
    shown_causes,
)
from simulator.report.wording import NEGLIGIBLE_PCT, quantity, share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

_LETTERS: Final = 34
_NOTHING_LOST: Final = "The loss rounds to nothing, so there are no causes to show."


def attribution_waterfall(attribution: DataFrame | None, ax: Axes | None = None) -> Axes:
    """Draw how the mean loss builds up from one shock or measure to the next.

    Parameters
    ----------
    attribution
        Content of ``attribution.parquet``. Shapley shares add up to the loss, and are stacked; so
        does the ledger by entry, which stands in for them. What leaving out single shocks would
        save does not add up, and is drawn from zero. Causes that round to nothing are left out,
        and those beyond the ten largest are one bar.
    ax
        Axes to draw on; None makes a figure.
    """
    table, stacked = shown_causes(attribution)
    ax = style.new_axes(ax, height=1.3 + 0.36 * count_bars(attribution))
    if table.empty:
        return style.message(ax, "No causes were worked out for this run.")
    if stacked and _is_nothing(table):
        return style.message(ax, _NOTHING_LOST)
    table, others = _parted(attribution)
    records: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    at = 0.0
    for place, row in enumerate(records):
        _bar(ax, place, at if stacked else 0.0, row)
        at += row["loss_pct"] if stacked else 0.0
    names = [_short(row["label"], ax) for row in records]
    if stacked:
        rest = float(others["loss_pct"].sum())
        if _weigh(others):
            _bar(ax, len(names), at, {"loss_pct": rest, "lo95": np.nan, "hi95": np.nan})
            names.append(f"{len(others)} others")
        if len(names) > 1:
            names.append("all together")
            end = at + rest
            ax.barh(len(names) - 1, end, 0.6, color=style.BASELINE)
            _number(ax, len(names) - 1, max(end, 0.0), end)
    _finish(ax, names, "contribution to the mean loss of AI-chip output (% of normal)")
    first = next((row for row in records if row["kind"] != NO_ENTRY), records[0])
    loss = quantity(first["loss_pct"], "%")
    if first["kind"] == NO_ENTRY:
        style.finding(ax, f"{loss} of AI-chip output is lost to {first['label']}")
    elif len(names) == 1:
        style.finding(ax, f"{first['label']}: {loss} of AI-chip output")
    elif stacked:
        style.finding(ax, f"{first['label']} weighs most: {loss} of AI-chip output")
    else:
        style.finding(ax, f"Without {first['label']}, {loss} less of AI-chip output is lost")
    return ax


def ledger_bars(
    attribution: DataFrame | None,
    names: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the facilities, lanes and hubs that the shortages trace back to.

    Parameters
    ----------
    attribution
        Content of ``attribution.parquet``; lanes of one material from one country are one bar.
        Causes that round to nothing are left out, and those beyond the ten largest.
    names
        Names by country code.
    ax
        Axes to draw on; None makes a figure.
    """
    table, _ = leading_first_causes(attribution, names or {})
    ax = style.new_axes(ax, height=1.3 + 0.42 * len(table))
    if table.empty:
        return style.message(ax, "No shortage was traced to its source in this run.")
    if _is_nothing(table):
        return style.message(ax, _NOTHING_LOST)
    records: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    for place, row in enumerate(records):
        _bar(ax, place, 0.0, row)
    labels = [_short(row["label"], ax) for row in records]
    _finish(ax, labels, "lost for want of it (% of normal AI-chip output)")
    first = records[0]
    style.finding(ax, f"{share(first['share'])} of the loss traces back to {first['label']}")
    return ax


def count_bars(attribution: DataFrame | None) -> int:
    """Bars of the waterfall, with those of the others and of all together."""
    table, others = _parted(attribution)
    count = len(table) + (shown_causes(attribution)[1] and _weigh(others))
    return count + (count > 1) if len(table) else 1


def _parted(attribution: DataFrame | None) -> tuple[DataFrame, DataFrame]:
    """Rows of the best method to draw, and those to leave out."""
    table, _ = shown_causes(attribution)
    drawn = table["cause"].isin(leading_causes(attribution)[0]["cause"])
    return table[drawn], table[~drawn]


def _weigh(others: DataFrame) -> bool:
    return abs(float(others["loss_pct"].sum())) >= NEGLIGIBLE_PCT


def _is_nothing(table: DataFrame) -> bool:
    losses = table["loss_pct"]
    return bool(max(losses.abs().max(), abs(losses.sum())) < NEGLIGIBLE_PCT)


def _short(label: object, ax: Axes) -> str:
    """Two lines at most, three on a narrow page."""
    letters, lines = (20, 3) if style.width_inches(ax) < 5 else (_LETTERS, 2)
    parts = textwrap.wrap(style.plain(str(label)), letters)
    return "\n".join(parts[:lines]) + ("…" if len(parts) > lines else "")


def _bar(ax: Axes, place: int, start: float, row: dict[str, Any]) -> None:
    size = float(row["loss_pct"])
    end = start + size
    adds = size >= 0
    ax.barh(
        place,
        size,
        0.6,
        left=start,
        color=style.LOSS if adds else style.MEASURE,
        hatch=None if adds else "////",
        edgecolor="white",
        linewidth=0,
    )
    low, high = (start + float(row[key]) for key in ("lo95", "hi95"))
    if np.isfinite([low, high]).all():
        ax.hlines(place, low, high, color=style.INK, linewidth=1.2)
    _number(ax, place, np.nanmax([start, end, low, high]), size)


def _number(ax: Axes, place: int, x: float, value: float) -> None:
    ax.annotate(
        quantity(value, "%"),
        (x, place),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=style.INK,
    )


def _finish(ax: Axes, names: list[str], label: str) -> None:
    ax.set_yticks(range(len(names)), names)
    for text in ax.get_yticklabels():
        text.set_parse_math(False)
    ax.set_ylim(len(names) - 0.4, -0.6)
    low, high = ax.get_xlim()
    room = 0.16 if style.width_inches(ax) > 5 else 0.3
    ax.set_xlim(min(low, 0.0), high + room * (high - low))
    ax.axvline(0, color=style.RULE, linewidth=0.8)
    style.grid(ax, "x")
    style.name_axes(ax, label, "")
