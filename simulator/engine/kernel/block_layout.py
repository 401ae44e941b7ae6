"""A block of realisations as the arrays of the block kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulator.engine.kernel import columns as col
from simulator.engine.kernel.block_steps import BLOCK
from simulator.engine.kernel.layout import ints
from simulator.network.network import S_S, Floats, Ints
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    from simulator.engine.kernel.layout import Shape
    from simulator.sampling.realisation import Realisation

Arrays = tuple[Any, ...]

_PROFILES = ("capacity", "finished_target", "slot_target", "slot_rate", "slot_orders")


def fits_a_block(reals: Sequence[Realisation]) -> bool:
    """Whether replications differ in nothing that a block must have in common.

    Times in process, legs and reviews must be the same, and transit must not vary from day to day.
    """
    first = reals[0]
    return all(
        real.network is first.network
        and not real.daily_transit
        and real.plan.legs == first.plan.legs
        and np.array_equal(real.numbers.cycle_days, first.numbers.cycle_days)
        and np.array_equal(real.numbers.review_days, first.numbers.review_days)
        for real in reals
    )


class Profiles:
    """Room for the plans of a block, (replications, days, things) each, kept for the next block."""

    def __init__(self, facilities: int, slots: int, lanes: int, days: int) -> None:
        counts = (facilities, facilities, slots, slots, slots)
        self.arrays = tuple(np.empty((BLOCK, days, count)) for count in counts)

    def fill(self, reals: Sequence[Realisation], chosen: Sequence[Ints]) -> Arrays:
        """Copy the profiles of all replications of a block.

        Few facilities grow with tools, few slots order in lots or have demand that varies from day
        to day, and few shares are dated: their profiles are made for those alone.
        """
        for b, real in enumerate(reals):
            for name, room in zip(_PROFILES, self.arrays, strict=True):
                room[b] = (
                    real.slot_target if name == "slot_target" else getattr(real.plan, name)
                ).T
        tools, lumpy, noisy, dated = chosen
        return (
            *self.arrays,
            np.array([real.plan.growth[tools].T for real in reals]),
            np.array([real.plan.reorder_point[lumpy].T for real in reals]),
            np.array(
                [
                    np.array([real.daily_demand[int(k)] for k in noisy])
                    .reshape(len(noisy), real.network.horizon_days)
                    .T
                    for real in reals
                ]
            ),
            np.array([real.plan.lane_share[dated].T for real in reals]),
        )


def block_arrays(
    reals: Sequence[Realisation], shape: Shape
) -> tuple[Arrays, Arrays, Arrays, Arrays, Arrays, Arrays, Arrays, Arrays, Arrays]:
    """What is common, numbers, changes and initial state of exactly `BLOCK` replications."""
    common, ring_length = _common(reals, shape)
    return (
        common,
        _numbers(reals),
        _changes(reals),
        *_state(reals, shape, ring_length),
    )


def chosen(common: Arrays) -> tuple[Ints, ...]:
    """Facilities with tools, slots in lots, slots with daily demand, lanes with dated shares."""
    tools, lumpy, dated, noisy = common[7:11]
    return tools, lumpy, noisy, dated


def _side_by_side(columns: Sequence[Floats]) -> Floats:
    return np.ascontiguousarray(np.stack(columns, axis=-1))


def _common(reals: Sequence[Realisation], shape: Shape) -> tuple[Arrays, Ints]:
    network, numbers = reals[0].network, reals[0].numbers
    watches = np.zeros(len(network.slots), np.int64)
    frozen = np.zeros(len(network.facility_ids), np.int64)
    delayed = np.zeros(len(network.lanes), np.int64)
    leg_days = ints([days for legs in reals[0].plan.legs for days in legs])
    longest = leg_days + 1
    onset = np.zeros(len(network.slots), np.int64)
    for real in reals:
        changes = real.changes
        watches[network.lane_slot[real.numbers.standby_share > 0.0]] = 1
        watches[network.lane_slot[list(changes.of(Control.STANDBY))]] = 1
        frozen[list(changes.of(Control.PROGRESS))] = 1
        onset |= real.numbers.onset_days > 0.0
        for lane, steps in changes.of(Control.DELAY).items():
            delayed[lane] = 1
            first = shape.leg_start[lane]
            most = int(max(value for _, value in steps))
            longest[first] = max(longest[first], leg_days[first] + most + 1)
    facts = np.stack(
        (
            network.slot_purpose,
            network.slot_policy,
            network.slot_keeps_backlog,
            np.maximum(numbers.review_days, 1),
            watches,
        ),
        axis=1,
    ).astype(np.int64)
    dated = {i for real in reals for i in np.flatnonzero(_varies(real.plan.lane_share)).tolist()}
    noisy = ints(sorted(reals[0].daily_demand))
    is_noisy = np.zeros(len(network.slots), np.int64)
    is_noisy[noisy] = 1
    return (
        facts,
        onset,
        frozen,
        delayed,
        np.where(shape.role == col.MAKER, numbers.cycle_days, 0).astype(np.int64),
        leg_days,
        network.mass_t[network.slot_material[network.lane_slot]],
        ints(np.flatnonzero(shape.has_tools)),
        ints(np.flatnonzero(network.slot_policy == S_S)),
        ints(sorted(dated)),
        noisy,
        is_noisy,
    ), longest


def _varies(share: Floats) -> npt.NDArray[np.bool_]:
    """Whether each lane's share changes over time."""
    return np.asarray((share != share[:, :1]).any(axis=1))


