"""``paxsim sensitivity``: what we do not know that matters most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.console import (
    Count,
    debug_option,
    format_option,
    progress_bar,
    say,
    set_option,
    write_rows,
)
from simulator.cli.options import output_option, progress_option, seed_option, workers_option

if TYPE_CHECKING:
    from simulator.report.sensitivity import SensitivityStudy

EPILOG = """\b
Examples:
  paxsim sensitivity china-october-2025
  paxsim sensitivity china-october-2025 --by layer -n 256 -o results/layers
  paxsim sensitivity my-scenario.yaml --metric peak_loss_pct --format csv
"""
GROUPS = ("group", "total", "total_low", "total_high", "first_order", "inputs", "grades")
INPUTS = ("input", "first_order", "pawn", "direction", "above_noise", "grade", "source")


@click.command(epilog=EPILOG)
@click.argument("scenario")
@click.option(
    "-n",
    "--points",
    type=Count(2, 1_048_576),
    default=128,
    show_default=True,
    help="Points of each of two samples, a power of 2; every group costs so many runs.",
)
@seed_option("Seed.  [default: the scenario's]")
@click.option(
    "--metric", default="output_loss_pct", show_default=True, help="What is to be explained."
)
@click.option(
    "--by",
    type=click.Choice(["field", "layer", "material", "country", "none"]),
    default="field",
    show_default=True,
    help="How numbers of the tables are grouped.",
)
@click.option(
    "--groups",
    type=click.IntRange(1, 200),
    default=12,
    show_default=True,
    help="Groups of numbers with indices of their own; the others count as one.",
)
@click.option("--top", type=click.IntRange(1), default=15, show_default=True, help="Inputs shown.")
@output_option("Folder to write.  [default: results/<scenario>-sensitivity-<metric>-<by>]")
@workers_option
@set_option
@format_option
@progress_option
@debug_option
def sensitivity(
    scenario: str,
    points: int,
    seed: int | None,
    metric: str,
    by: str,
    groups: int,
    top: int,
    output: Path | None,
    workers: int | None,
    overrides: tuple[str, ...],
    form: str,
    no_progress: bool,
) -> None:
    """Say what the spread of the losses in SCENARIO comes from.

    Two samples screen every uncertain number alone (first-order share and PAWN). Then groups of
    numbers, and every shock, get first-order and total Sobol indices, so that what interacts is
    counted. Tables show the evidence grade and the source of each input: grade C at the top is what
    to research next.
    """
    import simulator
    from simulator.report.sensitivity import check_empty, study_sensitivity

    loaded = simulator.load_scenario(scenario, overrides)
    folder = output or Path("results") / f"{loaded.name}-sensitivity-{metric}-{by}"
    check_empty(folder)
    with progress_bar((groups + 4) * points, shown=not no_progress) as on_progress:
        study = study_sensitivity(
            loaded,
            metric=metric,
            count=points,
            seed=seed,
            by=by,
            most_groups=groups,
            workers=workers,
            on_progress=on_progress,
        )
    from simulator.provenance import command_line

    words = ["paxsim", "sensitivity", Path(scenario).name, "-n", str(points), "--seed"]
    words += [str(study.seed), "--metric", metric, "--by", by, "--groups", str(groups)]
    words += [word for text in overrides for word in ("--set", text)]
    study.save(folder, command_line(words))
    _write(study, form, top)
    say(f"folder  {folder}")


def _write(study: SensitivityStudy, form: str, top: int) -> None:
    result = study.result
    groups = [
        {str(k): _short(v) for k, v in row.items()} for row in result.groups.to_dict("records")
    ]
    if form != "table":
        write_rows(result.groups.to_dict("records"), form, list(result.groups.columns))  # type: ignore[arg-type]
        return
    click.echo(f"{study.metric}: mean {result.mean:.4g}, standard deviation {result.sd:.4g}\n")
    write_rows(groups, form, GROUPS)
    for row in result.shares.to_dict("records"):
        click.echo(
            f"{row['group']}: {100 * row['first_order']:.0f} % of the variance alone, "
            f"{100 * row['total']:.0f} % with interactions"
        )
    click.echo("\nSingle inputs, from the plain sample:")
    inputs = result.inputs.head(top).to_dict("records")
    write_rows([{str(k): _short(v) for k, v in row.items()} for row in inputs], form, INPUTS)
    count = int(result.inputs["above_noise"].sum())
    say(
        f"{count:,} of {len(result.inputs):,} inputs stand out from the noise; {result.runs:,} runs"
    )


def _short(value: object) -> object:
    return f"{value:.3f}" if isinstance(value, float) else value
