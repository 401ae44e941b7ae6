"""Everything that must hold for a dataset to be packaged: its tables, its plan, its calibration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from simulator.errors import InputError
from simulator.network.build import build_network
from simulator.network.calibration import BASE_DATE, calibrate
from simulator.network.checks import FATAL, WARNING, Finding, check
from simulator.network.feasible import UNLIMITED
from simulator.network.planning import make_plan
from simulator.spec.audit import audit_tables
from simulator.spec.citations import count_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from simulator.errors import Problem
    from simulator.network.network import Network
    from simulator.network.plan import Plan
    from simulator.spec import Dataset

HORIZON_DAYS = 1096
"""Days over which planned rates are compared with capacity."""
LEAST_USE = 0.5
"""Share of the installed capacity for a material below which its world total does not close."""


@dataclass(frozen=True)
class Audit:
    """What was checked and found.

    Attributes
    ----------
    dataset
        The rows that could be read.
    findings
        Everything wrong, by file and line; those that are not fatal are warnings.
    planned
        Whether rates could be planned, and so be checked.
    numbers, uncited
        How many numbers the tables hold, and how many of them lack a source or a grade.
    """

    dataset: Dataset
    findings: tuple[Finding, ...]
    planned: bool
    numbers: int
    uncited: int

    @property
    def passed(self) -> bool:
        """Whether nothing fatal was found."""
        return not any(found.severity == FATAL for found in self.findings)


def audit(name_or_path: str | Path, on: date = BASE_DATE) -> Audit:
    """Check a packaged dataset, or a folder of tables as if it were one.

    Parameters
    ----------
    name_or_path
        Name of a packaged dataset, or a folder of CSV tables.
    on
        First of the `HORIZON_DAYS` days whose planned rates are checked.

    Raises
    ------
    InputError
        When there is no such dataset or folder.
    """
    tables = audit_tables(name_or_path)
    findings = _fatal("tables", (*tables.broken, *tables.untidy))
    planned = not tables.broken
    if planned:
        try:
            findings += _plan_findings(tables.dataset, on)
        except InputError as error:
            findings += _fatal("plan", error.problems)
            planned = False
    numbers, uncited = count_numbers(tables.dataset)
    return Audit(tables.dataset, tuple(_in_order(findings)), planned, numbers, uncited)


def total_closes(network: Network, plan: Plan) -> Iterator[Problem]:
    """World totals close: what could be made at the start and at the end has planned buyers.

    Uses beyond the modelled chain stand in the demand of market sinks. If they are missing, the
    installed capacity for a material is far above what is planned, and its spare part would hide
    any shortage.
    """
    for m, material in enumerate(network.material_ids):
        makers = [f for f in network.facilities if network.output[f] == m]
        for day in (0, network.horizon_days - 1):
            able, planned = plan.capacity[makers, day].sum(), plan.starts[makers, day].sum()
            if not 0.0 < able < UNLIMITED or planned >= LEAST_USE * able:
                continue
            when = "start" if day == 0 else "end"
            rule = (
                f"total does not close: of {able:.6g} a day that could be made at the {when}, "
                f"{planned:.6g} have a planned buyer (at least {LEAST_USE:.0%} must)"
            )
            remedy = "raise the demand of a market sink, or correct the capacities"
            yield network.dataset.problem(
                "materials", _row(network, material), "", None, rule, remedy
            )
            break


def market_takes_something(network: Network, plan: Plan) -> Iterator[Problem]:
    """World totals close: a market sink stands for all other users, so that it uses something."""
    place = {(row.sink, row.material): i for i, row in enumerate(network.dataset.demand)}
    for k in network.slots:
        if network.kinds[network.slot_facility[k]] != "market" or plan.slot_rate[k].any():
            continue
        sink = network.facility_ids[network.slot_facility[k]]
        row = place[sink, network.material_ids[network.slot_material[k]]]
        rule = "total does not close: this market never takes anything"
        remedy = "give it what is used beyond the chain, or remove the row and its lanes"
        yield network.dataset.problem("demand", row, "units_per_day", 0, rule, remedy)


def _plan_findings(dataset: Dataset, on: date) -> list[Finding]:
    network = build_network(dataset, on, HORIZON_DAYS)
    plan = make_plan(network, network.numbers)
    findings = [
        *check(network, plan),
        *_fatal("total_closes", total_closes(network, plan)),
        *_fatal("market_takes_something", market_takes_something(network, plan)),
        *_calibration_findings(dataset, on),
    ]
    return [replace(found, problem=_placed(dataset, found.problem)) for found in findings]


def _calibration_findings(dataset: Dataset, on: date) -> Iterator[Finding]:
    if not dataset.calibration:
        return
    try:
        found = calibrate(dataset, on)
    except InputError as error:
        yield from _fatal("calibration", error.problems)
        return
    for i, item in enumerate(found):
        if not item.within:
            rule = (
                f"beyond tolerance: the model gives {item.model:.4g} {item.row.unit}, "
                f"{item.difference_pct:+.1f} % (at most {item.row.tolerance_pct:g} %)"
            )
            published = item.row.published
            problem = dataset.problem("calibration", i, "published", published, rule)
            yield Finding("calibration", WARNING, problem)


def _fatal(name: str, problems: Iterable[Problem]) -> list[Finding]:
    return [Finding(name, FATAL, problem) for problem in problems]


def _placed(dataset: Dataset, problem: Problem) -> Problem:
    """Say in which folder to look where a check of the whole plan names no line."""
    return problem if problem.file else replace(problem, file=dataset.name)


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    def place(found: Finding) -> tuple[str, int, int, str]:
        problem = found.problem
        return problem.file, problem.line or 0, problem.column or 0, problem.path

    return sorted(findings, key=place)


def _row(network: Network, material: str) -> int:
    return next(i for i, row in enumerate(network.dataset.materials) if row.id == material)
