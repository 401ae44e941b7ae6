"""Figures as inline SVG: text stays text, ids stay unique, and each carries its own description."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

from simulator.provenance import PACKAGE
from simulator.report import style
from simulator.report.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

WIDE: Final = 7.6
"""Width in inches for a screen or a page; 1 inch is drawn as 96 CSS pixels at most."""
NARROW: Final = 3.9
"""Width in inches for a phone, drawn anew so that its text keeps its size."""

DOTS_PER_INCH: Final = 160
"""Of PNG files."""

_ID: Final = re.compile(r'\bid="([^"]+)"')
_PATH: Final = re.compile(r' d="[^"]*"')
_DIGITS: Final = re.compile(r"(\.\d\d)\d+")
_REFERENCE: Final = re.compile(r'(url\(#|href="#)([^)"]+)')


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in both widths.

    Attributes
    ----------
    key
        Short name, unique within the report.
    title
        What the figure shows, as a sentence for the page; empty where the figure says it itself.
    alt
        Description for those who do not see it.
    wide, narrow
        SVG elements, safe to put into HTML as they are.
    note
        Where there is nothing to see: the sentence to print instead of the picture.
    of
        Where the numbers of the title are found.
    """

    key: str
    title: str
    alt: str
    wide: str
    narrow: str
    note: str = ""
    of: str = ""


def figure(
    key: str,
    alt: str,
    draw: Callable[[Axes], object],
    *,
    height: float = 3.6,
    grow: float = 1.0,
    of: str = "",
    narrow_only: bool = False,
) -> Figure:
    """Draw a figure twice, for wide and for narrow pages.

    Parameters
    ----------
    key
        Short name, unique within the report.
    alt
        Description for those who do not see it; the title is put in front of it.
    draw
        Function that draws on the axes it is given.
    height
        Height of the wide one in inches.
    grow
        Height of the narrow one as a multiple of that.
    of
        Where the numbers of the title are found.
    narrow_only
        Leave out the wide one, for figures that stand side by side.
    """
    size = (NARROW, height * grow)
    if narrow_only:
        title, note, narrow = _render(f"{key}-narrow", alt, draw, size)
        return Figure(key=key, title=title, alt=alt, wide="", narrow=narrow, note=note, of=of)
    title, note, wide = _render(f"{key}-wide", alt, draw, (WIDE, height))
    if note:
        return Figure(key=key, title="", alt=alt, wide="", narrow="", note=note, of=of)
    _, _, narrow = _render(f"{key}-narrow", alt, draw, size)
    return Figure(key=key, title=title, alt=alt, wide=wide, narrow=narrow, of=of)


def _render(
    key: str, alt: str, draw: Callable[[Axes], object], size: tuple[float, float]
) -> tuple[str, str, str]:
    """Draw once; returns the title, the note where there is only that, and the SVG element."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": key}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # Signs the measuring font lacks are drawn by the reader's own fonts.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from", category=UserWarning)
        picture = Canvas(figsize=size)
        FigureCanvasSVG(picture)
        ax = picture.add_subplot()
        draw(ax)
        if not ax.axison:
            return "", " ".join(" ".join(text.get_text() for text in ax.texts).split("\n")), ""
        # On the page the title is a caption: real text that wraps and can be searched.
        title = " ".join(ax.get_title(loc="left").split("\n"))
        ax.set_title("", loc="left")
        style.arrange(ax)
        buffer = io.StringIO()
        picture.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return title, "", _inline(buffer.getvalue(), key, f"{title}. {alt}" if title else alt)


def _inline(document: str, key: str, description: str) -> str:
    body = document[document.index("<svg") :]
    head, rest = body.split(">", 1)
    rest = re.sub(r"<metadata>.*?</metadata>", "", rest, flags=re.DOTALL)
    # Hundredths of a point are seen by nobody, and are half of the file.
    rest = _PATH.sub(lambda found: _DIGITS.sub(r"\1", found.group(0)), rest)
    view = re.search(r'viewBox="([^"]+)"', head)
    box = view.group(1) if view else "0 0 1 1"
    rest = _ID.sub(lambda found: f'id="{key}-{found.group(1)}"', rest)
    rest = _REFERENCE.sub(lambda found: f"{found.group(1)}{key}-{found.group(2)}", rest)
    rest = rest.replace("xlink:href", "href")
    return (
        f'<svg viewBox="{box}" role="img" aria-labelledby="{key}-title">'
        f'<title id="{key}-title">{escape(description)}</title>{rest.strip()}'
    )


def save_figure(ax: Axes, path: Path) -> None:
    """Write the figure of some axes as SVG or PNG, by the ending of the path; the same each time.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    figure = ax.figure
    assert isinstance(figure, Canvas)
    kind = path.suffix.removeprefix(".").lower()
    dateless: dict[str, Any] = {"Date": None} if kind == "svg" else {}
    content = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": PACKAGE}):
        figure.savefig(content, format=kind, metadata=dateless, dpi=DOTS_PER_INCH)
    write_whole(path, content.getvalue())
