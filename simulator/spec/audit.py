"""Checks that a dataset must pass to be packaged, beyond those that any network must pass.

A network that fails them can be run; but its numbers cannot be traced, or have no effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import Problem
from simulator.spec.dataset import Dataset
from simulator.spec.load import find_folder, read_folder
from simulator.spec.messages import did_you_mean
from simulator.spec.references import Check, Index, check_sources
from simulator.spec.tables import TABLES, Row
from simulator.units import KG_PER_UNIT


@dataclass(frozen=True)
class Audited:
    """A dataset with what was found in its tables.

    Attributes
    ----------
    dataset
        The rows that could be read.
    broken
        Problems because of which no network can be built.
    untidy
        Problems that do not stop a network from being built.
    """

    dataset: Dataset
    broken: tuple[Problem, ...]
    untidy: tuple[Problem, ...]


def audit_tables(name_or_path: str | Path) -> Audited:
    """Read a dataset and run every check of its tables.

    Parameters
    ----------
    name_or_path
        Name of a packaged dataset, or a folder of CSV tables.

    Raises
    ------
    InputError
        When there is no such dataset or folder.
    """
    folder, name, _ = find_folder(name_or_path, Path())
    untidy: list[Problem] = []

    def collect(index: Index) -> Iterator[Problem]:
        for check in AUDIT:
            untidy.extend(check(index))
        return iter(untidy)

    dataset, problems = read_folder(folder, name, extra=(collect,))
    # a problem may hold a mapping, so that it cannot be hashed; its text tells it from others
    known = {str(problem) for problem in untidy}
    found = {str(p): p for p in problems if str(p) not in known}
    return Audited(dataset, tuple(found.values()), tuple(untidy))


def check_citations(index: Index) -> Iterator[Problem]:
    """Every row of numbers names a source that exists, and a grade."""
    yield from check_sources(index, True)


def check_sources_resolve(index: Index) -> Iterator[Problem]:
    """A source can be found again: it has an address, or a publisher and a date."""
    for i, row in enumerate(index.dataset.sources):
        if row.url and not row.url.startswith(("http://", "https://")):
            rule, remedy = "must be an address", "that begins with https://"
            yield index.dataset.problem("sources", i, "url", row.url, rule, remedy)
        elif not row.url and not (row.publisher and row.date):
            rule = "a source without an address needs a publisher and a date"
            remedy = "or cite analyst-estimate for a number of our own"
            yield index.dataset.problem("sources", i, "url", None, rule, remedy)


def check_units(index: Index) -> Iterator[Problem]:
    """Units are known, and agree with the mass."""
    for i, row in enumerate(index.dataset.materials):
        if row.unit not in KG_PER_UNIT:
            rule = f"unknown unit; {did_you_mean(row.unit, KG_PER_UNIT)}"
            remedy = f"units: {', '.join(sorted(KG_PER_UNIT))}"
            yield index.dataset.problem("materials", i, "unit", row.unit, rule, remedy)
            continue
        mass, given = KG_PER_UNIT[row.unit], row.mass_kg_per_unit
        if mass is not None and given not in (0.0, mass):
            rule = f"1 {row.unit} has {mass:g} kg, not {given:g} (mass_kg_per_unit)"
            remedy = "correct the unit or the mass"
            yield index.dataset.problem("materials", i, "unit", row.unit, rule, remedy)


def check_materials_used(index: Index) -> Iterator[Problem]:
    """Every material is made by some facility and used by another."""
    data = index.dataset
    made = {row.output for row in data.facilities}
    used = {row.input for row in data.recipes} | {row.material for row in data.demand}
    for i, row in enumerate(data.materials):
        for known, tables, what, remedy in (
            (made, ("facilities",), "no facility makes it", "give a facility this output"),
            (used, ("recipes", "demand"), "no recipe or sink uses it", "add a market sink for it"),
        ):
            if row.id not in known and not any(index.spoiled.keys.get(name) for name in tables):
                rule = f"orphan: {what}"
                yield data.problem("materials", i, "id", row.id, rule, f"{remedy}, or remove it")


def check_facilities_used(index: Index) -> Iterator[Problem]:
    """Every producer and stockpile supplies a lane, and every hub stands on a route."""
    data = index.dataset
    suppliers = {row.supplier for row in data.lanes}
    passed = {hub for row in data.lanes for hub in row.route}
    if index.spoiled.keys.get("lanes"):
        return
    for i, row in enumerate(data.facilities):
        if row.kind == "hub" and row.id not in passed:
            rule, remedy = "orphan: no lane passes it", "put it on a route, or remove it"
        elif row.output and row.id not in suppliers:
            rule, remedy = (
                "orphan: no lane leaves it",
                "add a lane with this supplier, or remove it",
            )
        else:
            continue
        yield data.problem("facilities", i, "id", row.id, rule, remedy)


def check_recipes_used(index: Index) -> Iterator[Problem]:
    """Every recipe is some facility's."""
    data = index.dataset
    used = {row.recipe for row in data.facilities}
    seen: set[str] = set()
    for i, row in enumerate(data.recipes):
        new = row.recipe not in seen
        seen.add(row.recipe)
        if new and row.recipe not in used and not index.spoiled.keys.get("facilities"):
            rule = "orphan: no facility uses this recipe"
            remedy = "give a facility this recipe, or remove its rows"
            yield data.problem("recipes", i, "recipe", row.recipe, rule, remedy)


def check_sources_used(index: Index) -> Iterator[Problem]:
    """Every source is cited."""
    data = index.dataset
    if any(index.spoiled.keys.get(table) for table in TABLES if table != "sources"):
        return
    cited = {
        source
        for table in TABLES
        for row in data.rows(table)
        if isinstance(row, Row)
        for source in row.sources
    }
    for i, row in enumerate(data.sources):
        if row.id not in cited:
            rule = "orphan: no row cites this source"
            yield data.problem("sources", i, "id", row.id, rule, "cite it, or remove it")


AUDIT: tuple[Check, ...] = (
    check_citations,
    check_sources_resolve,
    check_units,
    check_materials_used,
    check_facilities_used,
    check_recipes_used,
    check_sources_used,
)
"""Every check of the tables, in the order in which they are run."""
