"""Names for people of what the ledger finds, and of the entries of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics import attribution_trace as cause
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.metrics.attribution_ledger import Ledger
    from simulator.network.network import Floats, Network
    from simulator.shocks.effects import Effect

_LANES = frozenset((Control.LIMIT, Control.DELAY, Control.SHARE, Control.STANDBY, Control.PRIORITY))
_SLOTS = frozenset((Control.DEMAND, Control.COVER, Control.STOCK_ADD, Control.STOCK_KEEP))
_MOST_NAMES = 3
_AT_FACILITIES = {
    cause.CAPACITY: ("capacity:", "facility", "capacity of {}"),
    cause.PROCESS: ("process:", "facility", "work in process of {}"),
    cause.HANDLING: ("", "hub", "handling at {}"),
    cause.MORE: ("more:", "facility", "more made or used at {}"),
    cause.OTHER: ("", "facility", "{}, not traced further"),
}
_ON_LANES = {
    cause.LIMITED: ("", "lane", "{} limited"),
    cause.DELAYED: ("delay:", "lane", "{} delayed"),
    cause.SHARED: ("share:", "lane", "{} asked for less"),
    cause.LOST: ("other:", "lane", "{}, not traced further"),
}
_AT_SLOTS = {
    cause.DEMANDED: ("demand:", "market", "demand for {}"),
    cause.COVERED: ("cover:", "market", "stock-building of {}"),
}


@dataclass(frozen=True)
class Named:
    """A cause with its names: id, kind, text for people, material and country."""

    cause: str
    kind: str
    label: str
    material: str
    country: str


class Names:
    """Names of a network's facilities and materials for people; ids where there is none."""

    def __init__(self, network: Network) -> None:
        facilities = {row.id: row.name or row.id for row in network.dataset.facilities}
        materials = {row.id: row.name or row.id for row in network.dataset.materials}
        self.network = network
        self.facility = [facilities[name] for name in network.facility_ids]
        self.material = [materials[name] for name in network.material_ids]


def first_causes(names: Names, ledger: Ledger) -> dict[Named, float]:
    """Lost output by first cause, in units; whatever has none of it is left out."""
    network, found = names.network, dict[Named, float]()
    for which, (prefix, kind, text) in _AT_FACILITIES.items():
        for f, amount in _sums(ledger.facility[which]):
            m = int(network.output[f])
            material = network.material_ids[m] if m >= 0 else ""
            label = text.format(names.facility[f])
            identity = prefix + network.facility_ids[f]
            found[Named(identity, kind, label, material, network.countries[f])] = amount
    for which, (prefix, kind, text) in _ON_LANES.items():
        for i, amount in _sums(ledger.lane[which]):
            found[_lane(names, i, prefix, kind, text)] = amount
    for which, (prefix, kind, text) in _AT_SLOTS.items():
        for k, amount in _sums(ledger.slot[which]):
            f, m = int(network.slot_facility[k]), int(network.slot_material[k])
            label = text.format(f"{names.material[m]} at {names.facility[f]}")
            identity = prefix + network.slot_ids[k]
            material, country = network.material_ids[m], network.countries[f]
            found[Named(identity, kind, label, material, country)] = amount
    return found


def _sums(by_day: Floats) -> Iterable[tuple[int, float]]:
    sums = by_day.sum(axis=1)
    return [(int(n), float(sums[n])) for n in np.flatnonzero(sums)]


def _lane(names: Names, i: int, prefix: str, kind: str, text: str) -> Named:
    network = names.network
    k, supplier = int(network.lane_slot[i]), int(network.lane_supplier[i])
    m, customer = int(network.slot_material[k]), int(network.slot_facility[k])
    way = f"{names.material[m]} from {names.facility[supplier]} to {names.facility[customer]}"
    material, country = network.material_ids[m], network.countries[supplier]
    return Named(prefix + network.lane_ids[i], kind, text.format(way), material, country)


def touched(network: Network, effects: Iterable[Effect]) -> tuple[str, str]:
    """Materials and countries of what an entry's effects act on, where they are few; else empty."""
    materials: set[str] = set()
    countries: set[str] = set()
    for effect in effects:
        if effect.control in _LANES:
            supplier = int(network.lane_supplier[effect.target])
            material = int(network.slot_material[network.lane_slot[effect.target]])
        elif effect.control in _SLOTS:
            supplier = int(network.slot_facility[effect.target])
            material = int(network.slot_material[effect.target])
        else:
            supplier, material = effect.target, int(network.output[effect.target])
        countries.add(network.countries[supplier])
        if material >= 0:
            materials.add(network.material_ids[material])
    return _few(materials), _few(countries)


def _few(names: set[str]) -> str:
    return ", ".join(sorted(names)) if len(names) <= _MOST_NAMES else ""
