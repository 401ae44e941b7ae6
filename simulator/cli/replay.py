"""``paxsim replay``: one replication of a run, alone and in detail."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.console import debug_option, format_option, say, write_rows

EPILOG = """\b
Examples:
  paxsim replay results/mine
  paxsim replay results/mine --replication 17
  paxsim replay results/mine -k 17 --format csv > events.csv
"""
COLUMNS = ("day", "date", "facility", "what", "why")
SHOWN = 40


@click.command(epilog=EPILOG)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-k",
    "--replication",
    default="worst",
    show_default=True,
    help="Its number from 0, or worst: the largest output loss.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder.  [default: RUN-replay-<number>]",
)
@format_option
@debug_option
def replay(run: Path, replication: str, output: Path | None, form: str) -> None:
    """Run one replication of RUN again in the SimPy engine, and say what happened in it.

    Writes the event log, the daily output and a timeline figure; the numbers are checked to be
    those of the run. The log leaves out what happens without shocks, too.
    """
    if replication != "worst" and not replication.isdecimal():
        raise click.UsageError(f"--replication {replication}: must be a number from 0, or worst")
    from simulator.report.replay import replay as replay_run

    found = replay_run(run, replication if replication == "worst" else int(replication))
    folder = output or run.with_name(f"{run.resolve().name}-replay-{found.replication}")
    found.save(folder)
    rows = [
        {str(key): value for key, value in row.items()} for row in found.events.to_dict("records")
    ]
    write_rows(rows[:SHOWN] if form == "table" else rows, form, COLUMNS)
    loss = found.metrics["output_loss_pct"]
    say(f"replication {found.replication}: {loss:.3g} % of output lost, {len(rows):,} events")
    say(f"folder  {folder}")
