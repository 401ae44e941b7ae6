"""Slots and lanes of the SimPy engine, and the carrier that moves what is under way."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simulator.engine.simpy_engine.clock import At, Phase

if TYPE_CHECKING:
    import simpy

    from simulator.engine.simpy_engine.hub import Hub


class Lane:
    """One supplier to one customer, one material; state is written by one side in each half-day."""

    __slots__ = (
        "arrived",
        "asked",
        "daily_transit",
        "delay",
        "dock",
        "given",
        "hubs",
        "id",
        "legs",
        "limit",
        "mass_t",
        "number",
        "performance",
        "planned",
        "planned_share",
        "priority",
        "qualification_days",
        "readiness",
        "share",
        "standby",
        "standby_share",
        "trigger_days",
    )

    def __init__(self, number: int, name: str) -> None:
        self.number, self.id = number, name
        self.legs: tuple[int, ...] = ()
        self.hubs: list[Hub] = []
        self.mass_t = 0.0
        self.planned: list[float] = []
        self.planned_share: list[float] = []
        self.daily_transit: list[int] | None = None
        self.priority = 1
        self.qualification_days, self.trigger_days = 30.0, 0.0
        self.standby_share = 0.0
        self.share = self.standby = -1.0  # as planned
        self.limit = float("inf")
        self.delay = 0
        self.asked = self.given = self.dock = self.arrived = 0.0
        self.performance, self.readiness = 1.0, 0.0


class Slot:
    """One input stock of one facility."""

    __slots__ = (
        "asked",
        "backlog",
        "criticality",
        "demand",
        "demand_factor",
        "health",
        "id",
        "in_transit",
        "keeps_backlog",
        "lanes",
        "level",
        "material",
        "need_per_unit",
        "notice_days",
        "number",
        "on_hand",
        "onset_days",
        "peak",
        "policy",
        "rate",
        "reorder_point",
        "review_days",
        "surge",
        "target",
        "used",
        "watches_suppliers",
    )

    def __init__(self, number: int, name: str, material: str) -> None:
        self.number, self.id, self.material = number, name, material
        self.lanes: list[Lane] = []
        self.need_per_unit = self.criticality = 1.0
        self.onset_days = 0.0
        self.policy, self.review_days, self.surge, self.notice_days = 0, 1, 1.5, 14.0
        self.target: list[float] = []
        self.rate: list[float] = []
        self.peak: list[float] = []
        self.reorder_point: list[float] = []
        self.demand: list[float] = []
        self.demand_factor = 1.0
        self.keeps_backlog = self.watches_suppliers = False
        self.on_hand = self.in_transit = self.asked = self.used = self.backlog = 0.0
        self.health = self.level = 1.0


class Carrier:
    """Moves consignments: hands each over on the morning it is due, to a dock or to a hub."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.due: dict[int, dict[tuple[int, int], tuple[Lane, float]]] = {}

    def send(self, lane: Lane, leg: int, quantity: float) -> None:
        """Take over goods in the afternoon for one leg of a lane."""
        now = int(self.env.now)
        days = lane.legs[leg]
        if leg == 0:
            if lane.daily_transit is not None:
                days = lane.daily_transit[now]
            days += lane.delay
        self.expect(now + days, lane, leg, quantity)

    def expect(self, day: int, lane: Lane, leg: int, quantity: float) -> None:
        """Book goods that arrive at the end of a leg; a lane's goods of a day are pooled."""
        due = self.due.setdefault(day, {})
        key = (lane.number, leg)
        known = due.get(key)
        due[key] = (lane, quantity if known is None else known[1] + quantity)

    def life(self) -> Generator[At, Any, None]:
        """Hand over what is due, every morning before the facilities open."""
        yield At(self.env, 0, Phase.ARRIVAL)
        while True:
            for (_, leg), (lane, quantity) in self.due.pop(int(self.env.now), {}).items():
                if leg == len(lane.hubs):
                    lane.dock = quantity
                else:
                    lane.hubs[leg].take(lane, leg, quantity)
            yield At(self.env, 1, Phase.ARRIVAL)
