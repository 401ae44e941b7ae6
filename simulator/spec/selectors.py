"""Selectors: which facilities, lanes, materials or countries something applies to.

A selector is a list of terms, any of which may match. A term is an id, an id with wildcards
(``fab_*``), or a mapping whose keys must all match. ``except`` takes matches out again::

    facilities: [fab_18, {kind: fab, country: [TWN, KOR]}]
    facilities: {any: [{kind: mine}], except: [mine_baotou]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from simulator.spec.record import Record, Text, broken
from simulator.spec.tables import Kind, Layer


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
    operator: Names | None = None
    customer_country: Names | None = None
    customer_alliance: Names | None = None

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
    """Selects facilities by id, kind, country, layer, material (its output), alliance, operator."""

    target: ClassVar[str] = "facilities"


class LaneSelector(Selector):
    """Selects lanes by id (``customer/material/supplier``), ends, hub passed, material or layer.

    ``kind``, ``country``, ``alliance`` and ``operator`` are those of the supplier.
    """

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
