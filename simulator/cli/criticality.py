"""``paxsim criticality``: what the chain cannot do without, and for how long."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.console import (
    Count,
    debug_option,
    format_option,
    say,
    say_if_compiling,
    set_option,
    write_json,
    write_rows,
)

if TYPE_CHECKING:
    from simulator.experiment.criticality import Criticality
    from simulator.spec import Scenario

EPILOG = """\b
Examples:
  paxsim criticality
  paxsim criticality china-october-2025 --what country --what hub --days 90,365 --top 20
  paxsim criticality my-network/ --set start=2026-06-01 --format csv > criticality.csv

\b
Columns: loss in % of output over the run for a removal of so many days; survives:
days until output is 1 % below normal; recovers: days from there until it has been
normal for 30; exposure: % of output that is gone if nobody has stock or another
supplier; rei: loss over the largest of its kind. docs/metrics.md has the formulas.
"""
WHATS = ("facility", "country", "country_material", "hub", "chokepoint")
START = "2025-10-01"
"""First day of the removals from a network that no scenario dates."""


class Lengths(click.ParamType):  # type: ignore[type-arg]  # generic in new versions only
    """Lengths in days, separated by commas."""

    name = "days"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Read them; click says which option it was for if one is refused."""
        if isinstance(value, tuple):
            return value
        one = Count(1, 3_650)
        parts = [part.strip() for part in str(value).split(",")]
        return tuple(sorted({one.convert(part, param, ctx) for part in parts}))


@click.command(epilog=EPILOG)
@click.argument("scenario", default="baseline")
@click.option(
    "--what",
    "whats",
    type=click.Choice(WHATS),
    multiple=True,
    help="What to remove; may be repeated.  [default: everything]",
)
@click.option(
    "--days",
    type=Lengths(),
    default="30,90,180,365",
    show_default=True,
    metavar="DAYS,...",
    help="Lengths of the removals.",
)
@click.option(
    "--recovery",
    type=Count(0, 3_650),
    default=365,
    show_default=True,
    help="Days that runs go on after the longest removal.",
)
@click.option("--measures", is_flag=True, help="Put the scenario's measures in place.")
@click.option("--top", type=Count(1, 100_000), default=10, show_default=True, help="Rows shown.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write.  [default: results/<scenario>-criticality]",
)
@click.option("-w", "--workers", type=Count(1, 1024), help="Threads; they never change a result.")
@set_option
@format_option
@debug_option
def criticality(
    scenario: str,
    whats: tuple[str, ...],
    days: tuple[int, ...],
    recovery: int,
    measures: bool,
    top: int,
    output: Path | None,
    workers: int | None,
    overrides: tuple[str, ...],
    form: str,
) -> None:
    """Remove every facility, country, country's material, hub and chokepoint in turn.

    SCENARIO is a scenario, or a network: a packaged one or a folder of tables. Its numbers are
    taken at their base values and its shocks are left out. A removed facility makes nothing and
    sends nothing from the first day on; a removed hub or chokepoint lets nothing pass, and nobody
    goes round. Writes criticality.parquet and criticality.csv, with static N-1 exposure and risk
    exposure index, and shows the worst of each kind.
    """
    from simulator.experiment.criticality import criticality as sweep
    from simulator.experiment.criticality_store import check_empty, save
    from simulator.experiment.plain import records
    from simulator.provenance import command_line

    loaded = _load(scenario, overrides)
    folder = output or Path("results") / f"{loaded.name}-criticality"
    check_empty(folder)
    say_if_compiling("block")
    clock = time.perf_counter()
    found = sweep(
        loaded, days, whats=whats or WHATS, recovery_days=recovery, measures=measures,
        workers=workers,
    )  # fmt: skip
    seconds = time.perf_counter() - clock
    words = ["paxsim", "criticality", Path(scenario).name, "--days", ",".join(map(str, days))]
    words += ["--recovery", str(recovery), *(["--measures"] if measures else [])]
    words += [word for what in whats for word in ("--what", what)]
    words += [word for text in overrides for word in ("--set", text)]
    save(found, folder, command_line(words), seconds)
    if form == "table":
        _show(found, top)
    elif form == "json":
        write_json(records(found.table))
    else:
        click.echo(found.table.to_csv(index=False), nl=False)
    _say_end(found, folder, seconds)


def _load(scenario: str, overrides: tuple[str, ...]) -> Scenario:
    """A scenario by name or path; a network gets one without shocks."""
    import simulator
    from simulator.spec.load import dataset_names

    if scenario not in dataset_names() and not Path(scenario).is_dir():
        return simulator.load_scenario(scenario, overrides)
    import json

    import simulator.shocks  # registers the types that a scenario may name
    from simulator.spec import parse_scenario

    text = f"name: network\nnetwork: {json.dumps(scenario)}\nstart: {START}\nhorizon_days: 365\n"
    return parse_scenario(text, overrides=overrides)


def _show(found: Criticality, top: int) -> None:
    longest = max(found.days)
    for what in WHATS:
        part = found.table[found.table["what"] == what]
        worst = part[part["days"] == longest].head(top)
        if worst.empty:
            continue
        losses = part.pivot_table(index="id", columns="days", values="loss_pct")
        rows = []
        for row in worst.to_dict("records"):
            own = losses.loc[row["id"]]
            shown = {f"{days}_days": f"{float(own[days]):.2f}" for days in found.days}
            rows.append(
                {
                    "rank": row["rank"],
                    what: row["id"],
                    "name": _short(str(row["label"])),
                    **shown,
                    "survives": _days(row["time_to_survive_days"]),
                    "recovers": _days(row["time_to_recover_days"], row["recover_censored"]),
                    "exposure": f"{100 * row['exposure_share']:.0f}",
                    "rei": f"{row['risk_exposure_index']:.2f}",
                }
            )
        write_rows(rows, "table", list(rows[0]))
        click.echo()


def _short(text: str, limit: int = 36) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _days(value: float, censored: bool = False) -> str:
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "all"
    return f"{'>' if censored else ''}{value:.0f}"


def _say_end(found: Criticality, folder: Path, seconds: float) -> None:
    table = found.table[found.table["days"] == max(found.days)]
    harmless = int((table["loss_pct"] <= 0.0).sum())
    apart = int((table["basis"] == "not connected to the outcome").sum())
    say(
        f"{len(table):,} removals of {', '.join(map(str, found.days))} days in {found.runs:,} "
        f"runs, {seconds:.3g} s; {harmless:,} cost nothing, {apart:,} of them not connected to "
        "the outcome and not run"
    )
    say(f"folder  {folder}")