def _numbers(reals: Sequence[Realisation]) -> Arrays:
    names = (
        "need_per_unit", "criticality", "onset_days", "surge", "notice_days", "standby_share",
        "qualification_days", "trigger_days",
    )  # fmt: skip
    return tuple(_side_by_side([getattr(real.numbers, name) for real in reals]) for name in names)


def _changes(reals: Sequence[Realisation]) -> Arrays:
    day = np.concatenate([real.changes.day for real in reals])
    rep = np.repeat(np.arange(len(reals)), [len(real.changes) for real in reals])
    by_day = np.argsort(day, kind="stable")
    columns = (
        day,
        np.concatenate([real.changes.control for real in reals]),
        np.concatenate([real.changes.target for real in reals]),
        rep,
        np.concatenate([real.changes.value for real in reals]),
    )
    return tuple(column[by_day] for column in columns)


def _state(
    reals: Sequence[Realisation], shape: Shape, ring_length: Ints
) -> tuple[Arrays, Arrays, Arrays, Arrays, Arrays, Arrays]:
    f, k = len(shape.role), len(reals[0].network.slots)
    i, legs = len(shape.lane_slot), len(shape.leg_lane)
    ring_start = ints(np.cumsum([0, *ring_length]))
    ring = np.zeros((int(ring_start[-1]) + 1, BLOCK))
    in_transit = np.zeros((k, BLOCK))
    for b, real in enumerate(reals):
        due = real.plan.under_way
        np.add.at(
            ring[:, b], ring_start[shape.leg_start[due.lane] + due.leg] + due.day, due.quantity
        )
        np.add.at(in_transit[:, b], shape.lane_slot[due.lane], due.quantity)
    cycles = np.where(shape.role == col.MAKER, reals[0].numbers.cycle_days, 0)
    lines = [[q for line in real.plan.in_process for q in line] for real in reals]

    def room(things: int, value: float = 0.0) -> Floats:
        return np.full((things, BLOCK), value)

    facility = (
        _side_by_side([real.plan.finished for real in reals]),
        room(f),
        _side_by_side([np.array([sum(line) for line in r.plan.in_process]) for r in reals]),
        room(f),
        room(f),
        room(f, 1.0),
        room(f, 1.0),
        room(f, 1.0),
    )
    slot = (
        _side_by_side([real.plan.on_hand for real in reals]),
        in_transit,
        room(k),
        room(k),
        room(k, 1.0),
        room(k, 1.0),
    )
    lane = (
        room(i), room(i), room(i, np.inf), room(i), room(i, -1.0), room(i, -1.0), room(i, 1.0),
        room(i), room(i), room(i),
    )  # fmt: skip
    flow = (
        np.array([*np.transpose(lines), np.zeros(BLOCK)]).reshape(-1, BLOCK),
        ints(np.cumsum([0, *cycles])),
        np.zeros((f, BLOCK), np.int64),
        np.repeat(cycles.astype(np.int64)[:, None], BLOCK, axis=1),
        ring,
        ring_start,
        ring_start[:-1].copy(),
        room(legs),
    )
    share = _side_by_side([real.plan.lane_share[:, 0] for real in reals])
    here = (
        *(room(f) for _ in range(3)),
        *(room(k) for _ in range(5)),
        room(i),
        room(i),
        share,
    )
    scratch = tuple(np.zeros(BLOCK) for _ in range(9))
    return facility, slot, lane, flow, here, scratch
