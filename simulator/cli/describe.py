"""``paxsim describe``: what a scenario means, before it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.console import debug_option, set_option, write_json, write_rows

if TYPE_CHECKING:
    from simulator import Model

EPILOG = """\b
Examples:
  paxsim describe china-october-2025
  paxsim describe my-scenario.yaml --set horizon_days=365
  paxsim describe baseline --format json
"""


@click.command(epilog=EPILOG)
@click.argument("scenario")
@set_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to write the result to stdout.",
)
@debug_option
def describe(scenario: str, overrides: tuple[str, ...], form: str) -> None:
    """Say what happens in SCENARIO, and to which network; nothing is simulated."""
    import simulator

    model = simulator.prepare(simulator.load_scenario(scenario, overrides))
    if form == "json":
        write_json(_record(model))
        return
    _write_scenario(model)
    click.echo(simulator.describe(model.network))


def _record(model: Model) -> dict[str, Any]:
    import simulator

    scenario = model.scenario
    return {
        "name": scenario.name,
        "question": scenario.question,
        "network": scenario.dataset.name,
        "start": scenario.start,
        "horizon_days": scenario.horizon_days,
        "seed": scenario.seed,
        "timeline": model.timeline,
        "warnings": [str(problem) for problem in model.warnings],
        "description": simulator.describe(model.network),
    }


def _write_scenario(model: Model) -> None:
    from simulator.units import date_of

    scenario = model.scenario
    last = date_of(scenario.horizon_days - 1, scenario.start)
    click.echo(f"{scenario.name}: {scenario.question}")
    click.echo(
        f"network {scenario.dataset.name}, {scenario.start} to {last} "
        f"({scenario.horizon_days:,} days), seed {scenario.seed}\n"
    )
    if model.timeline:
        columns = ("kind", "name", "type", "from_date", "until_date", "label")
        write_rows(model.timeline, "table", columns)
        click.echo()
    for problem in model.warnings:
        click.echo(f"warning: {problem}")
