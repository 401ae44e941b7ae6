"""Figures over time: bands of output and of cumulative loss, with the shocks above them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from simulator.report import style
from simulator.report.wording import quantity
from simulator.units import day_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

MOST_ROWS: Final = 6
"""More windows than this are summed up in the last row."""
_ROW: Final = 0.062
"""Height of a row of the strip, as a share of the axes."""
_STRIP_POINTS: Final = 8
_DAYS_SHOWN_SINGLY: Final = 75
_MOST_DAYS: Final = 300


def output_band(
    bands: DataFrame,
    timeline: Sequence[Mapping[str, Any]],
    start: date,
    ax: Axes | None = None,
    *,
    series: str = "output",
    unit: str = "per day, 7-day mean",
) -> Axes:
    """Draw output over time without shocks (median) and with them (median, 50 and 90 % bands).

    Parameters
    ----------
    bands
        Content of ``bands.parquet``.
    timeline
        ``timeline`` of ``manifest.json``; each window is shaded and named.
    start
        Date of day 0.
    ax
        Axes to draw on; None makes a figure.
    series
        Which series of the bands, such as ``output`` or ``delivered:JPN``.
    unit
        Its unit, for the label.
    """
    ax = style.new_axes(ax, height=4.4)
    baseline, shocked, loss = (_part(bands, series, run) for run in ("baseline", "shocked", "loss"))
    if baseline.empty or shocked.empty:
        return style.message(ax, f"There are no daily bands of {series}.")
    _band(ax, shocked, style.SHOCKED, "with shocks")
    calm = _thin(baseline)
    ax.plot(
        calm["day"],
        calm["p50"],
        color=style.BASELINE,
        linestyle=(0, (4, 2)),
        linewidth=1.6,
        label="without shocks, median",
    )
    top = float(max(shocked["p95"].max(), baseline["p50"].max()))
    _frame(ax, timeline, start, (baseline["day"].min(), baseline["day"].max()), (0.0, top))
    style.name_axes(ax, "", f"AI-chip output ({unit})")
    style.finding(ax, _output_finding(baseline, loss, start))
    return ax


def cumulative_loss_band(
    bands: DataFrame,
    timeline: Sequence[Mapping[str, Any]],
    start: date,
    ax: Axes | None = None,
) -> Axes:
    """Draw the output lost up to each day: median with 50 and 90 % bands.

    Parameters
    ----------
    bands
        Content of ``bands.parquet``; its series ``output_cumulative`` of the run ``loss`` is drawn.
    timeline, start, ax
        As in `output_band`.
    """
    ax = style.new_axes(ax, height=4.4)
    loss = _part(bands, "output_cumulative", "loss")
    if loss.empty:
        return style.message(ax, "There are no daily bands of the cumulative loss.")
    planned = _part(bands, "output_cumulative", "baseline")["p50"].max()
    # Bands are float32: a millionth of what was made is rounding.
    if loss[["p05", "p95"]].abs().to_numpy().max() <= max(0.5, 1e-6 * float(planned)):
        return style.message(ax, "On no day is an AI chip lost, in at least nine runs of ten.")
    _band(ax, loss, style.LOSS, "lost so far")
    low, high = float(min(0.0, loss["p05"].min())), float(loss["p95"].max())
    _frame(ax, timeline, start, (loss["day"].min(), loss["day"].max()), (low, high))
    style.name_axes(ax, "", "AI chips lost so far (accelerators)")
    end = float(loss["p50"].iloc[-1])
    gained = " gained" if end < 0 else " lost"
    text = f"At the end {quantity(abs(end), 'units')} are{gained} at the median"
    style.finding(ax, text if abs(end) >= 0.5 else "At the end nothing is lost at the median")
    return ax


def windows(
    timeline: Sequence[Mapping[str, Any]], start: date, last_day: int
) -> list[tuple[int, int, str, str]]:
    """Windows of a timeline as ``(first day, last day, label, kind)`` within the horizon.

    Entries without a first or last date begin at the start or last to the end. Those with the same
    window and kind share one row; beyond ``MOST_ROWS`` the rest are counted
    in the last row.
    """
    grouped: dict[tuple[int, int, str], list[str]] = {}
    for entry in timeline:
        begin, until = entry.get("from_date"), entry.get("until_date")
        first = 0 if begin is None else max(0, day_of(_date(begin), start))
        last = min(last_day, last_day if until is None else day_of(_date(until), start))
        if first <= last_day and last >= first:
            label = str(entry.get("label") or entry.get("name") or entry.get("type"))
            grouped.setdefault((first, last, str(entry.get("kind", "shock"))), []).append(label)
    rows = [
        (first, last, _joined(labels), kind)
        for (first, last, kind), labels in sorted(grouped.items(), key=lambda item: item[0])
    ]
    if len(rows) > MOST_ROWS:
        rest = rows[MOST_ROWS - 1 :]
        first, last = min(row[0] for row in rest), max(row[1] for row in rest)
        rows = [*rows[: MOST_ROWS - 1], (first, last, f"{len(rest)} more", rest[0][3])]
    return rows


def _part(bands: DataFrame, series: str, run: str) -> DataFrame:
    if bands.empty:
        return bands
    return bands[(bands["series"] == series) & (bands["run"] == run)].sort_values("day")


def _thin(part: DataFrame) -> DataFrame:
    """Fewer days, first and last among them: a point per pixel is enough to draw."""
    if len(part) <= _MOST_DAYS:
        return part
    return part.iloc[np.linspace(0, len(part) - 1, _MOST_DAYS).round().astype(int)]


def _band(ax: Axes, part: DataFrame, colour: str, name: str) -> None:
    part = _thin(part)
    days = part["day"]
    for low, high, alpha, label in (
        ("p05", "p95", 0.16, "90 % of runs"),
        ("p25", "p75", 0.30, "50 % of runs"),
    ):
        ax.fill_between(
            days, part[low], part[high], color=colour, alpha=alpha, linewidth=0, label=label
        )
    ax.plot(days, part["p50"], color=colour, linewidth=1.8, label=f"{name}, median")


def _frame(
    ax: Axes,
    timeline: Sequence[Mapping[str, Any]],
    start: date,
    days: tuple[float, float],
    values: tuple[float, float],
) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    rows = windows(timeline, start, int(days[1]))
    ax.set_xlim(days[0], max(days[1], days[0] + 1))
    low, high = values
    high = high if high > low else low + 1.0
    ax.set_ylim(low, low + 1.06 * (high - low) / (1 - _ROW * len(rows)))
    _date_axis(ax, start, int(days[0]), int(days[1]))
    # Ticks end where the data do; the strip of windows above has no scale.
    ticks = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    margin = 0.04 * (high - low)
    ax.set_yticks([tick for tick in ticks if low - margin <= tick <= high + margin])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    style.grid(ax, "y")
    _strip(ax, rows)
    narrow = style.width_inches(ax) < 5
    style.key_below(ax, 2 if narrow else 4)


def draw_dates(ax: Axes, start: date) -> None:
    """Turn an axis of day numbers, as far as there are data, into one of dates."""
    from matplotlib.ticker import FuncFormatter

    first, last = (int(day) for day in ax.dataLim.intervalx)
    ax.set_xlim(first, max(last, first + 1))
    _date_axis(ax, start, first, last)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))


def _date_axis(ax: Axes, start: date, first: int, last: int) -> None:
    most = max(4, int(style.width_inches(ax) * 1.4))
    ticks = date_ticks(start, first, last, most)
    ax.set_xticks([day for day, _ in ticks], [label for _, label in ticks])


def date_ticks(start: date, first: int, last: int, most: int) -> list[tuple[int, str]]:
    """Days to mark on an axis of day numbers, with labels: days, months or years.

    Parameters
    ----------
    start
        Date of day 0.
    first, last
        Ends of the axis, in days.
    most
        How many labels fit.
    """
    length = last - first + 1
    if length <= _DAYS_SHOWN_SINGLY:
        step = max(1, math.ceil(length / most))
        dates = [start + timedelta(days=day) for day in range(first, last + 1, step)]
        return [(day_of(when, start), f"{when.day} {when:%b}") for when in dates]
    months = next((m for m in (1, 2, 3, 4, 6) if length / 30.4 / m <= most), 12)
    years = 1 if months < 12 else math.ceil(length / 365.25 / most)
    ends = (start + timedelta(days=first)).year, (start + timedelta(days=last)).year
    dates = [
        date(year, month, 1)
        for year in range(ends[0], ends[1] + 1)
        for month in range(1, 13, months)
        if year % years == 0
    ]
    return [
        (day_of(when, start), str(when.year) if when.month == 1 else f"{when:%b}")
        for when in dates
        if first <= day_of(when, start) <= last
    ]


def _strip(ax: Axes, rows: Sequence[tuple[int, int, str, str]]) -> None:
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.transforms import ScaledTranslation

    across = ax.get_xaxis_transform()
    left, right = ax.get_xlim()
    inches = style.width_inches(ax)
    shocks = [row for row in rows if row[3] != "measure"]
    shade = [_box(begin, end, 0, 1) for begin, end in _union([(r[0], r[1]) for r in shocks])]
    ax.add_collection(
        PolyCollection(shade, transform=across, color=style.INK, alpha=0.045, linewidth=0),
        autolim=False,
    )
    colours = [style.MEASURE if row[3] == "measure" else style.LOSS for row in rows]
    # An event of one day must be seen, too.
    stops = [max(row[1], row[0] + (right - left) / 300) for row in rows]
    tops = [1 - _ROW * place for place in range(len(rows))]
    starts = [[(row[0], 0), (row[0], top - _ROW)] for row, top in zip(rows, tops, strict=True)]
    bars = [
        _box(row[0], stop, top - 0.88 * _ROW, top - 0.1 * _ROW)
        for row, stop, top in zip(rows, stops, tops, strict=True)
    ]
    ax.add_collection(
        LineCollection(starts, transform=across, colors=colours, lw=0.8, ls=(0, (1, 2))),
        autolim=False,
    )
    ax.add_collection(
        PolyCollection(bars, transform=across, facecolors=colours, alpha=0.28, linewidth=0),
        autolim=False,
    )
    for (first, _, label, kind), stop, top in zip(rows, stops, tops, strict=True):
        # Colour alone is lost in grey.
        label = f"Measure: {label}" if kind == "measure" else label
        late = (first - left) > 0.55 * (right - left)
        room = inches * (stop - left if late else right - first) / (right - left)
        inset = ScaledTranslation((-4 if late else 4) / 72, 0, ax.figure.dpi_scale_trans)
        text = ax.text(
            stop if late else first,
            top - 0.49 * _ROW,
            style.plain(label, max(6, int(room * 72 / (_STRIP_POINTS * 0.54)) - 1)),
            transform=across + inset,
            ha="right" if late else "left",
            va="center",
            fontsize=_STRIP_POINTS,
            color=style.INK,
            clip_on=True,
        )
        text.set_parse_math(False)


def _box(left: float, right: float, low: float, high: float) -> list[tuple[float, float]]:
    return [(left, low), (right, low), (right, high), (left, high)]


def _union(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _output_finding(baseline: DataFrame, loss: DataFrame, start: date) -> str:
    median = loss["p50"].to_numpy(float)
    normal = float(baseline["p50"].max())
    # Bands are float32: a millionth of what is made is rounding.
    if loss.empty or median.max() <= 1e-6 * normal:
        if loss.empty or loss["p95"].max() <= 1e-6 * normal:
            return "Output stays at its level without shocks"
        return "In the median run output stays at its level without shocks"
    worst = int(np.argmax(median))
    when = start + timedelta(days=int(loss["day"].to_numpy()[worst]))
    return f"The median loss is largest in {when:%B %Y}: {quantity(median[worst], 'units')} a day"


def _joined(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} and {len(labels) - 1} more"


def _date(value: object) -> date:
    return date.fromisoformat(str(value)[:10])


def _tick(value: float) -> str:
    for size, suffix in ((1e9, " bn"), (1e6, " M")):
        if abs(value) >= size:
            return f"{value / size:g}{suffix}"
    return f"{value:,.10g}".replace("-", "\u2212")
