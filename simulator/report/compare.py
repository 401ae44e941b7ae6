"""The regret table: scenarios or runs beside one another, replication by replication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.errors import UsageError
from simulator.experiment.run_list import read_table
from simulator.experiment.store import MANIFEST
from simulator.metrics.definitions import metric_info
from simulator.metrics.paired import compare_paired
from simulator.report.result import monte_carlo
from simulator.report.run_folder import read_run
from simulator.spec import load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from simulator.experiment.monte_carlo import OnProgress


@dataclass(frozen=True)
class _Side:
    name: str
    table: pd.DataFrame
    facts: Mapping[str, Any]


def compare(
    names: Sequence[str],
    *,
    metric: str = "output_loss_pct",
    costs: Mapping[str, float] | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> pd.DataFrame:
    """Compare alternatives with the first of them, under common random numbers.

    Parameters
    ----------
    names
        Scenario names or files, which are run now, or run folders; the first is the reference.
    metric
        Column of ``replications.parquet``; smaller is better.
    costs
        What an alternative costs, by its name as given.
    replications, seed, workers, on_progress
        For scenarios that are run now.

    Returns
    -------
    DataFrame
        One row per alternative, in the order given: see `Alternative`; ``saved_per_cost`` where a
        cost is given, with its interval.

    Raises
    ------
    UsageError
        If there are fewer than two, seeds or periods differ, or the metric is not there.
    """
    import pandas as pd

    costs = dict(costs or {})
    if len(set(names)) < 2 or len(set(names)) != len(names):
        raise UsageError("name two different scenarios or run folders at least")
    unknown = sorted(set(costs) - set(names))
    if unknown:
        raise UsageError(f"--cost {unknown[0]}: is not compared here; there are {', '.join(names)}")
    sides: list[_Side] = []
    for name in names:
        # Scenarios share the seed of the first, so that they share their futures.
        shared = seed if seed is not None or not sides else int(sides[0].facts["seed"])
        sides.append(_side(name, replications, shared, workers, on_progress))
    _check_alike(sides)
    losses = _losses(sides, metric)
    rows = []
    for name, found in zip(names, compare_paired(losses), strict=True):
        row: dict[str, Any] = {"alternative": name, "unit": metric_info(metric).unit}
        for key in found.__slots__:
            value = getattr(found, key)
            if isinstance(value, tuple):
                row |= {f"{key}95_low": value[0], f"{key}95_high": value[1]}
            else:
                row[key] = value
        if name in costs:
            row |= {"cost": costs[name], "saved_per_cost": found.saved / costs[name]}
            row |= {
                f"saved_per_cost_ci95_{end}": value / costs[name]
                for end, value in zip(("low", "high"), found.saved_ci, strict=True)
            }
        rows.append({**row, "replications": losses.shape[1]})
    return pd.DataFrame(rows)


def _side(
    name: str,
    replications: int | None,
    seed: int | None,
    workers: int | None,
    on_progress: OnProgress | None,
) -> _Side:
    folder = Path(name)
    if (folder / MANIFEST).is_file():
        return _Side(name, read_table(folder, "replications"), read_run(folder).manifest)
    result = monte_carlo(
        load_scenario(name), replications, seed, workers=workers, on_progress=on_progress
    )
    return _Side(name, result.replications, result.manifest)


def _check_alike(sides: Sequence[_Side]) -> None:
    first = sides[0]
    for side in sides[1:]:
        for fact in ("seed", "start_date", "horizon_days"):
            mine, other = first.facts[fact], side.facts[fact]
            if mine != other:
                raise UsageError(
                    f"{side.name}: {fact} is {other}, that of {first.name} is {mine}: runs can "
                    "only be compared if they share their random numbers and their period"
                )


def _losses(sides: Sequence[_Side], metric: str) -> Any:  # noqa: ANN401
    columns = []
    for side in sides:
        if metric not in side.table:
            raise UsageError(f"--metric {metric}: {side.name} has no such column")
        done = side.table[side.table["status"] == "done"].set_index("replication")
        columns.append(done[metric].astype("float64").dropna())
    common = columns[0].index
    for column in columns[1:]:
        common = common.intersection(column.index)
    return np.array([column.loc[common].to_numpy() for column in columns], dtype=np.float64)
