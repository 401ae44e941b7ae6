"""Scenarios or runs beside one another, replication by replication: the regret table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.errors import UsageError
from simulator.experiment.store import MANIFEST
from simulator.metrics.definitions import metric_info
from simulator.metrics.outcome import FloatArray
from simulator.metrics.paired import Alternative, compare_paired
from simulator.report.result import RESOLVED, monte_carlo
from simulator.report.run_folder import RunFolder, read_run
from simulator.spec import Scenario, load_scenario
from simulator.spec.numbers import parse_number
from simulator.spec.yaml_io import parse_yaml

if TYPE_CHECKING:
    import pandas as pd

    from simulator.experiment.monte_carlo import OnProgress

FACTS = ("seed", "start_date", "horizon_days")
"""What runs must share to be compared."""


@dataclass(frozen=True)
class Comparison:
    """Alternatives in the same futures.

    Attributes
    ----------
    metric
        What was compared; smaller is better.
    runs
        The alternatives by their names as given, the first being the reference.
    losses
        Shape (alternatives, replications): column k is the same future for all.
    table
        One row per alternative; see `compare`.
    countries
        Deliveries lost per country: ``country``, ``alternative``, ``mean``, and ``saved`` with its
        interval against the first.
    """

    metric: str
    runs: Mapping[str, RunFolder]
    losses: FloatArray
    table: pd.DataFrame
    countries: pd.DataFrame


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
        What an alternative costs, by its name as given; by default the ``cost_usd`` of the measures
        that the first has not.
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
    found = study_comparison(
        names,
        metric=metric,
        costs=costs,
        replications=replications,
        seed=seed,
        workers=workers,
        on_progress=on_progress,
    )
    return found.table


def each_measure(scenario: Scenario) -> dict[str, Scenario]:
    """A scenario without measures, with each of them alone, and with all, by what they are called.

    Raises
    ------
    UsageError
        If it has none.
    """
    if not scenario.measures:
        raise UsageError(f"{scenario.name} has no measures, so there are none to compare")
    found = {"no measures": replace(scenario, measures={})}
    for name, entry in scenario.measures.items():
        found[name] = replace(scenario, measures={name: entry})
    if len(scenario.measures) > 1:
        found["all measures"] = scenario
    return found


def study_comparison(
    names: Sequence[str] | Mapping[str, Scenario],
    *,
    metric: str = "output_loss_pct",
    costs: Mapping[str, float] | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Comparison:
    """Compare alternatives as `compare` does, and keep the runs for a report.

    Names may stand for scenarios, as `each_measure` gives them.
    """
    costs = dict(costs or {})
    if len(set(names)) < 2 or len(set(names)) != len(names):
        raise UsageError("name two different scenarios or run folders at least")
    unknown = sorted(set(costs) - set(names))
    if unknown:
        raise UsageError(f"--cost {unknown[0]}: is not compared here; there are {', '.join(names)}")
    runs: dict[str, RunFolder] = {}
    for name in names:
        # Scenarios share the seed of the first, so that they share their futures.
        first = next(iter(runs.values()), None)
        shared = seed if seed is not None or first is None else int(first.manifest["seed"])
        given = names[name] if isinstance(names, Mapping) else name
        runs[name] = _run(given, replications, shared, workers, on_progress)
    _check_alike(runs)
    losses = _losses(runs, metric)
    table = _table(list(runs), metric, losses, {**extra_costs(runs), **costs})
    return Comparison(metric, runs, losses, table, _countries(runs))


def extra_costs(runs: Mapping[str, RunFolder]) -> dict[str, float]:
    """What the measures of each alternative cost beyond those of the first, where that is given."""
    totals = {name: _cost(run.scenario) for name, run in runs.items()}
    reference = next(iter(totals.values()))
    return {name: cost - reference for name, cost in totals.items() if cost > reference}


def _cost(scenario: str) -> float:
    measures = parse_yaml(scenario, RESOLVED).data
    entries = measures.get("measures") if isinstance(measures, dict) else None
    found = entries.values() if isinstance(entries, dict) else ()
    costs = [entry.get("cost_usd") for entry in found if isinstance(entry, dict)]
    return sum(parse_number(cost).base for cost in costs if cost is not None)


def _table(
    names: Sequence[str], metric: str, losses: FloatArray, costs: Mapping[str, float]
) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for name, found in zip(names, compare_paired(losses), strict=True):
        row = {"alternative": name, "unit": metric_info(metric).unit, **_cells(found)}
        if name in costs:
            row |= {"cost": costs[name], "saved_per_cost": found.saved / costs[name]}
            row |= {
                f"saved_per_cost_ci95_{end}": value / costs[name]
                for end, value in zip(("low", "high"), found.saved_ci, strict=True)
            }
        rows.append({**row, "replications": losses.shape[1]})
    return pd.DataFrame(rows)


def _cells(found: Alternative) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for key in found.__slots__:
        value = getattr(found, key)
        if isinstance(value, tuple):
            cells |= {f"{key}95_low": value[0], f"{key}95_high": value[1]}
        else:
            cells[key] = value
    return cells


def _countries(runs: Mapping[str, RunFolder]) -> pd.DataFrame:
    """Deliveries lost per country that all alternatives deliver to, and what each saves."""
    import pandas as pd

    prefix = "delivered_loss_pct:"
    first = next(iter(runs.values()))
    shared = [
        column
        for column in map(str, first.replications.columns)
        if column.startswith(prefix) and all(column in run.replications for run in runs.values())
    ]
    rows = []
    for column in shared:
        losses = _losses(runs, column)
        if losses.shape[1] < 2:
            continue
        for name, found in zip(runs, compare_paired(losses), strict=True):
            rows.append(
                {
                    "country": column.removeprefix(prefix),
                    "alternative": name,
                    "mean": found.mean,
                    "saved": found.saved,
                    "saved_ci95_low": found.saved_ci[0],
                    "saved_ci95_high": found.saved_ci[1],
                }
            )
    columns = ["country", "alternative", "mean", "saved", "saved_ci95_low", "saved_ci95_high"]
    return pd.DataFrame(rows, columns=columns)


def _run(
    given: str | Scenario,
    replications: int | None,
    seed: int | None,
    workers: int | None,
    on_progress: OnProgress | None,
) -> RunFolder:
    if isinstance(given, str) and (Path(given) / MANIFEST).is_file():
        return read_run(Path(given))
    loaded = load_scenario(given) if isinstance(given, str) else given
    result = monte_carlo(loaded, replications, seed, workers=workers, on_progress=on_progress)
    return RunFolder(
        manifest=result.manifest,
        summary=result.record,
        replications=result.replications,
        bands=result.bands,
        scenario=result.scenario.to_yaml(),
    )


def _check_alike(runs: Mapping[str, RunFolder]) -> None:
    (reference, first), *others = runs.items()
    for name, run in others:
        for fact in FACTS:
            mine, other = first.manifest[fact], run.manifest[fact]
            if mine != other:
                raise UsageError(
                    f"{name}: {fact} is {other}, that of {reference} is {mine}: runs can "
                    "only be compared if they share their random numbers and their period"
                )


def _losses(runs: Mapping[str, RunFolder], metric: str) -> FloatArray:
    columns = []
    for name, run in runs.items():
        if metric not in run.replications:
            raise UsageError(f"--metric {metric}: {name} has no such column")
        columns.append(run.done.set_index("replication")[metric].astype("float64").dropna())
    common = columns[0].index
    for column in columns[1:]:
        common = common.intersection(column.index)
    return np.array([column.loc[common].to_numpy() for column in columns], dtype=np.float64)
