"""``paxsim attribute``: what the output lost comes from."""

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
    set_option,
    write_rows,
)

if TYPE_CHECKING:
    from simulator.experiment.attribution import Attribution
    from simulator.spec import Scenario

EPILOG = """\b
Examples:
  paxsim attribute china-october-2025
  paxsim attribute results/mine --method shapley -n 200
  paxsim attribute my-scenario.yaml --lanes --top 20 --format csv > causes.csv
"""
TITLES = {
    "ledger": "First causes: what was binding, traced upstream",
    "ledger_by_entry": "First causes by the entry of the scenario that set them",
    "leave_one_out": "Leave-one-out: the loss that would not be there without it",
    "shapley": "Shapley shares: its mean part over all orders of coming; they sum to the loss",
}
ROUNDING = 1e-6
SHOWN = ("cause", "loss_pct", "ci95", "share", "what")


@click.command(epilog=EPILOG)
@click.argument("target")
@click.option(
    "--method",
    "methods",
    type=click.Choice(["ledger", "leave_one_out", "shapley"]),
    multiple=True,
    help="What to work out; may be repeated.  [default: all three]",
)
@click.option(
    "-n",
    "--replications",
    type=Count(1, 1_000_000),
    help="Futures to look at.  [default: 40, or all of a smaller run]",
)
@click.option("-s", "--seed", type=Count(0, 2**63 - 1), help="Seed.  [default: the scenario's]")
@click.option(
    "--orders",
    type=click.IntRange(2, 1000),
    default=4,
    show_default=True,
    help="Orders per future where Shapley shares are sampled: more than 6 entries; even.",
)
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, help="Rows shown.")
@click.option("--lanes", is_flag=True, help="Show every lane, not material by country.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write.  [default: TARGET if it is a run, else results/<name>-attribution]",
)
@set_option
@format_option
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@debug_option
def attribute(
    target: str,
    methods: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    orders: int,
    top: int,
    lanes: bool,
    output: Path | None,
    overrides: tuple[str, ...],
    form: str,
    no_progress: bool,
) -> None:
    """Say what the loss in TARGET (a scenario, or the folder of a run) comes from, three ways.

    The ledger asks which input or capacity was binding, day by day, and follows the shortage
    upstream to its first cause. Leave-one-out runs the same futures without each entry of the
    scenario. Shapley shares average over all orders in which entries could come. Where causes
    overlap the three differ: docs/attribution.md says how to read that.
    """
    if orders % 2:
        raise click.UsageError(f"--orders {orders}: must be even: each order has its reverse")
    folder = Path(target)
    is_run = folder.is_dir()
    if is_run and (seed is not None or overrides):
        raise click.UsageError("--seed and --set belong to a scenario; TARGET is a run")
    scenario, chosen, most = _of_run(folder) if is_run else _of_scenario(target, seed, overrides)
    from simulator.experiment.attribution_store import add_to_run, check_free, save

    place = output or (folder if is_run else Path("results") / f"{scenario.name}-attribution")
    beside = is_run and output is None
    if not beside:
        check_free(place)
    count = replications or min(40, most)
    found = _compute(scenario, chosen, count, methods, orders, shown=not no_progress)
    if beside:
        from simulator.report.html import write_report

        add_to_run(found, folder)
        write_report(folder)
    else:
        command = _command(target, chosen, count, methods, orders, overrides)
        save(found, place, scenario, seed=chosen, command=command)
    _write(found, form, top, lanes)
    for note in found.notes:
        say(note)
    say(f"folder  {place}")


def _of_run(folder: Path) -> tuple[Scenario, int, int]:
    import simulator
    from simulator.report.run_folder import read_run

    run = read_run(folder)
    scenario = simulator.load_scenario(folder / "scenario.resolved.yaml")
    return scenario, int(run.manifest["seed"]), max(1, len(run.replications))


