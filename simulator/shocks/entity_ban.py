"""Entity listings: named customers are cut off, wherever else the goods still go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import ClassVar

from simulator.errors import invalid
from simulator.shocks.base import ShockType, names
from simulator.shocks.effects import Effect
from simulator.shocks.licences import Licence, LicenceTerms, Terms, check_licence, limits, terms_of
from simulator.shocks.reach import Reach, reached_lanes
from simulator.shocks.scene import Scene
from simulator.spec import (
    CountrySet,
    Date,
    FacilitySelector,
    MaterialSelector,
    Selector,
    described,
    in_order,
    model_check,
)


class EntityBan(LicenceTerms, ShockType, type="entity_ban"):
    """Countries put named customers on a list: nothing, or little, leaves to them.

    Without a licence the lanes are closed, as for the ten US firms of 22 June 2026 or the twenty
    Japanese ones of 24 February 2026. A watch list is a licence (``regime: hostile``, or
    ``approval`` and ``processing_days``). With ``reach`` the list binds foreign re-exporters of
    goods with enough of the content too.

    Examples
    --------
    ::

        listed: {type: entity_ban, by: CHN, customers: [mag_us, sep_mtp_hv], from: 2026-06-22}
        watched: {type: entity_ban, by: CHN, customers: {operator: "*TDK*"}, materials: dytb_oxide,
                  from: 2026-02-24, regime: hostile}
    """

    suspendable: ClassVar[bool] = True

    by: CountrySet = described("countries whose exporters must obey")
    customers: FacilitySelector = described("facilities on the list")
    materials: MaterialSelector | None = described(
        "only these materials; default all", default=None
    )
    from_: Date = described("day of the listing", alias="from")
    until: Date | None = described("day of the delisting; open if not given", default=None)
    reach: Reach | None = described("goods made elsewhere that fall under it too", default=None)

    def effects(self, scene: Scene) -> Iterator[Effect]:
        """Limits on every lane from the countries to the customers."""
        start, end = scene.day(self.from_), scene.day_or_end(self.until)
        given: Licence | None = self.licence
        terms = Terms(0.0, 0) if given is None else terms_of(scene, "", given)
        lanes = scene.chosen("lanes", partial(self._lanes, scene))
        yield from limits(scene, ((lane, terms) for lane in lanes), start, end)
        if self.reach is not None:
            begin = self.reach.day(scene, start)
            reached = [lane for lane in self._reached(scene, self.reach) if lane not in set(lanes)]
            yield from limits(scene, ((lane, terms) for lane in reached), begin, end)

    def _materials(self, scene: Scene) -> tuple[int, ...]:
        if self.materials is None:
            return tuple(range(len(scene.network.material_ids)))
        return scene.materials("materials", self.materials)

    def _lanes(self, scene: Scene, _: str) -> list[int]:
        sellers = scene.located("by", self.by, self.from_)
        customers = scene.facilities("customers", self.customers, self.from_)
        lanes = list(scene.lanes(self._materials(scene), sellers, customers))
        if not lanes and self.reach is None:
            rule = "no lane leads from these countries to these customers"
            remedy = "name customers that these countries supply, or give a reach"
            chosen: Selector = self.customers
            raise invalid(f"{scene.name}.customers", names(chosen), rule, remedy)
        return lanes

    def _reached(self, scene: Scene, reach: Reach) -> tuple[int, ...]:
        customers = scene.facilities("customers", self.customers, self.from_)
        origins = scene.located("by", self.by, self.from_)
        on = reach.from_ or self.from_
        return reached_lanes(scene, reach, self._materials(scene), origins, customers, on)

    def window(self) -> tuple[date, date | None]:
        """From listing to delisting."""
        return self.from_, self.until

    def label(self) -> str:
        """Say who lists whom."""
        return f"{names(self.by)}: listing of {names(self.customers)}"

    @model_check
    def _consistent(self) -> EntityBan:
        in_order(self.from_, self.until)
        if any(value is not None for value in (self.regime, self.approval, self.processing_days)):
            check_licence(self, needed="with the other")
        return self
