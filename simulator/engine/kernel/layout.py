"""A realisation as the arrays of the compiled kernel.

Numbering follows the network. Lanes out of a facility are grouped by priority class, and every leg
of every lane has a ring of days, just long enough for what can be under way on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from simulator.engine.kernel import columns as col
from simulator.engine.kernel.classes import class_numbers, with_class_numbers
from simulator.network.network import SINKS, Floats, Ints
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.network.network import Network
    from simulator.network.plan import Plan
    from simulator.sampling.realisation import Realisation


Indexes: TypeAlias = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Shape:
    """Topology: who belongs to whom; the same for all replications of a network.

    Groups are priority classes of lanes; legs are numbered lane by lane; ``leg_hub`` is the hub at
    the end of a leg, or -1 at the customer's dock.
    """

    role: Ints
    slot_start: Ints
    lane_start: Ints
    lane_slot: Ints
    group_start: Ints
    group_lane_start: Ints
    group_lane: Ints
    leg_start: Ints
    leg_lane: Ints
    hub_facility: Ints
    hub_leg_start: Ints
    hub_leg: Ints
    has_tools: Ints

    @classmethod
    def of(cls, network: Network) -> Shape:
        """Topology of a network."""
        roles = {"stockpile": col.STOCKPILE, "hub": col.HUB, **dict.fromkeys(SINKS, col.SINK)}
        groups: list[list[int]] = []
        group_start = [0]
        for f in network.facilities:
            out = network.out_lanes[f]
            for priority in sorted({int(network.lane_priority[i]) for i in out}):
                groups.append([i for i in out if network.lane_priority[i] == priority])
            group_start.append(len(groups))
        legs = [(i, hub) for i in network.lanes for hub in (*network.lane_hubs[i], -1)]
        arriving: dict[int, list[int]] = {}
        for n, (_, at) in enumerate(legs):
            arriving.setdefault(at, []).append(n)
        at_hub = [arriving.get(hub, []) for hub in network.hubs]
        tools = np.zeros(len(network.facility_ids), np.int64)
        tools[network.slot_facility[network.slot_purpose == 1]] = 1
        return cls(
            role=ints([roles.get(kind, col.MAKER) for kind in network.kinds]),
            slot_start=network.slot_start,
            lane_start=network.lane_start,
            lane_slot=network.lane_slot,
            group_start=ints(group_start),
            group_lane_start=ints(np.cumsum([0, *map(len, groups)])),
            group_lane=ints([i for group in groups for i in group]),
            leg_start=ints(np.cumsum([0, *(len(hubs) + 1 for hubs in network.lane_hubs)])),
            leg_lane=ints([i for i, _ in legs]),
            hub_facility=ints(network.hubs),
            hub_leg_start=ints(np.cumsum([0, *map(len, at_hub)])),
            hub_leg=ints([n for found in at_hub for n in found]),
            has_tools=tools,
        )

    @cached_property
    def arrays(self) -> tuple[Indexes, ...]:
        """All arrays, in the order in which the kernels take them."""
        return tuple(indexes(getattr(self, name)) for name in self.__dataclass_fields__)


@dataclass(frozen=True)
class Given:
    """Numbers and plan of one realisation.

    Profiles are (days, things): a day of all things lies together, since a walk over the days of
    one thing after the other touches a page of memory for each.
    """

    slot_facts: Ints
    slot_numbers: Floats
    lane_numbers: Floats
    cycle: Ints
    capacity: Floats
    growth: Floats
    growth_row: Ints
    starts: Floats
    finished_target: Floats
    slot_wanted: Floats
    cover: Floats
    cover_row: Ints
    reorder: Floats
    multiple: Floats
    multiple_row: Ints
    noise: Floats
    noise_row: Ints
    share: Floats
    share_row: Ints
    leg_days: Ints
    transit_row: Ints
    transit: Ints
    change_day: Ints
    change_control: Ints
    change_target: Ints
    change_value: Floats
    class_start: Indexes
    class_number: Ints

    @classmethod
    def of(cls, real: Realisation) -> Given:
        """Numbers, plan and change-points of a realisation."""
        network, numbers, plan, changes = real.network, real.numbers, real.plan, real.changes
        shared = _profiles(plan)
        watches = np.zeros(len(network.slots), np.int64)
        watches[network.lane_slot[numbers.standby_share > 0.0]] = 1
        watches[network.lane_slot[list(changes.of(Control.STANDBY))]] = 1
        noisy, varying = sorted(real.daily_demand), sorted(real.daily_transit)
        covered = sorted(real.targets)
        days = network.horizon_days
        class_start, class_number = class_numbers([real])
        facts = (
            network.slot_purpose,
            network.slot_policy,
            network.slot_keeps_backlog,
            np.maximum(numbers.review_days, 1),
            watches,
        )
        slot_numbers = (
            numbers.need_per_unit,
            numbers.criticality,
            numbers.onset_days,
            numbers.surge,
            numbers.notice_days,
            numbers.demand,
        )
        lane_numbers = (
            numbers.standby_share,
            numbers.qualification_days,
            numbers.trigger_days,
            network.mass_t[network.slot_material[network.lane_slot]],
            plan.flat_share,
        )
        return cls(
            slot_facts=np.stack(facts, axis=1).astype(np.int64),
            slot_numbers=np.ascontiguousarray(np.stack(slot_numbers, axis=1)),
            lane_numbers=np.ascontiguousarray(np.stack(lane_numbers, axis=1)),
            cycle=numbers.cycle_days,
            capacity=shared["capacity"],
            growth=shared["growth"],
            growth_row=plan.schedule.tool_row,
            starts=shared["starts"],
            finished_target=shared["finished_target"],
            slot_wanted=shared["slot_wanted"],
            cover=_by_day(np.array([real.targets[k] for k in covered]).reshape(-1, days)),
            cover_row=_rows_of(covered, len(network.slots)),
            reorder=shared["reorder_point"],
            multiple=shared["demand"],
            multiple_row=plan.schedule.demand_row,
            noise=_by_day(np.array([real.daily_demand[k] for k in noisy]).reshape(-1, days)),
            noise_row=_rows_of(noisy, len(network.slots)),
            share=shared["lane_share"],
            share_row=plan.schedule.share_row,
            leg_days=plan.ways.leg_days,
            transit_row=_rows_of(varying, len(network.lanes)),
            transit=np.array([real.daily_transit[i] for i in varying], np.int64).reshape(-1, days),
            change_day=changes.day,
            change_control=changes.control,
            change_target=changes.target,
            change_value=with_class_numbers(real),
            class_start=indexes(class_start),
            class_number=class_number,
        )

    def arrays(self) -> tuple[Ints | Floats, ...]:
        """All arrays, in the order in which the kernel takes them."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)


