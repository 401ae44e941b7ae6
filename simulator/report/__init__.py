"""From the files of a run to tables, figures and one self-contained HTML report."""

from __future__ import annotations

from simulator.report.answer import answer
from simulator.report.html import write_report
from simulator.report.tables import summary_frame, summary_text

__all__ = ["answer", "summary_frame", "summary_text", "write_report"]
