"""Checks across a network's tables that need nothing but the tables: who refers to whom.

Each ``check_<what>`` function yields problems. Rows that failed on their own are left out of the
dataset; `Spoiled` remembers their ids, so that nothing else is reported because of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from simulator.errors import Problem
from simulator.spec.countries import country_hint, iso_countries
from simulator.spec.dataset import Dataset
from simulator.spec.facility_rules import check_facility
from simulator.spec.lane_rules import check_lane
from simulator.spec.messages import did_you_mean
from simulator.spec.tables import TABLES, Demand, Facility, Lane, RecipeInput, Row

SINKS = ("datacenter", "market")
WITHOUT_INPUTS = ("mine", "hub", "stockpile")
SHARE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Spoiled:
    """Keys, by table, of rows that could not be read; parts of a key may be ``None``."""

    keys: Mapping[str, frozenset[tuple[object, ...]]] = field(default_factory=dict)

    def has(self, table: str, *parts: object) -> bool:
        """Whether such a row was there; the parts compared are the first ones of the key."""
        return any(
            all(given in (None, part) for given, part in zip(key, parts, strict=False))
            for key in self.keys.get(table, ())
        )


class Index:
    """Look-ups over a dataset for the checks."""

    def __init__(self, dataset: Dataset, spoiled: Spoiled) -> None:
        self.dataset = dataset
        self.spoiled = spoiled
        self.materials = {row.id: row for row in dataset.materials}
        self.facilities = {row.id: row for row in dataset.facilities}
        self.countries = {*iso_countries(), *(row.code for row in dataset.countries)}
        self.sources = {row.id for row in dataset.sources}
        self.recipes: dict[str, list[RecipeInput]] = {}
        for line in dataset.recipes:
            self.recipes.setdefault(line.recipe, []).append(line)
        self.demand: dict[str, list[Demand]] = {}
        for want in dataset.demand:
            self.demand.setdefault(want.sink, []).append(want)
        self.lanes: dict[tuple[str, str], list[Lane]] = {}
        for lane in dataset.lanes:
            self.lanes.setdefault((lane.customer, lane.material), []).append(lane)
        self.hubs = sorted(row.id for row in dataset.facilities if row.kind == "hub")

    def inputs(self, facility: Facility) -> list[str]:
        """Materials that a facility keeps in stock: its recipe's inputs, or what it demands."""
        if facility.kind in SINKS:
            return [row.material for row in self.demand.get(facility.id, ())]
        if facility.kind in WITHOUT_INPUTS:
            return []
        return [row.input for row in self.recipes.get(facility.recipe or "", ())]

    def inputs_known(self, facility: Facility) -> bool:
        """Whether all that says what a facility uses could be read, and names what exists."""
        if facility.kind in SINKS:
            astray = any(sink not in self.facilities for sink in self.demand)
            sound = not astray and not self.spoiled.has("demand", facility.id)
        elif facility.recipe and facility.kind not in WITHOUT_INPUTS:
            known = facility.recipe in self.recipes
            sound = known and not self.spoiled.has("recipes", facility.recipe)
        else:
            sound = True
        return sound and all(name in self.materials for name in self.inputs(facility))

    def lanes_known(self, customer: str, material: str) -> bool:
        """Whether no lane that failed, or that leads nowhere, may be one of a customer's."""
        if self.spoiled.has("lanes", customer, material):
            return False
        return not any(
            (lane_customer == customer and name not in self.materials)
            or (name == material and lane_customer not in self.facilities)
            for lane_customer, name in self.lanes
        )

    def unknown(self, table: str, name: str, kinds: str) -> tuple[str, str] | None:
        """Rule and remedy for an id that does not exist; ``None`` for one that does."""
        known: Mapping[str, object] = getattr(self, table)
        if name in known or self.spoiled.has(table, name):
            return None
        return f"unknown {kinds}; {did_you_mean(name, known)}", f"or add it to {table}"


