"""Run a scenario many times and keep the result: as tables, as a run folder, and as a report."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import UsageError
from simulator.experiment.ahead import compiling_ahead
from simulator.experiment.attribution import Attribution, attribute_run
from simulator.experiment.attribution_store import TABLE, summary_part
from simulator.experiment.detail import Detail, detail_of_run
from simulator.experiment.in_turn import Crew, crew_of
from simulator.experiment.interrupt import interruptible
from simulator.experiment.keep import Keep, parse_keep
from simulator.experiment.monte_carlo import FASTEST_ENGINE, OnProgress, Run, make_study
from simulator.experiment.plain import records
from simulator.experiment.replication import DONE
from simulator.experiment.resume import read_plan
from simulator.experiment.store import (
    MANIFEST,
    REPORT,
    RunWriter,
    check_folder,
    open_folder,
)
from simulator.experiment.until import parse_until
from simulator.provenance import PACKAGE, command_line
from simulator.report.answer import answer
from simulator.report.html import write_report
from simulator.report.tables import summary_frame, summary_text
from simulator.sampling.model import Model, prepare
from simulator.spec import Scenario

if TYPE_CHECKING:
    import pandas as pd
_log = logging.getLogger(__name__)

RESOLVED = "scenario.resolved.yaml"


@dataclass(frozen=True)
class MonteCarloResult(Run):
    """Result of a Monte Carlo run.

    Attributes
    ----------
    scenario
        As run: with its overrides, seed and number of replications.
    replications
        One row per replication: status, every metric, and what shocks and measures drew
        (``draw:<name>``).
    bands
        Quantiles over the replications per series, run (baseline, shocked, loss) and day.
    rows, daily
        The same two as plain columns, which `replications` and `bands` are made from when needed.
    record, manifest
        Content of ``summary.json`` and ``manifest.json``.
    folder
        Where the run was written; None if it was not.
    tables
        Further tables by the name of their file: what the loss comes from. A run that is not
        written has them once it is saved.
    """

    folder: Path | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def summary(self) -> pd.DataFrame:
        """One row per metric, one column per statistic, and its unit."""
        tidy = summary_frame(self.record)
        tidy = tidy[~tidy["statistic"].str.startswith("probability")]
        units = tidy[tidy["statistic"] == "mean"].set_index("metric")["unit"]
        table = tidy.pivot_table(
            index="metric", columns="statistic", values="value", sort=False, dropna=False
        )
        table.columns.name = None
        table.insert(0, "unit", units)
        return table

    @property
    def answer(self) -> str:
        """The answer in two sentences."""
        return str(self.record["answer"])

    def save(self, folder: Path | str, *, force: bool = False) -> Path:
        """Write the run folder, report included, and return its path.

        Raises
        ------
        OutputError
            If the folder holds something else, or cannot be written.
        """
        path = Path(folder)
        result = self if self.tables else _explained(self)
        with open_folder(path, force=force) as opened:
            opened.write_stream("replications.parquet", self.rows.tables())
            opened.write_stream("bands.parquet", (self.daily,))
            _write(result, opened)
        return path

    def report(self, folder: Path | str | None = None) -> Path:
        """Give the path of ``report.html``.

        Parameters
        ----------
        folder
            Where to save the run first, if it was not written to a folder when it ran.
        """
        if folder is not None:
            return self.save(folder) / REPORT
        if self.folder is None:
            raise UsageError(
                "this run was not written: name a folder, as in report('results/mine')"
            )
        return self.folder / REPORT

    def __str__(self) -> str:
        return summary_text(self.record)

    def __repr__(self) -> str:  # the fields hold every table of the network
        return f"<{type(self).__name__} of {summary_text(self.record).splitlines()[0]}>"

    def _repr_html_(self) -> str:
        table = summary_text(self.record)
        return f"<p>{escape(self.answer)}</p><pre>{escape(table)}</pre>"


def monte_carlo(
    scenario: Scenario | str | Path,
    replications: int | None = None,
    seed: int | None = None,
    *,
    workers: int | None = None,
    engine: str = "auto",
    output: Path | str | None = None,
    force: bool = False,
    on_progress: OnProgress | None = None,
    command: str = "",
    until: str | None = None,
    cluster: str = "",
    keep: Sequence[str] = (),
    attribution: bool = True,
) -> MonteCarloResult:
    """Run paired baseline and shocked replications of a scenario.

    Parameters
    ----------
    scenario
        A scenario, or its name or path.
    replications
        How many; defaults to the scenario's own number, or 1000.
    seed
        The only source of randomness; defaults to the scenario's. Runs of two scenarios with one
        seed share their random numbers, so they differ by their causes only.
    workers
        Processes; defaults to one per usable core. They never change a result.
    engine
        ``auto`` or the name of an engine.
    output
        Folder to write; None writes nothing.
    force
        Replace another run in that folder.
    on_progress
        Called with the numbers of replications done, failed and asked for.
    command
        What repeats the run, for the manifest; defaults to a command over the resolved scenario.
    until
        Target such as ``"cvar95 ±2%"`` (relative) or ``"peak_loss_pct.mean ±0.1"`` (in the unit of
        the metric): end before ``replications`` as soon as the 95 % interval is so narrow.
    cluster
        ``local:4``, or the address of a Dask scheduler; empty computes in this machine's workers.
    keep
        What else to write to ``output``: ``"draws"``, every sampled number of the tables;
        ``"series"``, the daily output of every replication; ``"series:delivered:JPN"``, another
        daily series; ``"series:all"``.
    attribution
        Whether a run with an ``output`` says what its loss comes from and which stages are hit
        first, which takes about a fifth of the time, and less beyond 4,000 replications.

    Returns
    -------
    MonteCarloResult
        After Ctrl-C, that of the replications done by then, with ``interrupted`` set.

    Raises
    ------
    UsageError
        If a number is out of range, or there is no such engine or nothing of that name to keep.
    InputError
        If the scenario is invalid.
    StuckError
        If the first replications fail.
    OutputError
        If the folder cannot be written.
    """
    path = None if output is None else Path(output)
    if path is not None:
        check_folder(path, force=force)
    target, kept = None if until is None else parse_until(until), parse_keep(keep)
    if path is None and kept != Keep():
        raise UsageError("keep: name the folder to write to, as in output='results/mine'")
    with ExitStack() as stack:
        explains = path is not None and attribution
        in_blocks = engine in ("auto", FASTEST_ENGINE)
        beside = compiling_ahead(workers, block=in_blocks)
        ready = stack.enter_context(beside) if explains else None
        study = make_study(
            scenario, replications, seed, workers=workers, engine=engine, cluster=cluster
        )
        line = command or command_line(
            [PACKAGE, "run", RESOLVED, "-n", str(study.replications), "--seed", str(study.seed)]
        )
        folder = stack.enter_context(open_folder(path, force=force)) if path is not None else None
        stop = stack.enter_context(interruptible())
        run = study.compute(
            folder, stop=stop, on_progress=on_progress, command=line, until=target, keep=kept
        )
        if ready is not None:
            ready(stop)
        return _finish(run, folder, study.replicate.model, attribution=attribution)


def resume(
    folder: Path | str,
    *,
    workers: int | None = None,
    rerun_failed: bool = False,
    on_progress: OnProgress | None = None,
    cluster: str = "",
) -> MonteCarloResult:
    """Go on with a run that was killed or interrupted; its results are as if it never had been.

    Parameters
    ----------
    folder
        Its output folder; scenario, seed, number of replications and engine are read from it.
    workers, on_progress, cluster
        As in `monte_carlo`.
    rerun_failed
        Compute failed replications again, also those of a run that is otherwise complete.

    Raises
    ------
    OutputError
        If there is nothing to go on with, or another process is still writing to it.
    UsageError
        If tables or versions differ from those it was begun with.
    """
    path = Path(folder)
    plan = read_plan(path)
    study = make_study(plan.scenario, workers=workers, engine=plan.engine, cluster=cluster)
    with open_folder(path, resume=True) as opened, interruptible() as stop:
        run = study.compute(
            opened,
            stop=stop,
            on_progress=on_progress,
            until=parse_until(plan.until) if plan.until else None,
            resume=plan,
            rerun_failed=rerun_failed,
        )
        return _finish(run, opened, study.replicate.model)


def _finish(
    run: Run, folder: RunWriter | None, model: Model, *, attribution: bool = True
) -> MonteCarloResult:
    record = {**run.record, "answer": answer(run.record, run.manifest)}
    path = None if folder is None else folder.path
    result = MonteCarloResult(run.scenario, run.rows, run.daily, record, run.manifest, path)
    if folder is not None:
        folder.keep = result.interrupted or bool(record["failed"])
        result = _explained(result, model) if attribution else result
        _write(result, folder, model)
    return result


def _explained(result: MonteCarloResult, model: Model | None = None) -> MonteCarloResult:
    """Add what the loss comes from, early signs, and losses and bottlenecks of every part.

    Not if the run was ended early, or nothing happens in it.
    """
    model = model or prepare(result.scenario)
    if result.interrupted or not model.entries:
        return result
    run = result.manifest
    seed, workers = int(run["seed"]), int(run["workers"])
    done = result.rows.frame(("output_loss_units", "output_loss_pct"))
    done = done[done["status"] == DONE]
    with crew_of(workers) as crew, ThreadPoolExecutor(1) as beside:
        found = beside.submit(_detail, model, done, seed, crew)
        cause = _attribution(model, done, seed, crew)
        return _with(result, found.result(), cause)


def _detail(model: Model, done: pd.DataFrame, seed: int, workers: Crew) -> Detail | None:
    try:
        return detail_of_run(model, done, seed=seed, workers=workers)
    except Exception as error:  # a run is worth more than what explains it
        _log.warning("early signs are missing: %s", error)
        return None


def _attribution(model: Model, done: pd.DataFrame, seed: int, workers: Crew) -> Attribution | None:
    try:
        return attribute_run(model, seed, done, workers=workers) if len(done) else None
    except Exception as error:  # a run is worth more than what explains it
        _log.warning("the loss was not attributed: %s", error)
        return None


def _with(
    result: MonteCarloResult, detail: Detail | None, cause: Attribution | None
) -> MonteCarloResult:
    record, tables = dict(result.record), dict(result.tables)
    if detail is not None:
        record |= {"early_signs": records(detail.early_signs)}
        tables |= detail.tables
    if cause is not None:
        record |= summary_part(cause)
        tables |= {TABLE: cause.table}
    return replace(result, record=record, tables=tables)


def _write(result: MonteCarloResult, folder: RunWriter, model: Model | None = None) -> None:
    folder.write_json(MANIFEST, result.manifest)
    folder.write_text(RESOLVED, result.scenario.to_yaml())
    folder.write_json("summary.json", result.record)
    folder.write_text("summary.csv", summary_frame(result.record).to_csv(index=False))
    for name, table in result.tables.items():
        folder.write_table(name, table)
    folder.commit()  # first, so that hours of computing are kept even if the report cannot be drawn
    write_report(folder.path, model)
