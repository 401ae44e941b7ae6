"""Energy shortfalls: a country's electricity falls short of what it uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from simulator.errors import invalid
from simulator.network.network import OUTPUT, SINKS
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.outage import Recovery
from simulator.shocks.scene import Scene
from simulator.shocks.shapes import outage_path
from simulator.spec import CountrySet, Date, Days, Fraction, broken, described, model_check
from simulator.units import date_of

_IDLE = (*SINKS, "stockpile", "hub")


class EnergyShortfall(ShockType, type="energy_shortfall"):
    """Countries lack a share of their electricity for a time.

    Where the network has ``power`` facilities in the countries, these lose the share of their
    capacity, and their users go short through their lanes and stocks. Where it has none, all users
    of electricity there lose the share of theirs: those whose recipes take a material of the energy
    layer, or, where no recipe there does, everybody who makes something.

    Notes
    -----
    Without power facilities everyone is cut alike, whoever the grid would spare; and a share of
    electricity is taken for a share of output.

    Examples
    --------
    A tenth of Korea's power missing through a winter month::

        cold: {type: energy_shortfall, countries: KOR, from: 2026-01-10, fraction: 0.1,
               duration_days: 30, recovery: linear, recovery_days: 14}
    """

    countries: CountrySet = described("countries or alliances short of electricity")
    from_: Date = described("first day", alias="from")
    fraction: Fraction = described("share of electricity missing")
    duration_days: Days = described("time at the full shortfall", unit="days")
    recovery: Recovery = described("shape of the recovery", default="step")
    recovery_days: Days = described("length of the recovery", default=0.0, unit="days")

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Capacity of the power facilities, or of the users.

        Raises
        ------
        InputError
            If nothing in the countries makes or uses electricity.
        """
        start = scene.day(self.from_)
        path = outage_path(
            scene.value("fraction", self.fraction),
            scene.days("duration_days", self.duration_days),
            self.recovery,
            scene.days("recovery_days", self.recovery_days),
        )
        for f in scene.chosen("short", partial(self._short, scene)):
            if path:
                yield Effect(Control.CAPACITY, f, start, start + len(path), path)

    def _short(self, scene: Scene, _: str) -> list[int]:
        network = scene.network
        here = scene.located("countries", self.countries, self.from_)
        found = [f for f in here if network.kinds[f] == "power"]
        lit = {network.countries[f] for f in found}
        energy = {
            network.material_index[row.id]
            for row in network.dataset.materials
            if row.layer == "energy"
        }
        for country in sorted({network.countries[f] for f in here} - lit):
            makers = [
                f for f in here if network.countries[f] == country and network.kinds[f] not in _IDLE
            ]
            users = [
                f
                for f in makers
                if any(
                    int(network.slot_material[slot]) in energy
                    for slot in network.slots_of(f)
                    if network.slot_purpose[slot] == OUTPUT
                )
            ]
            found += users or makers
        if not found:
            rule = "no facility there makes or uses electricity"
            remedy = "see `paxsim describe` for the facilities of each country"
            raise invalid(f"{scene.name}.countries", names(self.countries), rule, remedy)
        return sorted(found)

    def window(self) -> tuple[date, date]:
        """From the first day to the end of the recovery, at base values."""
        days = self.duration_days.base + (self.recovery_days.base if self.recovery != "step" else 0)
        return self.from_, date_of(max(round(days), 1), self.from_)

    def label(self) -> str:
        """Say who lacks how much."""
        return f"{names(self.countries)}: {100 * self.fraction.base:g} % of electricity missing"

    @model_check
    def _recovery_has_days(self) -> EnergyShortfall:
        if self.recovery != "step" and self.recovery_days.bounds[1] <= 0.0:
            rule = f"a {self.recovery} recovery takes time"
            raise broken("recovery_days", 0, rule, "give recovery_days > 0")
        if self.recovery == "step" and self.recovery_days.bounds[1] > 0.0:
            rule, remedy = (
                "has no effect with recovery: step",
                "choose recovery: linear or exponential",
            )
            raise broken("recovery_days", self.recovery_days.plain(), rule, remedy)
        return self