def check_references(
    dataset: Dataset, spoiled: Spoiled, graded: bool, extra: Sequence[Check] = ()
) -> list[Problem]:
    """Run all checks.

    Parameters
    ----------
    dataset
        The rows that could be read.
    spoiled
        The rows that could not.
    graded
        Whether each row must name a source and a grade.
    extra
        Further checks.
    """
    index = Index(dataset, spoiled)
    found = [problem for check in (*_CHECKS, *extra) for problem in check(index)]
    return [*found, *check_sources(index, graded)]


def check_duplicates(index: Index) -> Iterator[Problem]:
    """No two rows of a table have the same key."""
    for table in TABLES:
        seen: dict[str, int] = {}
        for i, row in enumerate(index.dataset.rows(table)):
            first = seen.setdefault(row.key, i)
            if first != i:
                file, line = index.dataset.where(table, first)
                place = f"{file}:{line}" if line else file
                rule = "duplicate row" + (f"; first given at {place}" if place else "")
                yield index.dataset.problem(table, i, "", None, rule, "remove one of them")


def check_facilities(index: Index) -> Iterator[Problem]:
    """Facilities name countries, materials and recipes that exist, and fit their kind."""
    for i, row in enumerate(index.dataset.facilities):
        for name, value, table, what in (
            ("output", row.output, "materials", "material"),
            ("recipe", row.recipe, "recipes", "recipe"),
        ):
            wrong = index.unknown(table, value, what) if value else None
            if wrong:
                yield index.dataset.problem("facilities", i, name, value, *wrong)
        yield from _country(index, "facilities", i, row.country)
        yield from check_facility(index.dataset, i, row)
        if row.kind in SINKS and not index.demand.get(row.id) and index.inputs_known(row):
            rule = f"a {row.kind} needs at least one row in demand"
            yield index.dataset.problem("facilities", i, "kind", row.kind, rule)


def check_recipes(index: Index) -> Iterator[Problem]:
    """Recipes use materials that exist."""
    for i, row in enumerate(index.dataset.recipes):
        wrong = index.unknown("materials", row.input, "material")
        if wrong:
            yield index.dataset.problem("recipes", i, "input", row.input, *wrong)


def check_demand(index: Index) -> Iterator[Problem]:
    """Demand stands at a data centre or market, for a material that exists."""
    for i, row in enumerate(index.dataset.demand):
        wrong = index.unknown("materials", row.material, "material")
        if wrong:
            yield index.dataset.problem("demand", i, "material", row.material, *wrong)
        wrong = index.unknown("facilities", row.sink, "facility")
        sink = index.facilities.get(row.sink)
        if wrong:
            yield index.dataset.problem("demand", i, "sink", row.sink, *wrong)
        elif sink is not None and sink.kind not in SINKS:
            rule = f"must be a datacenter or market, not a {sink.kind}"
            yield index.dataset.problem("demand", i, "sink", row.sink, rule)


def check_inputs_have_lanes(index: Index) -> Iterator[Problem]:
    """Every input of a recipe and every demanded material has lanes to its user."""
    for i, row in enumerate(index.dataset.facilities):
        for material in sorted(set(index.inputs(row))):
            # an unknown material is reported where it is named
            known = (row.id, material) in index.lanes or material not in index.materials
            if not known and index.lanes_known(row.id, material):
                why = "demands" if row.kind in SINKS else f"recipe {row.recipe} uses"
                rule = f"{why} {material}, but no lane brings it"
                remedy = f"add lanes with customer {row.id} and material {material}"
                yield index.dataset.problem("facilities", i, "id", row.id, rule, remedy)


