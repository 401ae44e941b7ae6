"""Substitution: after a delay, users need less of a material, because another one does."""

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
from simulator.units import date_of


class Substitution(ShockType, type="substitution"):
    """A share of the need for a material is met by something else, once it is qualified.

    Notes
    -----
    A recipe is fixed while a run lasts, so the substitute is a daily addition to the stock of the
    material it stands for: ``fraction`` x planned use. At plan this equals a recipe with (1 -
    ``fraction``) of the quantity: stock, orders and lanes carry that much less. Below plan it gives
    more than such a recipe would, since the addition does not shrink with use; it is the upper end
    of what substitution can do. With ``fraction`` 1 the material is no longer needed from anybody.
    The substitute itself is taken to be available and is not traced.

    Examples
    --------
    Fabs that replace a third of their helium (recovery loops, hydrogen) half a year after they
    start::

        less-helium: {type: substitution, facilities: {kind: fab}, materials: helium,
                      from: 2026-03-02, ramp_days: 90, fraction: 0.33,
                      delay_days: {distribution: pert, low: 90, mode: 180, high: 400}}
    """

    facilities: FacilitySelector = described("users that substitute")
    materials: MaterialSelector = described("what they need less of")
    from_: Date = described("day on which they begin to develop and qualify it", alias="from")
    until: Date | None = described("day on which they go back", default=None)
    delay_days: Days = described("days until the first of it is used", unit="days")
    ramp_days: Days = described("days from then until all of it is", default=0.0, unit="days")
    fraction: Fraction = described("share of planned use replaced in the end")

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
        """From the first use of the substitute (with the delay at its base value) on."""
        return date_of(round(self.delay_days.base), self.from_), self.until

    def label(self) -> str:
        """Say what is replaced."""
        return f"{100 * self.fraction.base:g} % of {names(self.materials)} substituted"

    @model_check
    def _dates_in_order(self) -> Substitution:
        in_order(self.from_, self.until)
        return self
