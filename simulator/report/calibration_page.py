"""The calibration of a dataset as rows, and as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from simulator.network.calibration import Comparison
from simulator.spec import Dataset

COLUMNS = (
    "id", "what", "model", "published", "unit", "difference_pct", "tolerance_pct", "verdict",
    "independent", "grade", "source_id", "note",
)  # fmt: skip
_HEAD = (
    "what", "model", "published", "unit", "difference %", "tolerance %", "verdict", "grade",
    "source", "note",
)  # fmt: skip


def verdict(item: Comparison) -> str:
    """``ok`` within tolerance, else ``off``."""
    return "ok" if item.within else "off"


def figure(value: float) -> str:
    """Four significant digits, or whole thousands, without an exponent where it can be helped."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e12 else f"{value:.4g}"


def comparison_rows(dataset: Dataset, found: Sequence[Comparison]) -> list[dict[str, Any]]:
    """One row per comparison, in the order of the file; see `COLUMNS`."""
    return [
        {
            "id": item.row.id,
            "what": item.row.what,
            "model": item.model,
            "published": item.row.published,
            "unit": item.row.unit,
            "difference_pct": item.difference_pct,
            "tolerance_pct": item.row.tolerance_pct,
            "verdict": verdict(item),
            "independent": item.row.independent,
            "grade": item.row.grade,
            "source_id": item.row.source_id,
            "note": item.row.note,
        }
        for item in _in_file_order(dataset, found)
    ]


def calibration_page(dataset: Dataset, found: Sequence[Comparison], on: date) -> str:
    """Write the page, in Markdown.

    Parameters
    ----------
    dataset, found
        What was compared, and how it came out.
    on
        Day 0 of the plan.
    """
    ordered = _in_file_order(dataset, found)
    own = [item for item in ordered if item.independent]
    built = [item for item in ordered if not item.independent]
    name = dataset.name
    lines = [
        f"<!-- Made by `paxsim data calibrate {name} --markdown docs/calibration.md` from "
        "calibration.csv; change that file, not this one. -->",
        "",
        "# Calibration",
        "",
        f"The planned flows of the {name} dataset on {on} (base numbers, no shock) beside "
        "published figures.",
        f"Independent rows say how good the model is: {_within(own)} within tolerance. "
        f"Rows by construction ({_within(built)}) match because a number of the tables was set to "
        "give them; they only prove that it still does.",
        "The difference is that of the model, in % of the published figure; grades are A (measured "
        "or official), B (reported), C (estimate).",
        "",
    ]
    for title, items in (("Independent", own), ("By construction", built)):
        if items:
            lines += [f"## {title}", "", *_table(items), ""]
    lines += ["## Sources", "", *_sources(dataset, ordered)]
    return "\n".join(lines) + "\n"


def _table(items: Iterable[Comparison]) -> list[str]:
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    for item in items:
        row = item.row
        shown = verdict(item) if item.within else f"**{verdict(item)}**"
        cells = (
            row.what, figure(item.model), figure(row.published), row.unit,
            f"{item.difference_pct:+.1f}", f"{row.tolerance_pct:g}", shown, row.grade or "",
            ", ".join(row.sources), row.note,
        )  # fmt: skip
        lines.append(_line(cells))
    return lines


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _sources(dataset: Dataset, items: Iterable[Comparison]) -> list[str]:
    cited = {source for item in items for source in item.row.sources}
    lines = []
    for row in dataset.sources:
        if row.id in cited:
            facts = ", ".join(part for part in (row.publisher, row.date) if part)
            title = f"[{row.title}]({row.url})" if row.url else row.title
            lines.append(f"- `{row.id}`: {title}" + (f" ({facts})" if facts else ""))
    return lines


def _within(items: Sequence[Comparison]) -> str:
    return f"{sum(item.within for item in items)} of {len(items)}"


def _in_file_order(dataset: Dataset, found: Sequence[Comparison]) -> list[Comparison]:
    line = {
        row.id: dataset.where("calibration", i)[1] or 0 for i, row in enumerate(dataset.calibration)
    }
    return sorted(found, key=lambda item: (line[item.row.id], item.row.id))
