"""Every figure of a run by name: for the report, and as a file of its own."""

from __future__ import annotations

from simulator.report.figures.registry import FIGURES, HOW, Drawing, draw, figures, in_this_run

__all__ = ["FIGURES", "HOW", "Drawing", "draw", "figures", "in_this_run"]
