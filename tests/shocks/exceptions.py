"""Measures that add capacity or stock and yet raise a loss: real ones, with their numbers.

``python -m tests.shocks.exceptions`` writes the table of docs/scenario-properties.md again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.networks import on
from tests.shocks.chains import COUNTRIES, Chain, Entries, Row

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scenario-properties.md"
MARK = "<!-- exceptions -->\n"
HEAD = "| measure | chain | lost without | lost with | why |\n| --- | --- | --- | --- | --- |\n"


def restriction(stage: int, start: int, days: int, quota: float) -> Entries:
    """A quota on what one stage of a chain exports."""
    entry: Row = {"type": "export_restriction", "mechanism": "quota", "quota": quota}
    entry |= {"by": COUNTRIES[3 * stage], "materials": f"m{stage}"}
    return {"x": {**entry, "from": on(start), "until": on(start + days)}}


def more_capacity(start: int) -> Entries:
    """Half as much capacity again at every mine and plant."""
    entry: Row = {"type": "capacity_addition", "facilities": {"kind": ["mine", "plant"]}}
    return {"y": {**entry, "from": on(start), "factor": 1.5}}


def more_cover(start: int, multiple: float) -> Entries:
    """A multiple of the cover of every plant."""
    entry: Row = {"type": "inventory_policy", "facilities": {"kind": "plant"}, "cover": multiple}
    return {"y": {**entry, "from": on(start)}}


@dataclass(frozen=True)
class Raises:
    """A measure that raises the loss of a chain."""

    measure: str
    chain: Chain
    shocks: Entries
    measures: Entries
    why: str

    def losses(self) -> tuple[float, float]:
        """What the market misses without and with the measure, in units."""
        return self.chain.loss(self.shocks), self.chain.loss(self.shocks, self.measures)

    def row(self) -> str:
        """One line of the table."""
        before, after = self.losses()
        stages = f"{self.chain.stages} stages, seed {self.chain.seed}"
        return f"| {self.measure} | {stages} | {before:.0f} | {after:.0f} | {self.why} |\n"


EXCEPTIONS = (
    Raises(
        "half as much capacity again, after a restriction",
        Chain(21, stages=2, rivals=True, tight=True, kept=True),
        restriction(1, 10, 17, 0.2),
        more_capacity(32),
        "makers compete for one input: who catches up first takes what the other needs",
    ),
    Raises(
        "half as much capacity again, during a ban",
        Chain(222, stages=2, standby=True, tight=True),
        restriction(0, 22, 12, 0.0),
        more_capacity(16),
        "the planned supplier delivers more for a time, so the standby one is asked for less",
    ),
    *(
        Raises(
            "three times the cover, begun with a restriction",
            Chain(seed, stages=2, rivals=True, tight=True),
            restriction(0, 20, 20, 0.5),
            more_cover(20, 3),
            "bullwhip: all order more in the middle of the shortage, and fill stocks before needs",
        )
        for seed in (147, 118, 92)
    ),
)


def table() -> str:
    """The table of the page."""
    return HEAD + "".join(one.row() for one in EXCEPTIONS)


def parts() -> tuple[str, str, str]:
    """The page before its table, the table, and after it."""
    before, shown, after = DOCUMENT.read_text(encoding="utf-8").split(MARK)
    return before, shown, after


if __name__ == "__main__":
    first, _, last = parts()
    DOCUMENT.write_text(first + MARK + table() + MARK + last, encoding="utf-8")