@dataclass(frozen=True)
class State:
    """What a run carries from one day to the next; columns as in `kernel.columns`."""

    facility: Floats
    slot: Floats
    lane: Floats
    process: Floats
    process_start: Indexes
    process_head: Indexes
    process_length: Ints
    ring: Floats
    ring_start: Indexes
    ring_today: Indexes
    waiting: Floats

    @classmethod
    def of(cls, real: Realisation, shape: Shape, given: Given) -> State:
        """Initial state: stocks, pipelines and work in process at their planned levels."""
        plan = real.plan
        cycles = np.where(shape.role == col.MAKER, given.cycle, 0).astype(np.int64)
        facility = np.zeros((len(shape.role), col.FACILITY_COLUMNS))
        facility[:, col.FINISHED] = plan.finished
        facility[:, col.PROCESS_TOTAL] = plan.process_total
        facility[:, [col.FACTOR, col.PROGRESS, col.HANDLING]] = 1.0
        slot = np.zeros((len(given.slot_facts), col.SLOT_COLUMNS))
        slot[:, col.ON_HAND] = plan.on_hand
        slot[:, col.PLACED] = plan.placed
        slot[:, col.PLANNED_USE] = plan.use
        slot[:, [col.HEALTH, col.DEMAND_FACTOR]] = 1.0
        lane = np.zeros((len(shape.lane_slot), col.LANE_COLUMNS))
        lane[:, col.LIMIT] = np.inf
        lane[:, [col.SHARE, col.STANDBY]] = -1.0
        lane[:, col.PERFORMANCE] = 1.0
        lane[:, col.CLASS] = real.network.lane_priority
        ring_length = _ring_lengths(shape, given)
        ring_start = ints(np.cumsum([0, *ring_length]))
        ring = np.zeros(int(ring_start[-1]) + 1)
        before, starts = plan.before_day_0()
        f = np.repeat(np.arange(len(cycles)), cycles)
        since = np.arange(len(f)) - np.repeat(np.cumsum(cycles) - cycles, cycles)
        due = plan.under_way
        cells = ring_start[shape.leg_start[due.lane] + due.leg] + due.day
        np.add.at(ring, cells, due.quantity)
        np.add.at(slot[:, col.IN_TRANSIT], shape.lane_slot[due.lane], due.quantity)
        return cls(
            facility=facility,
            slot=slot,
            lane=lane,
            process=np.append(starts[f, before - cycles[f] + since], 0.0),
            process_start=indexes(np.cumsum([0, *cycles])),
            process_head=np.zeros(len(cycles), np.uint32),
            process_length=cycles,
            ring=ring,
            ring_start=indexes(ring_start),
            ring_today=indexes(ring_start[:-1]),
            waiting=np.zeros(len(shape.leg_lane)),
        )

    def arrays(self) -> tuple[Ints | Floats, ...]:
        """All arrays, in the order in which the kernel takes them."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)


def _ring_lengths(shape: Shape, given: Given) -> Ints:
    """Days that a ring must hold: its leg, longer only where a shock delays or transit varies."""
    longest = given.leg_days + 1
    base = given.leg_days.copy()
    for lane in np.flatnonzero(given.transit_row >= 0):
        first = shape.leg_start[lane]
        base[first] = max(base[first], int(given.transit[given.transit_row[lane]].max(initial=1)))
        longest[first] = base[first] + 1
    delayed = given.change_control == int(Control.DELAY)
    for lane, value in zip(given.change_target[delayed], given.change_value[delayed], strict=True):
        first = shape.leg_start[lane]
        longest[first] = max(longest[first], base[first] + int(value) + 1)
    return np.asarray(longest, np.int64)


_turned: WeakKeyDictionary[Plan, dict[str, Floats]] = WeakKeyDictionary()


def _profiles(plan: Plan) -> dict[str, Floats]:
    """Profiles of a plan by day; the two runs of a replication share them."""
    known = _turned.get(plan)
    if known is None:
        names = ("capacity", "starts", "finished_target")
        found = {name: getattr(plan, name) for name in names}
        found["demand"] = plan.schedule.demand[:, -plan.first_day :]
        for name in ("growth", "slot_wanted", "reorder_point", "lane_share"):
            found[name] = plan.profile(name)
        days = plan.network.horizon_days
        known = _turned[plan] = {name: _by_day(rows[:, :days]) for name, rows in found.items()}
    return known


def _by_day(profile: Floats) -> Floats:
    return np.ascontiguousarray(profile.T)


def _rows_of(chosen: Sequence[int], count: int) -> Ints:
    """Row of each thing among those chosen, -1 for the others."""
    rows = np.full(count, -1, np.int64)
    rows[list(chosen)] = np.arange(len(chosen))
    return rows


def indexes(values: Ints) -> Indexes:
    """Indexes that cannot be negative, so that no access has to look whether they are."""
    return values.astype(np.uint32)


def ints(values: object) -> Ints:
    """Any sequence of whole numbers as a flat array."""
    return np.asarray(values, np.int64).reshape(-1)
