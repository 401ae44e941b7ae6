"""Applies the change-points of a realisation to the objects of a run, before each day begins."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simulator.engine.simpy_engine.clock import At, Phase
from simulator.engine.simpy_engine.facilities import Mine
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    from simulator.engine.simpy_engine.build import Chain


def change_process(chain: Chain) -> Generator[At, Any, None]:
    """Sleep from one change-point to the next."""
    changes = chain.real.changes
    now = 0
    for day, control, target, value in zip(
        changes.day.tolist(),
        changes.control.tolist(),
        changes.target.tolist(),
        changes.value.tolist(),
        strict=True,
    ):
        if day > now or now == 0:
            yield At(chain.env, day - now, Phase.CHANGE)
            now = day
        apply(chain, Control(control), target, value)


def apply(chain: Chain, control: Control, target: int, value: float) -> None:
    """Set one control. Covers need nothing here: they are worked into the slot targets."""
    if control in (Control.LIMIT, Control.DELAY, Control.SHARE, Control.STANDBY):
        lane = chain.lanes[target]
        if control is Control.LIMIT:
            lane.limit = value
        elif control is Control.DELAY:
            lane.delay = int(value)
        elif control is Control.SHARE:
            lane.share = value
        else:
            lane.standby = value
    elif control in (Control.STOCK_ADD, Control.STOCK_KEEP, Control.DEMAND):
        slot = chain.slots[target]
        if control is Control.STOCK_ADD:
            slot.on_hand += value
        elif control is Control.STOCK_KEEP:
            slot.on_hand *= value
        else:
            slot.demand_factor = value
    elif control is Control.PRIORITY:
        network = chain.real.network
        chain.lanes[target].priority = int(network.lane_priority[target]) + int(value)
        chain.facilities[int(network.lane_supplier[target])].sort_customers()
    elif control is Control.HANDLING:
        chain.hubs[target].handling = value
    elif control is not Control.COVER:
        _change_facility(chain, control, target, value)


def _change_facility(chain: Chain, control: Control, target: int, value: float) -> None:
    facility = chain.facilities[target]
    if control is Control.FINISHED_ADD:
        facility.finished += value
    elif control is Control.FINISHED_KEEP:
        facility.finished *= value
    elif control is Control.PROCESS_KEEP:
        for n in range(len(facility.in_process)):
            facility.in_process[n] *= value
        facility.process_total *= value
    elif isinstance(facility, Mine):
        if control is Control.CAPACITY:
            facility.capacity_factor = value
        else:
            facility.progress = value
