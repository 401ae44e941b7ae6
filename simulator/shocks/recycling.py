"""Recycling: users win back a part of a material from what they use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from simulator.shocks.additions import daily_additions, users
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Effect
from simulator.shocks.scene import Scene
from simulator.spec import (
    Date,
    Days,
    FacilitySelector,
    Fraction,
    MaterialSelector,
    described,
    in_order,
    model_check,
)


class Recycling(ShockType, type="recycling"):
    """A fraction of the planned use of a material comes back at its users every day.

    Notes
    -----
    What comes back goes by the plan, not by what was used: a plant that stands still goes on
    getting it (swarf and scrap of the weeks before; its stock grows, and it orders less). The lanes
    carry less in the same measure, since orders fill up a base stock.

    Examples
    --------
    Magnet makers recycle a tenth of their heavy rare earths from mid-2026, growing over a year::

        swarf: {type: recycling, facilities: {material: ndfeb_magnet}, materials: dytb_oxide,
                from: 2026-07-01, fraction: 0.1, ramp_days: 365}
    """

    facilities: FacilitySelector = described("users that recycle")
    materials: MaterialSelector = described("what they win back")
    from_: Date = described("first day", alias="from")
    until: Date | None = described("day on which it ends", default=None)
    fraction: Fraction = described("share of planned use that comes back")
    delay_days: Days = described("slip of the date", default=0.0, unit="days")
    ramp_days: Days = described("days over which it grows to that", default=0.0, unit="days")

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Units added to every slot, day by day.

        Raises
        ------
        InputError
            If none of the facilities uses the materials.
        """
        slots = scene.chosen("slots", lambda _: users(scene, self.facilities, self.materials))
        start = scene.day(self.from_) + scene.days("delay_days", self.delay_days)
        fraction = scene.value("fraction", self.fraction)
        window = start, scene.day_or_end(self.until)
        days = scene.days("ramp_days", self.ramp_days)
        yield from daily_additions(scene, slots, window, fraction, days)

    def window(self) -> tuple[date, date | None]:
        """First and last day."""
        return self.from_, self.until

    def label(self) -> str:
        """Say what comes back."""
        return f"{100 * self.fraction.base:g} % of {names(self.materials)} recycled"

    @model_check
    def _dates_in_order(self) -> Recycling:
        in_order(self.from_, self.until)
        return self
