"""Studies of many cells: one run over cells x replications, resumable, into one tidy table."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator import __version__
from simulator.errors import OutputError, StuckError, UsageError
from simulator.experiment.design import Cell, make_cells
from simulator.experiment.interrupt import interruptible
from simulator.experiment.monte_carlo import FASTEST_ENGINE, OnProgress, Progress, choose_executor
from simulator.experiment.register import in_use
from simulator.experiment.replicate import ScenarioJob, ScenarioReplicate
from simulator.experiment.replication import DRAW, Replication, failure, origin_of
from simulator.experiment.store import MANIFEST, replace_text, writing
from simulator.experiment.sweep_store import CellRows, lever_columns
from simulator.experiment.until import estimate_with_interval
from simulator.provenance import PACKAGE, SCHEMA_VERSION, now, usable_cores, versions
from simulator.spec import Scenario
from simulator.spec.study import StudySpec

CELLS = "cells"
PLAN = "study.plan.json"
BATCH = 64
"""Replications asked for at once where the engine runs them side by side."""
_SUMMARY = (
    ("output_loss_pct", ("mean", "p50", "p95", "cvar95")),
    ("peak_loss_pct", ("mean",)),
    ("output_loss_usd", ("mean",)),
)


@dataclass(frozen=True)
class SweepJob:
    """All replications of all cells: number n is replication n % count of cell n // count.

    Attributes
    ----------
    scenarios
        One per cell.
    count
        Replications per cell.
    seed, engine
        The same for all cells.
    draws
        Whether sampled drivers are kept as columns.
    """

    scenarios: tuple[Scenario, ...]
    count: int
    seed: int
    engine: str
    draws: bool = False

    def start(self) -> SweepReplicate:
        """Nothing is prepared before its first replication."""
        return SweepReplicate(self)


class SweepReplicate:
    """Runs any replication of any cell; keeps the network of the last cell."""

    def __init__(self, job: SweepJob) -> None:
        self.job = job
        self._cell = -1
        self._replicate: ScenarioReplicate | Exception = ValueError("no cell yet")

    @property
    def batch_size(self) -> int:
        """How many replications it is best to ask for at once."""
        return BATCH if self.job.engine == FASTEST_ENGINE else 1

    def __call__(self, number: int) -> Replication:
        """Run one."""
        return self.batch((number,))[0]

    def batch(self, numbers: Sequence[int]) -> list[Replication]:
        """Run many; a cell that cannot be prepared makes failed rows, not a crash."""
        results: list[Replication] = []
        for cell, group in itertools.groupby(numbers, lambda number: number // self.job.count):
            chosen = list(group)
            if cell != self._cell:
                self._cell, self._replicate = cell, self._prepared(cell)
            if isinstance(self._replicate, Exception):
                error, origin = failure(self._replicate), origin_of(self._replicate)
                results += [Replication(number, error=error, origin=origin) for number in chosen]
                continue
            found = self._replicate.batch([number % self.job.count for number in chosen])
            results += [self._row(*pair) for pair in zip(chosen, found, strict=True)]
        return results

    def _row(self, number: int, found: Replication) -> Replication:
        values = found.values
        if not self.job.draws:
            values = {name: v for name, v in values.items() if not name.startswith(DRAW)}
        return Replication(number, error=found.error, values=values, origin=found.origin)

    def _prepared(self, cell: int) -> ScenarioReplicate | Exception:
        try:
            job = ScenarioJob(self.job.scenarios[cell], self.job.seed, self.job.engine)
            return job.start()
        except Exception as error:
            return error


@dataclass(frozen=True)
class SweepPlan:
    """What a study will do, before it does it.

    Attributes
    ----------
    study, cells, job
        What was asked for.
    runs
        Cells times replications.
    seconds, size
        Estimated time on ``workers`` workers, and bytes written; from a pilot of a few runs.
    workers
        How many.
    """

    study: StudySpec
    cells: tuple[Cell, ...]
    job: SweepJob
    runs: int
    seconds: float
    size: int
    workers: int


@dataclass(frozen=True)
class SweepProgress(Progress):
    """How far a study has come; ``cells`` of ``all_cells`` are on the disk."""

    cells: int
    all_cells: int


@dataclass(frozen=True)
class SweepResult:
    """A study's table of cells, and its manifest; all rows are in the folder."""

    cells: pd.DataFrame
    manifest: dict[str, Any]
    folder: Path


def plan_sweep(
    study: StudySpec,
    *,
    replications: int | None = None,
    workers: int | None = None,
    engine: str = "auto",
    draws: bool = False,
) -> SweepPlan:
    """Check all cells of a study, and estimate from a pilot what it takes.

    Raises
    ------
    InputError
        With every problem of every cell.
    StuckError
        If the pilot fails.
    """
    cells = make_cells(study)
    count = replications or study.replications
    chosen = FASTEST_ENGINE if engine == "auto" else engine
    job = SweepJob(tuple(cell.scenario for cell in cells), count, study.seed, chosen, draws)
    seconds, preparing, width = _pilot(job)
    runs = len(cells) * count
    used = min(workers or usable_cores(), runs)
    total = (runs * seconds + len(cells) * preparing * min(used, count)) / used
    return SweepPlan(study, cells, job, runs, total, runs * width * 8, used)


