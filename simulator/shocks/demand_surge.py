"""Surges and slumps of demand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from simulator.errors import invalid
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene
from simulator.shocks.shapes import ramp
from simulator.spec import (
    Date,
    Days,
    FacilitySelector,
    MaterialSelector,
    Multiplier,
    described,
    in_order,
    model_check,
)


class DemandSurge(ShockType, type="demand_surge"):
    """Sinks want a multiple of their planned demand; suppliers' plans do not know of it.

    Examples
    --------
    Data centres want a third more servers from 2026 on, reached over a quarter::

        boom: {type: demand_surge, sinks: {kind: datacenter}, from: 2026-01-01, factor: 1.33,
               ramp_days: 90}
    """

    sinks: FacilitySelector = described("data centres and markets whose demand changes")
    materials: MaterialSelector | None = described(
        "only these materials; default all", default=None
    )
    from_: Date = described("first day", alias="from")
    until: Date | None = described("day on which demand is back as planned", default=None)
    factor: Multiplier = described("multiple of planned demand")
    ramp_days: Days = described("days over which the multiple is reached", default=0.0, unit="days")

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Demand of every slot of the sinks.

        Raises
        ------
        InputError
            If a selected facility is no sink, or no sink wants the materials.
        """
        start, end = scene.day(self.from_), scene.day_or_end(self.until)
        factor = scene.value("factor", self.factor)
        climb = ramp(1.0, factor, scene.days("ramp_days", self.ramp_days))
        if end is not None:
            climb = climb[: max(end - start, 0)]
        slots = tuple(self._slots(scene))
        if not slots:
            rule = "no selected sink demands these materials"
            raise invalid(f"{scene.name}.materials", None, rule, "select materials of these sinks")
        for slot in slots:
            if climb:
                yield Effect(Control.DEMAND, slot, start, start + len(climb), climb)
            yield Effect(Control.DEMAND, slot, start + len(climb), end, factor)

    def _slots(self, scene: Scene) -> Iterator[int]:
        network = scene.network
        wanted = None if self.materials is None else scene.materials("materials", self.materials)
        for f in scene.facilities("sinks", self.sinks, self.from_):
            if not network.is_sink(f):
                rule = f"is a {network.kinds[f]}, which has no demand of its own"
                raise invalid(f"{scene.name}.sinks", network.facility_ids[f], rule)
            for slot in network.slots_of(f):
                if wanted is None or int(network.slot_material[slot]) in wanted:
                    yield slot

    def window(self) -> tuple[date, date | None]:
        """First and last day."""
        return self.from_, self.until

    def label(self) -> str:
        """Say how much and whose."""
        return f"demand of {names(self.sinks)} x {self.factor.base:g}"

    @model_check
    def _dates_in_order(self) -> DemandSurge:
        in_order(self.from_, self.until)
        return self
