"""Hazards: outages that come again and again, at random, and may hit a whole region at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

from simulator.errors import invalid
from simulator.network.network import SINKS, Network
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.outage import Recovery
from simulator.shocks.scene import Scene
from simulator.shocks.shapes import outage_path
from simulator.spec import (
    Date,
    Days,
    FacilitySelector,
    Fraction,
    NonNegative,
    Positive,
    Real,
    broken,
    described,
    in_order,
    model_check,
)
from simulator.units import whole_days

_YEAR = 365.25
_EARTH_KM = 6371.0088
_MOST_A_YEAR = 366.0


class Hazard(ShockType, type="hazard"):
    """A renewal process of outages: quakes, storms, fires, strikes, power cuts.

    Each event has one of the ``facilities`` as its epicentre, all as likely. With ``radius_km`` it
    is a common cause: whatever makes or handles goods within the radius is hit at the same time,
    with a ``severity`` that falls evenly from the epicentre to nothing at the radius.

    Notes
    -----
    Gaps between events are Weibull with mean 365.25 / ``annual_rate`` days and shape
    ``regularity``: 1 is memoryless (a Poisson process), more is more regular, less comes in
    clusters. The first gap is drawn as the others, as if an event had just been. Event n takes one
    uniform each from the streams ``event n gap``, ``event n place``, ``event n severity``, ``event
    n duration_days``, ``event n recovery_days`` and ``event n process_lost`` of this entry, so it
    depends on nothing else. Distances are great circles; a facility without a position is hit only
    as the epicentre.

    Examples
    --------
    A damaging earthquake near a Taiwanese fab about every eight years::

        quakes: {type: hazard, facilities: {kind: fab, country: TWN}, annual_rate: 0.12,
                 radius_km: 80, severity: {distribution: beta, a: 2, b: 2},
                 duration_days: {distribution: lognormal, median: 5, p95: 30},
                 recovery: linear, recovery_days: 45, process_lost: 0.1}
    """

    facilities: FacilitySelector = described("facilities where it may strike")
    annual_rate: NonNegative = described("mean number of events a year, all facilities together")
    per_facility: bool = described("whether annual_rate is that of each facility", default=False)
    regularity: Positive = described("shape of the Weibull gaps; 1 is memoryless", default=1.0)
    from_: Date | None = described("first day; default the start", default=None, alias="from")
    until: Date | None = described("day from which none comes; default the end", default=None)
    severity: Fraction = described("share of capacity lost at the epicentre", default=1.0)
    duration_days: Days = described("time at full severity", unit="days")
    recovery: Recovery = described("shape of the recovery", default="step")
    recovery_days: Days = described("length of the recovery", default=0.0, unit="days")
    freezes_process: bool = described(
        "whether work in process stands still meanwhile", default=False
    )
    process_lost: Fraction = described(
        "share of work in process scrapped at the epicentre", default=0.0
    )
    radius_km: Real = described(
        "reach of the damage; 0: the epicentre only", default=0.0, unit="km", at_least=0
    )
    neighbours: FacilitySelector | None = described(
        "who can be hit nearby; default all", default=None
    )

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Capacity, and where asked progress and stocks, of every facility hit by every event.

        Raises
        ------
        InputError
            If a selected facility cannot be hit, or none has a position though there is a radius.
        """
        places = self._places(scene)
        count = 0
        for count, day in enumerate(self._days(scene, len(places)), 1):
            place = places[
                int(scene.draw.uniform(f"event {count} place", recorded=False) * len(places))
            ]
            yield from self._event(scene, count, day, place)
        scene.draw.note("events", count)

    def at_risk(self, scene: Scene) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Facilities that may be the epicentre, and others that may be hit from there."""
        places = self._places(scene)
        near = {f for place in places for f, _ in self._hit(scene, place)}
        return places, tuple(sorted(near.difference(places)))

    def _places(self, scene: Scene) -> tuple[int, ...]:
        network = scene.network
        places = scene.facilities("facilities", self.facilities, self.from_)
        for f in places:
            if network.kinds[f] in (*SINKS, "stockpile"):
                rule = f"is a {network.kinds[f]}, which has no capacity to lose"
                remedy = "except it, or select other kinds"
                raise invalid(f"{scene.name}.facilities", network.facility_ids[f], rule, remedy)
        if self.radius_km > 0 and all(_position(network, f) is None for f in places):
            rule = "has no effect: none of the facilities has a position"
            raise invalid(
                f"{scene.name}.radius_km", self.radius_km, rule, "give lat and lon, or drop it"
            )
        return places

    def _days(self, scene: Scene, places: int) -> Iterator[int]:
        """Days of the events, in order."""
        rate = scene.value("annual_rate", self.annual_rate) * (places if self.per_facility else 1)
        shape = scene.value("regularity", self.regularity)
        if rate <= 0.0:
            return
        scale = _YEAR / rate / math.gamma(1.0 + 1.0 / shape)
        first = scene.day(self.from_) if self.from_ is not None else 0
        last = scene.horizon_days
        if self.until is not None:
            last = min(last, scene.day(self.until))
        now, count = float(first), 0
        while True:
            count += 1
            uniform = scene.draw.uniform(f"event {count} gap", recorded=False)
            now += scale * (-math.log1p(-uniform)) ** (1.0 / shape)
            if now >= last:
                return
            yield math.floor(now)

    def _event(self, scene: Scene, count: int, day: int, place: int) -> Iterator[Effect]:
        def drawn(field: str) -> float:
            return scene.draw.value(f"event {count} {field}", getattr(self, field), recorded=False)

        severity, scrapped = drawn("severity"), drawn("process_lost")
        days, back = whole_days(drawn("duration_days")), whole_days(drawn("recovery_days"))
        for f, damage in self._hit(scene, place):
            path = outage_path(severity * damage, days, self.recovery, back)
            hub = scene.network.kinds[f] == "hub"
            if path:
                control = Control.HANDLING if hub else Control.CAPACITY
                yield Effect(control, f, day, day + len(path), path)
            if hub:
                continue
            if self.freezes_process and days:
                yield Effect(Control.PROGRESS, f, day, day + days, 0.0)
            if scrapped * damage > 0.0 and day >= 0:
                yield Effect(Control.PROCESS_KEEP, f, day, day + 1, 1.0 - scrapped * damage)

    def _hit(self, scene: Scene, place: int) -> Iterator[tuple[int, float]]:
        """Facilities that an event at a place hits, with their share of its damage."""
        yield place, 1.0
        network, centre = scene.network, _position(scene.network, place)
        if self.radius_km <= 0 or centre is None:
            return
        for f in scene.chosen(f"within reach of {place}", lambda _: self._near(scene, place)):
            position = _position(network, f)
            assert position is not None
            yield f, 1.0 - distance_km(centre, position) / self.radius_km

    def _near(self, scene: Scene, place: int) -> Iterator[int]:
        network, centre = scene.network, _position(scene.network, place)
        others: tuple[int, ...] = tuple(network.facilities)
        if self.neighbours is not None:
            others = scene.facilities("neighbours", self.neighbours, self.from_)
        for f in others:
            position = _position(network, f)
            if f == place or position is None or network.kinds[f] in (*SINKS, "stockpile"):
                continue
            if centre is not None and distance_km(centre, position) < self.radius_km:
                yield f

    def window(self) -> tuple[date | None, date | None]:
        """Time in which events may come."""
        return self.from_, self.until

    def label(self) -> str:
        """Say what may happen where, and how often."""
        each = " each" if self.per_facility else ""
        return f"outages of {names(self.facilities)}, {self.annual_rate.base:g} a year{each}"

    @model_check
    def _consistent(self) -> Hazard:
        in_order(self.from_, self.until)
        if self.annual_rate.bounds[1] > _MOST_A_YEAR:
            rule = f"must be at most {_MOST_A_YEAR:g} events a year"
            raise broken(
                "annual_rate", self.annual_rate.plain(), rule, "add a `maximum`, or use an outage"
            )
        if self.recovery != "step" and self.recovery_days.bounds[1] <= 0.0:
            rule = f"a {self.recovery} recovery takes time"
            raise broken("recovery_days", 0, rule, "give recovery_days > 0")
        if self.recovery == "step" and self.recovery_days.bounds[1] > 0.0:
            rule, remedy = (
                "has no effect with recovery: step",
                "choose recovery: linear or exponential",
            )
            raise broken("recovery_days", self.recovery_days.plain(), rule, remedy)
        if self.neighbours is not None and self.radius_km == 0:
            raise broken(
                "neighbours", None, "has no effect without radius_km", "give radius_km > 0"
            )
        return self


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance between two points given by latitude and longitude in degrees."""
    (lat, lon), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (one, other))
    chord = (
        math.sin((lat2 - lat) / 2) ** 2
        + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    )
    return 2.0 * _EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))


def _position(network: Network, facility: int) -> tuple[float, float] | None:
    row = network.dataset.facilities[facility]
    return None if row.lat is None or row.lon is None else (row.lat, row.lon)
