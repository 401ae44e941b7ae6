"""Reach of a restriction beyond the border: foreign-made goods with enough restricted content."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from simulator.network.content import origin_value_share
from simulator.shocks.scene import Scene
from simulator.spec import (
    Date,
    Days,
    Fraction,
    MaterialSelector,
    Record,
    broken,
    described,
    model_check,
)


class Reach(Record):
    """Extension to goods made elsewhere that contain the materials (China's No. 61 of 2025: 0.1 %).

    The content is traced through the recipes at planned rates and listed prices.
    """

    materials: MaterialSelector = described("foreign-made goods that the rule lists")
    threshold: Fraction = described(
        "share of a good's value that brings it under the rule", default=0.001
    )
    from_: Date | None = described(
        "day on which the reach takes effect", default=None, alias="from"
    )
    lag_days: Days | None = described(
        "days from the restriction's effect to the reach's, instead of from",
        default=None,
        unit="days",
    )

    def day(self, scene: Scene, start: int) -> int:
        """First day of the reach, for a restriction that takes effect on day ``start``."""
        if self.lag_days is not None:
            return start + scene.days("reach.lag_days", self.lag_days)
        return start if self.from_ is None else max(scene.day(self.from_), start)

    @model_check
    def _one_start(self) -> Reach:
        if self.from_ is not None and self.lag_days is not None:
            rule = "has no effect with from"
            raise broken("lag_days", self.lag_days.plain(), rule, "give either from or lag_days")
        if self.threshold.uncertain:
            rule = "must be a plain number, since what it reaches is worked out once"
            raise broken("threshold", self.threshold.plain(), rule)
        return self


def reached_lanes(
    scene: Scene,
    reach: Reach,
    materials: Collection[int],
    origins: Collection[int],
    customers: Collection[int],
    on: date,
) -> tuple[int, ...]:
    """Lanes across a border that carry foreign-made goods with enough of the content.

    Parameters
    ----------
    scene
        The entry's scene.
    reach
        The rule.
    materials, origins, customers
        Numbers of the restricted materials, of the facilities in the restricting countries, and of
        the customers concerned.
    on
        Date whose plan the content is traced by.
    """
    network = scene.network

    def choose(_: str) -> list[int]:
        made_of = {network.material_ids[m] for m in materials}
        countries = {network.countries[f] for f in origins}
        day = min(max(scene.day(on), 0), scene.horizon_days - 1)
        share = origin_value_share(network, scene.plan, made_of, countries, day)
        makers = [
            f for f in network.facilities if f not in origins and share[f] >= reach.threshold.base
        ]
        listed = scene.materials("reach.materials", reach.materials)
        return [
            lane
            for lane in scene.lanes(listed, makers, customers)
            if network.countries[int(network.lane_supplier[lane])]
            != network.countries[int(network.slot_facility[network.lane_slot[lane]])]
        ]

    return scene.chosen("reach", choose)
