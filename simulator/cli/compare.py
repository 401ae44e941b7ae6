"""``paxsim compare``: which alternative loses least, and what that is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.console import debug_option, format_option, progress_bar, say, write_rows
from simulator.cli.options import (
    output_option,
    progress_option,
    replications_option,
    seed_option,
    workers_option,
)

if TYPE_CHECKING:
    from simulator.report.compare import Comparison

EPILOG = """\b
Examples:
  paxsim compare china-october-2025 october-stockpile october-double-sourcing -n 1000
  paxsim compare results/a results/b --metric peak_loss_pct
  paxsim compare october-all-measures --each-measure
  paxsim compare china-october-2025 october-stockpile --cost october-stockpile=2.5e9
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
@click.option(
    "--each-measure",
    is_flag=True,
    help="Compare ALTERNATIVES, one scenario, without measures, with each of them, and with all.",
)
@replications_option("Of scenarios run now.", least=2)
@seed_option("Seed.  [default: the first one's]")
@workers_option
@output_option("Folder for tables and report.html.  [default: results/compare-<names>-<checksum>]")
@click.option("--force", is_flag=True, help="Replace an earlier comparison in that folder.")
@format_option
@progress_option
@debug_option
def compare(
    alternatives: tuple[str, ...],
    metric: str,
    costs: tuple[str, ...],
    each_measure: bool,
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
    from simulator.report.compare import each_measure as every_measure
    from simulator.report.compare import study_comparison
    from simulator.report.compare_page import default_folder, write_comparison
    from simulator.spec import load_scenario

    if output is not None:
        check_folder(output, force=force)

    if each_measure and len(alternatives) != 1:
        raise click.UsageError("--each-measure takes one scenario")
    names = every_measure(load_scenario(alternatives[0])) if each_measure else alternatives
    with progress_bar(replications or 1000, shown=not no_progress) as on_progress:
        found = study_comparison(
            names,
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
        command=_command(alternatives, metric, costs, each_measure, found),
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
    write_rows(rows, form, (*COLUMNS, *(COST if "cost" in table else ())))
    unit = table["unit"].iloc[0]
    say(f"{metric}{f' in {unit}' if unit else ''}, {int(table['replications'].iloc[0]):,} futures")


def _command(
    names: tuple[str, ...], metric: str, costs: tuple[str, ...], each: bool, found: Comparison
) -> str:
    from simulator.provenance import command_line

    seed = next(iter(found.runs.values())).manifest["seed"]
    words = ["paxsim", "compare", *(Path(n).name if Path(n).is_absolute() else n for n in names)]
    words += ["--each-measure"] if each else []
    words += ["--metric", metric, *(word for cost in costs for word in ("--cost", cost))]
    return command_line([*words, "-n", str(found.losses.shape[1]), "--seed", str(seed)])


def _short(value: object) -> object:
    if isinstance(value, float):
        return "" if value != value else f"{value:.4g}"
    return value
