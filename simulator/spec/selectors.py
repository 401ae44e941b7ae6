"""Selectors: which facilities, lanes, materials or countries something applies to.

A selector is a list of terms, any of which may match. A term is an id, an id with wildcards
(``fab_*``), or a mapping whose keys must all match. ``except`` takes matches out again::

    facilities: [fab_18, {kind: fab, country: [TWN, KOR]}]
    facilities: {any: [{kind: mine}], except: [mine_baotou]}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from simulator.errors import InputError, Problem
from simulator.spec.countries import country_hint
from simulator.spec.dataset import Dataset
from simulator.spec.document import dotted
from simulator.spec.messages import did_you_mean
from simulator.spec.record import Location, Record, Text, broken
from simulator.spec.tables import Facility, Kind, Lane, Layer, Material

Finding = tuple[Location, object, str, str]


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[
    tuple[Text, ...],
    Field(min_length=1),
    BeforeValidator(_several, json_schema_input_type=str | list[str]),
]
Kinds = Annotated[
    tuple[Kind, ...],
    Field(min_length=1),
    BeforeValidator(_several, json_schema_input_type=Kind | list[Kind]),
]
Layers = Annotated[
    tuple[Layer, ...],
    Field(min_length=1),
    BeforeValidator(_several, json_schema_input_type=Layer | list[Layer]),
]


class Term(Record):
    """Conditions that must all hold; each takes one value or a list of alternatives."""

    id: Names | None = None
    kind: Kinds | None = None
    country: Names | None = None
    layer: Layers | None = None
    material: Names | None = None
    alliance: Names | None = None
    supplier: Names | None = None
    customer: Names | None = None
    via: Names | None = None

    def plain(self, full: bool = False) -> object:
        """Give the shortest way to write the term."""
        given = self.conditions()
        if list(given) == ["id"] and len(given["id"]) == 1:
            return given["id"][0]
        return {k: v[0] if len(v) == 1 else list(v) for k, v in given.items()}

    def __str__(self) -> str:
        """Say in a few words what matches."""
        given = self.conditions()
        ids = ", ".join(given.pop("id", ()))
        rest = ", ".join(f"{key} {' or '.join(values)}" for key, values in given.items())
        return " with ".join(part for part in (ids, rest) if part)

    def conditions(self) -> dict[str, tuple[str, ...]]:
        """Alternatives by key, for the keys that are given."""
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in values if value is not None}

    @model_validator(mode="before")
    @classmethod
    def _from_id(cls, value: object) -> object:
        if isinstance(value, str):
            return {"id": value}
        if isinstance(value, Mapping) and not value:
            raise broken("", dict(value), "must have at least one condition", "such as {kind: fab}")
        return value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str | Mapping) else value


Terms = Annotated[tuple[Term, ...], BeforeValidator(_one_or_more)]


class Selector(Record):
    """Terms of which any may match, less those that are excepted."""

    #: What is selected: facilities, lanes or materials; without it, the caller says.
    target: ClassVar[str] = ""

    terms: Terms = Field(alias="any", min_length=1)
    excepted: Terms = Field(default=(), alias="except")

    def plain(self, full: bool = False) -> object:
        """Give the list of terms, or the mapping with ``any`` and ``except``."""
        terms = [term.plain() for term in self.terms]
        if not self.excepted:
            return terms
        return {"any": terms, "except": [term.plain() for term in self.excepted]}

    def __str__(self) -> str:
        """Say in a few words what is selected."""
        text = "; ".join(str(term) for term in self.terms)
        without = "; ".join(str(term) for term in self.excepted)
        return f"{text} except {without}" if without else text

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if isinstance(value, str):
            return {"any": (value,)}
        if isinstance(value, list | tuple):
            return {"any": tuple(value)}
        if not isinstance(value, Mapping) or {"any", "terms"} & set(value):
            return value
        rest = {key: item for key, item in value.items() if key != "except"}
        expanded: dict[str, object] = {"any": (rest,)}
        if "except" in value:
            expanded["except"] = value["except"]
        return expanded


class FacilitySelector(Selector):
    """Selects facilities by id, kind, country, layer, material (its output) or alliance."""

    target: ClassVar[str] = "facilities"


class LaneSelector(Selector):
    """Selects lanes by id (``customer/material/supplier``), ends, hub passed, supplier's facts."""

    target: ClassVar[str] = "lanes"


