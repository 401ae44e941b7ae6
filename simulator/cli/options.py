"""Options that several verbs share: one name, one range and one wording for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from simulator.cli.console import Count

Verb: TypeAlias = Callable[..., Any]
Option: TypeAlias = Callable[[Verb], Verb]

MOST_REPLICATIONS = 10_000_000
MOST_WORKERS = 1_024
LARGEST_SEED = 2**63 - 1


def replications_option(text: str, least: int = 1) -> Option:
    """``-n`` / ``--replications``."""
    kind = Count(least, MOST_REPLICATIONS)
    return click.option("-n", "--replications", type=kind, help=text)


def seed_option(text: str) -> Option:
    """``-s`` / ``--seed``."""
    return click.option("-s", "--seed", type=Count(0, LARGEST_SEED), help=text)


def output_option(text: str) -> Option:
    """``-o`` / ``--output``."""
    return click.option("-o", "--output", type=click.Path(path_type=Path), help=text)


def workers_option(verb: Verb) -> Verb:
    """``-w`` / ``--workers``."""
    return click.option(
        "-w",
        "--workers",
        type=Count(1, MOST_WORKERS),
        help="Workers; they never change a result.  [default: one per core, fewer for short runs]",
    )(verb)


def cluster_option(verb: Verb) -> Verb:
    """``--cluster``."""
    return click.option(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help="Compute on a Dask cluster: local:4, or tcp://host:8786; see docs/cluster.md.",
    )(verb)


def engine_option(verb: Verb) -> Verb:
    """``--engine``."""
    return click.option(
        "--engine",
        default="auto",
        show_default=True,
        help="auto, block, scalar (both compiled) or simpy (the definition); numbers are the same.",
    )(verb)


def progress_option(verb: Verb) -> Verb:
    """``--no-progress``."""
    return click.option("--no-progress", is_flag=True, help="Show no progress bar.")(verb)
