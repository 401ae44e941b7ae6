"""What can be taken out of a network: facilities, countries, their materials, hubs, chokepoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.shocks.effects import Control, Effect

if TYPE_CHECKING:
    from simulator.network.network import Network

WHATS: Final = ("facility", "country", "country_material", "hub", "chokepoint")
CHOKEPOINT: Final = "chk_"
"""How ids of hubs begin that are straits and canals; they lie in no country."""


@dataclass(frozen=True, slots=True)
class Removal:
    """One part of the chain that stops: nothing is made there, and nothing leaves it.

    Attributes
    ----------
    what, id, label
        One of `WHATS`, its name in the tables, and its name for people.
    layer, country, material
        Where they are one and the same; else empty.
    facilities
        Numbers of the makers and stockpiles that stop, or of the hub that closes.
    """

    what: str
    id: str
    label: str
    layer: str
    country: str
    material: str
    facilities: tuple[int, ...]

    @property
    def at_hub(self) -> bool:
        """Whether traffic stops, not production."""
        return self.what in ("hub", "chokepoint")

    def effects(self, network: Network, start: int, days: int) -> list[Effect]:
        """Controls of the removal from day ``start`` on for ``days`` days.

        What is under way still arrives, and goods in process are finished, but wait.
        """
        end = start + days
        if self.at_hub:
            return [Effect(Control.HANDLING, f, start, end, 0.0) for f in self.facilities]
        found = []
        for f in self.facilities:
            if network.kinds[f] != "stockpile":
                found.append(Effect(Control.CAPACITY, f, start, end, 0.0))
            found += [Effect(Control.LIMIT, i, start, end, 0.0) for i in network.out_lanes[f]]
        return found

    def lanes(self, network: Network) -> tuple[int, ...]:
        """Lanes over which nothing comes any more."""
        if self.at_hub:
            closed = set(self.facilities)
            return tuple(i for i in network.lanes if closed & set(network.lane_hubs[i]))
        return tuple(i for f in self.facilities for i in network.out_lanes[f])


def removals(network: Network, whats: Iterable[str] = WHATS) -> tuple[Removal, ...]:
    """Everything that can be removed, sorted by kind and id.

    Data centres and markets only use, so they cannot be removed. A country's removal takes what is
    made in it; its ports and airports stay open, and are removed as hubs.
    """
    wanted = set(whats)
    names = {row.id: row.name or row.id for row in network.dataset.facilities}
    materials = {row.id: row for row in network.dataset.materials}
    makers = [f for f in network.facilities if network.output[f] >= 0]
    made = {f: network.material_ids[network.output[f]] for f in makers}
    layers = {f: materials[made[f]].layer for f in makers}
    found: list[Removal] = []
    for f in makers:
        identity, country = network.facility_ids[f], network.countries[f]
        found.append(
            Removal("facility", identity, names[identity], layers[f], country, made[f], (f,))
        )
    for country in sorted({network.countries[f] for f in makers}):
        there = tuple(f for f in makers if network.countries[f] == country)
        found.append(Removal("country", country, country, "", country, "", there))
        for material in sorted({made[f] for f in there}):
            chosen = tuple(f for f in there if made[f] == material)
            row = materials[material]
            identity, label = f"{country}/{material}", f"{row.name or material}, {country}"
            found.append(
                Removal("country_material", identity, label, row.layer, country, material, chosen)
            )
    for f in network.hubs:
        identity = network.facility_ids[f]
        strait = identity.startswith(CHOKEPOINT)
        what, country = ("chokepoint", "") if strait else ("hub", network.countries[f])
        found.append(Removal(what, identity, names[identity], "logistics", country, "", (f,)))
    kept = [removal for removal in found if removal.what in wanted]
    return tuple(sorted(kept, key=lambda removal: (WHATS.index(removal.what), removal.id)))


def connected(network: Network, removal: Removal) -> bool:
    """Whether lanes link what is removed to a maker of the outcome, whichever way they lead.

    A stop travels down a lane as goods that do not come, up it as orders that do not come, and
    sideways as orders that a customer places with its other suppliers.
    """
    makers = set(np.flatnonzero(np.isin(network.output, network.outcome)).tolist())
    todo = set(removal.facilities)
    if removal.at_hub:
        todo = {int(network.lane_supplier[i]) for i in removal.lanes(network)}
    seen: set[int] = set()
    while todo:
        f = todo.pop()
        if f in makers:
            return True
        seen.add(f)
        near = {int(network.slot_facility[network.lane_slot[i]]) for i in network.out_lanes[f]}
        for slot in network.slots_of(f):
            near |= {int(network.lane_supplier[i]) for i in network.lanes_into(slot)}
        todo |= near - seen
    return False
