"""What a shock sees when it is turned into effects: network, plan, calendar, and its own draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

from simulator.spec import select_countries, select_facilities, select_lanes, select_materials
from simulator.units import day_of, whole_days

if TYPE_CHECKING:
    from simulator.network.network import Network
    from simulator.network.plan import Plan
    from simulator.spec import (
        CountrySet,
        Distribution,
        FacilitySelector,
        LaneSelector,
        MaterialSelector,
    )


class Draw(Protocol):
    """Draws of one replication for one entry of a scenario."""

    def value(self, path: str, number: Distribution, *, recorded: bool = True) -> float:
        """Sampled value of the entry's number at a field path.

        What is not ``recorded`` is left out of the results: the numbers of the single events of a
        process, which are many and differ in number from one replication to the next.
        """

    def uniform(self, purpose: str, *, recorded: bool = True) -> float:
        """Uniform in [0, 1) for an event of the entry, such as which branch is taken."""

    def note(self, purpose: str, value: float) -> None:
        """Record something that follows from draws, such as how many events there were."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time during which a restriction does not apply as written.

    Attributes
    ----------
    start, end
        Days; ``end`` None lasts to the horizon.
    approval
        Fraction of the planned flow that moves; infinite means free, so the restriction is off.
    processing_days
        Days at the beginning during which nothing moves yet.
    """

    start: int
    end: int | None
    approval: float
    processing_days: int = 0


@dataclass(frozen=True)
class Scene:
    """The world of one replication, as one scenario entry may see it.

    Attributes
    ----------
    name
        Place of the entry in the scenario, such as ``shocks.october``.
    network, plan
        Topology and planned profiles of this realisation.
    draw
        The entry's own draws; no entry can reach another's.
    spells
        Place of a restriction to the spells that suspensions put on it, sorted by start.
    memo
        What selectors chose, kept from one replication to the next.
    """

    name: str
    network: Network
    plan: Plan
    draw: Draw
    spells: Mapping[str, tuple[Spell, ...]] = field(default_factory=dict)
    memo: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    @property
    def horizon_days(self) -> int:
        """Length of the run in days."""
        return self.network.horizon_days

    def day(self, when: date) -> int:
        """Day number of a date; negative before the start."""
        return day_of(when, self.network.start)

    def day_or_end(self, when: date | None) -> int | None:
        """Day number of a date; None lasts to the horizon."""
        return None if when is None else self.day(when)

    def value(self, path: str, number: Distribution) -> float:
        """Value of one of the entry's numbers in this replication."""
        return self.draw.value(path, number)

    def days(self, path: str, number: Distribution, minimum: int = 0) -> int:
        """Value of a duration in this replication, in whole days."""
        return whole_days(self.draw.value(path, number), minimum)

    def facilities(self, path: str, selector: FacilitySelector, on: date | None) -> tuple[int, ...]:
        """Numbers of the facilities that one of the entry's selectors chooses."""
        return self.chosen(
            path,
            lambda place: [
                self.network.facility_index[name]
                for name in select_facilities(self.network.dataset, selector, on, path=place)
            ],
        )

    def materials(self, path: str, selector: MaterialSelector) -> tuple[int, ...]:
        """Numbers of the materials that one of the entry's selectors chooses."""
        return self.chosen(
            path,
            lambda place: [
                self.network.material_index[name]
                for name in select_materials(self.network.dataset, selector, path=place)
            ],
        )

    def located(self, path: str, countries: CountrySet, on: date | None) -> tuple[int, ...]:
        """Numbers of the facilities in one of the entry's sets of countries."""

        def choose(place: str) -> list[int]:
            codes = set(select_countries(self.network.dataset, countries, on, path=place))
            return [f for f in self.network.facilities if self.network.countries[f] in codes]

        return self.chosen(path, choose)

    def lane_numbers(self, path: str, selector: LaneSelector, on: date | None) -> tuple[int, ...]:
        """Numbers of the lanes that one of the entry's selectors chooses."""
        return self.chosen(
            path,
            lambda place: [
                self.network.lane_index[name]
                for name in select_lanes(self.network.dataset, selector, on, path=place)
            ],
        )

    def slots(self, facilities: Iterable[int], materials: Iterable[int] | None) -> Iterator[int]:
        """Slots of the facilities for one of the materials; None stands for any material."""
        wanted = None if materials is None else set(materials)
        for f in facilities:
            for slot in self.network.slots_of(f):
                if wanted is None or int(self.network.slot_material[slot]) in wanted:
                    yield slot

    def lanes(
        self, materials: Iterable[int], suppliers: Iterable[int], customers: Iterable[int]
    ) -> Iterator[int]:
        """Lanes with one of the materials, from one of the suppliers to one of the customers."""
        network = self.network
        wanted, sellers, buyers = set(materials), set(suppliers), set(customers)
        for i in network.lanes:
            slot = int(network.lane_slot[i])
            if (
                int(network.slot_material[slot]) in wanted
                and int(network.lane_supplier[i]) in sellers
                and int(network.slot_facility[slot]) in buyers
            ):
                yield i

    def chosen(self, path: str, choose: Callable[[str], Iterable[int]]) -> tuple[int, ...]:
        """What ``choose`` gives for the full place of a path, worked out in the first replication.

        So it must not depend on draws, and the path must belong to the one choice.
        """
        key = (self.name, path)
        if key not in self.memo:
            self.memo[key] = tuple(choose(f"{self.name}.{path}"))
        return self.memo[key]


def cut(
    start: int, end: int | None, spells: Iterable[Spell], horizon_days: int
) -> Iterator[tuple[int, int, Spell | None]]:
    """Cut a restriction's time into pieces: as written (None) and under a spell.

    Spells must be sorted and must not overlap. Pieces come in order and cover [start, end).
    """
    last = horizon_days if end is None else end
    now = start
    for spell in spells:
        begin = max(spell.start, start)
        finish = last if spell.end is None else min(spell.end, last)
        if begin >= finish or finish <= now:
            continue
        begin = max(begin, now)
        if now < begin:
            yield now, begin, None
        yield begin, finish, spell
        now = finish
    if now < last:
        yield now, last, None
