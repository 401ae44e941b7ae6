"""``paxsim data show``: the rows of a table."""

from __future__ import annotations

import click

from simulator.cli.console import debug_option, format_option, write_rows

EPILOG = """\b
Examples:
  paxsim data show facilities --where kind=fab --where country=TWN
  paxsim data show lanes --where customer=fab_* --where material=wf6 --format csv
  paxsim data show recipes my-tables
"""


def _pairs(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    pairs = []
    for value in values:
        column, equals, pattern = (part.strip() for part in value.partition("="))
        if not equals or not column:
            raise click.BadParameter(f"{value}: must be COLUMN=VALUE")
        pairs.append((column, pattern))
    return pairs


@click.command(epilog=EPILOG)
@click.argument("table")
@click.argument("dataset", default="alliance")
@click.option(
    "--where",
    metavar="COLUMN=VALUE",
    multiple=True,
    callback=_pairs,
    help="Show only rows with this value, in which * and ? stand for any text and any "
    "character; may be repeated, and then all must hold. An empty value asks for blank cells.",
)
@format_option
@debug_option
def show(table: str, dataset: str, where: list[tuple[str, str]], form: str) -> None:
    """Show the rows of TABLE: materials, facilities, recipes, lanes, demand, slots and others.

    A number is shown with its range, 0.9 (0.8 to 0.97), and each row with its line in the file.
    With --format csv the columns are those of the file.
    """
    import simulator
    from simulator.report.dataset_rows import table_rows

    rows, columns = table_rows(simulator.load_dataset(dataset), table, where, form=form)
    write_rows(rows, form, columns)
