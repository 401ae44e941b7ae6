"""Reserves: bought, held, and released on a date or when cover runs low."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from simulator.errors import invalid
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene
from simulator.spec import (
    Date,
    Days,
    FacilitySelector,
    Fraction,
    MaterialSelector,
    NonNegative,
    broken,
    described,
    in_order,
    model_check,
)
from simulator.spec.record import plain


class Stockpile(ShockType, type="stockpile"):
    """A reserve is filled, held, and released to those who are short.

    Either it fills stockpile ``facilities`` of the network (with ``units``), releases what they
    hold, or both: their standby lanes open on ``release`` for ``share`` of their customers' need.
    Or, in any network, it is kept at ``holders`` (with ``days_of_use`` of ``materials``) and handed
    to them on ``release``.

    Notes
    -----
    Without ``release`` a stockpile gives as planned: in the alliance network when a customer's
    cover falls below the trigger of its lane (``standby_trigger_days``). With it, nothing leaves
    before the day; from then on the trigger counts as before, and the customer turns to the reserve
    at the pace of the lane's qualification.

    Examples
    --------
    Japan's public stock is released, and larger by 20 t::

        jogmec: {type: stockpile, facilities: stk_jp_dy, units: 20000, release: 2026-04-01}

    A reserve that the network does not have, kept by its users::

        reserve: {type: stockpile, holders: {kind: plant, country: JPN}, materials: dytb_oxide,
                  days_of_use: 180, release: 2026-03-01}
    """

    facilities: FacilitySelector | None = described(
        "stockpiles of the network to be filled or released", default=None
    )
    holders: FacilitySelector | None = described("users who are given the reserve", default=None)
    materials: MaterialSelector | None = described("holders: what they are given", default=None)
    units: NonNegative | None = described(
        "facilities: units bought for each; default none", default=None
    )
    days_of_use: Days | None = described(
        "holders: size in days of planned use", default=None, unit="days"
    )
    buy_from: Date | None = described(
        "facilities: first day of buying; default at once", default=None
    )
    buy_days: Days = described(
        "facilities: days over which it is bought evenly", default=0.0, unit="days"
    )
    release: Date | None = described(
        "day of the release; facilities: default as planned", default=None
    )
    until: Date | None = described("facilities: day on which the release ends", default=None)
    share: Fraction = described("facilities: share of customers' need it may serve", default=1.0)

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Units added, and standby lanes opened.

        Raises
        ------
        InputError
            If a selected facility is no stockpile, or no holder uses the materials.
        """
        if self.facilities is not None:
            yield from self._fill(scene, self.facilities)
        else:
            yield from self._hand_out(scene)

    def _fill(self, scene: Scene, facilities: FacilitySelector) -> Iterator[Effect]:
        network = scene.network
        start = scene.day(self.buy_from) if self.buy_from else 0
        days = max(1, scene.days("buy_days", self.buy_days))
        units = scene.value("units", self.units) if self.units is not None else 0.0
        share = scene.value("share", self.share)
        for f in scene.facilities("facilities", facilities, self.release):
            if network.kinds[f] != "stockpile":
                rule = f"is a {network.kinds[f]}, not a stockpile"
                remedy = "select holders instead, with days_of_use"
                raise invalid(f"{scene.name}.facilities", network.facility_ids[f], rule, remedy)
            for day in range(start, start + days if self.units is not None else start):
                when = max(day, 0)  # what was bought before the run is there when it begins
                yield Effect(Control.FINISHED_ADD, f, when, when + 1, units / days)
            if self.release is None:
                continue
            opens, closes = scene.day(self.release), scene.day_or_end(self.until)
            for lane in network.out_lanes[f]:
                if opens > 0:
                    yield Effect(Control.STANDBY, lane, 0, opens, 0.0)
                yield Effect(Control.STANDBY, lane, opens, closes, share)
                if closes is not None:
                    yield Effect(Control.STANDBY, lane, closes, None, 0.0)

    def _hand_out(self, scene: Scene) -> Iterator[Effect]:
        assert self.holders is not None and self.materials is not None
        assert self.days_of_use is not None and self.release is not None
        network = scene.network
        day = scene.day(self.release)
        materials = set(scene.materials("materials", self.materials))
        days = scene.value("days_of_use", self.days_of_use)
        found = False
        for f in scene.facilities("holders", self.holders, self.release):
            for slot in network.slots_of(f):
                if int(network.slot_material[slot]) not in materials:
                    continue
                found = True
                if 0 <= day < scene.horizon_days:
                    units = days * float(scene.plan.slot_rate[slot, day])
                    yield Effect(Control.STOCK_ADD, slot, day, day + 1, units)
        if not found:
            rule = "no holder uses these materials"
            raise invalid(f"{scene.name}.materials", names(self.materials), rule)

    def window(self) -> tuple[date | None, date | None]:
        """From the release, or from buying where there is none."""
        return self.release or self.buy_from, self.until

    def label(self) -> str:
        """Say whose reserve."""
        chosen = self.facilities if self.facilities is not None else self.holders
        return f"reserve at {names(chosen)}" if chosen is not None else "reserve"

    @model_check
    def _one_form(self) -> Stockpile:
        in_order(self.release, self.until)
        if (self.facilities is None) == (self.holders is None):
            raise broken("facilities", None, "give either facilities or holders")
        needs = {
            True: (),
            False: ("materials", "days_of_use", "release"),
        }
        inert = {
            True: ("materials", "days_of_use"),
            False: ("units", "buy_from", "buy_days", "until", "share"),
        }
        fills = self.facilities is not None
        form = "facilities" if fills else "holders"
        for field in needs[fills]:
            if getattr(self, field) is None:
                raise broken(field, None, f"must be given with {form}")
        if fills and self.units is None:
            if self.release is None:
                raise broken("units", None, "must be given with facilities", "or a release")
            for field in ("buy_from", "buy_days"):
                if self._given(field):
                    raise broken(field, None, "has no effect without units", "give units")
        for field in inert[fills]:
            if self._given(field):
                raise broken(field, None, f"has no effect with {form}", "drop it")
        for field in ("until", "share"):
            if fills and self.release is None and self._given(field):
                raise broken(field, None, "has no effect without release", "give release")
        return self

    def _given(self, field: str) -> bool:
        return bool(plain(getattr(self, field)) != type(self).model_fields[field].default)
