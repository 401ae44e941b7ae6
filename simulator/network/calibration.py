"""Compare the plan of a dataset with published figures, row by row of its calibration table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from simulator.errors import InputError, Problem, invalid
from simulator.network.build import build_network
from simulator.network.expressions import days_needed, evaluate
from simulator.network.planning import make_plan

if TYPE_CHECKING:
    from simulator.spec import Dataset
    from simulator.spec.tables import Calibration

BASE_DATE = date(2025, 10, 1)
"""Day that a dataset describes unless something else is said; profiles carry it to other days."""


@dataclass(frozen=True)
class Comparison:
    """A published figure beside the model's.

    Attributes
    ----------
    row
        The row of the calibration table.
    model
        The model's value, in the row's unit.
    """

    row: Calibration
    model: float

    @property
    def difference_pct(self) -> float:
        """How far the model is above the published figure, in % of the latter."""
        return 100.0 * (self.model / self.row.published - 1.0)

    @property
    def within(self) -> bool:
        """Whether the difference is within the row's tolerance, its last digit aside."""
        return abs(self.difference_pct) <= self.row.tolerance_pct + 1e-9

    @property
    def independent(self) -> bool:
        """Whether no table number was set to give this very figure."""
        return self.row.independent == "yes"


def calibrate(dataset: Dataset, on: date = BASE_DATE) -> tuple[Comparison, ...]:
    """Compare the planned flows of a dataset, at base numbers, with published ones.

    Parameters
    ----------
    dataset
        Validated tables.
    on
        Day 0 of the plan, from which the ``day`` of a row counts.

    Returns
    -------
    tuple
        In the order of the table.

    Raises
    ------
    InputError
        If there is no calibration table, or with every expression that cannot be evaluated.
    """
    if not dataset.calibration:
        remedy = "add calibration.csv with the published figures"
        raise invalid("calibration", None, f"{dataset.name} has no calibration table", remedy)
    horizon = max(days_needed(row.expression) for row in dataset.calibration)
    network = build_network(dataset, on, horizon)
    plan = make_plan(network, network.numbers)
    found: list[Comparison] = []
    problems: list[Problem] = []
    for i, row in enumerate(dataset.calibration):
        try:
            found.append(Comparison(row, evaluate(row.expression, network, plan)))
        except InputError as error:
            remedy = f"in {row.model_expression}({row.parameters})"
            problems += [
                dataset.problem("calibration", i, "parameters", p.value, p.rule, remedy)
                for p in error.problems
            ]
    if problems:
        raise InputError(tuple(problems))
    return tuple(found)
