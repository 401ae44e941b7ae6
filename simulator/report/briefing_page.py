"""A briefing as text for the terminal, and as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from simulator.report.briefing_words import percent
from simulator.report.files import write_whole

if TYPE_CHECKING:
    from simulator.report.briefing import Briefing
    from simulator.report.briefing_cover import FirstEffect
    from simulator.report.briefing_flows import Touched
    from simulator.report.briefing_terms import BranchOutcome

_FEW, _MANY = 10, 60
_WIDTH = 100
COVER_NOTE = (
    "Cover arithmetic, not a simulation: planned use against what is in stock and on its way, with "
    "every number at its base value. No catching up, no standby supplier, nobody else reacts, "
    "and hazards are left out."
)
_BRANCH_NOTE = (
    "The same arithmetic from the end of the suspension on, all else at base values; a renewal is "
    "drawn again when it ends."
)


class Table(NamedTuple):
    """A titled table, with a note above it."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    left_out: int = 0


def briefing_text(briefing: Briefing) -> str:
    """Write a briefing as text, about a hundred characters wide."""
    return "\n".join(_text(briefing))


def write_briefing(briefing: Briefing, network: str, target: Path) -> None:
    """Write a briefing as one HTML file without external references, whole or not at all.

    Parameters
    ----------
    briefing
        What to write.
    network
        Description of the network, as text.
    target
        The file.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    write_whole(target, briefing_html(briefing, network))


def briefing_html(briefing: Briefing, network: str) -> str:
    """Write a briefing as HTML; all that comes from files is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("simulator.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("briefing.html.j2")
    return page.render(
        briefing=briefing, tables=tuple(tables(briefing, _MANY)), network_text=network
    )


def tables(briefing: Briefing, most: int) -> Iterator[Table]:
    """The parts of a briefing as tables with at most so many rows of first effects."""
    if briefing.calendar:
        events = tuple(
            (str(e.when or "any day"), e.kind, e.name, e.what) for e in briefing.calendar
        )
        yield Table("Calendar", ("date", "kind", "name", "what"), events)
    if briefing.touched:
        yield Table(
            "What it touches",
            ("name", "how", "facilities", "lanes", "share of planned flow"),
            tuple(_touched(item) for item in briefing.touched),
            "At base values, as if nothing were suspended. Hazards: all that may be hit.",
        )
    if briefing.licences:
        yield Table(
            "Licences",
            ("name", "for", "lanes", "share approved", "days until goods move"),
            tuple(
                (one.name, one.whose, str(one.lanes), one.approved, one.days)
                for one in briefing.licences
            ),
        )
    for tree in briefing.trees:
        yield Table(f"What may follow: {tree.title}", ("odds", "what"), tree.branches)
    if briefing.outcomes:
        yield Table(
            "First effects by branch",
            ("suspension", "branch", "odds", "stocks that run short", "the first of them"),
            tuple(_outcome(one) for one in briefing.outcomes),
            _BRANCH_NOTE,
        )
    if briefing.uncertain:
        own = tuple((item.name, item.words) for item in briefing.uncertain)
        yield Table("Uncertain numbers of the entries", ("number", "what it may be"), own)
    if briefing.tables:
        counts = tuple((field, str(count), grades) for field, count, grades in briefing.tables)
        note = "Drawn anew in every replication; the grade says how well each is known."
        heads = ("field", "how many", "by grade")
        yield Table("Uncertain numbers of the network", heads, counts, note)
    if briefing.touched:
        yield _cover("First effects", briefing.first_effects, most)
    if briefing.first_unsuspended:
        title = "First effects if nothing were suspended"
        yield _cover(title, briefing.first_unsuspended, most)


def _cover(title: str, found: Sequence[FirstEffect], most: int) -> Table:
    rows = tuple(
        (
            str(item.when),
            str(item.day),
            item.facility,
            item.material,
            f"{item.held_days:.0f}",
            percent(item.short),
            item.weight,
        )
        for item in found[:most]
    )
    heads = ("runs short", "day", "facility", "of", "days held", "then missing", "costs")
    note = COVER_NOTE if rows else f"{COVER_NOTE} No stock runs short in this way."
    return Table(title, heads, rows, note, max(0, len(found) - most))


def _outcome(one: BranchOutcome) -> tuple[str, ...]:
    first = one.first
    words = f"{first.when} {first.facility}, {first.material}" if first is not None else "-"
    return one.name, one.branch, one.odds, str(one.stocks), words


def _touched(item: Touched) -> tuple[str, ...]:
    flows = [f"{material} {percent(share)}" for material, share in item.flows[:6]]
    more = f" and {len(item.flows) - 6} more" if len(item.flows) > 6 else ""
    facilities = str(item.facilities) if item.facilities else "-"
    how = "; ".join(item.how) or "nothing in this run, at base values"
    return item.name, how, facilities, str(item.lanes or "-"), ", ".join(flows) + more or "-"


def _text(briefing: Briefing) -> Iterator[str]:
    yield f"{briefing.name}: {briefing.question}"
    yield f"network {briefing.network}, {briefing.period}"
    for warning in briefing.warnings:
        yield f"warning: {warning}"
    for table in tables(briefing, _FEW):
        yield ""
        yield table.title
        yield "-" * len(table.title)
        if table.note:
            yield from _wrapped(table.note)
        yield from _aligned((table.heads, *table.rows) if table.rows else ())
        if table.left_out:
            yield f"... and {table.left_out} more"


def _aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = list(rows)
    if not lines:
        return
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, _WIDTH)
