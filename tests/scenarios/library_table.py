"""The table of docs/scenarios.md, from the opening comments of the packaged scenarios.

``python -m tests.scenarios.library_table`` writes the file again.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from simulator.spec import list_scenarios, list_variants

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scenarios.md"
SOURCES = DOCUMENT.with_name("scenario-sources.csv")
EXPECT = "What to expect: "
HEAD = """\
# The library of scenarios

What comes with the package: `paxsim scenarios` lists it, `paxsim describe NAME` explains one,
`paxsim run NAME` runs it, and `NAME#VARIANT` takes a variant. Each file says in its notes where its
dates and numbers come from: source ids with their collection (`p:` policy, `m:` minerals, `c:`
chips), or analyst-estimate. A file may extend another: what the controls of October 2025 are stands
in `china-october-2025` alone, and the five measures in `october-all-measures` alone.

Losses are of AI accelerators in the period of the run, against the same run without the scenario.
This page is made from the opening comments and `scenario-sources.csv` by
`python -m tests.scenarios.library_table`; a test compares them.

| name | question | days | what is drawn | what to expect |
| --- | --- | --- | --- | --- |
"""
TAIL = """
## Sources

From `scenario-sources.csv`, where titles in square brackets are descriptions.

| id | title | publisher | date | address |
| --- | --- | --- | --- | --- |
"""


def paragraphs(path: Path) -> list[str]:
    """Paragraphs of a file's opening comment: the question, what is drawn, what to expect."""
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#") or line.startswith("# yaml-language-server"):
            break
        lines.append(line[1:].strip())
    return [" ".join(part.split()) for part in re.split(r"\n\n", "\n".join(lines))]


def row(name: str, question: str, horizon_days: int, path: Path) -> str:
    """One line of the table."""
    _, *middle = paragraphs(path)
    expected = [text.removeprefix(EXPECT) for text in middle if text.startswith(EXPECT)]
    drawn = [text for text in middle if not text.startswith(EXPECT)]
    variants = list_variants(path)
    label = f"`{name}`" + "".join(f"<br>`#{variant}`" for variant in variants)
    days = f"{horizon_days:,}"
    return f"| {label} | {question} | {days} | {' '.join(drawn)} | {' '.join(expected)} |\n"


def sources() -> dict[str, dict[str, str]]:
    """Sources that the packaged scenarios name, by id."""
    with SOURCES.open(encoding="utf-8", newline="") as file:
        return {found["id"]: found for found in csv.DictReader(file)}


def page() -> str:
    """The whole document."""
    rows = [
        row(info.name, " ".join(info.question.split()), info.horizon_days, info.path)
        for info in list_scenarios()
    ]
    named = [
        f"| {one['id']} | {one['title'].replace('|', '/')} | {one['publisher']} | {one['date']} |"
        f" {one['url']} |\n"
        for one in sources().values()
    ]
    return HEAD + "".join(rows) + TAIL + "".join(named)


if __name__ == "__main__":
    DOCUMENT.write_text(page(), encoding="utf-8")
