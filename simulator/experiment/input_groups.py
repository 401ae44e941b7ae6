"""Uncertain inputs of a scenario by name, each with its group, evidence grade and source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.errors import UsageError
from simulator.sampling.model import Model
from simulator.sampling.streams import EVENT

GROUPINGS = ("field", "layer", "material", "country", "none")
NOISE = "daily noise"
EVENTS, PARAMETERS, REST = "all events", "all parameters", "all other parameters"


@dataclass(frozen=True)
class Input:
    """One uncertain number of the tables.

    Attributes
    ----------
    name
        As under ``parameters``: ``recipes.n5/tool_spares.criticality``.
    group
        What it is counted with.
    grade, source
        Evidence: A official, B reported, C estimate; and the id of its source.
    """

    name: str
    group: str
    grade: str
    source: str


class InputGroups:
    """Says to which group any stream of a scenario belongs.

    Parameters
    ----------
    model
        The prepared scenario.
    by
        ``field`` (table and column), ``layer``, ``material``, ``country`` or ``none`` (each number
        on its own).

    Raises
    ------
    UsageError
        If ``by`` is unknown.
    """

    def __init__(self, model: Model, by: str = "field") -> None:
        if by not in GROUPINGS:
            raise UsageError(f"by = {by}: must be one of {', '.join(GROUPINGS)}")
        named = _namer(model, by)
        self.inputs: Mapping[str, Input] = {
            item.name: Input(item.name, named(item.name), item.grade, item.source_id)
            for item in model.network.uncertain
        }
        self.notes = {key: entry.note for key, entry in sorted(model.entries.items())}

    def group(self, thing: str, purpose: str) -> str:
        """Group of a stream; events belong to the entry of the scenario that draws them."""
        if purpose == EVENT:
            return self.entry(thing) or NOISE
        known = self.inputs.get(thing)
        return known.group if known else thing

    def entry(self, thing: str) -> str:
        """Entry of a scenario that a draw belongs to, such as ``shocks.october``; else empty."""
        section, _, rest = thing.partition(".")
        if section not in ("shocks", "measures"):
            return ""
        return f"{section}.{rest.partition(':')[0].partition('.')[0]}"


def _namer(model: Model, by: str) -> Callable[[str], str]:
    dataset = model.network.dataset
    layers = {row.id: row.layer for row in dataset.materials}
    places = {row.id: row for row in dataset.facilities}

    def named(name: str) -> str:
        table, _, rest = name.partition(".")
        key, _, field = rest.rpartition(".")
        parts = key.split("/")
        if by == "none":
            return name
        if by == "field":
            return f"{table}.{field}"
        if table == "recipes":
            place, material = None, parts[1]
        else:
            place = places.get(parts[2 if table == "lanes" else 0])
            material = parts[1] if len(parts) > 1 else (place.output or "" if place else key)
        if by == "material":
            return material or (place.kind if place else key)
        if by == "country":
            return place.country if place else f"recipes of {layers.get(material, material)}"
        return layers.get(material) or (place.layer if place and place.layer else "logistics")

    return named
