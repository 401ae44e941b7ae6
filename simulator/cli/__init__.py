"""The ``paxsim`` command: one module per verb, each a thin shell around one call.

Everything heavy is imported within the verbs, so that help and usage errors answer at once.
"""

from __future__ import annotations

import gc

import click

from simulator.cli.attribute import attribute
from simulator.cli.backtest import backtest
from simulator.cli.compare import compare
from simulator.cli.console import HELP, Command
from simulator.cli.coverage import coverage
from simulator.cli.criticality import criticality
from simulator.cli.data import data
from simulator.cli.describe import describe
from simulator.cli.new import new
from simulator.cli.notebooks import notebooks
from simulator.cli.plot import plot
from simulator.cli.replay import replay
from simulator.cli.report import report
from simulator.cli.run import run
from simulator.cli.runs import runs, show
from simulator.cli.scenarios import scenarios
from simulator.cli.schema import schema
from simulator.cli.sensitivity import sensitivity
from simulator.cli.sweep import sweep
from simulator.cli.validate import validate
from simulator.provenance import version_line

EPILOG = """\b
Examples:
  paxsim scenarios
  paxsim run china-october-2025 -n 200
  paxsim describe my-scenario.yaml

\b
Exit codes: 0 done, 1 some replications failed, 2 usage (or the output cannot be
written), 3 input invalid, 4 model stuck, 130 interrupted with what was done kept.
"""


def _show_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(version_line())
        context.exit()


@click.group(cls=Command, context_settings=HELP, epilog=EPILOG)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version, and those of the engines and libraries, and exit.",
)
def main() -> None:
    """Monte Carlo simulation of supply shocks to the AI chip supply chain.

    Results go to stdout and files, messages to stderr.
    """
    # Libraries, compilers and tables live as long as a command: looking for garbage among them
    # takes a twenty-fifth of a short run.
    gc.set_threshold(50_000, 20, 50)


for verb in (
    run,
    sweep,
    sensitivity,
    compare,
    attribute,
    replay,
    runs,
    show,
    validate,
    describe,
    scenarios,
    new,
    notebooks,
    schema,
    report,
    plot,
    data,
    coverage,
    criticality,
    backtest,
):
    main.add_command(verb)
