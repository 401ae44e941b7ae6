"""From validated tables to the frozen arrays of a `Network`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.network.network import (
    BASE_STOCK,
    DEMAND,
    GROWTH,
    OUTPUT,
    R_S,
    S_S,
    SINKS,
    Network,
    Numbers,
    UncertainNumber,
)
from simulator.units import whole_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.spec import Dataset, Demand, Facility, Lane, RecipeInput, SlotRow
    from simulator.spec.distributions import Distribution as Number
    from simulator.spec.tables import Row

POLICIES = {"base_stock": BASE_STOCK, "s_S": S_S, "R_S": R_S}
PURPOSES = {"output": OUTPUT, "growth": GROWTH}
DEFAULT_SURGE = 1.5
DEFAULT_NOTICE_DAYS = 14.0
WHOLE = {"cycle_days", "review_days"}


@dataclass
class _Column:
    """One array of `Numbers` while it is filled, with the table numbers that feed it."""

    values: list[float] = field(default_factory=list)
    sources: dict[tuple[str, str], tuple[Number, Row | None, list[int]]] = field(
        default_factory=dict
    )

    def add(
        self, value: Number | None, default: float, table: str, key: str, name: str, row: Row | None
    ) -> None:
        self.values.append(default if value is None else value.base)
        if value is not None and value.uncertain:
            entry = self.sources.setdefault((f"{table}.{key}", name), (value, row, []))
            entry[2].append(len(self.values) - 1)


@dataclass(frozen=True)
class _SlotPlan:
    """Where a slot's numbers come from: a recipe row or a demand row, and perhaps a slot row."""

    facility: int
    material: int
    purpose: int
    recipe: RecipeInput | None
    demand: Demand | None
    override: SlotRow | None


def build_network(
    dataset: Dataset, start: date, horizon_days: int, outcome: Sequence[str] | None = None
) -> Network:
    """Number facilities, slots and lanes and collect their base numbers.

    Parameters
    ----------
    dataset
        Validated tables; references between them are taken as sound.
    start, horizon_days
        First day and length of the runs.
    outcome
        Ids of the materials whose output is the outcome; by default those with H100-equivalents,
        else those that data centres demand, else those that any sink demands.
    """
    facilities = sorted(dataset.facilities, key=lambda row: row.id)
    materials = sorted(dataset.materials, key=lambda row: row.id)
    facility_index = {row.id: f for f, row in enumerate(facilities)}
    material_index = {row.id: m for m, row in enumerate(materials)}
    columns = {spec.name: _Column() for spec in fields(Numbers)}
    for row in facilities:
        _facility_numbers(columns, row)
    slots = _slots(dataset, facilities, material_index)
    for slot in slots:
        _slot_numbers(columns, slot, facilities[slot.facility], materials[slot.material].id)
    slot_of = {(s.facility, s.material): k for k, s in enumerate(slots)}
    lanes = sorted(
        dataset.lanes,
        key=lambda row: (
            slot_of[facility_index[row.customer], material_index[row.material]],
            row.supplier,
        ),
    )
    for lane in lanes:
        _lane_numbers(columns, lane)
    lane_slot = [slot_of[facility_index[r.customer], material_index[r.material]] for r in lanes]
    suppliers = [facility_index[row.supplier] for row in lanes]
    return Network(
        dataset=dataset,
        start=start,
        horizon_days=horizon_days,
        facility_ids=tuple(row.id for row in facilities),
        material_ids=tuple(row.id for row in materials),
        kinds=tuple(row.kind for row in facilities),
        countries=tuple(row.country for row in facilities),
        output=np.array(
            [material_index[r.output] if r.output else -1 for r in facilities], np.int64
        ),
        slot_facility=np.array([s.facility for s in slots], np.int64),
        slot_material=np.array([s.material for s in slots], np.int64),
        slot_purpose=np.array([s.purpose for s in slots], np.int64),
        slot_policy=np.array(
            [POLICIES[s.override.policy if s.override else "base_stock"] for s in slots], np.int64
        ),
        slot_keeps_backlog=np.array(
            [s.demand is not None and s.demand.unmet == "kept" for s in slots], np.bool_
        ),
        slot_start=_starts([s.facility for s in slots], len(facilities)),
        lane_slot=np.array(lane_slot, np.int64),
        lane_supplier=np.array(suppliers, np.int64),
        lane_priority=np.array([row.priority for row in lanes], np.int64),
        lane_start=_starts(lane_slot, len(slots)),
        lane_hubs=tuple(tuple(facility_index[hub] for hub in row.route) for row in lanes),
        lane_leg_days=tuple(tuple(row.leg_days or ()) for row in lanes),
        out_lanes=tuple(
            tuple(i for i, supplier in enumerate(suppliers) if supplier == f)
            for f in range(len(facilities))
        ),
        mass_t=np.array([row.mass_kg_per_unit / 1000.0 for row in materials]),
        outcome=np.array(
            [material_index[m] for m in sorted(outcome or _default_outcome(dataset))], np.int64
        ),
        numbers=Numbers(**{name: _array(name, column.values) for name, column in columns.items()}),
        uncertain=_uncertain(columns),
    )


