"""The files of a finished run, read into one object; nothing else is read for a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.errors import InputError, Problem
from simulator.experiment.replication import DRAW
from simulator.spec.countries import iso_countries

if TYPE_CHECKING:
    from pandas import DataFrame

OPTIONAL: Final = (
    "sites",
    "flows",
    "evidence",
    "attribution",
    "early_signs",
    "losses",
    "criticality",
)
"""Tables that a run folder may hold, as Parquet files of these names."""
_REMEDY = "give the output folder of a paxsim run"


@dataclass(frozen=True, slots=True, eq=False)
class RunFolder:
    """Content of a run folder.

    Attributes
    ----------
    manifest, summary
        Content of ``manifest.json`` and ``summary.json``.
    replications
        One row per replication, failed ones included; without the draws, which are many.
    bands
        Daily quantiles per series.
    scenario
        Text of ``scenario.resolved.yaml``.
    tables
        Those of `OPTIONAL` that are there, by name.
    """

    manifest: dict[str, Any]
    summary: dict[str, Any]
    replications: DataFrame
    bands: DataFrame
    scenario: str
    tables: Mapping[str, DataFrame] = field(default_factory=dict)

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

    @property
    def country_names(self) -> dict[str, str]:
        """Names of countries by code; those of the manifest before those of ISO 3166."""
        names = {code: row.name for code, row in iso_countries().items()}
        own = self.manifest.get("country_names", {})
        return names | {str(code): str(name) for code, name in own.items()}

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
        replications=_without_draws(folder / names[2]),
        bands=_frame(folder / names[3]),
        scenario=(folder / names[4]).read_text(encoding="utf-8", errors="replace"),
        tables=read_tables(folder),
    )


def read_tables(folder: Path) -> dict[str, DataFrame]:
    """Read those of the `OPTIONAL` tables that are there.

    Raises
    ------
    InputError
        Naming the first that cannot be read.
    """
    paths = {name: folder / f"{name}.parquet" for name in OPTIONAL}
    return {name: _frame(path) for name, path in paths.items() if path.is_file()}


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _unreadable(path, f"must be JSON ({error})") from error
    if not isinstance(content, dict):
        raise _unreadable(path, "must hold a JSON object")
    return content


def _without_draws(path: Path) -> DataFrame:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            columns = [name for name in file.schema_arrow.names if not name.startswith(DRAW)]
            table: DataFrame = file.read(columns).to_pandas()
    except (ValueError, OSError) as error:
        raise _unreadable(path, f"must be a Parquet file ({error})") from error
    return table


def _frame(path: Path) -> DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise _unreadable(path, f"must be a Parquet file ({error})") from error


def _unreadable(path: Path, rule: str) -> InputError:
    return InputError((Problem(path.name, None, rule, _REMEDY, str(path.parent)),))
