"""Closures and congestion of ports and airports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from simulator.errors import invalid
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.outage import Recovery, check_recovery
from simulator.shocks.scene import Scene
from simulator.shocks.shapes import outage_path
from simulator.spec import Date, Days, FacilitySelector, Fraction, described, model_check
from simulator.units import date_of


class HubClosure(ShockType, type="hub_closure"):
    """Hubs lose a share of their handling capacity; what arrives waits in a queue.

    Examples
    --------
    A port that closes for ten days and catches up over three weeks::

        strike: {type: hub_closure, hubs: port_la, from: 2026-07-01, duration_days: 10,
                 recovery: linear, recovery_days: 21}
    """

    hubs: FacilitySelector = described("hubs that close")
    from_: Date = described("first day", alias="from")
    severity: Fraction = described("share of handling capacity lost", default=1.0)
    duration_days: Days = described("time at full severity", unit="days")
    recovery: Recovery = described("shape of the recovery", default="step")
    recovery_days: Days = described("length of the recovery", default=0.0, unit="days")

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Handling capacity of every hub.

        Raises
        ------
        InputError
            If a selected facility is not a hub.
        """
        start = scene.day(self.from_)
        path = outage_path(
            scene.value("severity", self.severity),
            scene.days("duration_days", self.duration_days),
            self.recovery,
            scene.days("recovery_days", self.recovery_days),
        )
        for f in scene.facilities("hubs", self.hubs, self.from_):
            if scene.network.kinds[f] != "hub":
                name = scene.network.facility_ids[f]
                rule = f"is a {scene.network.kinds[f]}, not a hub"
                raise invalid(f"{scene.name}.hubs", name, rule, "use type: outage for it")
            if path:
                yield Effect(Control.HANDLING, f, start, start + len(path), path)

    def window(self) -> tuple[date, date]:
        """From the first day to the end of the recovery, at base values."""
        days = self.duration_days.base + (self.recovery_days.base if self.recovery != "step" else 0)
        return self.from_, date_of(max(round(days), 1), self.from_)

    def label(self) -> str:
        """Say which hubs."""
        return f"closure of {names(self.hubs)}"

    @model_check
    def _recovery_has_days(self) -> HubClosure:
        check_recovery(self.recovery, self.recovery_days)
        return self
