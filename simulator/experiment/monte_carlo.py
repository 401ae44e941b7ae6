"""The Monte Carlo driver: a scenario and a number of replications in, tables of results out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.engine import ENGINES
from simulator.errors import StuckError, UsageError
from simulator.experiment.bands import band_table
from simulator.experiment.executors import (
    Executor,
    Processes,
    Serial,
    why_not_processes,
)
from simulator.experiment.manifest import build_manifest
from simulator.experiment.parts import Parts
from simulator.experiment.replicate import ScenarioJob, ScenarioReplicate
from simulator.experiment.store import RunWriter
from simulator.metrics.summary import summarise_replications
from simulator.provenance import now, usable_cores
from simulator.spec import Scenario, load_scenario

_log = logging.getLogger(__name__)

MOST_REPLICATIONS = 10_000_000
MOST_WORKERS = 1_024
LARGEST_SEED = 2**63 - 1
FASTEST_ENGINE = "scalar"
"""What ``auto`` stands for."""
TRIALS = 2
"""So many replications run here first; if all of them fail, the model is taken to be stuck."""
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
    replications, bands
        Tables of the files of the same names.
    record, manifest
        Content of ``summary.json`` (but for the answer in words) and of ``manifest.json``.
    """

    scenario: Scenario
    replications: pd.DataFrame
    bands: pd.DataFrame
    record: dict[str, Any]
    manifest: dict[str, Any]

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

    def compute(
        self,
        folder: RunWriter | None = None,
        *,
        stop: threading.Event | None = None,
        on_progress: OnProgress | None = None,
        command: str = "",
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

        Raises
        ------
        StuckError
            If the first replications fail.
        OutputError
            If parts cannot be written.
        """
        started, clock = now(), time.perf_counter()
        parts = Parts(folder.stage if folder else None)
        workers = self._fill(parts, folder, stop or threading.Event(), on_progress)
        table = parts.table()
        bands = band_table(parts, self.replicate.series, self.scenario.start)
        manifest = build_manifest(
            self.scenario,
            self.replicate.model,
            outcome=[name.partition(":")[2] for name in self._series("output:")],
            run={
                "engine": self.engine,
                "seed": self.seed,
                "replications": self.replications,
                "command": command,
                "started": started,
                "duration_seconds": round(time.perf_counter() - clock, 3),
                "workers": workers,
                "cores": usable_cores(),
                "status": "complete" if len(table) == self.replications else "interrupted",
            },
        )
        return Run(self.scenario, table, bands, self._record(table), manifest)

    def _fill(
        self,
        parts: Parts,
        folder: RunWriter | None,
        stop: threading.Event,
        on_progress: OnProgress | None,
    ) -> int:
        def take(results: list[Any]) -> None:
            parts.add(results)
            if on_progress is not None:
                on_progress(Progress(parts.done, parts.failed, self.replications))

        seconds = self._first(take)
        rest = range(parts.done + parts.failed, self.replications)
        if folder is not None and rest:
            folder.need_space(self._part_bytes())
        executor, workers = self._executor(len(rest), seconds)
        for results in executor.run(self.replicate.job, self.replicate, rest, stop):
            take(results)
        return workers

    def _first(self, take: Callable[[list[Any]], None]) -> float:
        # In this process, so that a broken model says at once what is wrong with it. The last one
        # tells how long a replication takes; the first may have had to compile the engine.
        seconds, trials = 0.0, []
        for number in range(min(TRIALS, self.replications)):
            clock = time.perf_counter()
            trials.append(self.replicate(number))
            seconds = time.perf_counter() - clock
        if all(result.error for result in trials):
            what = (f"replication {result.number}: {result.error}" for result in trials)
            raise StuckError("the model cannot run: " + "; ".join(what))
        take(trials)
        return seconds

    def _executor(self, rest: int, seconds_each: float) -> tuple[Executor, int]:
        workers = min(self.workers or usable_cores(), max(1, rest))
        if self.workers is None and rest * seconds_each < WORTH_PROCESSES_SECONDS:
            workers = 1
        if workers > 1 and (reason := why_not_processes(self.replicate.job)):
            _log.warning("using one process: %s", reason)
            workers = 1
        if workers == 1:
            return Serial(), 1
        return Processes(workers), workers

    def _part_bytes(self) -> int:
        days = self.scenario.horizon_days
        return self.replications * 2 * len(self.replicate.series) * days * 4

    def _series(self, prefix: str) -> list[str]:
        return [name for name in self.replicate.series if name.startswith(prefix)]

    def _record(self, table: pd.DataFrame) -> dict[str, Any]:
        done = table[table["status"] == "done"]
        columns = {name: done[name].to_numpy(dtype=float) for name in done.columns[3:]}
        return {
            "scenario": self.scenario.name,
            "question": self.scenario.question,
            "seed": self.seed,
            "replications": len(done),
            "failed": len(table) - len(done),
            "horizon_days": self.scenario.horizon_days,
            "start_date": self.scenario.start.isoformat(),
            **summarise_replications(columns),
        }


def make_study(
    scenario: Scenario | str | Path,
    replications: int | None = None,
    seed: int | None = None,
    *,
    workers: int | None = None,
    engine: str = "auto",
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
    return Study(as_run, count, chosen, workers, job.engine, job.start())


def _within(name: str, value: int, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UsageError(f"{name} = {value}: must be a whole number from {low:,} to {high:,}")
    return value
