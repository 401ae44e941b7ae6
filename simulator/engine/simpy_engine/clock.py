"""The phases of a day as event priorities, so that no result hangs on the order of creation."""

from __future__ import annotations

from enum import IntEnum

import simpy
from simpy.events import EventPriority


class Phase(IntEnum):
    """Order of events within one day (``docs/model.md``, section 2)."""

    CHANGE = 10
    ARRIVAL = 20
    MORNING = 30
    AFTERNOON = 40
    EVENING = 50


class At(simpy.Event):
    """Wake up ``days`` from now, in the given phase of that day."""

    def __init__(self, env: simpy.Environment, days: int, phase: Phase) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, EventPriority(int(phase)), days)
