"""Evaluate the expressions of the calibration table on a plan: rates, shares, totals and covers."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from simulator.errors import invalid
from simulator.network.feasible import UNLIMITED
from simulator.spec.messages import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulator.network.network import Floats, Network
    from simulator.network.plan import Plan
    from simulator.spec.expressions import Expression

_TOTAL_DAYS = 365


def days_needed(expression: Expression) -> int:
    """Days of a plan, from its start, that an expression reads."""
    own = int(expression.number("day", 0)) + int(expression.number("days", _days(expression)))
    return max([own, *(days_needed(part) for part in expression.inner.values())])


def evaluate(expression: Expression, network: Network, plan: Plan) -> float:
    """Value of an expression.

    Parameters
    ----------
    expression
        What to read; shares are in %, rates in units of material a day times ``scale``.
    network, plan
        Where to read it; the plan must be `days_needed` long.

    Raises
    ------
    InputError
        If it names what the network does not have, or divides by what is not planned.
    """
    reader = _Reader(network, plan, expression)
    value = getattr(reader, expression.kind)()
    return float(value) * expression.number("scale", 1.0)


class _Reader:
    """One expression being read off a plan: a method for each kind."""

    def __init__(self, network: Network, plan: Plan, expression: Expression) -> None:
        self.network, self.plan, self.expression = network, plan, expression
        first = int(expression.number("day", 0))
        self.window = slice(first, first + int(expression.number("days", _days(expression))))

    def share(self) -> float:
        material = self._known("material", self.network.material_index)
        makers = self._makers(material)
        chosen = self._facilities("facilities", "countries") & makers
        return self._percent(self._rate(chosen), self._rate(makers))

    def supply_share(self) -> float:
        lanes = self._lanes_to("customers", "customer_countries")
        suppliers = self._facilities("suppliers", "supplier_countries")
        chosen = [i for i in lanes if int(self.network.lane_supplier[i]) in suppliers]
        return self._percent(self._lane_rate(chosen), self._lane_rate(lanes))

    def use_share(self) -> float:
        chosen = self._lanes_to("customers", "customer_countries")
        return self._percent(self._lane_rate(chosen), self._lane_rate(self._lanes_of_material()))

    def rate(self) -> float:
        return self._rate(self._named())

    def total(self) -> float:
        return self._rate(self._named()) * (self.window.stop - self.window.start)

    def units_per_unit(self) -> float:
        quantity = self._quantity(self.expression.text("recipe"), self.expression.text("input"))
        return 1.0 / quantity if self.expression.text("invert") == "yes" else quantity

    def ratio(self) -> float:
        above, below = (
            evaluate(self.expression.inner[key], self.network, self.plan)
            for key in ("above", "below")
        )
        return self._percent(above, below) / 100.0

    def cover(self) -> float:
        name = f"{self.expression.text('facility')}/{self.expression.text('material')}"
        if name not in self.network.slot_ids:
            _fail(name, f"no such stock; {did_you_mean(name, self.network.slot_ids)}")
        return float(self.network.numbers.cover_days[self.network.slot_ids.index(name)])

    def _named(self) -> set[int]:
        chosen = self._facilities("facilities", "countries")
        if self.expression.text("material"):
            chosen &= self._makers(self._known("material", self.network.material_index))
        return chosen

    def _rate(self, facilities: Iterable[int]) -> float:
        """Mean rate over the window, summed in the order of facilities."""
        chosen = sorted(facilities)
        if not chosen:
            _fail(None, "matches no facility")
        basis = self.expression.text("basis", "starts")
        series: Floats = getattr(self.plan, basis)
        rates = series[chosen, self.window].mean(axis=1)
        if basis == "capacity" and rates.max() >= UNLIMITED:
            name = self.network.facility_ids[chosen[int(np.argmax(rates))]]
            _fail(name, "has no capacity to compare")
        return float((rates * [self._per_unit(f) for f in chosen]).sum())

    def _per_unit(self, facility: int) -> float:
        given = self.expression.text("per_unit")
        if not given:
            return 1.0
        if given.startswith("input:"):
            rows = {row.id: row.recipe for row in self.network.dataset.facilities}
            recipe = rows[self.network.facility_ids[facility]] or ""
            return self._quantity(recipe, given.removeprefix("input:"))
        return self._quantity(*given.partition("/")[::2])

    def _quantity(self, recipe: str, material: str) -> float:
        rows = {(row.recipe, row.input): row for row in self.network.dataset.recipes}
        if (recipe, material) not in rows:
            known = [f"{name}/{used}" for name, used in rows]
            name = f"{recipe}/{material}"
            _fail(name, f"no such row in recipes; {did_you_mean(name, known)}")
        return rows[recipe, material].quantity.base

    def _lane_rate(self, lanes: Iterable[int]) -> float:
        chosen = list(lanes)
        if not chosen:
            _fail(None, "matches no lane")
        return float(self.plan.planned_lane_rate[chosen, self.window].mean(axis=1).sum())

    def _lanes_of_material(self) -> list[int]:
        material = self._known("material", self.network.material_index)
        of_slot = self.network.slot_material[self.network.lane_slot]
        return [i for i in self.network.lanes if of_slot[i] == material]

    def _lanes_to(self, ids: str, countries: str) -> list[int]:
        customers = self._facilities(ids, countries)
        owner = self.network.slot_facility[self.network.lane_slot]
        return [i for i in self._lanes_of_material() if int(owner[i]) in customers]

    def _makers(self, material: int) -> set[int]:
        return {f for f in self.network.facilities if self.network.output[f] == material}

    def _facilities(self, ids: str, countries: str) -> set[int]:
        """Facilities that match both lists; a list that is not given matches all."""
        by_id = self._matching(ids, self.network.facility_ids, fnmatchcase)
        by_country = self._matching(countries, self.network.countries, str.__eq__)
        return by_id & by_country

    def _matching(
        self, key: str, known: tuple[str, ...], match: Callable[[str, str], bool]
    ) -> set[int]:
        names = self.expression.names(key)
        for name in names:
            if not any(match(item, name) for item in known):
                _fail(name, f"matches none of {key}; {did_you_mean(name, known)}")
        return {
            f for f, item in enumerate(known) if not names or any(match(item, n) for n in names)
        }

    def _known(self, key: str, numbers: dict[str, int]) -> int:
        name = self.expression.text(key)
        if name not in numbers:
            _fail(name, f"unknown {key}; {did_you_mean(name, numbers)}")
        return numbers[name]

    def _percent(self, part: float, whole: float) -> float:
        if whole <= 0.0:
            _fail(None, "divides by a rate of zero: nothing is planned there in these days")
        return 100.0 * part / whole


def _days(expression: Expression) -> int:
    return _TOTAL_DAYS if expression.kind == "total" else 1


def _fail(value: object, rule: str) -> NoReturn:
    raise invalid("parameters", value, rule)