def _of_scenario(
    name: str, seed: int | None, overrides: tuple[str, ...]
) -> tuple[Scenario, int, int]:
    import simulator

    scenario = simulator.load_scenario(name, overrides)
    return scenario, scenario.seed if seed is None else seed, 40


def _compute(
    scenario: Scenario,
    seed: int,
    count: int,
    methods: tuple[str, ...],
    orders: int,
    *,
    shown: bool,
) -> Attribution:
    from simulator.experiment.attribution import METHODS
    from simulator.experiment.attribution import attribute as work_out
    from simulator.experiment.interrupt import interruptible
    from simulator.experiment.monte_carlo import Progress

    wanted = methods or METHODS
    total = count * (("ledger" in wanted) + bool(set(wanted) - {"ledger"}))
    with interruptible() as stop, progress_bar(total, shown=shown) as on_progress:
        return work_out(
            scenario,
            count,
            seed,
            methods=wanted,
            orders=orders,
            stop=stop,
            tell=lambda done: on_progress(Progress(done, 0, total)),
        )


def _command(
    target: str,
    seed: int,
    count: int,
    methods: tuple[str, ...],
    orders: int,
    overrides: tuple[str, ...],
) -> str:
    from simulator.provenance import command_line

    words = ["paxsim", "attribute", Path(target).name, "-n", str(count), "--seed", str(seed)]
    words += ["--orders", str(orders)]
    words += [word for method in methods for word in ("--method", method)]
    words += [word for text in overrides for word in ("--set", text)]
    return command_line(words)


def _write(found: Attribution, form: str, top: int, lanes: bool) -> None:
    columns = [str(name) for name in found.table.columns]
    if form != "table":
        known = [
            {key: None if value != value else value for key, value in row.items()}
            for row in _rows(found.table.to_dict("records"))
        ]
        write_rows(known, form, columns)
        return
    if not len(found.table):
        click.echo("Nothing was lost, or nothing happens in this scenario.")
    for method in dict.fromkeys(found.table["method"]):
        rows = _rows(found.table[found.table["method"] == method].to_dict("records"))
        if method == "ledger":
            rows = rows if lanes else _by_material(rows)
            rows = [row for row in rows if not abs(float(row["share"])) < ROUNDING] or rows[:1]
        click.echo(f"{TITLES[method]}\n")
        write_rows([_line(row) for row in rows[:top]], form, SHOWN)
        rest = sum(float(row["loss_pct"]) for row in rows[top:])
        if rows[top:]:
            click.echo(f"and {len(rows) - top} more, together {rest:.3g} %")
        click.echo()


def _rows(records: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as pandas gives them
    return [{str(key): value for key, value in row.items()} for row in records]


def _by_material(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lanes of one material from one country as one row; their intervals cannot be added."""
    groups: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        key = (str(row["cause"]), "", "")
        if row["kind"] == "lane":
            how, _, prefixed = key[0].partition(":")
            key = (how if prefixed else "limited", str(row["material"]), str(row["country"]))
        known = groups.get(key)
        if known is None:
            groups[key] = dict(row)
            continue
        known |= {name: known[name] + row[name] for name in ("loss_units", "loss_pct", "share")}
        known |= {"lo95": float("nan"), "hi95": float("nan"), "cause": f"{key[1]}/{key[2]}"}
        known["label"] = f"{key[1]} from {key[2]}: several lanes, {key[0]}"
    return sorted(groups.values(), key=lambda row: -abs(float(row["loss_units"])))


def _line(row: dict[str, Any]) -> dict[str, Any]:
    low, high = float(row["lo95"]), float(row["hi95"])
    share = float(row["share"])
    return {
        "cause": row["cause"] or "(none)",
        "loss_pct": _number(float(row["loss_pct"])),
        "ci95": "" if low != low else f"{_number(low)} to {_number(high)}",
        "share": "" if share != share else f"{100 * share:.1f} %".replace("-0.0", "0.0"),
        "what": row["label"],
    }


def _number(value: float) -> str:
    text = f"{value:.4f}"
    return text.removeprefix("-") if float(text) == 0 else text
