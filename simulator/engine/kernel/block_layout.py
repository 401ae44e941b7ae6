"""A block of realisations as the arrays of the block kernel, a column each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.compiling import COLUMNS, aligned
from simulator.engine.kernel import columns as col
from simulator.engine.kernel.block_begin import place_goods
from simulator.engine.kernel.classes import class_numbers, with_class_numbers
from simulator.engine.kernel.layout import indexes, ints
from simulator.network.network import DEMAND, GROWTH, OUTPUT, Floats, Ints
from simulator.network.room import PROFILES, Profiles
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    from simulator.engine.kernel.layout import Shape
    from simulator.network.plan import Plan
    from simulator.sampling.realisation import Realisation

Arrays = tuple[Any, ...]

_SLOT_NUMBERS = ("need_per_unit", "criticality", "onset_days", "surge", "notice_days")


def fits_a_block(real: Realisation, first: Realisation) -> bool:
    """Whether a run differs from another in nothing that a block must have in common.

    Reviews must fall on the same days, and transit must not vary from day to day.
    """
    return (
        real.network is first.network
        and not real.daily_transit
        and bool(np.array_equal(real.numbers.review_days, first.numbers.review_days))
    )


class Block:
    """Arrays of exactly `COLUMNS` realisations, in the order in which the kernel takes them."""

    def __init__(self, reals: Sequence[Realisation], shape: Shape) -> None:
        self.reals, self.shape = reals, shape
        self.network = reals[0].network
        self.schedule = reals[0].plan.schedule
        changed = [real for real in reals if len(real.changes)]
        self.steered = {
            control: sorted({t for real in changed for t in _targets(real, control)})
            for control in (Control.LIMIT, Control.DELAY, Control.SHARE, Control.STANDBY,
                            Control.PROGRESS)
        }  # fmt: skip
        self.leg_days = np.stack([real.plan.ways.leg_days for real in reals], axis=1)
        self.cycle = np.where(
            shape.role[:, None] == col.MAKER, self.columns("cycle_days"), 0
        ).astype(np.int64)
        self.watches = np.zeros(len(self.network.slots), np.int64)
        lane_slot = self.network.lane_slot
        for real in reals:
            self.watches[lane_slot[real.numbers.standby_share > 0.0]] = 1
        self.watches[lane_slot[self.steered[Control.STANDBY]]] = 1
        self.watched = np.flatnonzero(self.watches[lane_slot])
        self.class_start, self.class_number = class_numbers(reals)
        moved = self.class_start[1:] > self.class_start[:-1]
        self.classed = np.flatnonzero(moved[self.network.lane_supplier])
        slots = sorted({k for real in reals for k in real.targets})
        self.covered = {k: row for row, k in enumerate(slots)}
        dated = self.schedule.share_row
        self.dated = np.flatnonzero(dated >= 0)

    def columns(self, name: str, things: Ints | None = None) -> Floats:
        """Numbers of all runs side by side, of all things or of some."""
        numbers: list[Floats] = [getattr(real.numbers, name) for real in self.reals]
        return _side_by_side(numbers if things is None else [own[things] for own in numbers])

    def common(self) -> Arrays:
        """What the runs have in common."""
        network, shape = self.network, self.shape
        lanes, facilities = len(network.lanes), len(network.facilities)
        numbers = self.reals[0].numbers
        facts = np.stack(
            (
                network.slot_purpose,
                network.slot_policy,
                network.slot_keeps_backlog,
                np.maximum(numbers.review_days, 1),
                self.watches,
            ),
            axis=1,
        ).astype(np.int64)
        common_cycle = np.where(self.cycle.min(axis=1) == self.cycle[:, 0], self.cycle[:, 0], -1)
        common_cycle[self.cycle.max(axis=1) != self.cycle[:, 0]] = -1
        odd = (self.cycle.min(axis=1) == 0) & (self.cycle.max(axis=1) > 0)
        odd[self.steered[Control.PROGRESS]] = True
        self.odd = odd & (shape.role == col.MAKER)
        set_lane = ints(self.steered[Control.SHARE])
        set_row = rows_of(set_lane, lanes)
        share_row = np.where(set_row >= 0, lanes + set_row, np.arange(lanes))
        noisy = sorted(self.reals[0].daily_demand)
        assert facilities == len(odd)
        purpose, owner = network.slot_purpose, network.slot_facility
        return (
            np.flatnonzero(shape.role == col.MAKER),
            np.flatnonzero(shape.has_tools),
            np.flatnonzero((shape.role == col.MAKER) | (shape.role == col.STOCKPILE)),
            indexes(owner),
            indexes(np.flatnonzero(purpose == OUTPUT)),
            purpose == GROWTH,
            np.flatnonzero(purpose == DEMAND),
            facts,
            (self.columns("onset_days") > 0.0).any(axis=1).astype(np.int64),
            indexes(self.watches),
            self.odd.astype(np.int64),
            common_cycle,
            rows_of(self.watched, lanes),
            indexes(share_row),
            rows_of(ints(self.steered[Control.LIMIT]), lanes),
            rows_of(ints(self.steered[Control.DELAY]), lanes),
            set_lane,
            set_row,
            ints(self.steered[Control.DELAY]),
            rows_of(ints(noisy), len(network.slots)),
            self.dated,
            self.schedule.share_row[self.dated],
            network.mass_t[network.slot_material[network.lane_slot]],
            self.class_start,
            self.class_number,
            rows_of(self.classed, lanes),
            rows_of(ints(list(self.covered)), len(network.slots)),
        )

    def numbers(self) -> Arrays:
        """Numbers of slots, of watched lanes, demand, and days in process."""
        watched = self.watched
        return (
            *(self.columns(name) for name in _SLOT_NUMBERS),
            self.columns("qualification_days", watched),
            self.columns("trigger_days", watched),
            self.columns("standby_share", watched),
            self.columns("demand"),
            self.columns("capacity"),
            self.columns("utilisation"),
            self.cycle,
        )

    def plans(self) -> Arrays:
        """Profiles of the plans, and which of them is that of each column."""
        days = self.network.horizon_days
        profiles, column_of = _together([real.plan for real in self.reals])
        noisy = sorted(self.reals[0].daily_demand)
        noise = np.array([[real.daily_demand[k] for k in noisy] for real in self.reals])
        return (
            profiles.zero,
            profiles.earlier,
            column_of != list(range(COLUMNS)),
            ints(column_of),
            np.maximum(self.schedule.tool_row, 0),
            profiles.hub_load,
            profiles.sales_then_target,
            profiles.starts,
            profiles.growth,
            profiles.slot_wanted,
            profiles.reorder_point,
            profiles.lane_share,
            np.ascontiguousarray(self.schedule.capacity[:, -self.schedule.first_day :]),
            np.ascontiguousarray(self.schedule.demand[:, -self.schedule.first_day :]),
            self.schedule.demand_row,
            np.ascontiguousarray(noise.reshape(COLUMNS, len(noisy), days).transpose(1, 2, 0)),
        )

    def covers(self) -> Arrays:
        """Row, column and days of the targets that differ from the plan."""
        covers = [
            (self.covered[k], c, target)
            for c, real in enumerate(self.reals)
            for k, target in sorted(real.targets.items())
        ]
        targets = np.array([target for *_, target in covers])
        return (
            ints([row for row, _, _ in covers]),
            ints([c for _, c, _ in covers]),
            np.ascontiguousarray(targets.reshape(len(covers), self.network.horizon_days).T),
        )

    def changes(self) -> Arrays:
        """Change-points of all columns by day."""
        changes = [real.changes for real in self.reals]
        day = np.concatenate([change.day for change in changes])
        by_day = np.argsort(day, kind="stable")
        columns = (
            day,
            np.concatenate([change.control for change in changes]),
            np.concatenate([change.target for change in changes]),
            np.repeat(np.arange(COLUMNS), [len(change) for change in changes]),
            np.concatenate([with_class_numbers(real) for real in self.reals]),
        )
        return tuple(column[by_day] for column in columns)

    def state(self) -> tuple[Arrays, Arrays, Arrays, Arrays, Arrays]:
        """State of facilities, slots, lanes and goods before day 0, and room for sums."""
        network, shape, plans = self.network, self.shape, [real.plan for real in self.reals]
        f, k, w = len(shape.role), len(network.slots), len(self.watched)
        set_lanes = self.steered[Control.SHARE]
        flat = [plan.flat_share for plan in plans]
        share = _side_by_side([np.concatenate((own, own[set_lanes])) for own in flat])
        ways, in_transit = self._ways(share)
        facility = (
            _side_by_side([plan.finished for plan in plans]),
            _room(f),
            _side_by_side([plan.process_total for plan in plans]),
            _room(f),
            _room(f, 1.0),
            _room(f, 1.0),
            _room(f, 1.0),
        )
        slot = (
            _side_by_side([plan.on_hand for plan in plans]),
            in_transit,
            _room(k),
            _room(k),
            _room(k, 1.0),
            _room(k, 1.0),
            _side_by_side([plan.placed for plan in plans]),
            _side_by_side([plan.use for plan in plans]),
            _room(k),
        )
        start = (
            shape.group_lane_start[shape.group_start]
            if len(self.classed)
            else shape.group_lane_start
        )
        largest = int(np.diff(start).max(initial=0))
        planned = network.lane_priority[self.classed]
        lane = (
            share,
            _room(len(set_lanes), -1.0),
            self.columns("standby_share", self.watched),
            _room(len(self.steered[Control.LIMIT]), np.inf),
            _room(len(self.steered[Control.DELAY])),
            _room(w),
            _room(w),
            _room(w, 1.0),
            _room(w),
            _room(largest),
            _room(largest),
            np.repeat(planned[:, None], COLUMNS, axis=1).astype(np.float64),
        )
        cover = _room(len(self.covered), np.nan)
        return facility, slot, lane, ways, (*(_room(f) for _ in range(5)), cover, _room(6))

    def _ways(self, share: Floats) -> tuple[Arrays, Floats]:
        """Goods under way and in process: what entered a leg or a facility on each day."""
        network, shape = self.network, self.shape
        delayed = ints(self.steered[Control.DELAY])
        most, least = self.leg_days.max(axis=1), self.leg_days.min(axis=1)
        at_hub = np.zeros(len(most), np.int64)
        at_hub[shape.hub_leg] = 1
        size = _powers(most + at_hub)
        first = ints(np.cumsum([0, *size]))
        varies = np.flatnonzero(least != most)
        way = _room(int(first[-1]) + 1)
        leg_of = shape.leg_start[delayed]
        span = int(_powers(np.array([most[leg_of].max(initial=1) + self._slowest() + 1]))[0])
        ring = _room(len(delayed) * span)
        ring_first = np.arange(len(delayed)) * span
        in_transit = _room(len(network.slots))
        longest = self.cycle.max(axis=1)
        rows = np.where(longest > 0, _powers(longest), 0)
        process_first = ints(np.cumsum([0, *rows]))
        process_mask = np.maximum(rows, 1) - 1
        process = _room(int(process_first[-1]) + 1)
        plans = [real.plan for real in self.reals]
        for block, columns in _sharing(plans):
            place_goods(
                columns,
                ints([plan.column for plan in plans]),
                (block.zero, block.first("starts")),
                (block.ordered_before, block.starts, block.lane_share, share),
                (network.lane_slot, self.schedule.share_row, rows_of(delayed, len(network.lanes))),
                (shape.leg_start, self.leg_days, first, size - 1, ring_first),
                (self.cycle, self.odd, process_first, process_mask),
                (way, ring, in_transit, process),
            )
        return (
            way,
            indexes(first[:-1]),
            indexes(size - 1),
            np.where(least == most, most, -1),
            rows_of(varies, len(most)),
            self.leg_days[varies],
            ring,
            ring_first,
            span - 1,
            _room(len(shape.hub_leg)),
            np.zeros(len(shape.hub_facility), np.bool_),
            process,
            indexes(process_first),
            indexes(process_mask),
            np.zeros_like(self.cycle),
            self.cycle.copy(),
        ), in_transit

    def _slowest(self) -> int:
        """Most days by which a change-point delays a lane."""
        found = [real.changes for real in self.reals if len(real.changes)]
        late = [one.value[one.control == int(Control.DELAY)].max(initial=0.0) for one in found]
        return int(max(late, default=0.0))


def _sharing(plans: Sequence[Plan]) -> list[tuple[Profiles, Ints]]:
    """Profiles that lie together, and the columns whose plans are there."""
    found: dict[int, list[int]] = {}
    for c, plan in enumerate(plans):
        found.setdefault(id(plan.block), []).append(c)
    return [(plans[own[0]].block, ints(own)) for own in found.values()]


def _together(plans: Sequence[Plan]) -> tuple[Profiles, list[int]]:
    """Profiles of the plans of a block, and the column of each; they often lie together already."""
    if all(plan.block is plans[0].block for plan in plans):
        return plans[0].block, [plan.column for plan in plans]
    found = {id(plan): plan for plan in plans}
    order = {key: c for c, key in enumerate(found)}
    days = plans[0].network.horizon_days
    room = {
        name: np.stack([plan.profile(name)[:, :days] for plan in found.values()], axis=2)
        for name in PROFILES
    }
    return Profiles(0, 0, **room), [order[id(p)] for p in plans]


def _targets(real: Realisation, control: Control) -> list[int]:
    found: list[int] = real.changes.target[real.changes.control == int(control)].tolist()
    return found


def rows_of(chosen: Ints, count: int) -> Ints:
    """Row of each thing among those chosen, -1 for the others."""
    rows = np.full(count, -1, np.int64)
    rows[chosen] = np.arange(len(chosen))
    return rows


def _powers(least: Ints) -> Ints:
    """Next powers of two, so that days wrap without a division."""
    exponent = np.ceil(np.log2(np.maximum(least, 1))).astype(np.int64)
    return np.asarray(1 << exponent, np.int64)


def _side_by_side(arrays: list[Floats]) -> Floats:
    found = _room(len(arrays[0]))
    for c, array in enumerate(arrays):
        found[:, c] = array
    return found


def _room(things: int, value: float = 0.0) -> Floats:
    return aligned(things, COLUMNS, value=value)
