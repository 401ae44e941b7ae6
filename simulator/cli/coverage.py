"""``paxsim coverage``: how much of the chain stands inside an alliance."""

from __future__ import annotations

from datetime import datetime

import click

from simulator.cli.console import debug_option, format_option, say, write_rows

EPILOG = """\b
Examples:
  paxsim coverage
  paxsim coverage --alliance pax --alliance quad --on 2026-06-01
  paxsim coverage --by stage --format csv > coverage.csv
"""


@click.command(epilog=EPILOG)
@click.argument("dataset", default="alliance")
@click.option(
    "--alliance",
    "alliances",
    metavar="NAME",
    multiple=True,
    default=("pax", "msp"),
    show_default=True,
    help="An alliance of the dataset; may be repeated, to see several side by side.",
)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day whose plan and members count.  "
    "[default: first day from 2025-10-01 on which each alliance has members]",
)
@click.option(
    "--by",
    type=click.Choice(["material", "stage"]),
    default="material",
    show_default=True,
    help="What a row is: what is made, or a kind of facility, added up at the materials' prices.",
)
@format_option
@debug_option
def coverage(
    dataset: str, alliances: tuple[str, ...], on: datetime | None, by: str, form: str
) -> None:
    """Say which share of each stage's capacity and planned output alliances hold, in %.

    Also how concentrated capacity is by country (HHI, 0 to 1), the largest country, and what is
    left of it for all (n1_gross) and for all others (n1_net) if that country fails, in % of the
    planned use. Amounts are per day.
    """
    import simulator
    from simulator.metrics.coverage import columns, coverage_rows, members_of
    from simulator.network.calibration import BASE_DATE
    from simulator.network.stages import stages

    loaded = simulator.load_dataset(dataset)
    names = tuple(dict.fromkeys(alliances))
    members, day = members_of(loaded, names, on.date() if on else None, BASE_DATE)
    found = stages(loaded, day, by)
    rows = coverage_rows(found, members)
    shown = [{name: _cell(name, v) for name, v in row.items()} for row in rows]
    write_rows(shown if form == "table" else rows, form, columns(names))
    for name, countries in members.items():
        say(f"{name} on {day}: {', '.join(countries)}")
    for stage in found:
        if stage.left_out:
            missing = ", ".join(sorted(stage.left_out))
            say(f"{stage.layer} {stage.name}: without {missing}, which have no price")


def _cell(name: str, value: float | str | None) -> object:
    if not isinstance(value, float):
        return value
    return f"{value:.1f}" if name.endswith("_pct") else f"{value:.4g}"
