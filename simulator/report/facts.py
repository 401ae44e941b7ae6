"""Tables about the scenario that the report shows, worked out once and kept in the run folder."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulator import shocks  # noqa: F401  (registers the types that a scenario may name)
from simulator.errors import PaxsimError
from simulator.experiment.store import write_parquet
from simulator.report.evidence import evidence_table, read_draws
from simulator.report.files import write_whole
from simulator.report.places import flow_table, site_table
from simulator.report.run_folder import RunFolder
from simulator.sampling.model import prepare
from simulator.spec import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from simulator.sampling.model import Model

FACTS: Final = ("sites", "flows", "evidence")


def with_facts(folder: Path, run: RunFolder, model: Model | None = None) -> RunFolder:
    """Add the tables of `FACTS` to a run and to its folder, where they are not there yet.

    Parameters
    ----------
    folder
        The run folder.
    run
        What it holds.
    model
        The prepared scenario of the run; None prepares what the folder holds. Where that cannot be
        done, or where the tables of the network have changed since, there are no facts.

    Raises
    ------
    OutputError
        If a table cannot be written.
    """
    wanted = [name for name in FACTS if name not in run.tables]
    if not wanted:
        return run
    model = _prepared(folder, run) if model is None else model
    if model is None:
        return run
    makers: Mapping[str, Callable[[Model], pd.DataFrame]] = {
        "sites": site_table,
        "flows": flow_table,
        "evidence": lambda one: evidence_table(one, read_draws(folder / "replications.parquet")),
    }
    made = {name: makers[name](model) for name in wanted}
    for name, table in made.items():
        content = io.BytesIO()
        write_parquet(table, content)
        write_whole(folder / f"{name}.parquet", content.getvalue())
    return replace(run, tables={**run.tables, **made})


def _prepared(folder: Path, run: RunFolder) -> Model | None:
    recorded = run.manifest.get("checksums", {})
    try:
        scenario = load_scenario(folder / "scenario.resolved.yaml")
        if scenario.dataset.checksum != recorded.get("dataset"):
            return None
        return prepare(scenario)
    except PaxsimError:
        return None  # the report is about what was run, and that is all there
