"""The files of a finished run, read into one object; nothing else is read for a report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import InputError, Problem

if TYPE_CHECKING:
    from pandas import DataFrame

_REMEDY = "give the output folder of a paxsim run"


@dataclass(frozen=True, slots=True, eq=False)
class RunFolder:
    """Content of a run folder.

    Attributes
    ----------
    manifest, summary
        Content of ``manifest.json`` and ``summary.json``.
    replications
        One row per replication, failed ones included.
    bands
        Daily quantiles per series.
    scenario
        Text of ``scenario.resolved.yaml``.
    """

    manifest: dict[str, Any]
    summary: dict[str, Any]
    replications: DataFrame
    bands: DataFrame
    scenario: str

    @property
    def start(self) -> date:
        """Date of day 0."""
        return date.fromisoformat(str(self.summary["start_date"])[:10])

    @property
    def timeline(self) -> list[dict[str, Any]]:
        """Shocks and measures with their dates."""
        return list(self.manifest.get("timeline", ()))

    @property
    def done(self) -> DataFrame:
        """Rows of the replications that finished."""
        rows = self.replications
        return rows[rows["status"] == "done"] if "status" in rows else rows

    def column(self, name: str) -> Any:  # noqa: ANN401 - the array type of pandas-stubs is private
        """Values of one metric over the finished replications; empty if it is not there."""
        rows = self.done
        return rows[name].to_numpy(dtype="float64") if name in rows else rows.index[:0].to_numpy()


def read_run(folder: Path) -> RunFolder:
    """Read a run folder.

    Parameters
    ----------
    folder
        Output folder of a run.

    Raises
    ------
    InputError
        Naming every file that is missing, and the first that cannot be read.
    """
    names = (
        "manifest.json",
        "summary.json",
        "replications.parquet",
        "bands.parquet",
        "scenario.resolved.yaml",
    )
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise InputError(
            tuple(
                Problem(name, None, "is missing from the run folder", _REMEDY, str(folder))
                for name in missing
            )
        )
    return RunFolder(
        manifest=_json(folder / names[0]),
        summary=_json(folder / names[1]),
        replications=_frame(folder / names[2]),
        bands=_frame(folder / names[3]),
        scenario=(folder / names[4]).read_text(encoding="utf-8", errors="replace"),
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _unreadable(path, f"must be JSON ({error})") from error
    if not isinstance(content, dict):
        raise _unreadable(path, "must hold a JSON object")
    return content


def _frame(path: Path) -> DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise _unreadable(path, f"must be a Parquet file ({error})") from error


def _unreadable(path: Path, rule: str) -> InputError:
    return InputError((Problem(path.name, None, rule, _REMEDY, str(path.parent)),))
