"""Figures of losses over replications: data in, Axes out, each titled with what it shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from simulator.metrics.outcome import FloatArray
from simulator.metrics.risk import (
    TAIL_OBSERVATIONS_NEEDED,
    enough,
    exceedance,
    summarise,
    wilson_interval,
)
from simulator.report import style
from simulator.report.wording import NEGLIGIBLE_PCT, SPACE, quantity, share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS_UP_TO: Final = 20
"""Fewer replications than this are drawn one by one; a histogram of them would mislead."""
_NEEDED: Final = TAIL_OBSERVATIONS_NEEDED
_MOST_BINS: Final = 50
_MOST_POINTS: Final = 400


def loss_histogram(losses_pct: npt.ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw how often each output loss occurs, with the worst 5 % of runs set apart.

    Parameters
    ----------
    losses_pct
        Output loss per replication, %; what is not finite is left out.
    ax
        Axes to draw on; None makes a figure.
    """
    ax = style.new_axes(ax)
    losses = _finite(losses_pct)
    said = _without_spread(ax, losses)
    if said is not None:
        return said
    style.name_axes(ax, "AI-chip output lost over the horizon (% of normal)", "share of runs (%)")
    summary, tail = summarise(losses), enough(losses.size, 0.95)
    if losses.size < DOTS_UP_TO:
        _dots(ax, losses, style.LOSS)
    else:
        _split_histogram(ax, losses, summary.tails[0].var if tail else np.inf)
    lines = [
        (summary.mean, "mean", "-"),
        (summary.p50, "median", "--"),
        (summary.p95, "VaR 95", ":"),
    ]
    for value, name, dashes in lines if tail else lines[:2]:
        label = f"{name} {quantity(value, '%')}"
        ax.axvline(value, color=style.INK, linestyle=dashes, linewidth=1.4, label=label)
    style.key(ax, "upper right")
    if not tail:
        mean = quantity(summary.mean, "%")
        style.finding(ax, f"The {losses.size} runs lose {mean} of AI-chip output on average")
    else:
        low, high = quantity(summary.p05, "%"), quantity(summary.p95, "%")
        style.finding(ax, f"Nine runs in ten lose between {low} and {high} of AI-chip output")
    return ax


