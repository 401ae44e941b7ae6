"""The stages of the chain on one day: capacity, planned output and use of each, by country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from simulator.network.build import build_network
from simulator.network.feasible import UNLIMITED
from simulator.network.planning import make_plan

if TYPE_CHECKING:
    from simulator.network.network import Network
    from simulator.network.plan import Plan
    from simulator.spec import Dataset

BY = ("material", "stage")
"""How facilities are put together: by what they make, or by layer and kind."""
_LAYERS = ("energy", "minerals", "semiconductors", "ai_infrastructure", "logistics")
_USD = "USD"


@dataclass
class Stage:
    """What the facilities of one stage can do, do and serve, in ``unit`` a day by country.

    Attributes
    ----------
    name, layer
        The material, or the kind of facility, and its layer of the chain.
    unit
        The material's; USD (at the materials' prices) where several materials are added up, t at
        hubs.
    capacity
        What could be made; what is planned, where nothing limits it.
    output
        What is planned to leave, or to be taken into use at data centres.
    use
        What customers, by their country, plan to receive; not known of hubs and data centres.
    left_out
        Materials without a price, which cannot be added up.
    """

    name: str
    layer: str
    unit: str
    capacity: dict[str, float] = field(default_factory=dict)
    output: dict[str, float] = field(default_factory=dict)
    use: dict[str, float] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    def add(self, country: str, capacity: float, output: float) -> None:
        """Count a facility in."""
        self.capacity[country] = self.capacity.get(country, 0.0) + capacity
        self.output[country] = self.output.get(country, 0.0) + output

    def serve(self, country: str, quantity: float) -> None:
        """Count what a customer receives."""
        self.use[country] = self.use.get(country, 0.0) + quantity


def stages(dataset: Dataset, on: date, by: str = "material") -> tuple[Stage, ...]:
    """Group the plan of a day, at base numbers.

    Parameters
    ----------
    dataset
        Validated tables.
    on
        The day.
    by
        One of `BY`. Stockpiles and markets are in neither, since they make nothing; hubs and data
        centres are a stage each, but not a material.

    Returns
    -------
    tuple
        By layer, and by name within it.
    """
    network = build_network(dataset, on, 1)
    plan = make_plan(network, network.numbers)
    found: dict[tuple[str, str], Stage] = {}
    makers = _Makers(network, plan, by, found)
    for f, kind in enumerate(network.kinds):
        if network.output[f] >= 0 and kind != "stockpile":
            makers.count(f)
        elif by == "stage" and kind in ("hub", "datacenter"):
            _count_other(network, plan, f, found)
    return tuple(sorted(found.values(), key=lambda stage: (_LAYERS.index(stage.layer), stage.name)))


class _Makers:
    """Puts facilities that make something into their stages."""

    def __init__(
        self, network: Network, plan: Plan, by: str, found: dict[tuple[str, str], Stage]
    ) -> None:
        self.network, self.plan, self.by, self.found = network, plan, by, found
        self.materials = {row.id: row for row in network.dataset.materials}

    def count(self, f: int) -> None:
        network, plan = self.network, self.plan
        material = self.materials[network.material_ids[network.output[f]]]
        name, unit, worth = material.id, material.unit, 1.0
        if self.by == "stage":
            name, unit, worth = network.kinds[f], _USD, material.price_usd_per_unit
        stage = self.found.setdefault((material.layer, name), Stage(name, material.layer, unit))
        if not worth:
            stage.left_out.add(material.id)
            return
        output = float(plan.sales[f, 0])
        able = float(plan.capacity[f, 0])
        able = output if able >= UNLIMITED else able
        stage.add(network.countries[f], able * worth, output * worth)
        for lane in network.out_lanes[f]:
            customer = int(network.slot_facility[network.lane_slot[lane]])
            sent = float(plan.planned_lane_rate[lane, 0])
            stage.serve(network.countries[customer], sent * worth)


def _count_other(network: Network, plan: Plan, f: int, found: dict[tuple[str, str], Stage]) -> None:
    country, kind = network.countries[f], network.kinds[f]
    if kind == "hub":
        stage = found.setdefault((kind, kind), Stage(kind, "logistics", "t"))
        able, load = float(plan.capacity[f, 0]), float(plan.hub_load[f, 0])
        able = load if able >= UNLIMITED else able
    else:
        stage = found.setdefault((kind, kind), Stage(kind, "ai_infrastructure", _USD))
        prices = _prices(network)
        able = load = sum(
            float(plan.slot_rate[k, 0]) * prices[int(network.slot_material[k])]
            for k in network.slots_of(f)
        )
    stage.add(country, able, load)


def _prices(network: Network) -> Mapping[int, float]:
    prices = {row.id: row.price_usd_per_unit for row in network.dataset.materials}
    return {m: prices[name] for m, name in enumerate(network.material_ids)}
