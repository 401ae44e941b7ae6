"""The network as frozen arrays: who makes what from what, and over which lanes.

Everything is sorted by id, so that the order of rows in a file can never change a result.
Facilities, slots (one input stock of one facility), lanes and materials are numbered; `Numbers`
holds what may be uncertain about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from simulator.spec import Dataset
    from simulator.spec.distributions import Distribution as Number

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SINKS = ("datacenter", "market")
OUTPUT, GROWTH, DEMAND = 0, 1, 2
"""What a slot feeds: production, growth of capacity, or a sink's demand."""
BASE_STOCK, S_S, R_S = 0, 1, 2
"""Ordering policies of a slot."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a network in one realisation, as arrays over facilities, slots and lanes.

    Units: quantities in the material's unit, rates per day, times in days. ``capacity`` is NaN
    where ``utilisation`` sets it from the plan, and infinite where nothing limits it.
    """

    capacity: Floats
    utilisation: Floats
    cycle_days: Ints
    finished_cover_days: Floats
    stock_at_start: Floats
    need_per_unit: Floats
    criticality: Floats
    onset_days: Floats
    cover_days: Floats
    reorder_cover_days: Floats
    review_days: Ints
    surge: Floats
    notice_days: Floats
    demand: Floats
    share: Floats
    standby_share: Floats
    transit_days: Floats
    qualification_days: Floats
    trigger_days: Floats


@dataclass(frozen=True)
class UncertainNumber:
    """A table number with a distribution: which entries of which array take its sampled value."""

    name: str
    field: str
    array: str
    entries: tuple[int, ...]
    number: Number
    grade: str
    source_id: str


@dataclass(frozen=True, eq=False)
class Network:
    """Topology of the chain plus its base numbers; see the module's docstring for the numbering."""

    dataset: Dataset
    start: date
    horizon_days: int
    facility_ids: tuple[str, ...]
    material_ids: tuple[str, ...]
    kinds: tuple[str, ...]
    countries: tuple[str, ...]
    output: Ints
    slot_facility: Ints
    slot_material: Ints
    slot_purpose: Ints
    slot_policy: Ints
    slot_keeps_backlog: npt.NDArray[np.bool_]
    slot_start: Ints
    lane_slot: Ints
    lane_supplier: Ints
    lane_priority: Ints
    lane_start: Ints
    lane_hubs: tuple[tuple[int, ...], ...]
    lane_leg_days: tuple[tuple[int, ...], ...]
    out_lanes: tuple[tuple[int, ...], ...]
    mass_t: Floats
    outcome: Ints
    numbers: Numbers
    uncertain: tuple[UncertainNumber, ...]

    @cached_property
    def facility_index(self) -> dict[str, int]:
        """Facility number by id."""
        return {name: f for f, name in enumerate(self.facility_ids)}

    @cached_property
    def material_index(self) -> dict[str, int]:
        """Material number by id."""
        return {name: m for m, name in enumerate(self.material_ids)}

    @cached_property
    def slot_ids(self) -> tuple[str, ...]:
        """``facility/material`` per slot."""
        return tuple(
            f"{self.facility_ids[f]}/{self.material_ids[m]}"
            for f, m in zip(self.slot_facility, self.slot_material, strict=True)
        )

    @cached_property
    def lane_ids(self) -> tuple[str, ...]:
        """``customer/material/supplier`` per lane."""
        return tuple(
            f"{self.slot_ids[k]}/{self.facility_ids[f]}"
            for k, f in zip(self.lane_slot, self.lane_supplier, strict=True)
        )

    @cached_property
    def lane_index(self) -> dict[str, int]:
        """Lane number by ``customer/material/supplier``."""
        return {name: i for i, name in enumerate(self.lane_ids)}

    @property
    def facilities(self) -> range:
        """Facility numbers."""
        return range(len(self.facility_ids))

    @property
    def slots(self) -> range:
        """Slot numbers."""
        return range(len(self.slot_facility))

    @property
    def lanes(self) -> range:
        """Lane numbers."""
        return range(len(self.lane_slot))

    @cached_property
    def hubs(self) -> tuple[int, ...]:
        """Facility numbers of the hubs."""
        return tuple(f for f in self.facilities if self.kinds[f] == "hub")

    def slots_of(self, facility: int) -> range:
        """Slots of a facility."""
        return range(int(self.slot_start[facility]), int(self.slot_start[facility + 1]))

    def lanes_into(self, slot: int) -> range:
        """Lanes that fill a slot."""
        return range(int(self.lane_start[slot]), int(self.lane_start[slot + 1]))

    def is_sink(self, facility: int) -> bool:
        """Whether the facility only uses: a data centre or a market."""
        return self.kinds[facility] in SINKS

    def customers_first(self) -> Iterator[int]:
        """Facilities such that each comes after all its customers; empty tail on a cycle."""
        waiting = [len(self.out_lanes[f]) for f in self.facilities]
        ready = [f for f in self.facilities if waiting[f] == 0]
        while ready:
            facility = ready.pop()
            yield facility
            for slot in self.slots_of(facility):
                for lane in self.lanes_into(slot):
                    supplier = int(self.lane_supplier[lane])
                    waiting[supplier] -= 1
                    if waiting[supplier] == 0:
                        ready.append(supplier)
