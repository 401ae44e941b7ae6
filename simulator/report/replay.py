"""One replication of a run again, in the SimPy engine, with its event log: why it ended so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.engine import EventLog, simulate
from simulator.errors import OutputError, UsageError, invalid
from simulator.experiment.baseline import pair_of_outcomes
from simulator.experiment.observe import observer
from simulator.experiment.series import trailing_mean
from simulator.experiment.store import replace_text, writing
from simulator.metrics.loss import impact
from simulator.report import style
from simulator.report.run_folder import RunFolder, read_run
from simulator.report.svg import save_figure
from simulator.sampling.model import prepare
from simulator.spec import load_scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

WORST = "worst"
_BY = "output_loss_pct"


@dataclass(frozen=True)
class Replay:
    """A replication looked at alone.

    Attributes
    ----------
    run
        The run it belongs to.
    replication
        Its number.
    events
        Event log of the shocked run: ``run``, ``day``, ``date``, ``facility``, ``what``, ``why``;
        entries that the run without shocks has on the same day are left out.
    series
        Daily output without and with shocks, in units.
    metrics
        As in the row of the run; they are checked to be the same numbers.
    """

    run: RunFolder
    replication: int
    events: pd.DataFrame
    series: pd.DataFrame
    metrics: dict[str, float]

    def save(self, folder: Path) -> None:
        """Write ``events.csv``, ``events.json``, ``series.csv`` and ``timeline.svg``."""
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        replace_text(folder / "events.csv", self.events.to_csv(index=False))
        replace_text(folder / "events.json", self.events.to_json(orient="records", indent=2) + "\n")
        replace_text(folder / "series.csv", self.series.to_csv(index=False))
        save_figure(timeline_figure(self), folder / "timeline.svg")


def replay(folder: Path, replication: int | str = WORST) -> Replay:
    """Run one replication of a run again.

    Parameters
    ----------
    folder
        Output folder of the run.
    replication
        Its number, or ``"worst"`` for the one with the largest output loss.

    Raises
    ------
    InputError
        If the run has no such replication.
    UsageError
        If it does not give the recorded numbers, so that tables or versions must have changed.
    """
    run = read_run(folder)
    number = _number(run, replication)
    scenario = load_scenario(folder / "scenario.resolved.yaml")
    model, seed = prepare(scenario), int(run.manifest["seed"])
    pair, logs = model.realise(number, seed), (EventLog(), EventLog())
    calm, shocked = (
        simulate(real, engine="simpy", log=log)
        for real, log in zip((pair.baseline, pair.shocked), logs, strict=True)
    )
    before, after = pair_of_outcomes(
        pair, observer(model.network), lambda real: calm if real is pair.baseline else shocked
    )
    metrics = {name: float(value) for name, value in impact(before, after).items()}
    _check_same(run, number, metrics)
    return Replay(
        run, number, _events(run, *logs), _series(run, before.units, after.units), metrics
    )


def _number(run: RunFolder, replication: int | str) -> int:
    done = run.done
    if replication == WORST:
        if not len(done):
            raise OutputError("no replication of this run finished, so none is the worst")
        return int(done["replication"].to_numpy()[int(done[_BY].to_numpy().argmax())])
    number = int(replication)
    if number not in set(run.replications["replication"]):
        raise invalid(
            "replication", number, f"this run has replications 0 to {len(run.replications) - 1}"
        )
    return number


def _check_same(run: RunFolder, number: int, metrics: dict[str, float]) -> None:
    row = run.done[run.done["replication"] == number]
    for name, value in metrics.items() if len(row) else ():
        if name not in row:
            continue
        recorded = float(row[name].iloc[0])
        if recorded != value and not (np.isnan(recorded) and np.isnan(value)):
            raise UsageError(
                f"replication {number}: {name} is {value:g} now, was {recorded:g} in the run: "
                "tables, versions or the engine have changed since"
            )


def _events(run: RunFolder, calm: EventLog, shocked: EventLog) -> pd.DataFrame:
    import pandas as pd

    before = {(e.day, e.facility, e.what, e.why) for e in calm.entries}
    table = shocked.frame()
    keys = zip(table["day"], table["facility"], table["what"], table["why"], strict=True)
    table = table[[key not in before for key in keys]].reset_index(drop=True)
    dates = pd.Timestamp(run.start) + pd.to_timedelta(table["day"], unit="D")
    table.insert(1, "date", dates.dt.strftime("%Y-%m-%d"))
    return table


def _series(run: RunFolder, calm: Any, shocked: Any) -> pd.DataFrame:  # noqa: ANN401
    import pandas as pd

    dates = pd.date_range(run.start, periods=len(calm), freq="D").strftime("%Y-%m-%d")
    days = np.arange(len(calm))
    return pd.DataFrame({"day": days, "date": dates, "baseline": calm, "shocked": shocked})


def timeline_figure(found: Replay, ax: Axes | None = None) -> Axes:
    """Draw daily output without and with shocks over the windows of what happened."""
    from datetime import date

    from simulator.units import day_of

    ax = style.new_axes(ax, height=4.4)
    table, start = found.series, found.run.start
    for name, colour in (("baseline", style.BASELINE), ("shocked", style.SHOCKED)):
        smooth = trailing_mean(table[name].to_numpy(float)[None])[0]
        ax.plot(table["day"], smooth, color=colour, label=f"output, {name}", lw=1.5)
    days = len(table)
    for row, entry in enumerate(found.run.timeline):
        first = day_of(date.fromisoformat(entry["from_date"]), start) if entry["from_date"] else 0
        until = entry["until_date"]
        last = day_of(date.fromisoformat(until), start) if until else days
        colour = style.MEASURE if entry["kind"] == "measure" else style.LOSS
        ax.axvspan(max(0, first), min(days, max(last, first + 1)), color=colour, alpha=0.08, lw=0)
        ax.annotate(
            style.plain(str(entry["name"]), 40),
            (max(0, first), 0.02 + 0.05 * (row % 6)),
            xycoords=("data", "axes fraction"),
            fontsize=7,
            color=style.MUTED,
        )
    counts = found.events.groupby("day").size()
    ax.plot(counts.index, np.zeros(len(counts)), "|", color=style.INK, ms=5, label="events")
    ax.set_ylim(bottom=0)
    style.name_axes(ax, f"days from {start.isoformat()}", "accelerators a day, 7-day mean")
    style.key(ax, "lower right")
    loss = found.metrics[_BY]
    style.finding(ax, f"Replication {found.replication} loses {loss:.2g} % of AI-chip output")
    return ax
