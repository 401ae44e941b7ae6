"""``paxsim run``: simulate a scenario many times."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from simulator.cli.console import (
    Count,
    debug_option,
    format_option,
    progress_bar,
    say,
    say_if_compiling,
    set_option,
    write_json,
)
from simulator.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from simulator.report.result import MonteCarloResult
    from simulator.spec import Scenario

EPILOG = """\b
Examples:
  paxsim run china-october-2025 -n 200
  paxsim run my-scenario.yaml -s 7 -o results/mine --set shocks.october.approval=0.3
  paxsim run baseline -n 50 --horizon 365 --format json > summary.json
  paxsim run china-october-2025 --until "cvar95 ±2%" -n 20000
  paxsim run --resume results/mine
"""
CAP = 100_000
"""Most replications of --until where -n does not say."""


@click.command(epilog=EPILOG)
@click.argument("scenario", required=False)
@click.option(
    "-n",
    "--replications",
    type=Count(1, 10_000_000),
    help="How many replications.  [default: the scenario's own number, or 1000]",
)
@click.option(
    "-s",
    "--seed",
    type=Count(0, 2**63 - 1),
    help="Seed of all random numbers.  [default: the scenario's, or 20251009]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write.  [default: results/<scenario>-<seed>-<checksum>]",
)
@click.option(
    "-w",
    "--workers",
    type=Count(1, 1024),
    help="Processes; they never change a result.  [default: one per core, fewer for short runs]",
)
@set_option
@click.option("--horizon", type=Count(1, 36_525), help="Length of the run in days.")
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    help="auto, block, scalar (both compiled) or simpy (the definition); numbers are the same.",
)
@click.option(
    "--until",
    metavar="TARGET",
    help="Run until the 95 % interval is so narrow: 'cvar95 ±2%' of the output loss, or "
    "'peak_loss_pct.mean ±0.1'; -n is then the most.",
)
@click.option(
    "--keep",
    metavar="WHAT",
    multiple=True,
    help="Write more: draws (every sampled number), series (daily output of every run), "
    "series:delivered:JPN (another daily series) or series:all; may be repeated.",
)
@click.option(
    "--cluster",
    default="",
    metavar="ADDRESS",
    help="Compute on a Dask cluster: local:4, or tcp://host:8786; see docs/cluster.md.",
)
@click.option(
    "--resume",
    "folder_to_resume",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Go on with a killed or interrupted run in this folder; takes no SCENARIO.",
)
@click.option(
    "--rerun-failed", is_flag=True, help="With --resume: compute failed replications again."
)
@format_option
@click.option("--force", is_flag=True, help="Replace an earlier run in the output folder.")
@click.option(
    "--attribution/--no-attribution",
    default=True,
    show_default=True,
    help="Say what the loss comes from, in about a fifth of the time; see `paxsim attribute`.",
)
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@debug_option
@click.pass_context
def run(
    context: click.Context,
    scenario: str | None,
    replications: int | None,
    seed: int | None,
    output: Path | None,
    workers: int | None,
    overrides: tuple[str, ...],
    horizon: int | None,
    engine: str,
    until: str | None,
    keep: tuple[str, ...],
    cluster: str,
    folder_to_resume: Path | None,
    rerun_failed: bool,
    form: str,
    force: bool,
    attribution: bool,
    no_progress: bool,
) -> None:
    """Simulate SCENARIO (a name, or a YAML file) many times, with and without its shocks.

    Writes a folder with every replication, daily bands, a summary and report.html, and the summary
    to stdout.
    """
    if folder_to_resume is not None:
        _refuse_with_resume(context)
        result = _resume(folder_to_resume, (workers, cluster), rerun_failed, shown=not no_progress)
        _end(context, result, folder_to_resume, result.manifest["command"], form)
    if scenario is None or rerun_failed:
        raise click.UsageError(
            "--rerun-failed needs --resume FOLDER" if rerun_failed else "name a SCENARIO to run"
        )
    import simulator
    from simulator.report.result import monte_carlo

    if horizon is not None:
        overrides = (*overrides, f"horizon_days={horizon}")
    loaded = simulator.load_scenario(scenario, overrides)
    usual = loaded.replications if until is None else CAP
    loaded = replace(
        loaded,
        replications=usual if replications is None else replications,
        seed=loaded.seed if seed is None else seed,
    )
    folder = output or _default_folder(loaded)
    say_if_compiling(engine)
    options: dict[str, Any] = {"-n": loaded.replications, "--seed": loaded.seed}
    options |= {} if engine == "auto" else {"--engine": engine}
    options |= {} if until is None else {"--until": until}
    options |= {"--keep": keep}
    with progress_bar(loaded.replications, shown=not no_progress) as on_progress:
        result = monte_carlo(
            loaded,
            workers=workers,
            engine=engine,
            output=folder,
            force=force,
            on_progress=on_progress,
            command=_command(_portable(scenario), options, overrides),
            until=until,
            cluster=cluster,
            keep=keep,
            attribution=attribution,
        )
    _end(context, result, folder, _command(scenario, options, overrides), form)


def _end(
    context: click.Context, result: MonteCarloResult, folder: Path, command: str, form: str
) -> NoReturn:
    _write(result, form)
    _say_end(result, folder, command)
    context.exit(_exit_code(result))


def _refuse_with_resume(context: click.Context) -> None:
    """An option that would have no effect is an error."""
    fixed = ("scenario", "replications", "seed", "output", "overrides", "horizon", "engine")
    for name in (*fixed, "until", "keep", "force", "attribution"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"--resume takes all from the folder, so {name} cannot be given with it"
            )


def _resume(
    folder: Path, place: tuple[int | None, str], rerun_failed: bool, *, shown: bool
) -> MonteCarloResult:
    from simulator.experiment.resume import plan_record
    from simulator.report.result import resume

    total = (plan_record(folder) or {}).get("replications", 0)
    with progress_bar(total, shown=shown) as on_progress:
        return resume(
            folder,
            workers=place[0],
            cluster=place[1],
            rerun_failed=rerun_failed,
            on_progress=on_progress,
        )


def _default_folder(scenario: Scenario) -> Path:
    from simulator.provenance import short

    return Path("results") / f"{scenario.name}-{scenario.seed}-{short(scenario.checksum)}"


def _command(scenario: str, options: dict[str, Any], overrides: tuple[str, ...]) -> str:
    from simulator.provenance import command_line

    words = ["paxsim", "run", scenario]
    for name, value in options.items():
        for one in value if isinstance(value, tuple) else (value,):
            words += [name, str(one)]
    for override in overrides:
        words += ["--set", override]
    return command_line(words)


def _portable(scenario: str) -> str:
    # A path of this machine would say nothing on another one.
    path = Path(scenario)
    return path.name if path.is_absolute() else scenario


def _write(result: MonteCarloResult, form: str) -> None:
    if form == "json":
        write_json(result.record)
    elif form == "csv":
        from simulator.report.tables import summary_frame

        click.echo(summary_frame(result.record).to_csv(index=False), nl=False)
    else:
        click.echo(str(result))


def _say_end(result: MonteCarloResult, folder: Path, command: str) -> None:
    manifest, record = result.manifest, result.record
    runs, seconds = len(result.rows), manifest["duration_seconds"]
    if result.interrupted:
        say(f"Interrupted: {runs:,} of {manifest['replications']:,} replications are kept.")
        say(f"resume  paxsim run --resume {folder}")
    if "until" in manifest:
        say(_verdict(manifest["until"]))
    say(
        f"{manifest['workers']} of {manifest['cores']} cores, {runs:,} runs, "
        f"{record['failed']:,} failed, {seconds:.3g} s, {seconds / runs:.3g} s per run"
    )
    if record["failed"]:
        number, error = min(result.rows.failed.items())
        say(f"first failure: replication {number}: {error}")
        say(f"rerun   paxsim run --resume {folder} --rerun-failed")
    for note in record.get("attribution_notes", ()):
        say(note)
    say(f"folder  {folder}")
    say(f"report  {folder / 'report.html'}")
    say(f"repeat  {command}")


def _verdict(until: dict[str, Any]) -> str:
    half = "unbounded" if until["half_width"] is None else f"{until['half_width']:.3g}"
    end = "reached" if until["reached"] else "not reached: raise -n"
    return f"{until['target']}: half-width {half} after {until['replications']:,} runs, {end}"


def _exit_code(result: MonteCarloResult) -> ExitCode:
    if result.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.SOME_FAILED if result.record["failed"] else ExitCode.DONE
