"""Attributions as files: in a folder of their own, or beside the run they belong to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator import __version__
from simulator.errors import OutputError
from simulator.experiment.store import MANIFEST, replace_text, write_parquet, writing
from simulator.provenance import PACKAGE, SCHEMA_VERSION, now, versions

if TYPE_CHECKING:
    import pandas as pd

    from simulator.experiment.attribution import Attribution
    from simulator.spec import Scenario

TABLE, BINDING_TABLE = "attribution.parquet", "bottlenecks.parquet"
SUMMARY = "summary.json"


def check_free(folder: Path) -> None:
    """Refuse a folder that holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: exists and is not empty: choose another folder with -o")


def save(
    found: Attribution, folder: Path, scenario: Scenario, *, seed: int, command: str = ""
) -> None:
    """Write the tables as Parquet and CSV, and a manifest, to a folder of their own.

    Raises
    ------
    OutputError
        If the folder holds something, or cannot be written.
    """
    check_free(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    _write(found, folder)
    replace_text(folder / "attribution.csv", found.table.to_csv(index=False))
    replace_text(folder / "bottlenecks.csv", found.binding.to_csv(index=False))
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "package": PACKAGE,
        "version": __version__,
        "scenario": scenario.name,
        "kind": "attribution",
        "seed": seed,
        "replications": int(found.table["replications"].max()) if len(found.table) else 0,
        "notes": list(found.notes),
        "started": now(),
        "status": "complete",
        "command": command,
        "engine_versions": versions(),
        "checksums": {"dataset": scenario.dataset.checksum, "scenario": scenario.checksum},
    }
    replace_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")


def add_to_run(found: Attribution, folder: Path) -> None:
    """Put an attribution into the folder of the run that it belongs to, and into its summary.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    path = folder / SUMMARY
    with writing(path):
        summary: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    _write(found, folder)
    summary |= summary_part(found)
    replace_text(path, json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def summary_part(found: Attribution) -> dict[str, Any]:
    """What an attribution adds to ``summary.json``."""
    return {"attribution": found.records, "attribution_notes": list(found.notes)}


def _write(found: Attribution, folder: Path) -> None:
    _write_table(found.table, folder / TABLE)
    if len(found.binding):
        _write_table(found.binding, folder / BINDING_TABLE)


def _write_table(table: pd.DataFrame, target: Path) -> None:
    draft = target.with_name(f".{target.name}.tmp")
    with writing(target):
        with draft.open("wb") as file:
            write_parquet(table, file)
        draft.replace(target)
