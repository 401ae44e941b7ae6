"""Diversification: buyers give suppliers another share, or a standby share, from a date on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import numpy as np

from simulator.errors import invalid
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene
from simulator.shocks.shapes import ramp
from simulator.spec import (
    Date,
    Days,
    Fraction,
    LaneSelector,
    broken,
    described,
    in_order,
    model_check,
)

_TOLERANCE = 1e-9


class Diversification(ShockType, type="diversification"):
    """Lanes get a new ``share`` of their customers' need, or a new ``standby_share``.

    With ``share``, what the customer's other lanes have shrinks in proportion, so that the shares
    still sum to 1. With ``standby_share`` the plan stays, and the lanes stand ready to take that
    part when others fail (with the qualification time of the lane).

    Notes
    -----
    The lanes must be rows of the network; a new supplier has share 0 there. Its planned sales, and
    so its base stock, stay as they are: by the rules it meets a standing request beyond its plan
    only in part (1 / (cycle days + 2) of the excess), so the split ends between the old and the new
    one and the customer's stock settles below its target. A ``share_profile`` in the network moves
    plans too. Where two measures set one lane, the one later in the alphabet holds.

    Examples
    --------
    Magnet makers in Japan move to two fifths of their heavy rare earths from Malaysia in a year::

        second: {type: diversification, from: 2026-04-01, ramp_days: 365, share: 0.4,
                 lanes: {material: dytb_oxide, supplier: sep_lynas_hv, customer_country: JPN}}

    Every other supplier of gallium on standby for half of the need::

        backup: {type: diversification, from: 2026-01-01, standby_share: 0.5,
                 lanes: {material: gallium_hp, except: [{country: CHN}]}}
    """

    lanes: LaneSelector = described("lanes that get the new share")
    from_: Date = described("first day of the change", alias="from")
    until: Date | None = described("day on which shares are as planned again", default=None)
    share: Fraction | None = described("new share of the customer's need", default=None)
    standby_share: Fraction | None = described("new standby share", default=None)
    delay_days: Days = described("slip of the date", default=0.0, unit="days")
    ramp_days: Days = described("days over which the share is reached", default=0.0, unit="days")

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Shares of the lanes and of their neighbours, or standby shares.

        Raises
        ------
        InputError
            If the new shares of a customer exceed 1, or leave a part of its need to nobody.
        """
        lanes = scene.lane_numbers("lanes", self.lanes, self.from_)
        start = scene.day(self.from_) + scene.days("delay_days", self.delay_days)
        end = scene.day_or_end(self.until)
        last = scene.horizon_days if end is None else min(end, scene.horizon_days)
        days = scene.days("ramp_days", self.ramp_days)
        if self.standby_share is not None:
            yield from self._standby(scene, lanes, start, last, days)
            return
        assert self.share is not None
        share = scene.value("share", self.share)
        slots = scene.chosen("slots of lanes", partial(_slots_of, scene, lanes))
        for slot in slots:
            yield from self._shift(scene, slot, set(lanes), (start, last, days), share)

    def _standby(
        self, scene: Scene, lanes: tuple[int, ...], start: int, last: int, days: int
    ) -> Iterator[Effect]:
        assert self.standby_share is not None
        share = scene.value("standby_share", self.standby_share)
        for lane in lanes:
            usual = float(scene.network.numbers.standby_share[lane])
            climb = ramp(usual, share, days)[: max(last - start, 0)]
            if climb:
                yield Effect(Control.STANDBY, lane, start, start + len(climb), climb)
            if start + len(climb) < last:
                yield Effect(Control.STANDBY, lane, start + len(climb), last, share)

    def _shift(
        self, scene: Scene, slot: int, chosen: set[int], window: tuple[int, int, int], share: float
    ) -> Iterator[Effect]:
        """New shares of all lanes into one slot, day by day."""
        start, last, days = window
        begin = max(start, 0)
        if begin >= last:
            return
        into = scene.network.lanes_into(slot)
        planned = scene.plan.lane_share[into.start : into.stop, begin:last]
        given = np.array([lane in chosen for lane in into])
        total = share * int(given.sum())
        self._check(scene, slot, total, alone=bool(given.all()))
        done = np.minimum((np.arange(begin, last) - start + 1) / max(days, 1), 1.0)
        new = np.where(given[:, None], planned + (share - planned) * done, planned)
        rest, left = planned[~given].sum(axis=0), 1.0 - new[given].sum(axis=0)
        factor = np.divide(left, rest, out=np.ones_like(left), where=rest > 0.0)
        new[~given] *= np.maximum(factor, 0.0)
        for lane, path in zip(into, new, strict=True):
            yield Effect(Control.SHARE, lane, begin, last, tuple(path.tolist()))

    def _check(self, scene: Scene, slot: int, total: float, *, alone: bool) -> None:
        where, name = f"{scene.name}.share", scene.network.slot_ids[slot]
        if total > 1.0 + _TOLERANCE:
            rule = f"the selected lanes to {name} would have {total:g} of its need together"
            raise invalid(where, total, rule, "give a smaller share, or select fewer lanes")
        if alone and total < 1.0 - _TOLERANCE:
            rule = f"leaves {1 - total:.3g} of the need of {name} to nobody"
            raise invalid(where, total, rule, "leave a lane of this customer out of the selector")

    def window(self) -> tuple[date, date | None]:
        """From the first change on."""
        return self.from_, self.until

    def label(self) -> str:
        """Say who gets how much."""
        if self.share is not None:
            return f"{names(self.lanes)}: {100 * self.share.base:g} % of the need"
        assert self.standby_share is not None
        return f"{names(self.lanes)}: {100 * self.standby_share.base:g} % on standby"

    @model_check
    def _one_share(self) -> Diversification:
        in_order(self.from_, self.until)
        if self.share is None and self.standby_share is None:
            raise broken("share", None, "must be given", "or standby_share")
        if self.share is not None and self.standby_share is not None:
            rule = "must stand alone, without share"
            remedy = "write two measures, one for each"
            raise broken("standby_share", self.standby_share.plain(), rule, remedy)
        return self


def _slots_of(scene: Scene, lanes: tuple[int, ...], _: str) -> list[int]:
    return sorted({int(scene.network.lane_slot[lane]) for lane in lanes})
