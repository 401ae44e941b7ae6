"""The Monte Carlo driver: a scenario and a number of replications in, tables of results out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.engine import ENGINES
from simulator.errors import StuckError, UsageError
from simulator.experiment.bands import band_table
from simulator.experiment.executors import (
    Executor,
    Processes,
    Serial,
    why_not_processes,
)
from simulator.experiment.keep import Keep, draw_tables, parse_keep, series_tables
from simulator.experiment.manifest import build_manifest
from simulator.experiment.parts import Parts
from simulator.experiment.replicate import ScenarioJob, ScenarioReplicate
from simulator.experiment.replication import Job, Replicate, Replication, batch_size, in_batches
from simulator.experiment.resume import RunPlan, write_plan
from simulator.experiment.rows import Rows
from simulator.experiment.store import RunWriter
from simulator.experiment.threads import Threads, shares_threads, that_fit
from simulator.experiment.trajectories import EXACT_BYTES
from simulator.experiment.until import Until
from simulator.metrics.summary import summarise_replications
from simulator.provenance import now, usable_cores
from simulator.spec import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_log = logging.getLogger(__name__)

MOST_REPLICATIONS = 10_000_000
MOST_WORKERS = 1_024
LARGEST_SEED = 2**63 - 1
FASTEST_ENGINE = "block"
"""What ``auto`` stands for."""
WORTH_THREADS_SECONDS = 1.0
"""A thread has room for plans of its own, which takes a moment to make."""
TRIALS = 2
"""So many replications, or a block, run here first; if all fail, the model is stuck."""
WORTH_PROCESSES_SECONDS = 4.0
"""Starting workers takes a few seconds; a shorter run is done sooner in this process."""


@dataclass(frozen=True)
class Progress:
    """How far a run has come: replications ``done`` and ``failed`` out of ``total``."""

    done: int
    failed: int
    total: int


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Run:
    """Everything a run found out, ready to be written.

    Attributes
    ----------
    scenario
        As run: with its overrides, seed and number of replications.
    rows, daily
        Content of ``replications.parquet`` and ``bands.parquet``, in columns.
    record, manifest
        Content of ``summary.json`` (but for the answer in words) and of ``manifest.json``.
    """

    scenario: Scenario
    rows: Rows
    daily: pa.Table
    record: dict[str, Any]
    manifest: dict[str, Any]

    @cached_property
    def replications(self) -> pd.DataFrame:
        """One row per replication: status, every metric, and what shocks and measures drew."""
        return self.rows.frame()

    @cached_property
    def bands(self) -> pd.DataFrame:
        """Quantiles over the replications per series, run (baseline, shocked, loss) and day."""
        frame: pd.DataFrame = self.daily.to_pandas()
        return frame

    @property
    def interrupted(self) -> bool:
        """Whether the run was ended early; what was done by then is here."""
        return bool(self.manifest["status"] == "interrupted")


@dataclass(frozen=True)
class Study:
    """A checked request for a run: the scenario is prepared, nothing has been simulated yet."""

    scenario: Scenario
    replications: int
    seed: int
    workers: int | None
    engine: str
    replicate: ScenarioReplicate
    cluster: str = ""

    def compute(
        self,
        folder: RunWriter | None = None,
        *,
        stop: threading.Event | None = None,
        on_progress: OnProgress | None = None,
        command: str = "",
        until: Until | None = None,
        resume: RunPlan | None = None,
        rerun_failed: bool = False,
        keep: Keep = Keep(),  # noqa: B008  (frozen)
    ) -> Run:
        """Run all replications.

        Parameters
        ----------
        folder
            Where parts are kept meanwhile; None keeps them in memory.
        stop
            Set from elsewhere to end early with what is done.
        on_progress
            Called as results come in.
        command
            Repeats the run; written to the manifest.
        until
            End before all replications are done, as soon as this target is reached.
        resume
            Plan of a run whose parts are in the folder, to go on with.
        rerun_failed
            Compute its failed replications again.
        keep
            What else to write to the folder.

        Raises
        ------
        StuckError
            If the first replications fail.
        OutputError
            If parts cannot be written.
        """
        started, clock = now(), time.perf_counter()
        begun = resume or RunPlan(
            self.scenario,
            self.engine,
            command,
            started,
            (),
            until.text if until else "",
            tuple(keep.words),
        )
        parts = Parts(folder.stage if folder else None)
        try:
            filling = _Filling(self, parts, folder, begun, stop or threading.Event(), on_progress)
            filling.fill(until, rerun_failed=rerun_failed)
            parts.settle()
            rows = parts.rows()
            daily = band_table(parts.series, filling.series, self.scenario.start)
            if folder is not None:
                self._write(folder, filling, rows, daily)
        finally:
            parts.close()
        scenario = replace(self.scenario, replications=filling.total)
        manifest = build_manifest(
            scenario,
            self.replicate.model,
            outcome=[n.partition(":")[2] for n in filling.series if n.startswith("output:")],
            run={
                "engine": self.engine,
                "seed": self.seed,
                "replications": filling.total,
                "command": begun.command,
                "started": begun.started,
                "duration_seconds": round(time.perf_counter() - clock, 3),
                "workers": filling.workers,
                "cores": usable_cores(),
                "status": "complete" if len(rows) == filling.total else "interrupted",
                **({"until": filling.stopped} if filling.stopped else {}),
            },
        )
        return Run(scenario, rows, daily, self._record(rows), manifest)

    def _record(self, rows: Rows) -> dict[str, Any]:
        return {
            "scenario": self.scenario.name,
            "question": self.scenario.question,
            "seed": self.seed,
            "replications": len(rows) - len(rows.failed),
            "failed": len(rows.failed),
            "horizon_days": self.scenario.horizon_days,
            "start_date": self.scenario.start.isoformat(),
            **summarise_replications({name: rows.values(name) for name in rows.metrics}),
        }

    def _write(self, folder: RunWriter, filling: _Filling, rows: Rows, daily: pa.Table) -> None:
        folder.write_stream("replications.parquet", rows.tables())
        folder.write_stream("bands.parquet", (daily,))
        if filling.keep.draws:
            drawn = draw_tables(self.replicate.model, self.seed, rows.numbers)
            folder.write_stream("draws.parquet", drawn)
        if filling.parts.series.kept and filling.parts.done:
            kept = series_tables(filling.parts, filling.series, filling.parts.series.kept)
            folder.write_stream("series.parquet", kept)


@dataclass
class _Filling:
    """Computes what a study lacks, batch by batch."""

    study: Study
    parts: Parts
    folder: RunWriter | None
    plan: RunPlan
    stop: threading.Event
    on_progress: OnProgress | None
    total: int = 0
    workers: int = 1
    seconds: float | None = None
    stopped: dict[str, Any] | None = None

    @property
    def keep(self) -> Keep:
        """What else to write."""
        return parse_keep(self.plan.keep)

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series in the parts."""
        return self.plan.series or self.study.replicate.series

    def fill(self, until: Until | None, *, rerun_failed: bool) -> None:
        """Compute one batch after the other until the last, the target, or the wish to stop."""
        cap = self.study.replications
        self.parts.series.kept = self.keep.places(self.plan.series) if self.plan.series else ()
        for self.total in until.looks(cap) if until else (cap,):
            self._batch(self.parts.todo(self.total, failed_too=rerun_failed))
            rerun_failed = False
            if until and not self.stop.is_set():
                self.stopped = until.verdict(self.parts.rows())
            if self.stop.is_set() or (self.stopped or {}).get("reached"):
                return

    def _batch(self, rest: list[int]) -> None:
        if not rest:
            return
        study = self.study
        if self.seconds is None:
            # A block costs the same whether it is full or not.
            count = max(TRIALS, batch_size(study.replicate))
            self.seconds, rest = self._first(rest[:count]), rest[count:]
        self.parts.expect(rest)
        if self.folder is not None and rest:
            days = study.scenario.horizon_days
            self.folder.need_space(min(EXACT_BYTES, len(rest) * 2 * len(self.series) * days * 4))
        executor, self.workers = choose_executor(
            study.replicate.job, len(rest), self.seconds, study.workers, study.cluster,
            study.replicate,
        )  # fmt: skip
        for results in executor.run(study.replicate.job, study.replicate, rest, self.stop):
            self._take(results)

    def _first(self, rest: list[int]) -> float:
        # In this process, so that a broken model says at once what is wrong with it. The last batch
        # tells how long a replication takes; the first may have had to compile the engine.
        seconds, trials, fresh = 0.0, list[Replication](), not self.plan.series
        clock = time.perf_counter()
        for batch in in_batches(self.study.replicate, rest):
            trials += batch
            seconds = (time.perf_counter() - clock) / len(batch)
            clock = time.perf_counter()
        if fresh and all(result.error for result in trials):
            some = trials[:TRIALS]
            what = (f"replication {result.number}: {result.error}" for result in some)
            raise StuckError("the model cannot run: " + "; ".join(what))
        if fresh:
            self.plan = replace(self.plan, series=self.series)
            self.parts.series.kept = self.keep.places(self.series)
            if self.folder is not None:
                write_plan(self.folder.stage, self.plan)
        self.parts.expect(rest)
        self._take(trials)
        return seconds

    def _take(self, results: list[Replication]) -> None:
        self.parts.add(results)
        if self.on_progress is not None:
            self.on_progress(Progress(self.parts.done, self.parts.failed, self.total))


