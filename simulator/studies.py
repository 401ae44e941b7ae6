"""Studies beyond a single run: the verbs of the command line as Python calls.

``from simulator import studies`` loads what they need, which takes a moment; ``import simulator``
alone does not.
"""

from __future__ import annotations

from pathlib import Path

from simulator.experiment.attribution import Attribution, attribute
from simulator.experiment.criticality import Criticality, criticality
from simulator.report.briefing import brief
from simulator.report.briefing_page import briefing_text
from simulator.report.compare import Comparison, compare
from simulator.report.compare import study_comparison as comparison
from simulator.report.replay import Replay, replay
from simulator.report.sensitivity import SensitivityStudy
from simulator.report.sensitivity import study_sensitivity as sensitivity
from simulator.sampling.model import prepare
from simulator.spec import Scenario, load_scenario

__all__ = [
    "Attribution",
    "Comparison",
    "Criticality",
    "Replay",
    "SensitivityStudy",
    "attribute",
    "compare",
    "comparison",
    "criticality",
    "explain",
    "replay",
    "sensitivity",
]


def explain(scenario: Scenario | str | Path) -> str:
    """Say what a scenario means before it is run, as ``paxsim describe`` does.

    Parameters
    ----------
    scenario
        A scenario, or its name or path.

    Raises
    ------
    InputError
        If the scenario is invalid.
    """
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    return briefing_text(brief(prepare(loaded)))
