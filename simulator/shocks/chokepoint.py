"""Chokepoints: a strait, canal or port that traffic goes round, or that it no longer passes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import numpy as np

from simulator.errors import invalid
from simulator.network.covers import days_ahead
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene
from simulator.spec import (
    Date,
    Days,
    FacilitySelector,
    Fraction,
    MaterialSelector,
    broken,
    described,
    in_order,
    model_check,
)
from simulator.units import whole_days


class Chokepoint(ShockType, type="chokepoint"):
    """Lanes that pass a chokepoint take a detour of so many days, or stop.

    ``detours`` is the share of the traffic that goes round and ``stopped`` the share that does not
    go at all; the rest passes as before. Customers raise their targets by the longer way
    (``replans``), as those did who ordered earlier once the Red Sea was shut in 2024.

    Notes
    -----
    A lane is one flow, so a detour of part of its traffic is the mean delay of all of it
    (``detours`` x ``detour_days``, in whole days). Goods on a detour still pass the hub's handling
    capacity. What is under way when it begins arrives as planned. A slot without cover has no
    target to raise: while the detour lasts it gets transit / (transit + delay) of what it asks.

    Examples
    --------
    Three in four ships round the Cape::

        red-sea: {type: chokepoint, hubs: chk_suez, from: 2026-01-15, until: 2026-10-01,
                  detours: 0.75, detour_days: {distribution: pert, low: 9, mode: 12, high: 16}}

    Hormuz shut to helium and LNG::

        hormuz: {type: chokepoint, hubs: chk_hormuz, materials: [helium, lng],
                 from: 2026-03-02, until: 2026-08-01, stopped: 1}
    """

    hubs: FacilitySelector = described("hubs that stand for the chokepoint")
    materials: MaterialSelector | None = described(
        "only these materials; default all", default=None
    )
    from_: Date = described("first day", alias="from")
    until: Date | None = described(
        "day on which the way is free again; open if not given", default=None
    )
    stopped: Fraction = described("share of the traffic that stops", default=0.0)
    detour_days: Days = described("length of the detour", default=0.0, unit="days")
    detours: Fraction = described("share of the traffic that takes it", default=1.0)
    replans: bool = described("whether customers raise their targets by the detour", default=True)

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Delay and limit of every lane that passes, and covers of the customers."""
        lanes = scene.chosen("lanes", partial(self._lanes, scene))
        start, end = scene.day(self.from_), scene.day_or_end(self.until)
        stopped = scene.value("stopped", self.stopped)
        share = scene.value("detours", self.detours)
        delay = whole_days(scene.value("detour_days", self.detour_days) * share)
        for lane in lanes:
            if delay:
                yield Effect(Control.DELAY, lane, start, end, float(delay))
            if stopped:
                yield Effect(Control.LIMIT, lane, start, end, 1.0 - stopped)
        if delay and self.replans:
            yield from _longer_covers(scene, lanes, start, end, delay)

    def _lanes(self, scene: Scene, _: str) -> Iterator[int]:
        network = scene.network
        hubs = set(scene.facilities("hubs", self.hubs, self.from_))
        for f in sorted(hubs):
            if network.kinds[f] != "hub":
                rule, remedy = f"is a {network.kinds[f]}, not a hub", "select hubs"
                raise invalid(f"{scene.name}.hubs", network.facility_ids[f], rule, remedy)
        wanted = None if self.materials is None else scene.materials("materials", self.materials)
        found = [
            lane
            for lane in network.lanes
            if hubs & set(network.lane_hubs[lane])
            and (wanted is None or int(network.slot_material[network.lane_slot[lane]]) in wanted)
        ]
        if not found:
            rule = "no lane passes these hubs" + ("" if wanted is None else " with these materials")
            remedy = "see the routes of the lanes, or select other hubs"
            raise invalid(f"{scene.name}.hubs", names(self.hubs), rule, remedy)
        return iter(found)

    def window(self) -> tuple[date, date | None]:
        """First and last day."""
        return self.from_, self.until

    def label(self) -> str:
        """Say where, and what traffic does."""
        if self.detour_days.bounds[1] <= 0.0:
            return f"{names(self.hubs)}: traffic stops"
        return f"{names(self.hubs)}: detour of {self.detour_days.base:g} days"

    @model_check
    def _does_something(self) -> Chokepoint:
        in_order(self.from_, self.until)
        if self.detour_days.bounds[1] <= 0.0:
            if self.stopped.bounds[1] <= 0.0:
                rule = "must be given where no traffic is stopped"
                raise broken("detour_days", None, rule, "give detour_days > 0 or stopped > 0")
            if self.detours.bounds != (1.0, 1.0):
                rule = "has no effect without detour_days"
                raise broken("detours", self.detours.plain(), rule, "drop it or give detour_days")
        elif self.detours.base + self.stopped.base > 1.0 and self.detours.bounds != (1.0, 1.0):
            total = self.detours.base + self.stopped.base
            rule = f"detours and stopped are shares of the same traffic, and sum to {total:g}"
            raise broken("detours", self.detours.plain(), rule, "make them sum to at most 1")
        return self


def _longer_covers(
    scene: Scene, lanes: tuple[int, ...], start: int, end: int | None, delay: int
) -> Iterator[Effect]:
    """Covers such that each target grows by the planned use over the mean longer way."""
    network, plan = scene.network, scene.plan
    day = min(max(start, 0), scene.horizon_days - 1)
    slots = sorted({int(network.lane_slot[lane]) for lane in lanes})
    for slot in slots:
        into = network.lanes_into(slot)
        share = plan.lane_share[into.start : into.stop, day]
        transit = float(np.dot(share, [sum(plan.legs[i]) for i in into]))
        cover = float(days_ahead([plan], slot, np.array([day]))[0, 0]) - transit
        later = delay * sum(float(plan.lane_share[i, day]) for i in into if i in set(lanes))
        if cover > 1e-9 and later > 0.0:
            yield Effect(Control.COVER, slot, start, end, 1.0 + later / cover)
