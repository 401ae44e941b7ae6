"""Selection: what selectors match in a network, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fnmatch import fnmatchcase

from simulator.errors import InputError, Problem
from simulator.spec.countries import country_hint
from simulator.spec.dataset import Dataset
from simulator.spec.document import dotted
from simulator.spec.messages import did_you_mean, nearest
from simulator.spec.record import Location
from simulator.spec.selectors import CountrySet, Selector, Term
from simulator.spec.tables import Facility, Lane, Material

Finding = tuple[Location, object, str, str]
"""Location within a selector, value, rule and remedy."""

_MOST_NAMED = 8
_SHORT = 2

_TARGET_KEYS: Mapping[str, frozenset[str]] = {
    "facilities": frozenset({"id", "kind", "country", "layer", "material", "alliance", "operator"}),
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
        if key in ("alliance", "customer_alliance"):
            if value in self.members:
                when = f" on {self.on}" if self.on else ""
                return loc, value, f"no {self.target} in a member of this alliance{when}", ""
            return loc, value, f"unknown alliance; {did_you_mean(value, self.members)}", ""
        known = {fact for facts in self.facts.values() for fact in facts.get(key, ())}
        what = self.target if key == "id" else f"{self.target} with this {key}"
        named = [] if nearest(value, known) else self._named(key, value)
        if named:
            rule = f"matches no {what}; by name: {', '.join(named[:_MOST_NAMED])}"
            table = "materials" if key == "material" else self.target
            return loc, value, rule, f"write ids; `paxsim data show {table}` lists them"
        return loc, value, f"matches no {what}; {did_you_mean(value, known)}", ""

    def _named(self, key: str, value: str) -> list[str]:
        """Ids whose names have all words of a value: people know things by their names."""
        rows: Iterable[Facility | Material] = ()
        if key == "material" or (key == "id" and self.target == "materials"):
            rows = self.dataset.materials
        elif key == "id" and self.target == "facilities":
            rows = self.dataset.facilities
        words = [word.removesuffix("s") for word in re.findall(r"[a-z0-9]+", value.lower())]
        if not any(len(word) > _SHORT for word in words):
            return []
        return [row.id for row in rows if all(word in row.name.lower() for word in words)]

    def _facility(self, row: Facility) -> dict[str, tuple[str, ...]]:
        return {
            "id": (row.id,),
            "kind": (row.kind,),
            "country": (row.country,),
            "layer": self._layers(row),
            "material": (row.output,) if row.output else (),
            "alliance": self._alliances(row.country),
            "operator": (row.operator,) if row.operator else (),
        }

    def _alliances(self, country: str) -> tuple[str, ...]:
        return tuple(name for name, codes in self.members.items() if country in codes)

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
        customer = self.facilities.get(row.customer)
        home = customer.country if customer is not None else ""
        return {
            **facts,
            "id": (row.key,),
            "layer": (self.layers.get(row.material, ""),),
            "material": (row.material,),
            "supplier": (row.supplier,),
            "customer": (row.customer,),
            "via": row.route,
            "customer_country": (home,),
            "customer_alliance": self._alliances(home),
        }

    def _material(self, row: Material) -> dict[str, tuple[str, ...]]:
        return {"id": (row.id,), "material": (row.id,), "layer": (row.layer,)}


def _any_match(facts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(
        fact == pattern or fnmatchcase(fact, pattern) for fact in facts for pattern in patterns
    )