def choose_executor(
    job: Job,
    rest: int,
    seconds_each: float,
    workers: int | None = None,
    cluster: str = "",
    here: Replicate | None = None,
) -> tuple[Executor, int]:
    """Choose who computes ``rest`` replications of a job, and say with how many workers.

    Parameters
    ----------
    job
        What to compute.
    rest
        How many replications.
    seconds_each
        What one takes.
    workers
        Wanted; None leaves the choice.
    cluster
        Address of a Dask cluster; empty computes here.
    here
        The job, started in this process.
    """
    if cluster:
        from simulator.experiment.cluster import Dask

        found = Dask(cluster)
        return found, found.local or 1
    count = min(workers or usable_cores(), max(1, rest))
    if shares_threads(here):
        # Compiled blocks run beside one another in this process, which costs little to start.
        if workers is None:
            short = rest * seconds_each < WORTH_THREADS_SECONDS
            count = 1 if short else that_fit(count)
        return (Serial(), 1) if count == 1 else (Threads(count), count)
    if workers is None and rest * seconds_each < WORTH_PROCESSES_SECONDS:
        count = 1
    if count > 1 and (reason := why_not_processes(job)):
        _log.warning("using one process: %s", reason)
        count = 1
    return (Serial(), 1) if count == 1 else (Processes(count), count)


def make_study(
    scenario: Scenario | str | Path,
    replications: int | None = None,
    seed: int | None = None,
    *,
    workers: int | None = None,
    engine: str = "auto",
    cluster: str = "",
) -> Study:
    """Check a request for a run and prepare its scenario.

    Raises
    ------
    UsageError
        If a number is out of range or the engine is unknown.
    InputError
        If the scenario is invalid.
    """
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    wanted = loaded.replications if replications is None else replications
    count = _within("replications", wanted, 1, MOST_REPLICATIONS)
    chosen = _within("seed", loaded.seed if seed is None else seed, 0, LARGEST_SEED)
    if workers is not None:
        _within("workers", workers, 1, MOST_WORKERS)
    if engine not in ENGINES:
        raise UsageError(f"engine = {engine}: must be one of {', '.join(ENGINES)}")
    as_run = replace(loaded, seed=chosen, replications=count)
    job = ScenarioJob(as_run, chosen, FASTEST_ENGINE if engine == "auto" else engine)
    return Study(as_run, count, chosen, workers, job.engine, job.start(), cluster)


def _within(name: str, value: int, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UsageError(f"{name} = {value}: must be a whole number from {low:,} to {high:,}")
    return value
