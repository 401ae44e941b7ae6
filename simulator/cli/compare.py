"""``paxsim compare``: which alternative loses least, and what that is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.console import (
    Count,
    debug_option,
    format_option,
    progress_bar,
    say,
    write_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.report.run_folder import RunFolder

EPILOG = """\b
Examples:
  paxsim compare october october-stockpile october-double-sourcing -n 1000
  paxsim compare results/a results/b --metric peak_loss_pct
  paxsim compare october october-stockpile --cost october-stockpile=2.5e9 --format csv
"""
COLUMNS = (
    "alternative", "mean", "cvar95", "saved", "saved_ci95_low", "saved_ci95_high",
    "cvar95_saved", "best", "regret", "regret_p95",
)  # fmt: skip
COST = ("cost", "saved_per_cost", "saved_per_cost_ci95_low", "saved_per_cost_ci95_high")


def _costs(texts: tuple[str, ...]) -> dict[str, float]:
    costs: dict[str, float] = {}
    for text in texts:
        name, _, amount = text.rpartition("=")
        try:
            costs[name] = float(amount)
        except ValueError:
            costs[name] = 0.0
        if not name or costs[name] <= 0:
            raise click.UsageError(f"--cost {text}: must be NAME=AMOUNT, with an amount above 0")
    return costs


@click.command(epilog=EPILOG)
@click.argument("alternatives", nargs=-1, required=True)
@click.option("--metric", default="output_loss_pct", show_default=True, help="Smaller is better.")
@click.option(
    "--cost",
    "costs",
    multiple=True,
    metavar="NAME=AMOUNT",
    help="What an alternative costs, for the loss saved per unit of cost; may be repeated.",
)
@click.option("-n", "--replications", type=Count(2, 10_000_000), help="Of scenarios run now.")
@click.option("-s", "--seed", type=Count(0, 2**63 - 1), help="Seed.  [default: the first one's]")
@click.option("-w", "--workers", type=Count(1, 1024), help="They never change a result.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for tables and report.html.  [default: results/compare-<names>-<checksum>]",
)
@click.option("--force", is_flag=True, help="Replace an earlier comparison in that folder.")
@format_option
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@debug_option
def compare(
    alternatives: tuple[str, ...],
    metric: str,
    costs: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    workers: int | None,
    output: Path | None,
    force: bool,
    form: str,
    no_progress: bool,
) -> None:
    """Compare ALTERNATIVES (scenarios, or run folders) with the first of them.

    All share their random numbers, so differences are paired: the same futures with one measure or
    another. saved is the loss that the first has and the alternative has not; best is the
    probability of the smallest loss; regret is the loss above that of the best in each future.
    Writes the tables and report.html to a folder, too.
    """
    from simulator.experiment.store import check_folder
    from simulator.report.compare import study_comparison
    from simulator.report.compare_page import default_folder, write_comparison

    if output is not None:
        check_folder(output, force=force)

    with progress_bar(replications or 1000, shown=not no_progress) as on_progress:
        found = study_comparison(
            alternatives,
            metric=metric,
            costs=_costs(costs),
            replications=replications,
            seed=seed,
            workers=workers,
            on_progress=on_progress,
        )
    table = found.table
    # A folder of that name holds the same comparison.
    target, replace = (default_folder(found), True) if output is None else (output, force)
    report = write_comparison(
        found,
        target,
        command=_command(alternatives, metric, costs, found.losses.shape[1], found.runs),
        force=replace,
    )
    say(f"report  {report}")
    every: list[dict[str, Any]] = [
        {str(key): value for key, value in row.items()} for row in table.to_dict("records")
    ]
    if form != "table":
        rows = [
            {key: None if value != value else value for key, value in row.items()} for row in every
        ]
        write_rows(rows, form, [str(name) for name in table.columns])
        return
    rows = [{key: _short(value) for key, value in row.items()} for row in every]
    write_rows(rows, form, (*COLUMNS, *(COST if costs else ())))
    unit = table["unit"].iloc[0]
    say(f"{metric}{f' in {unit}' if unit else ''}, {int(table['replications'].iloc[0]):,} futures")


def _command(
    names: tuple[str, ...],
    metric: str,
    costs: tuple[str, ...],
    replications: int,
    runs: Mapping[str, RunFolder],
) -> str:
    from simulator.provenance import command_line

    seed = next(iter(runs.values())).manifest["seed"]
    words = ["paxsim", "compare", *(Path(n).name if Path(n).is_absolute() else n for n in names)]
    words += ["--metric", metric, *(word for cost in costs for word in ("--cost", cost))]
    return command_line([*words, "-n", str(replications), "--seed", str(seed)])


def _short(value: object) -> object:
    if isinstance(value, float):
        return "" if value != value else f"{value:.4g}"
    return value
