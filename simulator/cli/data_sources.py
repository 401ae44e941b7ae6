"""``paxsim data sources``: from a source to the numbers that rest on it, and back."""

from __future__ import annotations

import click

from simulator.cli.console import debug_option, format_option, write_json, write_rows

EPILOG = """\b
Examples:
  paxsim data sources
  paxsim data sources analyst-estimate
  paxsim data sources --format csv > sources.csv
"""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="[ID]", required=False)
@click.option(
    "--dataset", default="alliance", show_default=True, help="Name of a network, or a folder."
)
@format_option
@debug_option
def sources(source: str | None, dataset: str, form: str) -> None:
    """Say what the source ID is, and list every number that cites it, with file and line.

    Without ID: all sources, with the number of rows and of numbers that cite each, by grade.
    """
    import simulator
    from simulator.report.dataset_rows import (
        CITATION_COLUMNS,
        SOURCE_COLUMNS,
        source_record,
        source_rows,
    )

    loaded = simulator.load_dataset(dataset)
    if source is None:
        write_rows(source_rows(loaded), form, SOURCE_COLUMNS)
        return
    record = source_record(loaded, source)
    if form == "json":
        write_json(record)
        return
    if form == "table":
        for name in SOURCE_COLUMNS:
            click.echo(f"{name:<9}  {record[name]}")
        click.echo()
    write_rows(record["cited_by"], form, CITATION_COLUMNS)
