"""One look for all figures: colours that survive colour blindness and grey, and quiet axes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LAYER_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "energy": "#E69F00",
        "minerals": "#D55E00",
        "semiconductors": "#0072B2",
        "ai_infrastructure": "#009E73",
        "logistics": "#CC79A7",
    }
)
"""One colour per layer in every figure, from the palette of Okabe and Ito."""

SHOCKED: Final = "#0072B2"
BASELINE: Final = "#404040"
LOSS: Final = "#D55E00"
MEASURE: Final = "#009E73"
INK: Final = "#1d2329"
MUTED: Final = "#5a646e"
RULE: Final = "#c9ced3"

TITLE_POINTS: Final = 11.0
LABEL_POINTS: Final = 9.0
_WIDTH_OF_A_CHARACTER: Final = 0.56
"""Mean width of a character in a proportional font, in font sizes; on the safe side."""


def new_axes(ax: Axes | None, width: float = 7.2, height: float = 3.9) -> Axes:
    """Return ``ax``, or axes on a figure of their own, outside pyplot's global state.

    Parameters
    ----------
    ax
        Axes to draw on, or None.
    width, height
        Size of a new figure in inches.
    """
    if ax is None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        ax = figure.add_subplot()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(RULE)
    ax.tick_params(colors=MUTED, labelcolor=INK, labelsize=LABEL_POINTS, length=3)
    ax.set_axisbelow(True)
    return ax


def grid(ax: Axes, axis: str) -> None:
    """Draw faint guide lines across one axis (``"x"`` or ``"y"``)."""
    (ax.xaxis if axis == "x" else ax.yaxis).grid(True, color=RULE, linewidth=0.6, alpha=0.6)


def name_axes(ax: Axes, x: str, y: str) -> None:
    """Label both axes; the labels carry the units."""
    ax.set_xlabel(x, fontsize=LABEL_POINTS, color=MUTED)
    ax.set_ylabel(y, fontsize=LABEL_POINTS, color=MUTED)


def finding(ax: Axes, text: str) -> None:
    """Title the axes with what they show, wrapped to their width, never read as mathematics."""
    inches = width_inches(ax)
    characters = int(inches * 72 / (TITLE_POINTS * _WIDTH_OF_A_CHARACTER))
    wrapped = textwrap.fill(plain(text), max(20, characters), break_on_hyphens=False)
    title = ax.set_title(
        wrapped, loc="left", fontsize=TITLE_POINTS, fontweight="semibold", color=INK
    )
    title.set_parse_math(False)


def message(ax: Axes, text: str) -> Axes:
    """Say in words what there is no picture of; the axes themselves are hidden."""
    ax.set_axis_off()
    characters = int(width_inches(ax) * 72 / (12 * _WIDTH_OF_A_CHARACTER))
    note = ax.text(
        0.5,
        0.5,
        textwrap.fill(plain(text), max(20, characters)),
        ha="center",
        va="center",
        fontsize=12,
        color=MUTED,
        transform=ax.transAxes,
    )
    note.set_parse_math(False)
    return ax


def key(ax: Axes, location: Literal["upper right", "lower left", "lower right"]) -> None:
    """Draw a legend without a border that stays readable over lines."""
    legend = ax.legend(loc=location, fontsize=LABEL_POINTS)
    legend.get_frame().set(facecolor="white", edgecolor="none", alpha=0.85)
    for text in legend.get_texts():
        text.set_color(INK)
        text.set_parse_math(False)


def width_inches(ax: Axes) -> float:
    """Width of the axes in inches, which decides how much text fits."""
    figure = ax.figure
    return float(ax.get_position().width * figure.get_size_inches()[0])  # type: ignore[union-attr]


def plain(text: str, limit: int = 400) -> str:
    """Drop control characters, which SVG cannot hold, and cut what is far too long."""
    kept = "".join(sign if sign.isprintable() or sign == "\u00a0" else " " for sign in text)
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"
