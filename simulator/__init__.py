"""paxsim: Monte Carlo simulation of supply shocks to the AI chip supply chain.

Three calls cover most uses: `load_scenario`, `monte_carlo` and `simulate`. Names are imported on
first use, so that ``import simulator`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.engine.trajectory import Trajectory
    from simulator.errors import InputError, OutputError, PaxsimError, StuckError
    from simulator.experiment.replicate import simulate
    from simulator.network.describe import describe
    from simulator.report.result import MonteCarloResult, monte_carlo
    from simulator.sampling.model import Model, prepare
    from simulator.spec import (
        Dataset,
        Scenario,
        Shock,
        list_scenarios,
        load_dataset,
        load_scenario,
        load_variants,
    )

__version__ = "0.1.0"

__all__ = [
    "Dataset",
    "InputError",
    "Model",
    "MonteCarloResult",
    "OutputError",
    "PaxsimError",
    "Scenario",
    "Shock",
    "StuckError",
    "Trajectory",
    "__version__",
    "describe",
    "list_scenarios",
    "load_dataset",
    "load_scenario",
    "load_variants",
    "monte_carlo",
    "prepare",
    "simulate",
]

_HOMES = {
    "simulator.engine.trajectory": ("Trajectory",),
    "simulator.errors": ("InputError", "OutputError", "PaxsimError", "StuckError"),
    "simulator.experiment.replicate": ("simulate",),
    "simulator.network.describe": ("describe",),
    "simulator.report.result": ("MonteCarloResult", "monte_carlo"),
    "simulator.sampling.model": ("Model", "prepare"),
    "simulator.spec": (
        "Dataset",
        "Scenario",
        "Shock",
        "list_scenarios",
        "load_dataset",
        "load_scenario",
        "load_variants",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _HOME_OF[name] == "simulator.spec":
        # A scenario may name the types of shock that are registered, by importing them.
        import_module("simulator.shocks")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
