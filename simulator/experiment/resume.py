"""What a run must know to go on after it was killed or interrupted, kept beside its parts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator import __version__
from simulator.errors import OutputError, UsageError
from simulator.experiment.store import MANIFEST, STAGE, replace_text
from simulator.provenance import PACKAGE, SCHEMA_VERSION, versions
from simulator.spec import Scenario, load_scenario

PLAN = "plan.json"
PLANNED_SCENARIO = "plan.scenario.yaml"


@dataclass(frozen=True)
class RunPlan:
    """A run that was begun.

    Attributes
    ----------
    scenario
        As run, with its seed and number of replications.
    engine
        Which engine.
    command, started
        As in the manifest.
    series
        Names of the daily series in its parts.
    until
        Target of ``--until``; empty without.
    keep
        Words of ``--keep``.
    """

    scenario: Scenario
    engine: str
    command: str
    started: str
    series: tuple[str, ...]
    until: str = ""
    keep: tuple[str, ...] = ()


def write_plan(stage: Path, plan: RunPlan) -> None:
    """Write what `read_plan` needs, whole or not at all."""
    replace_text(stage / PLANNED_SCENARIO, plan.scenario.to_yaml())
    record = {
        **_identity(plan.scenario),
        "scenario": plan.scenario.name,
        "seed": plan.scenario.seed,
        "replications": plan.scenario.replications,
        "engine": plan.engine,
        "command": plan.command,
        "started": plan.started,
        "series": list(plan.series),
        "until": plan.until,
        "keep": list(plan.keep),
    }
    replace_text(stage / PLAN, json.dumps(record, indent=2) + "\n")


def read_plan(folder: Path) -> RunPlan:
    """Read the plan of a run that was killed, interrupted, or had failures.

    Raises
    ------
    OutputError
        If there is nothing to go on with.
    UsageError
        If it was begun with other tables or other versions, which could give other numbers.
    """
    record = plan_record(folder)
    if record is None:
        raise OutputError(f"{folder}: {_why_nothing(folder)}")
    scenario = load_scenario(folder / STAGE / PLANNED_SCENARIO)
    differences = _differences(record, _identity(scenario))
    if differences:
        raise UsageError(
            f"{folder}: cannot be resumed, since results could differ: {'; '.join(differences)}: "
            "use what it was begun with, or start anew with --force"
        )
    return RunPlan(
        scenario,
        record["engine"],
        record["command"],
        record["started"],
        tuple(record["series"]),
        record["until"],
        tuple(record["keep"]),
    )


def plan_record(folder: Path) -> dict[str, Any] | None:
    """Content of the plan in a run folder; None if there is none."""
    try:
        content: dict[str, Any] = json.loads((folder / STAGE / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def _identity(scenario: Scenario) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "package": PACKAGE,
        "version": __version__,
        "engine_versions": versions(),
        "checksums": {"dataset": scenario.dataset.checksum, "scenario": scenario.checksum},
    }


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Sequence[str]:
    found = []
    for name, value in now.items():
        before = then.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            keys = sorted(key for key in {*value, *before} if value.get(key) != before.get(key))
            found += [f"{key} is {value.get(key)}, was {before.get(key)}" for key in keys]
        elif value != before:
            found.append(f"{name} is {value}, was {before}")
    return found


def _why_nothing(folder: Path) -> str:
    if (folder / MANIFEST).is_file():
        return "this run is complete, so there is nothing to resume"
    if (folder / STAGE).is_dir():
        return "this run ended before its first results: start it again with --force"
    return f"no run of {PACKAGE} was begun here, so there is nothing to resume"
