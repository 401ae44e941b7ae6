"""Which fields a facility of each kind needs, and which have no effect on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.errors import Problem
from simulator.spec.dataset import Dataset
from simulator.spec.tables import Facility

_MAKES = ("capacity_per_day", "utilisation", "capacity_profile", "start_date", "ramp_days")
_PROCESS = ("cycle_days", "finished_cover_days")
_INERT: Mapping[str, tuple[str, ...]] = {
    "hub": ("output", "recipe", "stock_at_start", *_PROCESS),
    "mine": ("recipe", "stock_at_start"),
    "stockpile": ("recipe", *_MAKES, *_PROCESS),
    "datacenter": ("output", "recipe", "stock_at_start", *_MAKES, *_PROCESS),
    "market": ("output", "recipe", "stock_at_start", *_MAKES, *_PROCESS),
}
_WHY: Mapping[str, str] = {
    "hub": "a hub only passes goods on",
    "mine": "a mine needs no inputs",
    "stockpile": "a stockpile only gives from what it holds",
    "datacenter": "a datacenter only uses what it demands",
    "market": "a market only uses what it demands",
}


def check_facility(dataset: Dataset, index: int, row: Facility) -> Iterator[Problem]:
    """The fields of a facility fit its kind and each other."""
    for name in _INERT.get(row.kind, ("stock_at_start",)):
        value = getattr(row, name)
        if value is not None and value != Facility.model_fields[name].default:
            why = _WHY.get(row.kind, "only stockpiles hold a stock at start")
            rule = f"has no effect on a {row.kind}: {why}"
            yield dataset.problem("facilities", index, name, value, rule, "leave it out")
    yield from _needed(dataset, index, row)
    yield from _capacity(dataset, index, row)
    if (row.lat is None) != (row.lon is None):
        name = "lat" if row.lat is None else "lon"
        rule = "lat and lon must be given together"
        yield dataset.problem("facilities", index, name, None, rule)


def _needed(dataset: Dataset, index: int, row: Facility) -> Iterator[Problem]:
    if row.output is None and row.kind not in ("hub", "datacenter", "market"):
        rule = f"must be given: a {row.kind} has an output"
        yield dataset.problem("facilities", index, "output", None, rule, "name a material")
    if row.kind == "stockpile" and row.stock_at_start is None:
        rule = "must be given: a stockpile holds a stock"
        yield dataset.problem("facilities", index, "stock_at_start", None, rule)


def _capacity(dataset: Dataset, index: int, row: Facility) -> Iterator[Problem]:
    if row.kind in ("stockpile", "datacenter", "market"):
        return
    given = row.capacity_per_day, row.utilisation
    if given == (None, None):
        rule = "capacity_per_day or utilisation must be given"
        yield dataset.problem("facilities", index, "capacity_per_day", None, rule)
    if None not in given:
        rule = "must not be given together with capacity_per_day"
        remedy = "keep one: utilisation sets the capacity from the plan"
        yield dataset.problem("facilities", index, "utilisation", row.utilisation, rule, remedy)
    if row.capacity_profile is not None and row.capacity_per_day is None:
        rule = "has no effect without capacity_per_day, whose multiples it gives"
        yield dataset.problem("facilities", index, "capacity_profile", None, rule)
    if row.ramp_days > 0 and row.start_date is None:
        rule = "has no effect without start_date"
        yield dataset.problem("facilities", index, "ramp_days", row.ramp_days, rule)
