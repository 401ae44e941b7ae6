"""Inventory policies: more, or less, cover from a date on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

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


class InventoryPolicy(ShockType, type="inventory_policy"):
    """Facilities hold a multiple of their target cover of some inputs.

    Notes
    -----
    To build the stock they order more than they use, within their surge and what suppliers have to
    spare: the ramp spreads that. While it is built, others may go short (bullwhip), so that it can
    raise losses when it is begun too late. Slots without cover have none to multiply.

    Examples
    --------
    Twice the stock of gases and spares at every fab within half a year::

        covers: {type: inventory_policy, facilities: {kind: fab}, materials: [helium, tool_spares],
                 from: 2026-01-01, cover: 2, ramp_days: 180}
    """

    facilities: FacilitySelector = described("facilities that hold more")
    materials: MaterialSelector | None = described("only these inputs; default all", default=None)
    from_: Date = described("first day", alias="from")
    until: Date | None = described("day from which covers are as planned again", default=None)
    cover: Multiplier = described("multiple of the target cover")
    ramp_days: Days = described("days over which the target is raised", default=0.0, unit="days")

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Cover of every slot.

        Raises
        ------
        InputError
            If no facility uses the materials, or none holds a cover of them.
        """
        start, end = scene.day(self.from_), scene.day_or_end(self.until)
        cover = scene.value("cover", self.cover)
        climb = ramp(1.0, cover, scene.days("ramp_days", self.ramp_days))
        if end is not None:
            climb = climb[: max(end - start, 0)]
        for slot in scene.chosen("slots", partial(self._slots, scene)):
            if climb:
                yield Effect(Control.COVER, slot, start, start + len(climb), climb)
            yield Effect(Control.COVER, slot, start + len(climb), end, cover)

    def _slots(self, scene: Scene, _: str) -> list[int]:
        facilities = scene.facilities("facilities", self.facilities, self.from_)
        wanted = None if self.materials is None else scene.materials("materials", self.materials)
        found = list(scene.slots(facilities, wanted))
        if not found:
            rule, remedy = "none of the facilities uses these materials", "select what they use"
            raise invalid(f"{scene.name}.materials", _shown(self.materials), rule, remedy)
        if not any(scene.network.numbers.cover_days[slot] > 0.0 for slot in found):
            rule = "none of these stocks has a cover to multiply"
            remedy = "give the network covers of these inputs first (cover_days)"
            raise invalid(f"{scene.name}.cover", self.cover.base, rule, remedy)
        return found

    def window(self) -> tuple[date, date | None]:
        """First and last day."""
        return self.from_, self.until

    def label(self) -> str:
        """Say whose cover is multiplied by what."""
        return f"cover of {names(self.facilities)} x {self.cover.base:g}"

    @model_check
    def _dates_in_order(self) -> InventoryPolicy:
        in_order(self.from_, self.until)
        return self


def _shown(materials: MaterialSelector | None) -> str | None:
    return None if materials is None else names(materials)