class MaterialSelector(Selector):
    """Selects materials by id or layer."""

    target: ClassVar[str] = "materials"


class CountrySet(Record):
    """Countries by ISO code, alliances by name, or ``all``."""

    names: Names

    def plain(self, full: bool = False) -> object:
        """Give the single name or the list."""
        return self.names[0] if len(self.names) == 1 else list(self.names)

    def __str__(self) -> str:
        """Say which, separated by commas."""
        return ", ".join(self.names)

    @model_validator(mode="before")
    @classmethod
    def _from_names(cls, value: object) -> object:
        return {"names": value} if isinstance(value, str | list | tuple) else value


_TARGET_KEYS: Mapping[str, frozenset[str]] = {
    "facilities": frozenset({"id", "kind", "country", "layer", "material", "alliance"}),
    "lanes": frozenset(Term.model_fields),
    "materials": frozenset({"id", "layer", "material"}),
}


def select_facilities(
    dataset: Dataset, selector: Selector, on: date | None, *, path: str = ""
) -> tuple[str, ...]:
    """Ids of the facilities selected, sorted.

    Parameters
    ----------
    dataset
        The network.
    selector
        What to look for.
    on
        Date on which memberships of alliances count; ``None`` for at any time.
    path
        Where the selector stands, for messages.

    Raises
    ------
    InputError
        When a term matches nothing.
    """
    return _select(dataset, selector, "facilities", on, path)


def select_lanes(
    dataset: Dataset, selector: Selector, on: date | None, *, path: str = ""
) -> tuple[str, ...]:
    """Keys of the lanes selected, sorted; see `select_facilities`."""
    return _select(dataset, selector, "lanes", on, path)


def select_materials(
    dataset: Dataset, selector: Selector, on: date | None = None, *, path: str = ""
) -> tuple[str, ...]:
    """Ids of the materials selected, sorted; see `select_facilities`."""
    return _select(dataset, selector, "materials", on, path)


def select_countries(
    dataset: Dataset, countries: CountrySet, on: date | None, *, path: str = ""
) -> tuple[str, ...]:
    """Codes of the countries meant, sorted; ``all`` gives every country with ``ROW``."""
    _raise(country_findings(dataset, countries, on), path)
    codes = {row.code for row in dataset.countries}
    found: set[str] = set()
    for name in countries.names:
        found |= codes if name == "all" else set(dataset.members(name, on)) or {name}
    return tuple(sorted(found))


def country_findings(dataset: Dataset, countries: CountrySet, on: date | None) -> list[Finding]:
    """What is wrong with a set of countries."""
    codes = {row.code for row in dataset.countries}
    alliances = {row.alliance for row in dataset.alliances}
    found: list[Finding] = []
    for index, name in enumerate(countries.names):
        if name in alliances and not dataset.members(name, on):
            found.append(((index,), name, f"alliance {name} has no members on {on}", ""))
        elif name != "all" and name not in codes and name not in alliances:
            hint = country_hint(name, codes | alliances)
            found.append(((index,), name, f"unknown country or alliance; {hint}", ""))
    return found


def selector_findings(dataset: Dataset, selector: Selector, target: str) -> list[Finding]:
    """What is wrong with a selector at any date: terms that match nothing, unknown names."""
    return _Matcher(dataset, target, None).findings(selector)


def layer_of(dataset: Dataset, facility: Facility) -> str:
    """Layer of a facility: its own, or that of its output or of the first material it demands."""
    if facility.layer is not None:
        return facility.layer
    if facility.kind == "hub":
        return "logistics"
    if facility.kind == "datacenter":
        return "ai_infrastructure"
    wanted = facility.output or next(
        (row.material for row in dataset.demand if row.sink == facility.id), ""
    )
    return next((row.layer for row in dataset.materials if row.id == wanted), "")


def _select(
    dataset: Dataset, selector: Selector, target: str, on: date | None, path: str
) -> tuple[str, ...]:
    matcher = _Matcher(dataset, target, on)
    _raise(matcher.findings(selector), path)
    chosen = matcher.matches(selector.terms) - matcher.matches(selector.excepted)
    return tuple(sorted(chosen))


def _raise(findings: Iterable[Finding], path: str) -> None:
    problems = [
        Problem(dotted((path, *loc) if path else loc), value, rule, remedy)
        for loc, value, rule, remedy in findings
    ]
    if problems:
        raise InputError(tuple(problems))