def _pilot(job: SweepJob) -> tuple[float, float, int]:
    """Seconds for a replication and for preparing a cell, and columns of a row."""
    replicate = job.start()
    replicate(0)  # may have to compile the engine
    size = min(replicate.batch_size, job.count)
    clock = time.perf_counter()
    results = replicate.batch(range(size))
    each = (time.perf_counter() - clock) / size
    if all(result.error for result in results):
        raise StuckError(f"the first cell cannot run: {results[0].error}")
    clock = time.perf_counter()
    replicate._prepared(0)
    return each, time.perf_counter() - clock, max(len(r.values) for r in results) + 6


def run_sweep(
    plan: SweepPlan,
    folder: Path,
    *,
    workers: int | None = None,
    cluster: str = "",
    resume: bool = False,
    rerun_failed: bool = False,
    on_progress: OnProgress | None = None,
    command: str = "",
) -> SweepResult:
    """Run all cells of a study into a folder.

    Parameters
    ----------
    plan
        From `plan_sweep`.
    folder
        Where the tables go.
    workers
        Never change a result.
    cluster
        Address of a Dask cluster; empty computes here.
    resume
        Go on with the cells that are in the folder.
    rerun_failed
        With ``resume``: compute cells with failed replications again.
    on_progress
        Called as results come in.
    command
        Repeats the study, for the manifest.

    Raises
    ------
    OutputError
        If the folder holds something else, or cannot be written.
    UsageError
        If the folder holds another study.
    """
    started, clock = now(), time.perf_counter()
    identity = _identity(plan)
    _open(folder, identity, resume=resume)
    with writing(folder):
        (folder / CELLS).mkdir(parents=True, exist_ok=True)
        replace_text(folder / PLAN, json.dumps(identity, indent=2) + "\n")
        replace_text(folder / "study.resolved.yaml", plan.study.to_yaml())
    rows = CellRows(folder / CELLS, plan.cells, plan.job.count)
    try:
        if rerun_failed:
            rows.forget_failed()
        with interruptible() as stop:
            used = _compute(plan, rows, (workers, cluster), stop, on_progress)
        complete = len(rows.done) == len(plan.cells)
        rows.combine(folder / "replications.parquet")
        table = pd.DataFrame([_cell_row(cell, frame) for cell, frame in rows.tables()])
        replace_text(folder / "cells.csv", table.to_csv(index=False))
    finally:
        rows.close()
    manifest = {
        **identity,
        "replications": plan.runs,
        "started": started,
        "duration_seconds": round(time.perf_counter() - clock, 3),
        "workers": used,
        "cores": usable_cores(),
        "command": command,
        "failed": rows.failed,
        "status": "complete" if complete else "interrupted",
    }
    replace_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return SweepResult(table, manifest, folder)


def _compute(
    plan: SweepPlan,
    rows: CellRows,
    place: tuple[int | None, str],
    stop: threading.Event,
    on_progress: OnProgress | None,
) -> int:
    todo: Sequence[int] = rows.todo()
    each = plan.seconds * plan.workers / plan.runs
    executor, used = choose_executor(plan.job, len(todo), each, *place)
    for results in executor.run(plan.job, plan.job.start(), todo, stop):
        rows.add(results)
        if on_progress is not None:
            done = rows.rows - rows.failed
            told = SweepProgress(done, rows.failed, plan.runs, len(rows.done), len(plan.cells))
            on_progress(told)
    return used


def _identity(plan: SweepPlan) -> dict[str, Any]:
    scenarios = {cell.number: cell.scenario.checksum for cell in plan.cells}
    return {
        "schema_version": SCHEMA_VERSION,
        "package": PACKAGE,
        "version": __version__,
        "study": plan.study.name,
        "question": plan.study.question,
        "engine": plan.job.engine,
        "engine_versions": versions(),
        "seed": plan.job.seed,
        "cells": len(plan.cells),
        "replications_per_cell": plan.job.count,
        "draws": plan.job.draws,
        "checksums": {"study": plan.study.checksum, "scenarios": list(scenarios.values())},
    }


def _open(folder: Path, identity: dict[str, Any], *, resume: bool) -> None:
    path = folder / PLAN
    if not resume:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            hint = f", or go on with --resume -o {folder}" if path.is_file() else ""
            raise OutputError(f"{folder}: exists and is not empty: choose another with -o{hint}")
        return
    if not path.is_file():
        raise OutputError(f"{folder}: no study was begun here, so there is nothing to resume")
    if in_use(folder / CELLS):
        raise OutputError(f"{folder}: another process is writing to this study: wait for its end")
    before = json.loads(path.read_text(encoding="utf-8"))
    changed = [name for name, value in identity.items() if before.get(name) != value]
    if changed:
        raise UsageError(
            f"{folder}: holds another study, since {', '.join(changed)} differ: "
            "use what it was begun with, or another folder with -o"
        )


def _cell_row(cell: Cell, table: pd.DataFrame) -> dict[str, Any]:
    done = table[table["status"] == "done"]
    row = {**lever_columns(cell), "done": len(done), "failed": len(table) - len(done)}
    for metric, statistics in _SUMMARY:
        if metric not in done:
            continue
        values = done[metric].dropna().to_numpy(np.float64)
        for statistic in statistics:
            estimate, (low, high) = estimate_with_interval(values, statistic)
            name = f"{metric}.{statistic}"
            row |= {name: estimate, f"{name}_low": low, f"{name}_high": high}
    return row
