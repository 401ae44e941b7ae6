"""Priority: allies are served first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from simulator.errors import invalid
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene
from simulator.spec import (
    CountrySet,
    Date,
    FacilitySelector,
    Fraction,
    MaterialSelector,
    described,
    in_order,
    model_check,
)

if TYPE_CHECKING:
    from simulator.network.network import Network


class Priority(ShockType, type="priority"):
    """Suppliers in an alliance serve allies first; others get what is left.

    Notes
    -----
    From ``from`` to ``until``, the lanes of these suppliers to customers outside the alliance stand
    behind all their lanes to allies, whatever their classes; among themselves both keep their
    order. So it acts where there is too little for all, and then to the full: allies are given even
    what they ask beyond their plan before others get anything. Where there is enough, nobody
    notices. Several such measures add up: who is an outsider to two stands behind who is to one.

    ``outsiders`` also holds back goods where there is enough: others then get at most that share of
    their planned flow. What is held back fills allies' orders beyond their plan; the rest stays
    with the supplier, which makes less.

    Examples
    --------
    ::

        allies-first: {type: priority, allies: pax, materials: {layer: semiconductors},
                       from: 2026-01-01}
    """

    allies: CountrySet = described("countries or alliances that come first")
    suppliers: FacilitySelector | None = described(
        "suppliers that obey; default all in the allied countries", default=None
    )
    materials: MaterialSelector | None = described(
        "only these materials; default all", default=None
    )
    from_: Date = described("first day", alias="from")
    until: Date | None = described("day on which it ends", default=None)
    outsiders: Fraction | None = described(
        "share of their planned flow that others get at most, even where there is enough",
        default=None,
    )

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Classes, and limits if wanted, of every lane to customers outside the alliance.

        Raises
        ------
        InputError
            If there is no such lane, so that there is nobody to come before.
        """
        start, end = scene.day(self.from_), scene.day_or_end(self.until)
        lanes = scene.chosen("lanes", partial(self._lanes, scene))
        for lane, classes in _steps(scene.network, lanes):
            yield Effect(Control.PRIORITY, lane, start, end, float(classes))
        if self.outsiders is not None:
            share = scene.value("outsiders", self.outsiders)
            for lane in lanes:
                yield Effect(Control.LIMIT, lane, start, end, share)

    def _lanes(self, scene: Scene, _: str) -> list[int]:
        network = scene.network
        allied = scene.located("allies", self.allies, self.from_)
        sellers = allied
        if self.suppliers is not None:
            sellers = scene.facilities("suppliers", self.suppliers, self.from_)
        others = set(network.facilities) - set(allied)
        wanted: tuple[int, ...] = tuple(range(len(network.material_ids)))
        if self.materials is not None:
            wanted = scene.materials("materials", self.materials)
        found = list(scene.lanes(wanted, sellers, others))
        if not found:
            rule = "no lane leads from these suppliers to customers elsewhere"
            remedy = "select other materials or suppliers"
            raise invalid(f"{scene.name}.allies", names(self.allies), rule, remedy)
        return found

    def window(self) -> tuple[date, date | None]:
        """First and last day."""
        return self.from_, self.until

    def label(self) -> str:
        """Say who comes first."""
        held = "" if self.outsiders is None else f", at most {100 * self.outsiders.base:g} %"
        return f"{names(self.allies)} first, others after{held}"

    @model_check
    def _dates_in_order(self) -> Priority:
        in_order(self.from_, self.until)
        return self


def _steps(network: Network, lanes: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Classes by which each lane falls behind all others of its supplier that are not among them.

    Nothing where all customers of a supplier are among them.
    """
    behind = set(lanes)
    for lane in lanes:
        siblings = network.out_lanes[int(network.lane_supplier[lane])]
        if not behind.issuperset(siblings):
            classes = [int(network.lane_priority[i]) for i in siblings]
            yield lane, max(classes) - min(classes) + 1
