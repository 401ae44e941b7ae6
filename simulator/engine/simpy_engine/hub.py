"""Hubs: ports and airports with pooled handling capacity."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simulator.engine import rules
from simulator.engine.simpy_engine.clock import At, Phase

if TYPE_CHECKING:
    import simpy

    from simulator.engine.log import EventLog
    from simulator.engine.simpy_engine.lanes import Carrier, Lane


class Hub:
    """A port or airport: releases everything that waits pro rata by mass, up to its capacity."""

    def __init__(
        self, env: simpy.Environment, name: str, carrier: Carrier, log: EventLog | None
    ) -> None:
        self.env, self.id, self.carrier, self.log = env, name, carrier, log
        self.capacity: list[float] = []
        self.handling = 1.0
        self.waiting: dict[int, tuple[Lane, int, float]] = {}
        self.waiting_t = self.released_t = 0.0

    def take(self, lane: Lane, leg: int, quantity: float) -> None:
        """Queue an arrival; what waits for the same lane is pooled."""
        known = self.waiting.get(lane.number)
        self.waiting[lane.number] = (lane, leg, quantity if known is None else known[2] + quantity)

    def life(self) -> Generator[At, Any, None]:
        """Every afternoon, release."""
        yield At(self.env, 0, Phase.AFTERNOON)
        while True:
            self.release(int(self.env.now))
            yield At(self.env, 1, Phase.AFTERNOON)

    def release(self, day: int) -> None:
        """Let go the same fraction of everything, in lane order so that sums never vary."""
        queue = [self.waiting[number] for number in sorted(self.waiting)]
        mass = 0.0
        for lane, _, quantity in queue:
            mass += lane.mass_t * quantity
        fraction = rules.released_fraction(self.capacity[day], self.handling, mass)
        self.released_t = mass * fraction
        self.waiting_t = mass - self.released_t
        if self.log is not None:
            held = f"{round(100 * (1 - fraction))} % held back" if fraction < 0.995 else ""
            self.log.state(day, self.id, "hub", "hub holds back" if held else "hub flows", held)
        if fraction <= 0.0:
            return
        self.waiting = {}
        for lane, leg, quantity in queue:
            gone = quantity * fraction
            self.carrier.send(lane, leg + 1, gone)
            if fraction < 1.0:
                self.waiting[lane.number] = (lane, leg, quantity - gone)
