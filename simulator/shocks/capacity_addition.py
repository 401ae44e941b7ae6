"""New capacity at existing or dormant facilities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from simulator.errors import invalid
from simulator.network.network import SINKS
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene
from simulator.spec import Date, Days, FacilitySelector, Multiplier, described


class CapacityAddition(ShockType, type="capacity_addition"):
    """Facilities get a multiple of their planned capacity, after a delay and over a ramp.

    What is added serves whoever asks: standby lanes, or customers catching up. Plans stay as they
    are.

    Examples
    --------
    Two thirds more heavy rare-earth separation in Malaysia from 2027, perhaps half a year late::

        kuantan: {type: capacity_addition, facilities: sep_lynas_hv, from: 2027-01-01, factor: 1.67,
                  delay_days: {distribution: uniform, low: 0, high: 180}, ramp_days: 120}
    """

    facilities: FacilitySelector = described("facilities that grow")
    from_: Date = described("day on which the first new capacity is due", alias="from")
    factor: Multiplier = described("multiple of planned capacity in the end")
    delay_days: Days = described("slip of the date", default=0.0, unit="days")
    ramp_days: Days = described(
        "days from the first new capacity to all of it", default=0.0, unit="days"
    )

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Capacity of every facility (of hubs: handling), climbing evenly.

        Raises
        ------
        InputError
            If a selected facility has no capacity.
        """
        start = scene.day(self.from_) + scene.days("delay_days", self.delay_days)
        factor = scene.value("factor", self.factor)
        days = scene.days("ramp_days", self.ramp_days)
        climb = tuple(1.0 + (factor - 1.0) * day / (days + 1) for day in range(1, days + 1))
        for f in scene.facilities("facilities", self.facilities, self.from_):
            kind = scene.network.kinds[f]
            if kind in (*SINKS, "stockpile"):
                rule = f"is a {kind}, which has no capacity to add to"
                name = scene.network.facility_ids[f]
                raise invalid(f"{scene.name}.facilities", name, rule, "except it")
            control = Control.HANDLING if kind == "hub" else Control.CAPACITY
            if climb:
                yield Effect(control, f, start, start + days, climb)
            yield Effect(control, f, start + days, None, factor)

    def window(self) -> tuple[date, None]:
        """From the planned date on."""
        return self.from_, None

    def label(self) -> str:
        """Say who grows and how much."""
        return f"capacity of {names(self.facilities)} x {self.factor.base:g}"