def _default_outcome(dataset: Dataset) -> set[str]:
    rated = {row.id for row in dataset.materials if row.h100e_per_unit is not None}
    if rated:
        return rated
    centres = {row.id for row in dataset.facilities if row.kind == "datacenter"}
    wanted = {row.material for row in dataset.demand if row.sink in centres}
    return wanted or {row.material for row in dataset.demand}


def _facility_numbers(columns: dict[str, _Column], row: Facility) -> None:
    open_ended = math.inf if row.utilisation is None else math.nan
    for array, value, default, name in (
        ("capacity", row.capacity_per_day, open_ended, "capacity_per_day"),
        ("utilisation", row.utilisation, math.nan, "utilisation"),
        ("cycle_days", row.cycle_days, 0.0, "cycle_days"),
        ("finished_cover_days", row.finished_cover_days, 0.0, "finished_cover_days"),
        ("stock_at_start", row.stock_at_start, 0.0, "stock_at_start"),
    ):
        columns[array].add(value, default, "facilities", row.id, name, row)


def _slots(
    dataset: Dataset, facilities: list[Facility], material_index: dict[str, int]
) -> list[_SlotPlan]:
    recipes: dict[str, list[RecipeInput]] = {}
    for line in dataset.recipes:
        recipes.setdefault(line.recipe, []).append(line)
    demand: dict[str, list[Demand]] = {}
    for want in dataset.demand:
        demand.setdefault(want.sink, []).append(want)
    overrides = {(row.facility, row.material): row for row in dataset.slots}
    found: list[_SlotPlan] = []
    for f, row in enumerate(facilities):
        mine: list[_SlotPlan] = []
        if row.kind in SINKS:
            for want in demand.get(row.id, ()):
                override = overrides.get((row.id, want.material))
                material = material_index[want.material]
                mine.append(_SlotPlan(f, material, DEMAND, None, want, override))
        elif row.recipe:
            for line in recipes.get(row.recipe, ()):
                override = overrides.get((row.id, line.input))
                material = material_index[line.input]
                mine.append(_SlotPlan(f, material, PURPOSES[line.purpose], line, None, override))
        found.extend(sorted(mine, key=lambda slot: (slot.purpose, slot.material)))
    return found


def _slot_numbers(
    columns: dict[str, _Column], slot: _SlotPlan, facility: Facility, material: str
) -> None:
    def put(
        array: str, value: Number | None, default: float, source: str, key: str, row: Row | None
    ) -> None:
        columns[array].add(value, default, source, key, _FIELDS.get(array, array), row)

    line, want, own = slot.recipe, slot.demand, slot.override
    base: Any
    if line is not None:
        table, key, base = "recipes", f"{line.recipe}/{line.input}", line
    else:
        assert want is not None
        table, key, base = "demand", f"{want.sink}/{want.material}", want
    put("need_per_unit", line.quantity if line else None, 1.0, table, key, base)
    put("criticality", line.criticality if line else None, 1.0, table, key, base)
    put("onset_days", line.onset_days if line else None, 0.0, table, key, base)
    put("demand", want.units_per_day if want else None, math.nan, table, key, base)
    mine = f"{facility.id}/{material}"
    if own is not None and own.cover_days is not None:
        put("cover_days", own.cover_days, 0.0, "slots", mine, own)
    else:
        put("cover_days", base.cover_days, 0.0, table, key, base)
    # Lots come at once, and so do tools that are overdue after the planned growth has ended.
    lumpy = (own is not None and own.policy != "base_stock") or slot.purpose == GROWTH
    surge = math.inf if lumpy else DEFAULT_SURGE
    put("reorder_cover_days", own.reorder_cover_days if own else None, 0.0, "slots", mine, own)
    put("review_days", own.review_days if own else None, 1.0, "slots", mine, own)
    put("surge", own.surge if own else None, surge, "slots", mine, own)
    put("notice_days", own.notice_days if own else None, DEFAULT_NOTICE_DAYS, "slots", mine, own)


_FIELDS = {"need_per_unit": "quantity", "demand": "units_per_day"}


def _lane_numbers(columns: dict[str, _Column], row: Lane) -> None:
    key = f"{row.customer}/{row.material}/{row.supplier}"
    for array, value, default, name in (
        ("share", row.share, 0.0, "share"),
        ("standby_share", row.standby_share, 0.0, "standby_share"),
        ("transit_days", row.transit_days, 1.0, "transit_days"),
        ("qualification_days", row.qualification_days, 30.0, "qualification_days"),
        ("trigger_days", row.standby_trigger_days, math.inf, "standby_trigger_days"),
    ):
        columns[array].add(value, default, "lanes", key, name, row)


def _array(name: str, values: list[float]) -> np.ndarray[Any, Any]:
    if name in WHOLE:
        return np.array([whole_days(value) for value in values], np.int64)
    return np.array(values, np.float64)


def _starts(owners: list[int], count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.searchsorted(np.array(owners, np.int64), np.arange(count + 1)).astype(np.int64)


def _uncertain(columns: dict[str, _Column]) -> tuple[UncertainNumber, ...]:
    found = [
        UncertainNumber(
            name=f"{place}.{name}",
            field=name,
            array=array,
            entries=tuple(entries),
            number=number,
            grade=(row.grade or "") if row else "",
            source_id=row.source_id if row else "",
        )
        for array, column in columns.items()
        for (place, name), (number, row, entries) in column.sources.items()
    ]
    return tuple(sorted(found, key=lambda item: item.name))
