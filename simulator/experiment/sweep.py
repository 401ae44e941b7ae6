"""Studies of many cells: one run over cells x replications, resumable, into one tidy table."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from simulator import __version__
from simulator.errors import OutputError, StuckError, UsageError
from simulator.experiment.design import Cell, make_cells
from simulator.experiment.interrupt import interruptible
from simulator.experiment.monte_carlo import FASTEST_ENGINE, OnProgress, Progress, choose_executor
from simulator.experiment.register import in_use
from simulator.experiment.store import MANIFEST, STAGE, replace_text, writing
from simulator.experiment.sweep_job import SweepJob
from simulator.experiment.sweep_store import PLAN, CellRows, lever_columns
from simulator.experiment.until import estimate_with_interval
from simulator.provenance import PACKAGE, SCHEMA_VERSION, now, usable_cores, versions
from simulator.spec.study import StudySpec

TABLE = "replications.parquet"
WAVE = 1_000_000
"""Runs that are handed to workers at once; what waits to be run takes memory, too."""
_SUMMARY = (
    ("output_loss_pct", ("mean", "p50", "p95", "cvar95")),
    ("peak_loss_pct", ("mean",)),
    ("output_loss_usd", ("mean",)),
)


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
    pilot = _Pilot.of(job)
    runs = len(cells) * count
    used = min(workers or usable_cores(), runs)
    return SweepPlan(study, cells, job, runs, pilot.seconds(job, used), runs * pilot.width, used)


@dataclass(frozen=True)
class _Pilot:
    """What the first cells took: seconds for preparing, and for some replications side by side."""

    first: float
    further: float
    shared: float
    cell: float
    days: int
    width: int

    @classmethod
    def of(cls, job: SweepJob) -> _Pilot:
        replicate, size = job.start(), min(job.together, job.count)
        some = job.groups[0][:2]
        first, _ = _timed(lambda: replicate.prepare(some[:1]))
        further, _ = _timed(lambda: replicate.prepare(some))
        replicate(some[0] * job.count)  # may have to compile the engine
        blocks = [[cell * job.count + k for k in range(size)] for cell in some]
        one, results = _timed(lambda: replicate.batch(blocks[0]))
        if all(result.error for result in results):
            raise StuckError(f"the first cell cannot run: {results[0].error}")
        both, _ = _timed(lambda: replicate.batch([*itertools.chain(*blocks)]))
        cell = min(max(both - one, 0.4 * one), one) if len(some) > 1 else one
        columns = max(len(result.values) for result in results)
        levers = len(job.scenarios) > 1
        return cls(
            first, max(further - first, 0.0), one - cell, cell,
            job.scenarios[some[0]].horizon_days, 8 * (columns + 6 + levers),
        )  # fmt: skip

    def seconds(self, job: SweepJob, workers: int) -> float:
        """Time that all cells take."""
        blocks = math.ceil(job.count / job.together)
        total = 0.0
        for group in job.groups:
            longer = job.scenarios[group[0]].horizon_days / self.days
            total += longer * blocks * (self.shared + len(group) * self.cell) / workers
            total += self.first + (len(group) - 1) * self.further
        return total


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    clock = time.perf_counter()
    found = work()
    return time.perf_counter() - clock, found


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
        Go on with the rows that are in the folder.
    rerun_failed
        With ``resume``: compute failed replications again.
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
    begun = _open(folder, identity, resume=resume) or started
    stage = folder / STAGE
    with writing(folder):
        stage.mkdir(parents=True, exist_ok=True)
        facts = {**identity, "replications": plan.runs, "started": begun}
        replace_text(folder / PLAN, json.dumps(facts, indent=2) + "\n")
        replace_text(folder / "study.resolved.yaml", plan.study.to_yaml())
    rows = CellRows(stage, plan.cells, plan.job.count)
    try:
        if rerun_failed:
            rows.forget_failed()
        _need_space(plan, rows, folder)
        with interruptible() as stop:
            used = _compute(plan, rows, (workers, cluster), stop, on_progress)
        complete = rows.cells_done == len(plan.cells)
        rows.combine(folder / TABLE)
    finally:
        rows.close()
    table = cell_table(folder / TABLE, plan.cells)
    replace_text(folder / "cells.csv", table.to_csv(index=False))
    manifest = {
        **identity,
        "replications": plan.runs,
        "done": rows.rows,
        "started": begun,
        "duration_seconds": round(time.perf_counter() - clock, 3),
        "workers": used,
        "cores": usable_cores(),
        "command": command,
        "failed": rows.failed,
        "status": "complete" if complete else "interrupted",
    }
    replace_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    if complete and not rows.failed:
        shutil.rmtree(stage, ignore_errors=True)
    return SweepResult(table, manifest, folder)


def _compute(
    plan: SweepPlan,
    rows: CellRows,
    place: tuple[int | None, str],
    stop: threading.Event,
    on_progress: OnProgress | None,
) -> int:
    rows.expect()
    used, job = 1, plan.job
    each = plan.seconds * plan.workers / plan.runs
    todo = job.order(rows.wanted)
    while not stop.is_set() and (wave := list(itertools.islice(todo, WAVE))):
        here = job.start()
        executor, used = choose_executor(job, len(wave), each, *place, here)
        for results in executor.run(job, here, wave, stop):
            rows.add(results)
            if on_progress is not None:
                done = rows.rows - rows.failed
                cells = rows.cells_done, len(plan.cells)
                on_progress(SweepProgress(done, rows.failed, plan.runs, *cells))
    return used


def _need_space(plan: SweepPlan, rows: CellRows, folder: Path) -> None:
    # Parts and table are there together for a moment; both are smaller than their numbers.
    rest = 1 - rows.rows / plan.runs
    free = shutil.disk_usage(folder).free
    if plan.size * (1 + rest) / 2 > free:
        raise OutputError(
            f"{folder}: this study needs about {plan.size * (1 + rest) / 2e6:,.0f} MB, "
            f"{free / 1e6:,.0f} MB are free: choose fewer replications, or another disk with -o"
        )


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


def _open(folder: Path, identity: dict[str, Any], *, resume: bool) -> str:
    """Check that the folder may be written to; say when a study to be resumed was started."""
    path = folder / PLAN
    if not resume:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            hint = f", or go on with --resume -o {folder}" if path.is_file() else ""
            raise OutputError(f"{folder}: exists and is not empty: choose another with -o{hint}")
        return ""
    if not path.is_file():
        raise OutputError(f"{folder}: no study was begun here, so there is nothing to resume")
    if not (folder / STAGE).is_dir():
        raise OutputError(f"{folder}: this study is complete, so there is nothing to resume")
    if in_use(folder / STAGE):
        raise OutputError(f"{folder}: another process is writing to this study: wait for its end")
    before = json.loads(path.read_text(encoding="utf-8"))
    changed = [name for name, value in identity.items() if before.get(name) != value]
    if changed:
        raise UsageError(
            f"{folder}: holds another study, since {', '.join(changed)} differ: "
            "use what it was begun with, or another folder with -o"
        )
    return str(before.get("started", ""))


def cell_table(path: Path, cells: Sequence[Cell]) -> pd.DataFrame:
    """Summarise each cell of a study's table; one cell is in memory at a time."""
    if not path.is_file():
        return pd.DataFrame()
    with pq.ParquetFile(path) as file:
        names = [name for name, _ in _SUMMARY if name in file.schema_arrow.names]
        groups: dict[int, list[int]] = {}
        for at in range(file.num_row_groups):
            groups.setdefault(_cell_at(file, at), []).append(at)
        read = ["status", *names]
        return pd.DataFrame(
            [
                _cell_row(cells[number], file.read_row_groups(own, columns=read).to_pandas())
                for number, own in groups.items()
            ]
        )


def _cell_at(file: pq.ParquetFile, group: int) -> int:
    return int(file.metadata.row_group(group).column(0).statistics.min)


def _cell_row(cell: Cell, table: pd.DataFrame) -> dict[str, Any]:
    done = table[table["status"] == "done"]
    row = {**lever_columns(cell), "done": len(done), "failed": len(table) - len(done)}
    for metric, statistics in _SUMMARY:
        if metric not in done:
            continue
        values = done[metric].dropna().to_numpy(np.float64)
        for statistic in statistics:
            estimate, (low, high) = estimate_with_interval(values, statistic)
            if math.isinf(low) and math.isinf(high):  # too few for this tail
                estimate = low = high = math.nan
            name = f"{metric}.{statistic}"
            row |= {name: estimate, f"{name}_low": low, f"{name}_high": high}
    return row
