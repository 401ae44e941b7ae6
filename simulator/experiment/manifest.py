"""What a run folder says about how it came to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator import __version__
from simulator.provenance import PACKAGE, SCHEMA_VERSION, versions
from simulator.sampling.model import Model
from simulator.spec import Scenario


def build_manifest(
    scenario: Scenario, model: Model, *, outcome: Sequence[str], run: Mapping[str, Any]
) -> dict[str, Any]:
    """Build the content of ``manifest.json``.

    Parameters
    ----------
    scenario, model
        What was run.
    outcome
        Ids of the materials whose output is the outcome.
    run
        Facts of this run: engine, seed, replications asked for, command, started,
        duration_seconds, workers, cores and status.
    """
    network = model.network
    return {
        "schema_version": SCHEMA_VERSION,
        "package": PACKAGE,
        "version": __version__,
        "scenario": scenario.name,
        "question": scenario.question,
        "start_date": scenario.start.isoformat(),
        "horizon_days": scenario.horizon_days,
        "outcome": list(outcome),
        **run,
        "engine_versions": versions(),
        "checksums": {"dataset": scenario.dataset.checksum, "scenario": scenario.checksum},
        "network": {
            "name": scenario.dataset.name,
            "facilities": len(network.facility_ids),
            "lanes": len(network.lanes),
            "materials": len(network.material_ids),
            "countries": len(set(network.countries)),
        },
        "timeline": model.timeline,
    }
