"""Run folders and their tables, of runs that are complete and of runs that still go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import InputError, Problem
from simulator.experiment.parts import count_so_far, parts_so_far
from simulator.experiment.register import in_use
from simulator.experiment.resume import plan_record
from simulator.experiment.store import MANIFEST, STAGE
from simulator.experiment.sweep_store import study_plan, study_rows_so_far, study_so_far
from simulator.provenance import PACKAGE
from simulator.spec.messages import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

REPLICATIONS = "replications"


@dataclass(frozen=True)
class RunInfo:
    """One run folder in a list.

    Attributes
    ----------
    folder
        Its path.
    scenario
        Name of the scenario or study.
    replications
        Done so far, failed ones included.
    planned
        Asked for.
    status
        ``complete``, ``interrupted``, ``running``, or ``killed`` (it can be resumed).
    started
        ISO time in UTC.
    """

    folder: Path
    scenario: str
    replications: int
    planned: int
    status: str
    started: str


def list_runs(folder: Path) -> list[RunInfo]:
    """Run folders in a folder, itself included, at most two levels down; newest first."""
    found = [info for path in _folders(folder, 2) if (info := _info(path)) is not None]
    return sorted(found, key=lambda info: (info.started, str(info.folder)), reverse=True)


def table_names(run: Path) -> list[str]:
    """Names of the tables of a run, sorted."""
    names = {path.stem for path in run.glob("*.parquet")} | {
        path.stem for path in run.glob("*.csv")
    }
    if plan_record(run) is not None or study_plan(run) is not None:
        names.add(REPLICATIONS)
    return sorted(names)


def read_table(run: Path, name: str) -> pd.DataFrame:
    """Read a table of a run; of one that is under way, the replications written so far.

    Raises
    ------
    InputError
        If there is no such table.
    """
    import pandas as pd

    for suffix in (".parquet", ".csv"):
        path = run / f"{name}{suffix}"
        if path.is_file():
            return pd.read_parquet(path) if suffix == ".parquet" else pd.read_csv(path)
    known = table_names(run)
    if name == REPLICATIONS and study_plan(run) is not None:
        return study_so_far(run / STAGE)
    if name == REPLICATIONS and name in known:
        return parts_so_far(run / STAGE).frame()
    rule = f"no such table; {did_you_mean(name, known, 'tables of this run')}"
    raise InputError((Problem(name, None, rule, "", str(run)),))


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    yield folder
    if depth:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.name.startswith("."):
                yield from _folders(path, depth - 1)


def _info(path: Path) -> RunInfo | None:
    plan = plan_record(path)
    if plan is not None and (in_use(path / STAGE) or not (path / MANIFEST).is_file()):
        done = count_so_far(path / STAGE)
        status = "running" if in_use(path / STAGE) else "killed"
        return RunInfo(path, plan["scenario"], done, plan["replications"], status, plan["started"])
    study = study_plan(path)
    if study is not None and (in_use(path / STAGE) or not (path / MANIFEST).is_file()):
        done = study_rows_so_far(path / STAGE)
        status = "running" if in_use(path / STAGE) else "killed"
        planned = int(study.get("replications", 0))
        return RunInfo(path, str(study["study"]), done, planned, status, study.get("started", ""))
    try:
        record: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or record.get("package") != PACKAGE:
        return None
    planned = int(record.get("replications", 0))
    done = planned if record["status"] == "complete" else _rows(path)
    name = str(record.get("scenario", record.get("study", "")))
    return RunInfo(path, name, done, planned, record["status"], record["started"])


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path / f"{REPLICATIONS}.parquet").num_rows)
    except (OSError, ValueError):
        return 0
