"""Outages of facilities: fire, quake, strike, power cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from simulator.errors import invalid
from simulator.network.network import SINKS
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene
from simulator.shocks.shapes import outage_path
from simulator.spec import (
    Date,
    Days,
    Distribution,
    FacilitySelector,
    Fraction,
    broken,
    described,
    model_check,
)
from simulator.units import date_of

Recovery = Literal["step", "linear", "exponential"]


class Outage(ShockType, type="outage"):
    """Facilities lose a share of their capacity for a time, then recover.

    Notes
    -----
    ``linear`` recovers evenly over ``recovery_days``; ``exponential`` has them as its time constant
    (the three shapes are those of ARIO, Hallegatte 2008).

    Examples
    --------
    An earthquake that stops a fab for two weeks and scraps a tenth of its wafers::

        quake: {type: outage, facilities: f18_n5, from: 2026-04-03, duration_days: 14,
                recovery: linear, recovery_days: 30, freezes_process: true, process_lost: 0.1}
    """

    facilities: FacilitySelector = described("facilities that are hit")
    from_: Date = described("first day of the outage", alias="from")
    severity: Fraction = described("share of capacity lost", default=1.0)
    duration_days: Days = described("time at full severity", unit="days")
    recovery: Recovery = described("shape of the recovery", default="step")
    recovery_days: Days = described("length of the recovery", default=0.0, unit="days")
    freezes_process: bool = described(
        "whether work in process stands still meanwhile", default=False
    )
    process_lost: Fraction = described("share of work in process scrapped at once", default=0.0)
    stock_lost: Fraction = described("share of finished goods destroyed at once", default=0.0)

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Capacity (of hubs: handling), and where asked progress and stocks, of all that are hit.

        Raises
        ------
        InputError
            If a selected facility has nothing to lose.
        """
        start = scene.day(self.from_)
        duration = scene.days("duration_days", self.duration_days)
        path = outage_path(
            scene.value("severity", self.severity),
            duration,
            self.recovery,
            scene.days("recovery_days", self.recovery_days),
        )
        scrapped = scene.value("process_lost", self.process_lost)
        destroyed = scene.value("stock_lost", self.stock_lost)
        for f in scene.facilities("facilities", self.facilities, self.from_):
            hub = scene.network.kinds[f] == "hub"
            self._check(scene, f)
            if path:
                control = Control.HANDLING if hub else Control.CAPACITY
                yield Effect(control, f, start, start + len(path), path)
            if hub:
                continue
            if self.freezes_process and duration:
                yield Effect(Control.PROGRESS, f, start, start + duration, 0.0)
            if scrapped:
                yield Effect(Control.PROCESS_KEEP, f, start, start + 1, 1.0 - scrapped)
            if destroyed:
                yield Effect(Control.FINISHED_KEEP, f, start, start + 1, 1.0 - destroyed)

    def _check(self, scene: Scene, facility: int) -> None:
        kind = scene.network.kinds[facility]
        if kind in SINKS or (kind == "stockpile" and self.stock_lost.bounds[1] <= 0.0):
            rule = f"is a {kind}, which has no capacity to lose"
            remedy = "give stock_lost" if kind == "stockpile" else "use type: demand_surge for it"
            name = scene.network.facility_ids[facility]
            raise invalid(f"{scene.name}.facilities", name, rule, f"{remedy}, or except it")

    def window(self) -> tuple[date, date]:
        """From the first day to the end of the recovery, at base values."""
        days = self.duration_days.base + (self.recovery_days.base if self.recovery != "step" else 0)
        return self.from_, date_of(max(round(days), 1), self.from_)

    def label(self) -> str:
        """Say who is out."""
        return f"outage of {names(self.facilities)}"

    @model_check
    def _recovery_has_days(self) -> Outage:
        check_recovery(self.recovery, self.recovery_days)
        return self


def check_recovery(recovery: Recovery, days: Distribution) -> None:
    """Check that a recovery has days where it takes them, and only there.

    Raises
    ------
    pydantic.ValidationError
        If it has not.
    """
    if recovery != "step" and days.bounds[1] <= 0.0:
        rule = f"a {recovery} recovery takes time"
        raise broken("recovery_days", 0, rule, "give recovery_days > 0")
    if recovery == "step" and days.bounds[1] > 0.0:
        rule, remedy = "has no effect with recovery: step", "choose recovery: linear or exponential"
        raise broken("recovery_days", days.plain(), rule, remedy)
