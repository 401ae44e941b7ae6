"""Export restrictions: bans, quotas and licences, with announcement, reach and hoarding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar, Literal

from simulator.errors import invalid
from simulator.network.content import origin_value_share
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene, cut
from simulator.spec import (
    CountrySet,
    Date,
    Days,
    Fraction,
    MaterialSelector,
    Multiplier,
    Record,
    broken,
    described,
    in_order,
    model_check,
    parse_number,
)

Mechanism = Literal["ban", "quota", "licence"]
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "ban": (),
    "quota": ("quota",),
    "licence": ("approval", "processing_days"),
}
_ZERO = parse_number(0.0)


class Destination(Record):
    """How licences go for one destination, where it differs from the rest."""

    approval: Fraction = described("share of planned flow that is approved")
    processing_days: Days = described("days until the first approved goods move", unit="days")


class Reach(Record):
    """Extension to goods made elsewhere that contain the materials (China's No. 61 of 2025: 0.1 %)."""

    materials: MaterialSelector = described("foreign-made goods that the rule lists")
    threshold: Fraction = described("share of a good's value that brings it under the rule", default=0.001)
    from_: Date | None = described("day on which the reach takes effect", default=None, alias="from")


class ExportRestriction(ShockType, type="export_restriction"):
    """Countries restrict what they export, to all or to some destinations.

    ``ban`` stops the lanes; ``quota`` lets a fraction of the planned flow leave; under ``licence``
    nothing moves until the processing time has passed, then the approved fraction moves. Between
    announcement and effect customers may hoard: their target cover is multiplied.

    Examples
    --------
    Heavy rare earths from China under licence, with one destination treated worse::

        april: {type: export_restriction, by: CHN, materials: [dytb_oxide, yttrium_oxide], to: all,
                from: 2025-04-04, mechanism: licence, approval: 0.22, processing_days: 53,
                per_destination: {JPN: {approval: 0.04, processing_days: 180}}}
    """

    suspendable: ClassVar[bool] = True

    by: CountrySet = described("countries that restrict their exports")
    materials: MaterialSelector = described("restricted materials")
    to: CountrySet = described("destinations: countries, alliances or all", default="all")
    exempt: CountrySet | None = described("destinations left out", default=None)
    announced: Date | None = described("day of the announcement", default=None)
    from_: Date = described("day on which it takes effect", alias="from")
    until: Date | None = described("first day on which it is off again; open if not given", default=None)
    mechanism: Mechanism = described("ban, quota or licence")
    quota: Fraction | None = described("quota: share of planned flow that may leave", default=None)
    approval: Fraction | None = described("licence: share of planned flow approved", default=None)
    processing_days: Days | None = described("licence: days until goods move", default=None, unit="days")
    per_destination: Mapping[str, Destination] = described("licence: by country code", default={})
    hoarding: Multiplier = described("multiple of target cover between announcement and effect", default=1.0)
    reach: Reach | None = described("goods made elsewhere that fall under it too", default=None)

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Limits on every restricted lane, and covers of those who hoard."""
        lanes = self._lanes(scene)
        start, end = scene.day(self.from_), scene.day_or_end(self.until)
        for lane in lanes:
            yield from self._limits(scene, lane, start, end)
        if self.reach is not None:
            begin = scene.day(self.reach.from_ or self.from_)
            for lane in self._reached(scene, self.reach, set(lanes)):
                yield from self._limits(scene, lane, max(begin, start), end)
        if self.announced is not None and self.announced < self.from_:
            factor = scene.value("hoarding", self.hoarding)
            slots = {int(scene.network.lane_slot[lane]) for lane in lanes}
            if factor != 1.0:
                for slot in sorted(slots):
                    yield Effect(Control.COVER, slot, scene.day(self.announced), start, factor)

    def _limits(self, scene: Scene, lane: int, start: int, end: int | None) -> Iterator[Effect]:
        spells = scene.spells.get(scene.name, ())
        for begin, finish, spell in cut(start, end, spells, scene.horizon_days):
            if spell is None:
                fraction, wait = self._terms(scene, lane)
            else:
                fraction, wait = spell.approval, spell.processing_days
            moving = min(begin + wait, finish)
            if begin < moving:
                yield Effect(Control.LIMIT, lane, begin, moving, 0.0)
            if moving < finish:
                yield Effect(Control.LIMIT, lane, moving, finish, fraction)

    def _terms(self, scene: Scene, lane: int) -> tuple[float, int]:
        """Fraction that moves on a lane, and days until it does, as the measure is written."""
        if self.mechanism == "ban":
            return 0.0, 0
        if self.mechanism == "quota":
            return scene.value("quota", self.quota or _ZERO), 0
        customer = int(scene.network.slot_facility[scene.network.lane_slot[lane]])
        country = scene.network.countries[customer]
        own = self.per_destination.get(country)
        if own is not None:
            place = f"per_destination.{country}"
            return (
                scene.value(f"{place}.approval", own.approval),
                scene.days(f"{place}.processing_days", own.processing_days),
            )
        return (
            scene.value("approval", self.approval or _ZERO),
            scene.days("processing_days", self.processing_days or _ZERO),
        )

    def _destinations(self, scene: Scene) -> set[int]:
        found = set(scene.located("to", self.to, self.from_))
        found -= set(scene.located("by", self.by, self.from_))
        if self.exempt is not None:
            found -= set(scene.located("exempt", self.exempt, self.from_))
        return found

    def _lanes(self, scene: Scene) -> list[int]:
        materials = scene.materials("materials", self.materials)
        sellers = scene.located("by", self.by, self.from_)
        lanes = list(scene.lanes(materials, sellers, self._destinations(scene)))
        if not lanes and self.reach is None:
            rule = "no lane carries these materials from these countries to these destinations"
            remedy = "see which lanes there are with `paxsim describe`"
            raise invalid(f"{scene.name}.materials", names(self.materials), rule, remedy)
        return lanes

    def _reached(self, scene: Scene, reach: Reach, direct: set[int]) -> Iterator[int]:
        """Lanes across a border that carry foreign-made goods with enough of the content."""
        network = scene.network
        origins = set(scene.located("by", self.by, self.from_))
        listed = scene.materials("reach.materials", reach.materials)
        key = (scene.name, "reach")
        if key not in scene.memo:
            materials = {network.material_ids[m] for m in scene.materials("materials", self.materials)}
            countries = {network.countries[f] for f in origins}
            day = min(max(scene.day(reach.from_ or self.from_), 0), scene.horizon_days - 1)
            share = origin_value_share(network, scene.plan, materials, countries, day)
            threshold = reach.threshold.base
            scene.memo[key] = tuple(
                f for f in network.facilities if f not in origins and share[f] >= threshold
            )
        for lane in scene.lanes(listed, scene.memo[key], self._destinations(scene)):
            customer = int(network.slot_facility[network.lane_slot[lane]])
            home = network.countries[int(network.lane_supplier[lane])]
            if network.countries[customer] != home and lane not in direct:
                yield lane

    def window(self) -> tuple[date, date | None]:
        """From effect to end."""
        return self.from_, self.until

    def label(self) -> str:
        """Say who restricts what."""
        return f"{names(self.by)}: {self.mechanism} on {names(self.materials)}"

    @model_check
    def _fits_mechanism(self) -> ExportRestriction:
        in_order(self.from_, self.until)
        in_order(self.announced, self.from_, "from")
        for mechanism, fields in _NEEDS.items():
            for field in fields:
                given = getattr(self, field) is not None
                if given and mechanism != self.mechanism:
                    raise broken(
                        field,
                        getattr(self, field).plain(),
                        f"has no effect with mechanism: {self.mechanism}",
                        f"drop it or choose mechanism: {mechanism}",
                    )
                if not given and mechanism == self.mechanism:
                    raise broken(field, None, f"must be given with mechanism: {mechanism}")
        if self.per_destination and self.mechanism != "licence":
            raise broken(
                "per_destination", None, "has no effect without mechanism: licence", "drop it"
            )
        if self.announced is None and self.hoarding.bounds != (1.0, 1.0):
            raise broken("hoarding", self.hoarding.plain(), "has no effect without `announced`")
        return self