class _Matcher:
    """Facts by key for everything of one target, and the terms matched against them."""

    def __init__(self, dataset: Dataset, target: str, on: date | None) -> None:
        self.dataset = dataset
        self.target = target
        self.on = on
        self.facilities = {row.id: row for row in dataset.facilities}
        self.members = {
            name: frozenset(dataset.members(name, on))
            for name in {row.alliance for row in dataset.alliances}
        }
        self.layers = {row.id: row.layer for row in dataset.materials}
        facts: Mapping[str, Callable[[], dict[str, dict[str, tuple[str, ...]]]]] = {
            "facilities": lambda: {r.id: self._facility(r) for r in dataset.facilities},
            "lanes": lambda: {r.key: self._lane(r) for r in dataset.lanes},
            "materials": lambda: {r.id: self._material(r) for r in dataset.materials},
        }
        self.facts = facts[target]()

    def matches(self, terms: Iterable[Term]) -> set[str]:
        """Ids matched by any of the terms."""
        found: set[str] = set()
        for term in terms:
            given = term.conditions()
            found |= {
                name
                for name, facts in self.facts.items()
                if all(_any_match(facts.get(key, ()), values) for key, values in given.items())
            }
        return found

    def findings(self, selector: Selector) -> list[Finding]:
        """What is wrong with the terms."""
        found: list[Finding] = []
        for part, terms in (("any", selector.terms), ("except", selector.excepted)):
            for index, term in enumerate(terms):
                for loc, value, rule, remedy in self._term(term):
                    found.append(((part, index, *loc), value, rule, remedy))
        if not found and not self.matches(selector.terms) - self.matches(selector.excepted):
            found.append((("except",), None, f"leaves no {self.target}", "except fewer"))
        return found

    def _term(self, term: Term) -> list[Finding]:
        found: list[Finding] = []
        for key, values in term.conditions().items():
            if key not in _TARGET_KEYS[self.target]:
                rule = f"has no effect on {self.target}"
                hint = f"use {', '.join(sorted(_TARGET_KEYS[self.target]))}"
                found.append(((key,), values[0], rule, hint))
                continue
            for value in values:
                if not any(_any_match(f.get(key, ()), (value,)) for f in self.facts.values()):
                    found.append(self._unmatched(key, value))
        if not found and not self.matches((term,)):
            rule = f"no {self.target} match all of these together"
            found.append(((), term.plain(), rule, "drop one of the conditions"))
        return found

    def _unmatched(self, key: str, value: str) -> Finding:
        loc: Location = (key,)
        if key == "alliance":
            if value in self.members:
                when = f" on {self.on}" if self.on else ""
                return loc, value, f"no {self.target} in a member of this alliance{when}", ""
            return loc, value, f"unknown alliance; {did_you_mean(value, self.members)}", ""
        known = {fact for facts in self.facts.values() for fact in facts.get(key, ())}
        what = self.target if key == "id" else f"{self.target} with this {key}"
        return loc, value, f"matches no {what}; {did_you_mean(value, known)}", ""

    def _facility(self, row: Facility) -> dict[str, tuple[str, ...]]:
        return {
            "id": (row.id,),
            "kind": (row.kind,),
            "country": (row.country,),
            "layer": self._layers(row),
            "material": (row.output,) if row.output else (),
            "alliance": tuple(n for n, codes in self.members.items() if row.country in codes),
        }

    def _layers(self, row: Facility) -> tuple[str, ...]:
        if row.kind == "market" and row.layer is None:
            wanted = [d.material for d in self.dataset.demand if d.sink == row.id]
            return tuple(sorted({self.layers[m] for m in wanted if m in self.layers}))
        if row.layer is None and row.output in self.layers:
            return (self.layers[row.output],)
        return (layer_of(self.dataset, row),)

    def _lane(self, row: Lane) -> dict[str, tuple[str, ...]]:
        supplier = self.facilities.get(row.supplier)
        facts = self._facility(supplier) if supplier is not None else {}
        return {
            **facts,
            "id": (row.key,),
            "layer": (self.layers.get(row.material, ""),),
            "material": (row.material,),
            "supplier": (row.supplier,),
            "customer": (row.customer,),
            "via": row.route,
        }

    def _material(self, row: Material) -> dict[str, tuple[str, ...]]:
        return {"id": (row.id,), "material": (row.id,), "layer": (row.layer,)}


def _any_match(facts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(
        fact == pattern or fnmatchcase(fact, pattern) for fact in facts for pattern in patterns
    )
