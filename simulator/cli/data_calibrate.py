"""``paxsim data calibrate``: planned flows beside published figures."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from simulator.cli.console import debug_option, format_option, say, write_rows
from simulator.cli.exit_codes import ExitCode

EPILOG = """\b
Examples:
  paxsim data calibrate
  paxsim data calibrate --markdown docs/calibration.md
  paxsim data calibrate my-tables --format csv > calibration.csv
"""


@click.command(epilog=EPILOG)
@click.argument("dataset", default="alliance")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day 0 of the plan.  [default: 2025-10-01]",
)
@click.option(
    "--markdown",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page with the comparison to this file, replacing it.",
)
@format_option
@debug_option
@click.pass_context
def calibrate(
    context: click.Context, dataset: str, on: datetime | None, markdown: Path | None, form: str
) -> None:
    """Compare the planned flows of DATASET with the published figures of its calibration table.

    A row is ok if the model's value is within the tolerance, in % of the published one. The exit
    code is 0 if every row is, else 1.
    """
    import simulator
    from simulator.network.calibration import BASE_DATE
    from simulator.network.calibration import calibrate as compare
    from simulator.report.calibration_page import (
        COLUMNS,
        calibration_page,
        comparison_rows,
        figure,
    )

    loaded = simulator.load_dataset(dataset)
    day = on.date() if on else BASE_DATE
    found = compare(loaded, day)
    rows = comparison_rows(loaded, found)
    if form == "table":
        rows = [
            row
            | {name: figure(row[name]) for name in ("model", "published")}
            | {"difference_pct": f"{row['difference_pct']:+.1f}"}
            for row in rows
        ]
    write_rows(rows, form, COLUMNS)
    if markdown is not None:
        _write(markdown, calibration_page(loaded, found, day))
    off = sum(not item.within for item in found)
    own = sum(item.independent for item in found)
    say(f"{len(found)} compared, {own} of them independent; {off} beyond tolerance")
    context.exit(ExitCode.SOME_FAILED if off else ExitCode.DONE)


def _write(path: Path, text: str) -> None:
    from simulator.errors import OutputError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None
