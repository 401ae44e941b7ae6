"""``paxsim plot``: one figure of a run as a file."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.console import debug_option, format_option, say, write_rows

EPILOG = """\b
Examples:
  paxsim plot results/mine --list
  paxsim plot results/mine exceedance
  paxsim plot results/mine map -o map.png
"""
COLUMNS = ("figure", "shows", "here")


@click.command(epilog=EPILOG)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("figure", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, .svg or .png.  [default: RUN/FIGURE.svg]",
)
@click.option("--list", "listed", is_flag=True, help="List the figures instead.")
@format_option
@debug_option
def plot(run: Path, figure: str | None, output: Path | None, listed: bool, form: str) -> None:
    """Draw one FIGURE of RUN as an SVG or PNG file, and write its path to stdout.

    --list says which figures there are, what each shows, and what RUN lacks for it.
    """
    from simulator.report.figures import files

    if listed:
        if figure is not None or output is not None:
            raise click.UsageError("--list draws nothing: leave out FIGURE and --output")
        write_rows(files.figure_rows(run), form, COLUMNS)
        say(f"paxsim plot {run} FIGURE")
        return
    if figure is None:
        raise click.UsageError("name a FIGURE, or ask for --list")
    click.echo(files.plot(run, figure, output))
