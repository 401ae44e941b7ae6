"""``paxsim data``: what a dataset holds, where its numbers come from, and whether they hold."""

from __future__ import annotations

import click

from simulator.cli.console import HELP
from simulator.cli.data_calibrate import calibrate
from simulator.cli.data_check import check
from simulator.cli.data_show import show
from simulator.cli.data_sources import sources

EPILOG = """\b
Examples:
  paxsim data check
  paxsim data show facilities --where kind=fab --where country=TWN
  paxsim data sources
"""


@click.group(context_settings=HELP, epilog=EPILOG)
def data() -> None:
    """Check, show, trace and calibrate the tables of a network.

    DATASET is the name of a packaged network or a folder of CSV tables; alliance by default.
    """


for verb in (check, show, sources, calibrate):
    data.add_command(verb)
