"""Our figures beside published estimates: shares that need no run, and runs of the same shock."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from simulator.errors import StuckError
from simulator.experiment.replicate import ScenarioJob
from simulator.experiment.replication import in_batches
from simulator.metrics.coverage import n_minus_1_gross, n_minus_1_net
from simulator.network.calibration import BASE_DATE
from simulator.network.stages import Stage, stages
from simulator.spec import load_dataset, parse_scenario

FOLDER = Path(__file__).resolve().parents[1] / "data" / "published"
REPLICATIONS = 100
SEED = 20251009
START, HORIZON_DAYS = date(2026, 1, 1), 730
METRICS = ("output_loss_pct_year1", "output_loss_pct_year2", "output_loss_pct", "output_loss_usd")

_GALLIUM = ["gallium_hp", "gallium_crude"]
_GERMANIUM = ["germanium", "ge_in_feed"]
_RARE_EARTHS = [
    "re_conc_light", "re_conc_heavy", "ndpr_oxide", "dytb_oxide", "cerium_oxide", "yttrium_oxide",
    "ndfeb_magnet",
]  # fmt: skip
_LEADING = ("logic_n7", "logic_n5", "logic_n3", "logic_n2")
_SIX = ("cu_cathode", "li_chem", "cobalt", "graphite_anode", "ndpr_oxide")
"""Of the six minerals of the IEA's mean; nickel is not in the tables."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A published figure; ``low``, ``base`` and ``high`` as printed, NaN where there is none."""

    id: str
    study: str
    year: str
    scenario: str
    metric: str
    low: float
    base: float
    high: float
    unit: str
    source_id: str
    how: str


def load_estimates() -> dict[str, Estimate]:
    """Published estimates by id, in the order of the file."""
    with (FOLDER / "estimates.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: _estimate(row) for row in csv.DictReader(stream)}


def _estimate(row: dict[str, str]) -> Estimate:
    numbers = {name: _number(row.pop(name)) for name in ("low", "base", "high")}
    return Estimate(**numbers, **row)  # type: ignore[arg-type]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def shares(dataset: str = "alliance") -> dict[str, float]:
    """What needs no run, in %: supply left without the largest country, and concentration.

    Returns
    -------
    dict
        ``n1_gross:<material>`` and ``n1_net:<material>``; ``top3``, the mean share of the three
        largest countries over five refined minerals; ``taiwan:leading`` and ``korea:leading``,
        shares in planned wafers at 7 nm and below.
    """
    loaded = load_dataset(dataset)
    found = {stage.name: stage for stage in stages(loaded, BASE_DATE)}
    result: dict[str, float] = {}
    for name in ("graphite_anode", "ndpr_oxide", "dytb_oxide", "li_chem", "cobalt"):
        stage = found[name]
        result[f"n1_gross:{name}"] = 100 * n_minus_1_gross(stage.capacity, stage.use)
        result[f"n1_net:{name}"] = 100 * n_minus_1_net(stage.capacity, stage.use)
    result["top3"] = float(np.mean([_top(found[name], 3) for name in _SIX]))
    made: dict[str, float] = {}
    for name in _LEADING:
        for country, amount in found[name].output.items():
            made[country] = made.get(country, 0.0) + amount
    for key, country in (("taiwan", "TWN"), ("korea", "KOR")):
        result[f"{key}:leading"] = 100 * made.get(country, 0.0) / sum(made.values())
    return result


def _top(stage: Stage, count: int) -> float:
    amounts = sorted(stage.capacity.values(), reverse=True)
    return 100.0 * sum(amounts[:count]) / sum(amounts)


def shocks() -> Mapping[str, Mapping[str, object]]:
    """The shock of each run: one year from 1 January 2026 unless it says otherwise."""
    year = {"from": START.isoformat(), "until": "2027-01-01"}

    def stop(materials: Sequence[str], **rest: object) -> dict[str, object]:
        rule = {"type": "export_restriction", "by": "CHN", "materials": list(materials)}
        return rule | {"to": "all", "mechanism": "ban"} | year | rest

    return {
        "taiwan-fabs": {
            "type": "outage", "facilities": {"kind": "fab", "country": "TWN"},
            "from": START.isoformat(), "duration_days": 365, "freezes_process": True,
        },
        "taiwan-blockade": {
            "type": "chokepoint", "hubs": ["chk_taiwan", "air_tpe"], "stopped": 1.0, **year,
        },
        "gallium": stop(_GALLIUM),
        "germanium": stop(_GERMANIUM),
        "gallium-germanium": stop(_GALLIUM + _GERMANIUM),
        "rare-earths-80": stop(_RARE_EARTHS, mechanism="quota", quota=0.2),
        "rare-earths-75": stop(
            _RARE_EARTHS, mechanism="quota", quota=0.25, until="2027-07-01"
        ),
    }  # fmt: skip


def run_shock(
    name: str, *, replications: int = REPLICATIONS, seed: int = SEED
) -> dict[str, dict[str, float]]:
    """Run one of `shocks` and give mean, 5 and 95 % quantile of the losses.

    Losses of AI chips: in % in the first and the second year and over both, and in USD over both.

    Raises
    ------
    StuckError
        If a replication fails.
    """
    text = {
        "name": name, "network": "alliance", "start": START.isoformat(), "seed": seed,
        "horizon_days": HORIZON_DAYS, "shocks": {"shock": shocks()[name]},
    }  # fmt: skip
    replicate = ScenarioJob(parse_scenario(json.dumps(text)), seed, "block").start()
    rows = [one for batch in in_batches(replicate, range(replications)) for one in batch]
    if failed := [one for one in rows if one.error]:
        raise StuckError(f"{name}: replication {failed[0].number}: {failed[0].error}")
    return {
        metric: {
            "mean": float(np.mean(values)),
            "p05": float(np.quantile(values, 0.05)),
            "p95": float(np.quantile(values, 0.95)),
        }
        for metric, values in _columns(rows, METRICS)
    }


def _columns(rows: Sequence[object], names: Sequence[str]) -> Iterator[tuple[str, list[float]]]:
    for name in names:
        yield name, [float(row.values[name]) for row in rows]  # type: ignore[attr-defined]


def our_figures(*, replications: int = REPLICATIONS) -> dict[str, object]:
    """All our figures as one record that JSON can hold, to four digits."""
    runs = {}
    for name in shocks():
        found = run_shock(name, replications=replications)
        runs[name] = {
            metric: {key: float(f"{value:.4g}") for key, value in own.items()}
            for metric, own in found.items()
        }
    return {
        "replications": replications,
        "seed": SEED,
        "start": START.isoformat(),
        "days": HORIZON_DAYS,
        "shares": {name: float(f"{value:.4g}") for name, value in shares().items()},
        "runs": runs,
    }
