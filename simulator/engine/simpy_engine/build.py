"""Turns a realisation into SimPy processes with their stocks, pipelines and work in process."""

from __future__ import annotations

from collections import deque
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.simpy_engine.facilities import KINDS, Facility, Maker, Mine
from simulator.engine.simpy_engine.hub import Hub
from simulator.engine.simpy_engine.lanes import Carrier, Lane, Slot
from simulator.network.network import DEMAND
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    import simpy

    from simulator.engine.log import EventLog
    from simulator.sampling.realisation import Realisation


class Chain:
    """All objects of one run: facilities, hubs, slots and lanes by number, and the carrier."""

    def __init__(self, env: simpy.Environment, real: Realisation, log: EventLog | None) -> None:
        self.env, self.real, self.log = env, real, log
        self.carrier = Carrier(env)
        network = real.network
        self.hubs: dict[int, Hub] = {}
        self.facilities: dict[int, Facility] = {}
        for f, name in enumerate(network.facility_ids):
            if network.kinds[f] == "hub":
                self.hubs[f] = Hub(env, name, self.carrier, log)
                self.hubs[f].capacity = real.plan.capacity[f].tolist()
            else:
                self.facilities[f] = KINDS[network.kinds[f]](env, name, self.carrier, log)
        self._given_standby = frozenset(real.changes.of(Control.STANDBY))
        self.slots = [self._slot(k) for k in network.slots]
        self.lanes = [self._lane(i) for i in network.lanes]
        for f, facility in self.facilities.items():
            self._equip(f, facility)
        due = real.plan.under_way
        for day, number, leg, quantity in zip(
            *(column.tolist() for column in (due.day, due.lane, due.leg, due.quantity)), strict=True
        ):
            self.carrier.expect(day, self.lanes[number], leg, quantity)
            self.slots[network.lane_slot[number]].in_transit += quantity

    def _slot(self, k: int) -> Slot:
        network, numbers, plan = self.real.network, self.real.numbers, self.real.plan
        slot = Slot(k, network.slot_ids[k], network.material_ids[network.slot_material[k]])
        slot.need_per_unit = float(numbers.need_per_unit[k])
        slot.criticality = float(numbers.criticality[k])
        slot.onset_days = float(numbers.onset_days[k])
        slot.policy = int(network.slot_policy[k])
        slot.review_days = max(1, int(numbers.review_days[k]))
        slot.surge = float(numbers.surge[k])
        slot.notice_days = float(numbers.notice_days[k])
        slot.target = self.real.slot_target[k].tolist()
        slot.rate = plan.slot_rate[k].tolist()
        slot.peak = np.maximum(plan.slot_rate[k], plan.slot_orders[k]).tolist()
        slot.reorder_point = plan.reorder_point[k].tolist()
        slot.keeps_backlog = bool(network.slot_keeps_backlog[k])
        slot.on_hand = float(plan.on_hand[k])
        if network.slot_purpose[k] == DEMAND:
            slot.demand = self.real.daily_demand.get(k, plan.slot_rate[k]).tolist()
        return slot

    def _lane(self, i: int) -> Lane:
        network, numbers, plan = self.real.network, self.real.numbers, self.real.plan
        lane = Lane(i, network.lane_ids[i])
        slot = self.slots[network.lane_slot[i]]
        slot.lanes.append(lane)
        lane.legs = plan.legs[i]
        lane.hubs = [self.hubs[hub] for hub in network.lane_hubs[i]]
        lane.mass_t = float(network.mass_t[network.slot_material[slot.number]])
        lane.planned = plan.planned_lane_rate[i].tolist()
        lane.planned_share = plan.lane_share[i].tolist()
        if i in self.real.daily_transit:
            lane.daily_transit = self.real.daily_transit[i].tolist()
        lane.priority = int(network.lane_priority[i])
        lane.qualification_days = float(numbers.qualification_days[i])
        lane.trigger_days = float(numbers.trigger_days[i])
        lane.standby_share = float(numbers.standby_share[i])
        if lane.standby_share > 0.0 or i in self._given_standby:
            slot.watches_suppliers = True
        return lane

    def _equip(self, f: int, facility: Facility) -> None:
        network, plan = self.real.network, self.real.plan
        facility.slots = [self.slots[k] for k in network.slots_of(f)]
        facility.finished = float(plan.finished[f])
        out = (self.lanes[i] for i in network.out_lanes[f])
        facility.out = sorted(out, key=attrgetter("priority"))
        facility.sort_customers()
        if isinstance(facility, Mine):
            facility.capacity = plan.capacity[f].tolist()
            facility.growth = plan.growth[f].tolist()
            facility.finished_target = plan.finished_target[f].tolist()
            facility.in_process = deque(plan.in_process[f])
            facility.process_total = float(plan.process_total[f])
            facility.cycle_days = int(self.real.numbers.cycle_days[f])
        if isinstance(facility, Maker):
            facility.sort_slots([int(network.slot_purpose[s.number]) for s in facility.slots])