def exceedance_curve(losses_pct: npt.ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the probability of losing more than each amount, with pointwise 95 % intervals.

    The probability axis is logarithmic from 200 replications on, so that the tail can be read; the
    part of the curve that rests on fewer than 10 replications is dashed.

    Parameters
    ----------
    losses_pct
        Output loss per replication, %; what is not finite is left out.
    ax
        Axes to draw on; None makes a figure.
    """
    ax = style.new_axes(ax)
    losses = _finite(losses_pct)
    said = _without_spread(ax, losses)
    if said is not None:
        return said
    style.name_axes(
        ax, "AI-chip output lost over the horizon (% of normal)", "probability of losing more (%)"
    )
    _draw_exceedance(ax, losses)
    if losses.size >= 20 * _NEEDED:
        _logarithmic_percent(ax, 100 / losses.size)
    else:
        ax.set_ylim(0, 102)
    style.grid(ax, "y")
    style.key(ax, "lower left")
    summary = summarise(losses)
    if not enough(losses.size, 0.95):
        half = quantity(summary.p50, "%")
        style.finding(ax, f"Half of the {losses.size} runs lose more than {half} of AI-chip output")
        return ax
    var, cvar = (quantity(value, "%") for value in (summary.tails[0].var, summary.tails[0].cvar))
    style.finding(ax, f"One run in twenty loses more than {var}; those lose {cvar} on average")
    return ax


def impact_times(days: npt.ArrayLike, horizon_days: int, ax: Axes | None = None) -> Axes:
    """Draw when output first falls more than 1 % below normal.

    Parameters
    ----------
    days
        Time to impact per replication, days from the start; NaN is never.
    horizon_days
        Length of the horizon in days.
    ax
        Axes to draw on; None makes a figure.
    """
    ax = style.new_axes(ax, height=3.2)
    times = np.asarray(days, dtype=np.float64).ravel()
    hit = times[np.isfinite(times)]
    if not times.size:
        return style.message(ax, "No replication finished.")
    if not hit.size:
        return style.message(
            ax, f"Output stays within 1{SPACE}% of normal in {_all_runs(times.size)}."
        )
    style.name_axes(ax, "days from the start to the impact", "share of runs (%)")
    if times.size < DOTS_UP_TO or hit.min() == hit.max():
        _dots(ax, hit, style.SHOCKED)
    else:
        edges = _edges(hit, whole=True)
        weights = np.full(hit.size, 100 / times.size)
        ax.hist(hit, bins=edges.tolist(), weights=weights, color=style.SHOCKED, edgecolor="white")
        style.grid(ax, "y")
    ax.set_xlim(0, horizon_days if hit.max() > horizon_days / 2 else max(10.0, 1.25 * hit.max()))
    style.finding(ax, _impact_finding(times, hit))
    return ax


def country_losses(
    countries: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean loss of deliveries per country, with the 5 to 95 % range of runs.

    Parameters
    ----------
    countries
        ``countries`` of ``summary.json``.
    names
        Names by country code; a code without a name shows as it is.
    ax
        Axes to draw on; None makes a figure.
    """
    rows = sorted(
        (record["delivered_loss_pct"]["mean"], code, record["delivered_loss_pct"])
        for code, record in countries.items()
        if record.get("delivered_loss_pct", {}).get("mean") is not None
    )
    ax = style.new_axes(ax, height=1.3 + 0.3 * len(rows))
    if not rows:
        return style.message(ax, "No deliveries to data centres are recorded.")
    if all(abs(mean) < NEGLIGIBLE_PCT and abs(r["cvar95"] or 0) < 0.005 for mean, _, r in rows):
        return style.message(ax, "Deliveries stay as planned in every country.")
    places = np.arange(len(rows))
    means = np.array([mean for mean, _, _ in rows])
    # Ends that too few runs lie beyond are not there.
    low, high = (
        np.array([record[end] for _, _, record in rows], dtype=np.float64) for end in ("p05", "p95")
    )
    colour = style.LAYER_COLOURS["ai_infrastructure"]
    ax.barh(places, means, color=colour, height=0.62, label="mean")
    ax.hlines(places, low, high, color=style.INK, linewidth=1.3, label="5 to 95 % of runs")
    ax.plot(low, places, "|", high, places, "|", color=style.INK, markersize=7)
    ax.axvline(0, color=style.RULE, linewidth=0.8)
    ax.set_yticks(places, [style.plain((names or {}).get(code, code), 28) for _, code, _ in rows])
    for text in ax.get_yticklabels():
        text.set_parse_math(False)
    style.grid(ax, "x")
    style.name_axes(ax, "accelerators not delivered over the horizon (% of normal)", "")
    style.key_below(ax, 2)
    worst, code, _ = rows[-1]
    style.finding(
        ax, f"{(names or {}).get(code, code)} loses most: {quantity(worst, '%')} on average"
    )
    return ax


def _finite(values: npt.ArrayLike) -> FloatArray:
    numbers = np.asarray(values, dtype=np.float64).ravel()
    return numbers[np.isfinite(numbers)]


def _without_spread(ax: Axes, losses: FloatArray) -> Axes | None:
    # A single bar would hide that there is nothing to see; a sentence says it.
    if not losses.size:
        return style.message(ax, "No replication finished.")
    runs = _all_runs(losses.size)
    if np.abs(losses).max() < NEGLIGIBLE_PCT:
        return style.message(ax, f"No AI-chip output is lost in {runs}.")
    if np.ptp(losses) < 1e-9 * np.abs(losses).max():
        loss = quantity(float(losses[0]), "%")
        return style.message(ax, f"The loss is {loss} of AI-chip output in {runs}.")
    return None


def _all_runs(n: int) -> str:
    return "the single run" if n == 1 else f"all {n:,} runs"


def _edges(values: FloatArray, *, whole: bool = False) -> FloatArray:
    bins = np.histogram_bin_edges(values, bins="sqrt").size - 1
    bins = int(np.clip(bins, 10, _MOST_BINS))
    if whole:
        width = max(1, math.ceil((np.ptp(values) + 1) / bins))
        return np.arange(values.min(), values.max() + 1 + width, width) - 0.5
    return np.linspace(values.min(), values.max(), bins + 1)


def _split_histogram(ax: Axes, losses: FloatArray, var: float) -> None:
    # Stacked, because the bar that holds VaR holds both kinds of run.
    parts = [part for part in (losses[losses <= var], losses[losses > var]) if part.size]
    ax.hist(
        parts,
        bins=_edges(losses).tolist(),
        weights=[np.full(part.size, 100 / losses.size) for part in parts],
        stacked=True,
        color=["#f0b48c", style.LOSS][: len(parts)],
        edgecolor="white",
        linewidth=0.5,
        label=["other runs" if len(parts) == 2 else "runs", "worst 5 % of runs"][: len(parts)],
    )
    style.grid(ax, "y")


def _dots(ax: Axes, values: FloatArray, colour: str) -> None:
    found, counts = np.unique(values, return_counts=True)
    x = np.repeat(found, counts)
    y = np.concatenate([np.arange(1, count + 1) for count in counts])
    ax.plot(x, y, "o", color=colour, markersize=8, alpha=0.85, label="one run")
    ax.set_ylim(0, max(4, counts.max() + 1))
    ax.set_yticks([])
    ax.set_ylabel("")
    ax.spines["left"].set_visible(False)


def _draw_exceedance(ax: Axes, losses: FloatArray) -> None:
    amounts, odds = exceedance(losses)
    # Left of the smallest loss everything is exceeded; the curve starts there, not at the loss.
    amounts, odds = np.insert(amounts, 0, min(0.0, amounts[0])), np.insert(odds, 0, 1.0)
    keep = np.unique(np.linspace(0, amounts.size - 1, _MOST_POINTS).astype(int))
    amounts, odds = amounts[keep], odds[keep]
    beyond = np.rint(odds * losses.size).astype(int)
    ends = 100 * np.array([wilson_interval(int(k), losses.size) for k in beyond])
    ax.fill_between(
        amounts,
        ends[:, 0],
        ends[:, 1],
        step="post",
        color=style.LOSS,
        alpha=0.18,
        linewidth=0,
        label="95 % interval",
    )
    firm = int((beyond >= _NEEDED).sum())
    for part, width, dashes, label in (
        (slice(0, firm + 1), 1.8, "-", "share of runs"),
        (slice(max(0, firm), None), 1.3, (0, (3, 1.5)), f"by fewer than {_NEEDED} runs"),
    ):
        if amounts[part].size > 1:
            ax.step(
                amounts[part],
                100 * odds[part],
                where="post",
                color=style.LOSS,
                linewidth=width,
                linestyle=dashes,
                label=label,
            )
    ax.axhline(5, color=style.MUTED, linewidth=0.8, linestyle=":")


def _logarithmic_percent(ax: Axes, smallest: float) -> None:
    ticks = [
        t for t in (100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.01) if t >= smallest * 0.9
    ]
    ax.set_yscale("log")
    ax.set_ylim(smallest * 0.7, 120)
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()


def _impact_finding(times: FloatArray, hit: FloatArray) -> str:
    never = share(1 - hit.size / times.size)
    if times.size == 1:
        return f"Output first falls below normal on day {hit[0]:.0f}"
    if 2 * hit.size < times.size:
        return f"Fewer than half of the runs are hit; {never} never are"
    if hit.min() == hit.max():
        text = f"Every run that is hit is hit on day {hit[0]:.0f}"
    else:
        text = f"Half of the runs are hit by day {summarise(times).p50:.0f}"
    return text if hit.size == times.size else f"{text}; {never} never are"


__all__: Sequence[str] = [
    "country_losses",
    "exceedance_curve",
    "impact_times",
    "loss_histogram",
]
