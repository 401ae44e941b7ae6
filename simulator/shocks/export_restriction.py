"""Export restrictions: bans, quotas and licences, with announcement, reach and hoarding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import ClassVar, Literal

from simulator.errors import invalid
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.licences import (
    GivenLicence,
    Licence,
    LicenceTerms,
    Terms,
    check_licence,
    limits,
    terms_of,
)
from simulator.shocks.reach import Reach, reached_lanes
from simulator.shocks.scene import Scene
from simulator.spec import (
    CountrySet,
    Date,
    Days,
    FacilitySelector,
    Fraction,
    MaterialSelector,
    Multiplier,
    broken,
    described,
    in_order,
    model_check,
    parse_number,
)
from simulator.units import date_of

Mechanism = Literal["ban", "quota", "licence"]
_ZERO = parse_number(0.0)


class Destination(GivenLicence):
    """How licences go for one destination, where it differs from the rest."""


class EndUse(GivenLicence):
    """How licences go for one end use, such as logic at or below 14 nm, by its customers."""

    customers: FacilitySelector = described("facilities of this end use")


class ExportRestriction(LicenceTerms, ShockType, type="export_restriction"):
    """Countries restrict what they export, to all or to some destinations.

    ``ban`` stops the lanes; ``quota`` lets a fraction of the planned flow leave; under ``licence``
    nothing moves until the processing time has passed, then the approved fraction moves. A licence
    is given by ``approval`` and ``processing_days``, or by the state of the ``regime``: ``new``,
    ``eased``, ``hostile`` or ``general`` (priors P11 to P17 of the policy facts). A customer's end
    use (``per_use``) counts before its country (``per_destination``), and that before the rest.

    It takes effect on a date (``from``), or ``lag_days`` after it was ``announced`` where that is
    not known (prior P27: 0 to 53 days). Between announcement and effect customers may hoard: their
    target cover is multiplied.

    Examples
    --------
    Heavy rare earths from China under licence, with one destination treated worse::

        april: {type: export_restriction, by: CHN, materials: [dytb_oxide, yttrium_oxide], to: all,
                from: 2025-04-04, mechanism: licence, regime: new,
                per_destination: {JPN: {approval: 0.04, processing_days: 180}}}

    A new control with an uncertain lag, stricter for advanced logic, and not for market users::

        next: {type: export_restriction, by: CHN, materials: gallium_hp, announced: 2026-03-02,
               lag_days: {distribution: empirical, values: [0, 0, 0, 29, 30, 30, 31, 42, 53]},
               mechanism: licence, regime: eased,
               per_use: {advanced-logic: {customers: {material: logic_n3}, regime: hostile}},
               exempt_uses: {kind: market}}
    """

    suspendable: ClassVar[bool] = True

    by: CountrySet = described("countries that restrict their exports")
    materials: MaterialSelector = described("restricted materials")
    to: CountrySet = described("destinations: countries, alliances or all", default="all")
    exempt: CountrySet | None = described("destinations left out", default=None)
    exempt_uses: FacilitySelector | None = described("customers left out, by end use", default=None)
    announced: Date | None = described("day of the announcement", default=None)
    from_: Date | None = described("day on which it takes effect", default=None, alias="from")
    lag_days: Days | None = described(
        "days from announcement to effect, instead of from", default=None, unit="days"
    )
    until: Date | None = described(
        "first day on which it is off again; open if not given", default=None
    )
    mechanism: Mechanism = described("ban, quota or licence")
    quota: Fraction | None = described("quota: share of planned flow that may leave", default=None)
    per_destination: Mapping[str, Destination] = described(
        "licence: by country code or alliance", default={}
    )
    per_use: Mapping[str, EndUse] = described("licence: by end use", default={})
    hoarding: Multiplier = described(
        "multiple of target cover between announcement and effect", default=1.0
    )
    reach: Reach | None = described("goods made elsewhere that fall under it too", default=None)

    @property
    def known_from(self) -> date:
        """Day of effect, or of the announcement where the lag is not known."""
        first = self.from_ or self.announced
        assert first is not None
        return first

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Limits on every restricted lane, and covers of those who hoard."""
        lanes = scene.chosen("lanes", partial(self._lanes, scene))
        start, end = self._start(scene), scene.day_or_end(self.until)
        terms = self._terms(scene)
        yield from limits(scene, self._with_terms(scene, "lanes", lanes, terms), start, end)
        if (reach := self.reach) is not None:
            begin = reach.day(scene, start)
            more = scene.chosen("beyond", lambda _: self._beyond(scene, reach, lanes))
            yield from limits(scene, self._with_terms(scene, "beyond", more, terms), begin, end)
        if self.announced is not None and scene.day(self.announced) < start:
            factor = scene.value("hoarding", self.hoarding)
            slot_of = scene.network.lane_slot
            slots = scene.chosen("slots", lambda _: sorted({int(slot_of[lane]) for lane in lanes}))
            if factor != 1.0:
                for slot in slots:
                    yield Effect(Control.COVER, slot, scene.day(self.announced), start, factor)

    def term_lanes(self, scene: Scene) -> dict[str, tuple[int, ...]]:
        """Lanes under the terms of each end use, each destination, and the rest (``""``)."""
        lanes = set(scene.chosen("lanes", partial(self._lanes, scene)))
        if self.reach is not None:
            lanes |= set(self._reached(scene, self.reach))
        network, own = scene.network, self._places(scene)
        found: dict[str, list[int]] = {}
        for lane in sorted(lanes):
            customer = int(network.slot_facility[network.lane_slot[lane]])
            found.setdefault(own.get(customer, ""), []).append(lane)
        return {place: tuple(found[place]) for place in sorted(found)}

    def term_licences(self) -> dict[str, Licence]:
        """Licence of the rest (``""``), of each destination and of each end use, by place."""
        found = {"": self.licence}
        found |= {
            f"per_destination.{name}.": own.licence for name, own in self.per_destination.items()
        }
        found |= {f"per_use.{name}.": own.licence for name, own in self.per_use.items()}
        return {place: licence or Licence(_ZERO, _ZERO) for place, licence in found.items()}

    def _start(self, scene: Scene) -> int:
        if self.lag_days is None:
            return scene.day(self.known_from)
        return scene.day(self.known_from) + scene.days("lag_days", self.lag_days)

    def _terms(self, scene: Scene) -> dict[str, Terms]:
        """Terms in this replication by their place: end uses, destinations, and the rest."""
        if self.mechanism == "ban":
            return {"": Terms(0.0, 0)}
        if self.mechanism == "quota":
            return {"": Terms(scene.value("quota", self.quota or _ZERO), 0)}
        licences = self.term_licences()
        return {place: terms_of(scene, place, own) for place, own in licences.items()}

    def _with_terms(
        self, scene: Scene, path: str, lanes: tuple[int, ...], terms: Mapping[str, Terms]
    ) -> Iterator[tuple[int, Terms]]:
        """Lanes with their terms: those of the customer's use, of its country, or of the rest."""
        places = list(terms)

        def choose(_: str) -> Iterator[int]:
            network, own = scene.network, self._places(scene)
            for lane in lanes:
                customer = int(network.slot_facility[network.lane_slot[lane]])
                yield places.index(own.get(customer, ""))

        found = list(terms.values())
        numbers = scene.chosen(f"terms of {path}", choose)
        return ((lane, found[number]) for lane, number in zip(lanes, numbers, strict=True))

    def _places(self, scene: Scene) -> dict[int, str]:
        """Place of the terms by customer, where they differ from the rest."""
        found: dict[int, str] = {}
        codes = {row.code for row in scene.network.dataset.countries}
        by_name = sorted(self.per_destination, key=lambda name: (name in codes, name))
        for name in by_name:  # a country's own terms overrule those of its alliance
            one = CountrySet(names=(name,))
            customers = scene.located(f"per_destination.{name}", one, self.known_from)
            found |= dict.fromkeys(customers, f"per_destination.{name}.")
        for name in sorted(self.per_use, reverse=True):  # the first in the alphabet holds
            place = f"per_use.{name}.customers"
            customers = scene.facilities(place, self.per_use[name].customers, self.known_from)
            found |= dict.fromkeys(customers, f"per_use.{name}.")
        return found

    def _customers(self, scene: Scene) -> set[int]:
        found = set(scene.located("to", self.to, self.known_from))
        found -= set(scene.located("by", self.by, self.known_from))
        if self.exempt is not None:
            found -= set(scene.located("exempt", self.exempt, self.known_from))
        if self.exempt_uses is not None:
            found -= set(scene.facilities("exempt_uses", self.exempt_uses, self.known_from))
        return found

    def _lanes(self, scene: Scene, _: str) -> list[int]:
        materials = scene.materials("materials", self.materials)
        sellers = scene.located("by", self.by, self.known_from)
        lanes = list(scene.lanes(materials, sellers, self._customers(scene)))
        if not lanes and self.reach is None:
            rule = "no lane carries these materials from these countries to these destinations"
            raise invalid(f"{scene.name}.materials", names(self.materials), rule, self._sold(scene))
        return lanes

    def _sold(self, scene: Scene) -> str:
        """Say what these countries sell to these destinations."""
        network = scene.network
        every = range(len(network.material_ids))
        sellers = scene.located("by", self.by, self.known_from)
        lanes = scene.lanes(every, sellers, self._customers(scene))
        sold = sorted({int(network.slot_material[network.lane_slot[lane]]) for lane in lanes})
        if not sold:
            return f"{names(self.by)}: no lane leads from there to these destinations"
        return f"what they sell there: {', '.join(network.material_ids[m] for m in sold)}"

    def _reached(self, scene: Scene, reach: Reach) -> tuple[int, ...]:
        materials = scene.materials("materials", self.materials)
        origins = scene.located("by", self.by, self.known_from)
        on = reach.from_ or self.known_from
        return reached_lanes(scene, reach, materials, origins, self._customers(scene), on)

    def _beyond(self, scene: Scene, reach: Reach, lanes: tuple[int, ...]) -> list[int]:
        """Lanes that only the reach brings under the restriction."""
        restricted = set(lanes)
        return [lane for lane in self._reached(scene, reach) if lane not in restricted]

    def window(self) -> tuple[date, date | None]:
        """From effect (with the lag at its base value) to end."""
        if self.lag_days is None:
            return self.known_from, self.until
        return date_of(round(self.lag_days.base), self.known_from), self.until

    def label(self) -> str:
        """Say who restricts what."""
        return f"{names(self.by)}: {self.mechanism} on {names(self.materials)}"

    @model_check
    def _one_start(self) -> ExportRestriction:
        in_order(self.from_ or self.announced, self.until)
        in_order(self.announced, self.from_, "from")
        if self.lag_days is None and self.from_ is None:
            raise broken("from", None, "must be given", "or announced with lag_days")
        if self.lag_days is not None and self.from_ is not None:
            rule = "has no effect with from"
            raise broken("lag_days", self.lag_days.plain(), rule, "give either from or lag_days")
        if self.lag_days is not None and self.announced is None:
            rule, remedy = "must be given with lag_days", "the lag counts from the announcement"
            raise broken("announced", None, rule, remedy)
        if self.announced is None and self.hoarding.bounds != (1.0, 1.0):
            rule = "has no effect without `announced`"
            raise broken("hoarding", self.hoarding.plain(), rule, "give announced or drop it")
        return self

    @model_check
    def _fits_mechanism(self) -> ExportRestriction:
        if self.mechanism == "licence":
            check_licence(self, needed="with mechanism: licence")
        if self.mechanism == "quota" and self.quota is None:
            rule = "must be given with mechanism: quota"
            raise broken("quota", None, rule, "such as quota: 0.5 for half of the planned flow")
        for field, mechanism in _BELONGS_TO.items():
            given = getattr(self, field)
            if given not in (None, {}) and mechanism != self.mechanism:
                shown = given.plain() if hasattr(given, "plain") else None
                rule = f"has no effect with mechanism: {self.mechanism}"
                raise broken(field, shown, rule, f"drop it or choose mechanism: {mechanism}")
        return self


_BELONGS_TO: Mapping[str, Mechanism] = {
    "quota": "quota",
    "approval": "licence",
    "processing_days": "licence",
    "regime": "licence",
    "per_destination": "licence",
    "per_use": "licence",
}
"""Fields that one mechanism alone uses."""
