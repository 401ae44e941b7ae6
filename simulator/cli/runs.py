"""``paxsim runs`` and ``paxsim show``: what run folders there are, and what is in one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.console import debug_option, format_option, say, write_rows

if TYPE_CHECKING:
    import pandas as pd

RUNS_EPILOG = """\b
Examples:
  paxsim runs
  paxsim runs results/overnight
  paxsim runs --format json
"""
SHOW_EPILOG = """\b
Examples:
  paxsim show results/mine
  paxsim show results/mine replications --columns replication,output_loss_pct --top 10
  paxsim show results/mine bands --format csv > bands.csv
"""
COLUMNS = ("folder", "scenario", "replications", "planned", "status", "started")
SHOWN_COLUMNS = 8


@click.command(epilog=RUNS_EPILOG)
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default="results"
)
@format_option
@debug_option
def runs(folder: Path, form: str) -> None:
    """List the run folders in FOLDER (results by default), also those of runs under way.

    Status is complete, interrupted, running, or killed; paxsim run --resume goes on with a killed
    or interrupted one.
    """
    from simulator.experiment.run_list import list_runs

    found = list_runs(folder)
    write_rows([asdict(info) for info in found], form, COLUMNS)
    say(f"{len(found)} run{'' if len(found) == 1 else 's'} in {folder}")


@click.command(epilog=SHOW_EPILOG)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("table", required=False)
@click.option("--columns", help="Only these columns, separated by commas.")
@click.option("--sort", help="Sort by this column, the largest first.")
@click.option("--top", type=click.IntRange(1), help="Only the first so many rows.")
@format_option
@debug_option
def show(
    run: Path, table: str | None, columns: str | None, sort: str | None, top: int | None, form: str
) -> None:
    """Print a TABLE of a RUN folder; without TABLE, the names of its tables.

    Of a run under way, the replications written so far can be shown already.
    """
    from simulator.experiment.run_list import read_table, table_names

    if table is None:
        write_rows([{"table": name} for name in table_names(run)], form, ("table",))
        return
    frame = read_table(run, table)
    names = _names(frame, columns, form)
    if sort is not None:
        _known(frame, sort)
        frame = frame.sort_values(sort, ascending=False, kind="stable")
    rows = frame[names] if top is None else frame[names].head(top)
    if form == "csv":
        click.echo(rows.to_csv(index=False), nl=False)
    elif form == "json":
        click.echo(rows.to_json(orient="records", date_format="iso", indent=2))
    else:
        click.echo(rows.to_string(index=False))
        say(f"{len(rows):,} of {len(frame):,} rows, {len(names)} of {frame.shape[1]} columns")


def _names(frame: pd.DataFrame, columns: str | None, form: str) -> list[str]:
    every = [str(name) for name in frame.columns]
    if columns is None:
        return every[:SHOWN_COLUMNS] if form == "table" else every
    chosen = [name.strip() for name in columns.split(",")]
    for name in chosen:
        _known(frame, name)
    return chosen


def _known(frame: pd.DataFrame, name: str) -> None:
    from simulator.errors import invalid
    from simulator.spec.messages import did_you_mean

    names = [str(known) for known in frame.columns]
    if name not in names:
        raise invalid("column", name, f"no such column; {did_you_mean(name, names)}")
