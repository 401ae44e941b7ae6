"""The figure of back-tests: observed months over the band of the forecast, a chart each."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.report.style import INK, LABEL_POINTS, LOSS, MUTED, SHOCKED, new_axes, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 3
CEILING = 4.0
"""Bands are cut here, in levels before; the largest observation lies below."""


def backtest_svg(episodes: Sequence[dict[str, Any]]) -> str:
    """Draw all episodes as one SVG document; the same record gives the same text.

    Parameters
    ----------
    episodes
        Of `simulator.backtest.records.to_record`.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    lines = -(-len(episodes) // COLUMNS)
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "backtest"}
    with mpl.rc_context(settings):
        picture = Figure(figsize=(3.4 * COLUMNS, 2.5 * lines), layout="constrained")
        FigureCanvasSVG(picture)
        for n, one in enumerate(episodes):
            draw_episode(one, picture.add_subplot(lines, COLUMNS, n + 1))
        buffer = io.StringIO()
        picture.savefig(buffer, format="svg", metadata={"Date": None})
    return re.sub(r" *<metadata>.*?</metadata>\n", "", buffer.getvalue(), flags=re.DOTALL)


def draw_episode(one: dict[str, Any], ax: Axes | None = None) -> Axes:
    """Draw one episode: band of 90 and of 50 %, median, and the months observed."""
    ax = new_axes(ax)
    months = one["months"]
    at = range(len(months))
    for low, high, alpha in (("p05", "p95", 0.18), ("p25", "p75", 0.32)):
        bottom = [row[low] for row in months]
        tops = [min(row[high], CEILING) for row in months]
        heights = [top - foot for top, foot in zip(tops, bottom, strict=True)]
        ax.bar(at, heights, 0.92, bottom, color=SHOCKED, alpha=alpha, linewidth=0)
    median = [row["p50"] for row in months]
    ax.hlines(median, [n - 0.46 for n in at], [n + 0.46 for n in at], color=SHOCKED, linewidth=1.4)
    ax.axhline(1.0, color=MUTED, linewidth=0.6)
    inside = [row["covered"] for row in months]
    for wanted, marker in ((True, "o"), (False, "X")):
        chosen = [n for n in at if inside[n] is wanted]
        ax.plot(
            chosen, [months[n]["index"] for n in chosen], marker, linestyle="none",
            color=INK if wanted else LOSS, markersize=4 if wanted else 6,
        )  # fmt: skip
    ax.set_ylim(bottom=-0.03)  # a month of zero is seen whole
    ax.set_xlim(-1.0, max(len(months), 3))
    shown = [n for n in at if len(months) <= 4 or n % 3 == 0]
    ax.set_xticks(shown, [months[n]["month"] for n in shown])
    ax.set_title(plain(one["name"]), loc="left", fontsize=LABEL_POINTS, color=INK)
    return ax
