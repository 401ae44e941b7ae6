"""The folder of a criticality sweep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from simulator import __version__
from simulator.errors import OutputError
from simulator.experiment.criticality import Criticality
from simulator.experiment.store import MANIFEST, replace_text, write_parquet, writing
from simulator.provenance import PACKAGE, SCHEMA_VERSION, now, versions

TABLE: Final = "criticality.parquet"
TEXT: Final = "criticality.csv"


def check_empty(folder: Path) -> None:
    """Refuse a folder that holds something.

    Raises
    ------
    OutputError
        If it does.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: exists and is not empty: choose another folder with -o")


def save(found: Criticality, folder: Path, command: str, seconds: float) -> None:
    """Write the table as Parquet and CSV, and a manifest.

    Parameters
    ----------
    found
        What to write.
    folder
        Empty or missing.
    command
        What repeats it.
    seconds
        How long it took.

    Raises
    ------
    OutputError
        If the folder holds something, or cannot be written.
    """
    check_empty(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{TABLE}.tmp"
        with draft.open("wb") as file:
            write_parquet(found.table, file)
        draft.replace(folder / TABLE)
    replace_text(folder / TEXT, found.table.to_csv(index=False))
    scenario = found.scenario
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "package": PACKAGE,
        "version": __version__,
        "kind": "criticality",
        "scenario": scenario.name,
        "start_date": scenario.start.isoformat(),
        "days": list(found.days),
        "horizon_days": max(found.days) + found.recovery_days,
        "removals": int((found.table["days"] == max(found.days)).sum()),
        "runs": found.runs,
        "duration_seconds": round(seconds, 3),
        "command": command,
        "written": now(),
        "engine_versions": versions(),
        "checksums": {"dataset": scenario.dataset.checksum, "scenario": scenario.checksum},
    }
    replace_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
