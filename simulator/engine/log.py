"""The event log of one run: what changed at which facility, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LogEntry:
    """On ``day`` something changed at ``facility``: ``what``, because of ``why``."""

    day: int
    facility: str
    what: str
    why: str


@dataclass
class EventLog:
    """Entries in the order in which they happened; repeated states are written once."""

    entries: list[LogEntry] = field(default_factory=list)
    _state: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, day: int, facility: str, what: str, why: str) -> None:
        """Write down a single happening."""
        self.entries.append(LogEntry(day, facility, what, why))

    def state(self, day: int, facility: str, topic: str, what: str, why: str = "") -> None:
        """Write down a state of a facility, only when it differs from the last one on the topic.

        ``what`` and ``why`` make the text; two entries with the same ``why`` count as one state.
        """
        if self._state.get((facility, topic), "") != why:
            self._state[facility, topic] = why
            self.entries.append(LogEntry(day, facility, what, why))

    def frame(self) -> pd.DataFrame:
        """All entries as a table (day, facility, what, why), by day and facility."""
        import pandas as pd

        ordered = sorted(self.entries, key=lambda entry: (entry.day, entry.facility, entry.what))
        return pd.DataFrame(
            [(e.day, e.facility, e.what, e.why) for e in ordered],
            columns=["day", "facility", "what", "why"],
        )
