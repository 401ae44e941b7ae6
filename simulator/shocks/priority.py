"""Priority: allies are served before others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

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


class Priority(ShockType, type="priority"):
    """Suppliers in an alliance hold back what others get, so that there is more for allies.

    Notes
    -----
    The priority class of a lane is a fixed number of the network, so allies-first is a limit here:
    from ``from`` to ``until``, customers outside the alliance get at most ``outsiders`` x their
    planned rate, short supply or not. What is held back fills allies' orders beyond their plan
    (catching up, standby); where supply is ample it stays with the supplier, which makes less. So
    it shows the most that allies gain, and more than the least that others lose.

    Examples
    --------
    ::

        allies-first: {type: priority, allies: pax, materials: {layer: semiconductors},
                       from: 2026-01-01, outsiders: 0.5}
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
    outsiders: Fraction = described(
        "share of their planned flow that others still get", default=0.5
    )

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Limits on every lane from the suppliers to customers outside the alliance.

        Raises
        ------
        InputError
            If there is no such lane, so that there is nobody to come before.
        """
        start, end = scene.day(self.from_), scene.day_or_end(self.until)
        outsiders = scene.value("outsiders", self.outsiders)
        for lane in scene.chosen("lanes", partial(self._lanes, scene)):
            yield Effect(Control.LIMIT, lane, start, end, outsiders)

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
        return f"{names(self.allies)} first: others get {100 * self.outsiders.base:g} %"

    @model_check
    def _dates_in_order(self) -> Priority:
        in_order(self.from_, self.until)
        return self