def check_slots(index: Index) -> Iterator[Problem]:
    """Slot rows name an input that the facility has, and the numbers of their policy only."""
    for i, row in enumerate(index.dataset.slots):
        wrong = index.unknown("facilities", row.facility, "facility")
        if wrong:
            yield index.dataset.problem("slots", i, "facility", row.facility, *wrong)
        facility = index.facilities.get(row.facility)
        if facility is not None and index.inputs_known(facility):
            used = index.inputs(facility)
            if row.material not in used:
                hint = did_you_mean(row.material, used, "it uses")
                rule = f"{row.facility} does not use it; {hint}"
                yield index.dataset.problem("slots", i, "material", row.material, rule)
        for name, value, policy in (
            ("reorder_cover_days", row.reorder_cover_days, "s_S"),
            ("review_days", row.review_days, "R_S"),
        ):
            if row.policy == policy and value is None:
                rule = f"must be given for policy {policy}"
                yield index.dataset.problem("slots", i, name, None, rule)
            if row.policy != policy and value is not None:
                rule = f"has an effect for policy {policy} only, not {row.policy}"
                yield index.dataset.problem("slots", i, name, value, rule)


def check_alliances(index: Index) -> Iterator[Problem]:
    """Members of alliances are countries that exist."""
    for i, row in enumerate(index.dataset.alliances):
        yield from _country(index, "alliances", i, row.country)


def check_sources(index: Index, graded: bool) -> Iterator[Problem]:
    """Source ids exist; where every row must have source and grade, it has."""
    for table in TABLES:
        for i, row in enumerate(index.dataset.rows(table)):
            if not isinstance(row, Row):
                continue
            for source in row.sources if index.sources or graded else ():
                if source not in index.sources and not index.spoiled.has("sources", source):
                    rule = f"unknown source; {did_you_mean(source, index.sources)}"
                    remedy = "or add it to sources"
                    yield index.dataset.problem(table, i, "source_id", source, rule, remedy)
            for name, value, remedy in (
                ("source_id", row.source_id, "name a row of sources"),
                ("grade", row.grade, "A (measured or official), B (reported) or C (estimate)"),
            ):
                if graded and not value:
                    rule = "must be given in a packaged dataset"
                    yield index.dataset.problem(table, i, name, None, rule, remedy)


def check_shares(index: Index) -> Iterator[Problem]:
    """The planned shares of each customer and material sum to 1 on every date."""
    places = {row.key: i for i, row in enumerate(index.dataset.lanes)}
    for (customer, material), lanes in sorted(index.lanes.items()):
        unsaid = any(lane.shares_nothing for lane in lanes)  # reported for each lane
        if unsaid or index.spoiled.has("lanes", customer, material):
            continue
        wrong = _wrong_sum(lanes)
        if wrong is not None:
            when, total = wrong
            since = f" on {when}" if when else ""
            parts = ", ".join(
                f"{lane.supplier} {lane.share_at(when or date.max):.6g}" for lane in lanes
            )
            rule = f"shares of {material} at {customer} must sum to 1, not {total:.8g}{since}"
            place = places[lanes[0].key]
            name = "share_profile" if lanes[0].share_profile else "share"
            problem = index.dataset.problem("lanes", place, name, None, rule, f"lanes: {parts}")
            yield problem


def _wrong_sum(lanes: list[Lane]) -> tuple[date | None, float] | None:
    profiles = [lane.share_profile for lane in lanes if lane.share_profile is not None]
    knots = sorted({when for profile in profiles for when, _ in profile.knots})
    dates: list[date | None] = [*knots] or [None]
    for when in dates:
        total = sum(lane.share_at(when or date.max) for lane in lanes)
        # the last digit of a sum is not the user's
        if abs(total - 1.0) > SHARE_TOLERANCE + 1e-12:
            return when, total
    return None


def _country(index: Index, table: str, i: int, code: str) -> Iterator[Problem]:
    if code in index.countries:
        return
    rule = f"unknown country; {country_hint(code, index.countries)}"
    remedy = "ROW stands for the rest of the world"
    yield index.dataset.problem(table, i, "country", code, rule, remedy)


def _lanes(index: Index) -> Iterator[Problem]:
    for i, row in enumerate(index.dataset.lanes):
        yield from check_lane(index, i, row)


Check = Callable[[Index], Iterator[Problem]]
_CHECKS: tuple[Check, ...] = (
    check_duplicates,
    check_facilities,
    check_recipes,
    _lanes,
    check_demand,
    check_inputs_have_lanes,
    check_shares,
    check_slots,
    check_alliances,
)
