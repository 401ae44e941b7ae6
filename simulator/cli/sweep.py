"""``paxsim sweep``: many variants of scenarios in one study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.console import debug_option, format_option, progress_bar, say, write_rows
from simulator.cli.exit_codes import ExitCode
from simulator.cli.options import (
    cluster_option,
    engine_option,
    output_option,
    progress_option,
    replications_option,
    workers_option,
)

if TYPE_CHECKING:
    from simulator.experiment.sweep import SweepPlan, SweepResult

EPILOG = """\b
Examples:
  paxsim sweep study.yaml --dry-run
  paxsim sweep study.yaml -o results/overnight
  paxsim sweep study.yaml -o results/overnight --resume

\b
A study file:
  scenarios: [china-october-2025]
  levers:
    shocks.rare-earths.regime: [new, eased, hostile]
    horizon_days: [365, 730]
  replications: 1000
"""
SHOWN_CELLS = 5


@click.command(epilog=EPILOG)
@click.argument("study", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@replications_option("Replications per cell.  [default: the study's own number, or 1000]")
@output_option("Folder to write.  [default: results/<study>]")
@workers_option
@cluster_option
@engine_option
@click.option("--draws", is_flag=True, help="Keep every sampled number as a column, too.")
@click.option("--dry-run", is_flag=True, help="Show cells, runs, time and bytes; run nothing.")
@click.option("--resume", is_flag=True, help="Go on with what is in the output folder.")
@click.option("--rerun-failed", is_flag=True, help="With --resume: compute failed runs again.")
@format_option
@progress_option
@debug_option
@click.pass_context
def sweep(
    context: click.Context,
    study: Path,
    replications: int | None,
    output: Path | None,
    workers: int | None,
    cluster: str,
    engine: str,
    draws: bool,
    dry_run: bool,
    resume: bool,
    rerun_failed: bool,
    form: str,
    no_progress: bool,
) -> None:
    """Run the cells of a STUDY file: scenarios x levers x replications.

    All cells share their random numbers, so they differ by their causes only. Writes
    replications.parquet, with one row per cell and replication, and cells.csv, which goes to
    stdout too.
    """
    if rerun_failed and not resume:
        raise click.UsageError("--rerun-failed needs --resume")
    from simulator.engine import ENGINES
    from simulator.experiment.sweep import plan_sweep, run_sweep
    from simulator.spec.study import load_study

    if engine not in ENGINES:
        raise click.UsageError(f"engine = {engine}: must be one of {', '.join(ENGINES)}")
    spec = load_study(study)
    plan = plan_sweep(spec, replications=replications, workers=workers, engine=engine, draws=draws)
    if dry_run:
        _show_plan(plan, form)
        return
    say(_headline(plan))
    folder = output or Path("results") / spec.name
    with progress_bar(plan.runs, shown=not no_progress, cells=len(plan.cells)) as on_progress:
        result = run_sweep(
            plan,
            folder,
            workers=workers,
            cluster=cluster,
            resume=resume,
            rerun_failed=rerun_failed,
            on_progress=on_progress,
            command=_command(study, plan, engine),
        )
    write_rows(result.cells.to_dict("records"), form, list(result.cells.columns))  # type: ignore[arg-type]
    _say_end(result)
    context.exit(_exit_code(result.manifest))


def _show_plan(plan: SweepPlan, form: str) -> None:
    from simulator.experiment.sweep_store import lever_columns

    rows = [dict(lever_columns(cell)) for cell in plan.cells]
    shown = rows[:SHOWN_CELLS] if form == "table" else rows
    write_rows(shown, form, list(rows[0]))
    if len(shown) < len(rows):
        click.echo(f"... and {len(rows) - len(shown):,} more cells")
    say(_headline(plan))


def _headline(plan: SweepPlan) -> str:
    count = plan.job.count
    size = f"{plan.size / 1e6:,.1f} MB" if plan.size < 1e9 else f"{plan.size / 1e9:,.1f} GB"
    return (
        f"{plan.study.name}: {len(plan.cells):,} cells x {count:,} replications = {plan.runs:,} "
        f"runs; about {_duration(plan.seconds)} on {plan.workers} workers and at most {size}"
    )


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} seconds"


def _say_end(result: SweepResult) -> None:
    manifest = result.manifest
    say(
        f"{manifest['workers']} of {manifest['cores']} cores, {len(result.cells):,} of "
        f"{manifest['cells']:,} cells, {manifest['failed']:,} runs failed, "
        f"{manifest['duration_seconds']:.3g} s"
    )
    say(f"folder  {result.folder}")
    say(f"repeat  {manifest['command']}")
    if manifest["status"] != "complete":
        say(f"resume  {manifest['command']} -o {result.folder} --resume")


def _command(study: Path, plan: SweepPlan, engine: str) -> str:
    from simulator.provenance import command_line

    path = study.name if study.is_absolute() else str(study)
    words = ["paxsim", "sweep", path, "-n", str(plan.job.count)]
    words += [] if engine == "auto" else ["--engine", engine]
    return command_line([*words, *(["--draws"] if plan.job.draws else [])])


def _exit_code(manifest: dict[str, Any]) -> ExitCode:
    if manifest["status"] != "complete":
        return ExitCode.INTERRUPTED
    return ExitCode.SOME_FAILED if manifest["failed"] else ExitCode.DONE
