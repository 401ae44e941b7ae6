"""``paxsim scenarios``: what comes with the package."""

from __future__ import annotations

import click

from simulator.cli.console import debug_option, format_option, write_rows

EPILOG = """\b
Examples:
  paxsim scenarios
  paxsim scenarios --format json
  paxsim scenarios --format csv > scenarios.csv
"""


@click.command(epilog=EPILOG)
@format_option
@debug_option
def scenarios(form: str) -> None:
    """List the packaged scenarios: name, question, and horizon in days."""
    import simulator

    rows = [
        {"name": s.name, "horizon_days": s.horizon_days, "question": s.question}
        for s in simulator.list_scenarios()
    ]
    write_rows(rows, form, ("name", "horizon_days", "question"))
