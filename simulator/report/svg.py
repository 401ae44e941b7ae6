"""Figures as inline SVG: text stays text, ids stay unique, and each carries its own description."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE: Final = 7.6
"""Width in inches for a screen or a page; 1 inch is drawn as 96 CSS pixels at most."""
NARROW: Final = 3.9
"""Width in inches for a phone, drawn anew so that its text keeps its size."""

_ID: Final = re.compile(r'\bid="([^"]+)"')
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
    """

    key: str
    title: str
    alt: str
    wide: str
    narrow: str
    note: str = ""


def figure(
    key: str, alt: str, draw: Callable[[Axes], object], *, height: float = 3.6, grow: float = 1.0
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
    """
    title, note, wide = _render(f"{key}-wide", alt, draw, (WIDE, height))
    if note:
        return Figure(key=key, title="", alt=alt, wide="", narrow="", note=note)
    _, _, narrow = _render(f"{key}-narrow", alt, draw, (NARROW, height * grow))
    return Figure(key=key, title=title, alt=alt, wide=wide, narrow=narrow)


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
        picture = Canvas(figsize=size, layout="constrained")
        FigureCanvasSVG(picture)
        ax = picture.add_subplot()
        draw(ax)
        if not ax.axison:
            return "", " ".join(" ".join(text.get_text() for text in ax.texts).split("\n")), ""
        # On the page the title is a caption: real text that wraps and can be searched.
        title = " ".join(ax.get_title(loc="left").split("\n"))
        ax.set_title("", loc="left")
        buffer = io.StringIO()
        picture.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return title, "", _inline(buffer.getvalue(), key, f"{title}. {alt}" if title else alt)


def _inline(document: str, key: str, description: str) -> str:
    body = document[document.index("<svg") :]
    head, rest = body.split(">", 1)
    rest = re.sub(r"<metadata>.*?</metadata>", "", rest, flags=re.DOTALL)
    view = re.search(r'viewBox="([^"]+)"', head)
    box = view.group(1) if view else "0 0 1 1"
    rest = _ID.sub(lambda found: f'id="{key}-{found.group(1)}"', rest)
    rest = _REFERENCE.sub(lambda found: f"{found.group(1)}{key}-{found.group(2)}", rest)
    rest = rest.replace("xlink:href", "href")
    return (
        f'<svg viewBox="{box}" role="img" aria-labelledby="{key}-title">'
        f'<title id="{key}-title">{escape(description)}</title>{rest.strip()}'
    )
