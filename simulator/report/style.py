"""One look for all figures: colours that survive colour blindness and grey, and quiet axes."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from matplotlib.artist import Artist
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
_WIDTH_OF_A_BOLD_CHARACTER: Final = 0.62
_BELOW: Final = "key-below-"
_LINE: Final = 1.3 * LABEL_POINTS


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

        from simulator.report.margins import Margins

        figure = Figure(figsize=(width, height), layout=Margins())
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
    width, height = ax.get_position().size * ax.figure.get_size_inches()  # type: ignore[union-attr]
    for name, text, inches in ((ax.set_xlabel, x, width), (ax.set_ylabel, y, height)):
        characters = max(16, int(0.95 * inches * 72 / (LABEL_POINTS * _WIDTH_OF_A_CHARACTER)))
        name(textwrap.fill(text, characters), fontsize=LABEL_POINTS, color=MUTED)


def finding(ax: Axes, text: str) -> None:
    """Title the axes with what they show, wrapped to their width, never read as mathematics."""
    _title(ax, _wrapped(plain(text), 72 * width_inches(ax)), x=0.0)


def _title(ax: Axes, text: str, x: float) -> None:
    title = ax.set_title(text, loc="left", x=x, fontsize=TITLE_POINTS, fontweight="bold", color=INK)
    title.set_parse_math(False)


def _wrapped(title: str, points: float) -> str:
    characters = int(points / (TITLE_POINTS * _WIDTH_OF_A_BOLD_CHARACTER))
    return textwrap.fill(" ".join(title.split("\n")), max(20, characters), break_on_hyphens=False)


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


def key_below(
    ax: Axes,
    columns: int,
    handles: Sequence[Artist] | None = None,
    labels: Sequence[str] | None = None,
) -> None:
    """Draw a legend under the axes, of all that is labelled or as given.

    `arrange` leaves room for it.
    """
    if handles is None or labels is None:
        handles, labels = ax.get_legend_handles_labels()
    legend = ax.legend(
        list(handles),
        list(labels),
        loc="upper center",
        bbox_to_anchor=(0.5, -0.08),
        ncols=columns,
        frameon=False,
        fontsize=LABEL_POINTS,
        labelcolor=INK,
    )
    texts = legend.get_texts()
    for text in texts:
        text.set_parse_math(False)
    legend.set_gid(f"{_BELOW}{math.ceil(len(texts) / columns)}")


def arrange(ax: Axes) -> None:
    """Set the margins of axes that are alone on their figure, from the length of their labels.

    A layout engine measures every text, twice; that takes longer than drawing the figure.
    """
    figure = ax.figure
    width, height = (72 * float(side) for side in figure.get_size_inches())  # type: ignore[union-attr]
    if not ax.axison:
        figure.subplots_adjust(left=0.0, right=1.0, bottom=0.0, top=1.0)
        return
    left, right = _sides(ax, width)
    across = max(width - left - right, 1.0)
    title = _wrapped(ax.get_title(loc="left"), width - 12)
    if title:
        # From the left end of the figure, over the labels of the axis.
        _title(ax, title, x=(6 - left) / across)
    top = 8 + (1.35 * TITLE_POINTS * _lines(title) + 6 if title else 0)
    bottom = _place_below(ax, (0.5 * width - left) / across, across, height - top)
    figure.subplots_adjust(
        left=left / width,
        right=1 - right / width,
        bottom=min(bottom / height, 0.6),
        top=max(1 - top / height, 0.7),
    )


def _sides(ax: Axes, width: float) -> tuple[float, float]:
    """Points left and right of the axes."""
    names = [text.get_text().split("\n") for text in ax.get_yticklabels()]
    longest = max((len(part) for name in names for part in name), default=0)
    left = 10 + longest * LABEL_POINTS * _WIDTH_OF_A_CHARACTER
    left += (_LINE + 4) * _lines(ax.get_ylabel())
    marks = [text.get_text() for text in ax.get_xticklabels()]
    # Half of the last label on the horizontal axis stands right of the axes.
    last = len(marks[-1]) if marks else 0
    right = max(8.0, 0.5 * last * LABEL_POINTS * _WIDTH_OF_A_CHARACTER)
    return min(left, 0.6 * width), right


def _place_below(ax: Axes, middle: float, across: float, height: float) -> float:
    """Wrap the label and place the key under the axes; returns the points that both need."""
    label = " ".join(ax.get_xlabel().split("\n"))
    if label:
        characters = int(across / (LABEL_POINTS * _WIDTH_OF_A_CHARACTER))
        ax.set_xlabel(textwrap.fill(label, max(16, characters)))
    marks = any(text.get_text() for text in ax.get_xticklabels())
    bottom = 6 + (_LINE if marks else 0) + 1.2 * _LINE * _lines(ax.get_xlabel())
    legend = ax.get_legend()
    under = str(legend.get_gid() or "") if legend is not None else ""
    if legend is None or not under.startswith(_BELOW):
        return bottom
    start = bottom + 2
    bottom = start + int(under.removeprefix(_BELOW)) * 1.15 * _LINE + 4
    # In the middle of the figure, which is wider than the axes.
    place = (middle, -start / max(height - bottom, 1.0))
    legend.set_bbox_to_anchor(place, transform=ax.transAxes)
    legend.borderaxespad = 0.0
    return bottom


def _lines(text: str) -> int:
    return len(text.splitlines())


def width_inches(ax: Axes) -> float:
    """Width of the axes in inches, which decides how much text fits."""
    figure = ax.figure
    return float(ax.get_position().width * figure.get_size_inches()[0])  # type: ignore[union-attr]


def plain(text: str, limit: int = 400) -> str:
    """Drop control characters, which SVG cannot hold, and cut what is far too long."""
    kept = "".join(sign if sign.isprintable() or sign == "\u00a0" else " " for sign in text)
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"
