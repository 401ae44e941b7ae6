"""``paxsim report``: make the report of a run once more."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.console import debug_option

EPILOG = """\b
Examples:
  paxsim report results/mine
  paxsim report results/china-october-2025
  xdg-open $(paxsim report results/mine)
"""


@click.command(epilog=EPILOG)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@debug_option
def report(folder: Path) -> None:
    """Make report.html of the run in FOLDER again, and write its path to stdout."""
    from simulator.report.html import write_report

    click.echo(write_report(folder))
