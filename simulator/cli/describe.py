"""``paxsim describe``: what a scenario means, before it is run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.console import debug_option, say, set_option, write_json

if TYPE_CHECKING:
    from simulator import Model
    from simulator.report.briefing import Briefing

EPILOG = """\b
Examples:
  paxsim describe china-october-2025
  paxsim describe my-scenario.yaml --set horizon_days=365 --html my-scenario.html
  paxsim describe baseline --format json
"""


@click.command(epilog=EPILOG)
@click.argument("scenario")
@set_option
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it as one HTML file too.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to write the result to stdout.",
)
@debug_option
def describe(scenario: str, overrides: tuple[str, ...], html: Path | None, form: str) -> None:
    """Say what happens in SCENARIO, and to which network; nothing is simulated.

    The calendar, what every shock and measure touches, the numbers that are uncertain, what may
    follow a suspension, and the stocks that would run short first. SCENARIO is a name or a YAML
    file; file.yaml#variant takes a variant of it.
    """
    import simulator
    from simulator.report.briefing import brief
    from simulator.report.briefing_page import briefing_text, write_briefing

    model = simulator.prepare(simulator.load_scenario(scenario, overrides))
    briefing, network = brief(model), simulator.describe(model.network)
    if html is not None:
        write_briefing(briefing, network, html)
        say(f"page  {html}")
    if form == "json":
        write_json(_record(model, briefing, network))
    else:
        click.echo(f"{briefing_text(briefing)}\n\nThe network\n-----------\n{network}")


def _record(model: Model, briefing: Briefing, network: str) -> dict[str, Any]:
    scenario = model.scenario
    return {
        "name": scenario.name,
        "question": scenario.question,
        "network": scenario.dataset.name,
        "start": scenario.start,
        "horizon_days": scenario.horizon_days,
        "seed": scenario.seed,
        "timeline": model.timeline,
        "warnings": list(briefing.warnings),
        "calendar": [asdict(item) for item in briefing.calendar],
        "touched": [asdict(item) for item in briefing.touched],
        "licences": [asdict(item) for item in briefing.licences],
        "uncertain": [asdict(item) for item in briefing.uncertain],
        "trees": [asdict(item) for item in briefing.trees],
        "outcomes": [asdict(item) for item in briefing.outcomes],
        "first_effects": [asdict(item) for item in briefing.first_effects],
        "first_unsuspended": [asdict(item) for item in briefing.first_unsuspended],
        "description": network,
    }
