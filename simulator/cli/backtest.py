"""``paxsim backtest``: what the model would have said about past episodes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from simulator.cli.console import Count, debug_option, format_option, say, write_rows

EPILOG = """\b
Examples:
  paxsim backtest --list
  paxsim backtest gallium-2023 -n 40
  paxsim backtest -o results/backtest
"""
COLUMNS = (
    "episode", "months", "covered", "covered_model", "crps", "crps_level", "crps_persistence",
    "depth", "depth_p05", "depth_p95", "months_to_trough", "months_to_return", "failures",
)  # fmt: skip


@click.command(epilog=EPILOG)
@click.argument("episodes", nargs=-1, metavar="[EPISODE]...")
@click.option(
    "-n",
    "--replications",
    type=Count(2, 1_000_000),
    default=200,
    show_default=True,
    help="Replications of each forecast.",
)
@click.option("--seed", type=int, default=20251009, show_default=True, help="Seed of the forecast.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder for tables, figure and report."
)
@click.option("--force", is_flag=True, help="Replace the back-test in the output folder.")
@click.option(
    "--markdown",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page of the manual to this file, and its .json and .svg beside it.",
)
@click.option(
    "-w",
    "--workers",
    type=Count(1, 1024),
    default=1,
    show_default=True,
    help="Processes; they never change a result.",
)
@click.option("--list", "listed", is_flag=True, help="List the episodes and stop.")
@format_option
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@debug_option
def backtest(
    episodes: tuple[str, ...],
    replications: int,
    seed: int,
    output: Path | None,
    force: bool,
    markdown: Path | None,
    workers: int,
    listed: bool,
    form: str,
    no_progress: bool,
) -> None:
    """Forecast past EPISODES (default all) from what was known of the others, and score it.

    Flows are an index of the months before the announcement. covered counts the observed months
    inside the forecast's 90 % band, covered_model those inside the model's own, without the
    lumpiness of single months. CRPS is in the same index; lower is better, and beside it stand
    naive forecasts: the level before, and the last month known. What came out otherwise goes to
    stderr.
    """
    from simulator.backtest import EPISODES, episode

    if listed:
        known = [
            {"episode": one.name, "case": one.case.name, "title": one.title} for one in EPISODES
        ]
        write_rows(known, form, ("episode", "case", "title"))
        return
    for name in episodes:
        episode(name)  # refused before anything runs
    from simulator.backtest import run_episodes
    from simulator.backtest.records import to_record
    from simulator.report.backtest_files import check_output, write_folder, write_page

    if output is not None:
        check_output(output, force=force)
    from tqdm import tqdm

    with tqdm(desc="runs", unit="run", disable=True if no_progress else None) as bar:

        def update(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        results = run_episodes(
            tuple(dict.fromkeys(episodes)), replications=replications, seed=seed, workers=workers,
            on_progress=update,
        )  # fmt: skip
    record = to_record(results, seed=seed)
    rows = [one["scores"] | {"failures": len(one["failures"])} for one in record["episodes"]]
    write_rows([_shown(row) for row in rows] if form == "table" else rows, form, COLUMNS)
    for one in record["episodes"]:
        for text in one["failures"]:
            say(f"{one['name']}: {text}")
    if output is not None:
        write_folder(record, output)
        say(f"folder  {output}")
    if markdown is not None:
        write_page(record, markdown)
    say(f"repeat  {record['command']}" + ("" if seed == 20251009 else f" --seed {seed}"))


def _shown(row: Mapping[str, object]) -> dict[str, object]:
    return {k: f"{v:.3g}" if isinstance(v, float) else v for k, v in row.items()}
