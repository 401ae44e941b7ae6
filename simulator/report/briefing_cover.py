"""First effects by cover arithmetic: when a stock would run short if its use went on as planned.

What reaches a stock is what its lanes carry by plan, as far as limits, closed hubs and lost
capacity of their suppliers let it; what leaves it is planned use. There is no catching up, no
standby supplier and no reaction of anybody else, so it is a first look and not a forecast: the
simulation is that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from simulator.network.network import GROWTH
from simulator.shocks.effects import NEUTRAL, ChangePoints, Control, combine
from simulator.shocks.hazard import Hazard
from simulator.units import date_of

if TYPE_CHECKING:
    from simulator.network.network import Floats, Ints
    from simulator.sampling.model import Model

_ROUNDING = 1e-6
Steps = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class FirstEffect:
    """A stock that would run short.

    Attributes
    ----------
    day, when
        First day on which stock and arrivals are less than planned use.
    facility, material
        Whose stock of what.
    held_days
        Days of planned use in stock on the day its supply first falls short.
    short
        Share of planned use missing in the worst 30 days after that.
    weight
        What a lack of it costs, such as ``"all output at once"``.
    """

    day: int
    when: date
    facility: str
    material: str
    held_days: float
    short: float
    weight: str


def first_effects(
    model: Model, *, suspended: bool = True, uniforms: Mapping[str, float] | None = None
) -> tuple[FirstEffect, ...]:
    """Stocks that would run short under all but hazards, at base values, the first ones first.

    Parameters
    ----------
    model
        A prepared scenario.
    suspended
        Whether suspensions count, with the branch of the tree that the base draw takes.
    uniforms
        Uniforms that take other branches, as `Model.base_effects` has them.
    """
    base = model.base_effects(suspended=suspended, uniforms=uniforms)
    effects = [
        effect
        for key, found in base.items()
        if not isinstance(model.entries[key], Hazard)
        for effect in found
    ]
    changes = combine(effects, model.network.horizon_days)
    if not len(changes):
        return ()
    arrivals = _Arrivals(model, changes)
    found = [arrivals.first(slot) for slot in model.network.slots]
    return tuple(sorted((f for f in found if f is not None), key=lambda f: (f.day, f.facility)))


class _Arrivals:
    """What reaches every slot day by day, by the plan and the changes."""

    def __init__(self, model: Model, changes: ChangePoints) -> None:
        self.model, self.network, self.plan = model, model.network, model.plan
        self.days = model.network.horizon_days
        self.limit = changes.of(Control.LIMIT)
        self.capacity = changes.of(Control.CAPACITY)
        self.handling = changes.of(Control.HANDLING)
        self.delay = changes.of(Control.DELAY)
        self.added = changes.of(Control.STOCK_ADD)

    def first(self, slot: int) -> FirstEffect | None:
        """First day on which a slot would run short; None if it never does."""
        lanes = self.network.lanes_into(slot)
        changed = [lane for lane in lanes if self._changes(lane)]
        if not changed:
            return None
        use = self.plan.slot_rate[slot, : self.days]
        arriving, planned = np.zeros(self.days), np.zeros(self.days)
        for lane in lanes:
            planned += self._arriving(lane, as_planned=True)
            arriving += self._arriving(lane, as_planned=False)
        for day, units in self.added.get(slot, ()):
            arriving[day] += units
        stock = float(self.plan.on_hand[slot]) + np.cumsum(arriving) - np.cumsum(use)
        short = np.flatnonzero(stock < -_ROUNDING * (1.0 + use))
        if not len(short) or self.network.slot_purpose[slot] == GROWTH:
            return None
        day = int(short[0])
        less = np.flatnonzero(arriving < planned * (1.0 - _ROUNDING) - 1e-12)
        since = int(less[0]) if len(less) else day
        after = slice(day, min(day + 30, self.days))
        wanted = float(use[after].sum())
        missing = max(0.0, wanted - float(arriving[after].sum())) / wanted if wanted else 0.0
        return FirstEffect(
            day,
            date_of(day, self.network.start),
            self.network.facility_ids[int(self.network.slot_facility[slot])],
            self.network.material_ids[int(self.network.slot_material[slot])],
            float(day - since),
            missing,
            self._weight(slot),
        )

    def _changes(self, lane: int) -> bool:
        supplier = int(self.network.lane_supplier[lane])
        hubs = self.network.lane_hubs[lane]
        return (
            lane in self.limit
            or lane in self.delay
            or supplier in self.capacity
            or any(hub in self.handling for hub in hubs)
        )

    def _arriving(self, lane: int, *, as_planned: bool) -> Floats:
        """Units that arrive over a lane on each day of the run."""
        rate, first = self.plan.lane_rate[lane], self.plan.first_day
        sent_on = np.arange(first, self.days)
        rate = rate[: len(sent_on)]
        arrive = sent_on + sum(self.plan.legs[lane])
        if not as_planned:
            rate = rate * self._let_through(lane, sent_on)
            arrive = arrive + _read(self.delay, lane, Control.DELAY, sent_on).astype(np.int64)
        inside = (arrive >= 0) & (arrive < self.days)
        found = np.zeros(self.days)
        np.add.at(found, arrive[inside], rate[inside])
        return found

    def _let_through(self, lane: int, day: Ints) -> Floats:
        """Share of the planned dispatch of each day that goes through."""
        network, plan = self.network, self.plan
        supplier = int(network.lane_supplier[lane])
        share = np.minimum(_read(self.limit, lane, Control.LIMIT, day), 1.0)
        # goods made before an outage are still there to be sold
        ahead = int(network.numbers.cycle_days[supplier])
        ahead += int(network.numbers.finished_cover_days[supplier])
        made = _read(self.capacity, supplier, Control.CAPACITY, day - ahead)
        spare = _spare(plan.capacity[supplier], plan.starts[supplier])
        share = np.minimum(share, np.minimum(made * spare, 1.0))
        passed = 0
        for hub, leg in zip(network.lane_hubs[lane], plan.legs[lane], strict=False):
            passed += leg
            open_to = _read(self.handling, hub, Control.HANDLING, day + passed)
            spare = _spare(plan.capacity[hub], plan.hub_load[hub])
            share = np.minimum(share, np.minimum(open_to * spare, 1.0))
        return np.asarray(share)

    def _weight(self, slot: int) -> str:
        facility = int(self.network.slot_facility[slot])
        if self.network.is_sink(facility):
            return "demand unmet"
        criticality = float(self.network.numbers.criticality[slot])
        onset = float(self.network.numbers.onset_days[slot])
        share = "all output" if criticality >= 1.0 else f"{100 * criticality:.0f} % of output"
        return f"{share} over {onset:.0f} days" if onset > 0.0 else f"{share} at once"


def _read(steps: Mapping[int, Steps], target: int, control: Control, day: Ints) -> Floats:
    """Value of a control on the given days; normal outside of the run."""
    value = np.full(len(day), NEUTRAL[control])
    for since, level in steps.get(target, ()):
        value[day >= since] = level
    return value


def _spare(capacity: Floats, load: Floats) -> float:
    """Multiple of the planned load that capacity allows, at its least."""
    busy = load > 0.0
    return float((capacity[busy] / load[busy]).min()) if busy.any() else 1.0
