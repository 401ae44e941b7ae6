"""Random layered networks and random controls for property tests.

Hypothesis draws which features a network has and a number; the number seeds the details. So
examples shrink to networks with few features, and each is made again from what a failure prints.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.network.network import DEMAND, Network
from simulator.sampling import Model, prepare
from simulator.shocks import Control, Effect
from simulator.spec import Scenario, parse_scenario
from tests.networks import START, on

Row = dict[str, object]
Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class Recipe:
    """What a random network is made of; every feature can be switched off."""

    seed: int
    tiers: int = 2
    makers: int = 2
    sinks: int = 2
    hubs: int = 0
    standby: bool = False
    inertia: bool = False
    delays: bool = False
    covers: bool = False
    growth: bool = False
    tools: bool = False
    lots: bool = False
    noise: bool = False
    kept: bool = False
    days: int = 40

    def scenario(self) -> Scenario:
        return parse_scenario(self.text())

    def text(self, order: Callable[[list[Row]], list[Row]] = list) -> str:
        """The scenario file; ``order`` may put rows and keys in another order."""
        tables = {name: order(rows) for name, rows in _tables(self).items()}
        # what YAML 1.2 calls a flow mapping, JSON calls an object
        return json.dumps(
            {
                "name": "random",
                "start": START.isoformat(),
                "horizon_days": self.days,
                "network": dict(order(list(tables.items()))),  # type: ignore[arg-type]
            }
        ).replace("Infinity", ".inf")

    def model(self) -> Model:
        return prepare(self.scenario())


def recipes(
    growth: bool | None = False, lots: bool | None = False, noise: bool | None = False
) -> st.SearchStrategy[Recipe]:
    """Random recipes; ``None`` leaves a feature to chance."""

    def flag(value: bool | None) -> st.SearchStrategy[bool]:
        return st.booleans() if value is None else st.just(value)

    return st.builds(
        Recipe,
        seed=st.integers(0, 2**32),
        tiers=st.integers(2, 4),
        makers=st.integers(1, 5),
        sinks=st.integers(1, 4),
        hubs=st.integers(0, 2),
        standby=st.booleans(),
        inertia=st.booleans(),
        delays=st.booleans(),
        covers=st.booleans(),
        growth=flag(growth),
        tools=flag(growth),
        lots=flag(lots),
        noise=flag(noise),
        kept=st.booleans(),
    )


class _Builder:
    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.random = recipe, Random(recipe.seed)
        self.materials: list[Row] = []
        self.facilities: list[Row] = []
        self.recipes: list[Row] = []
        self.lanes: list[Row] = []
        self.demand: list[Row] = []
        self.slots: list[Row] = []
        self.tiers: list[list[str]] = []
        self.makers: dict[str, list[str]] = {}
        self.hubs = [f"hub{n}" for n in range(recipe.hubs)]

    def number(self, low: float, high: float) -> float:
        return round(self.random.uniform(low, high), 3)

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def build(self) -> Tables:
        self.hubs_of_the_network()
        for tier in range(self.recipe.tiers):
            self.tier(tier)
        if self.recipe.tools:
            self.tools()
        self.sinks()
        return {
            "materials": self.materials,
            "facilities": self.facilities,
            "recipes": self.recipes,
            "lanes": self.lanes,
            "demand": self.demand,
            "slots": self.slots,
        }

    def hubs_of_the_network(self) -> None:
        for name in self.hubs:
            row: Row = {"id": name, "kind": "hub", "country": "SGP"}
            self.facilities.append({**row, "utilisation": self.number(0.5, 1)})

    def tier(self, tier: int) -> None:
        """One or two materials, each made by some of the tier's makers."""
        names = [f"m{tier}{letter}" for letter in "ab"[: self.random.randint(1, 2)]]
        for name in names:
            self.material(name)
        self.tiers.append(names)
        for n in range(max(self.recipe.makers, len(names))):
            self.maker(f"f{tier}{n}", tier, names[n % len(names)])

    def material(self, name: str) -> None:
        mass = self.random.choice([0, 1, 250, 1000])
        row: Row = {"id": name, "layer": "minerals", "unit": "t"}
        self.materials.append({**row, "mass_kg_per_unit": mass})

    def maker(self, name: str, tier: int, output: str) -> None:
        kinds = ["refinery", "plant", "fab", "packaging", "power"]
        kind = "mine" if tier == 0 else self.random.choice(kinds)
        row: Row = {"id": name, "kind": kind, "country": "JPN", "output": output}
        row["utilisation"] = self.random.choice([1, self.number(0.5, 1)])
        if self.recipe.delays:
            row["cycle_days"] = self.random.choice([0, 1, 3, 14])
        if self.recipe.covers:
            row["finished_cover_days"] = self.random.choice([0, 1, self.number(0, 6)])
        if tier:
            row["recipe"] = name
            below = [m for names in self.tiers[:tier] for m in names]
            inputs = self.random.sample(below, self.random.randint(1, min(3, len(below))))
            for material in inputs:
                self.input(name, material, "output")
        self.facilities.append(row)
        self.makers.setdefault(output, []).append(name)

    def input(self, name: str, material: str, purpose: str) -> None:
        row: Row = {"recipe": name, "input": material, "quantity": self.number(0.01, 3)}
        row["purpose"] = purpose
        if self.recipe.covers:
            row["cover_days"] = self.random.choice([0, 2, self.number(0, 20)])
        if self.recipe.inertia:
            row["criticality"] = self.random.choice([1, 0, self.number(0, 1)])
            if purpose == "output":
                row["onset_days"] = self.random.choice([0, 0.5, 5, 60])
        self.recipes.append(row)
        self.ways(name, material)

    def ways(self, customer: str, material: str) -> None:
        """Lanes of one slot, and perhaps its policy."""
        makers = self.makers[material]
        planned = self.random.sample(makers, self.random.randint(1, len(makers)))
        weights = [self.number(0.1, 1) for _ in planned]
        dated = self.recipe.growth and len(planned) > 1 and self.often(0.3)
        for supplier, weight in zip(planned, weights, strict=True):
            row = self.way(customer, material, supplier)
            share = weight / sum(weights)
            if dated:
                # all of it moves to the first supplier
                last = 1.0 if supplier == planned[0] else 0.0
                row["share_profile"] = {on(-5): share, on(25): last}
            else:
                row["share"] = share
            if self.recipe.standby and self.often(0.3):
                row["standby_share"] = self.number(0.01, 1)
        if self.recipe.standby:
            for supplier in makers:
                if supplier not in planned:
                    row = self.way(customer, material, supplier)
                    row["standby_share"] = self.number(0.01, 1)
                    if self.often(0.3):
                        row["standby_trigger_days"] = self.random.randint(0, 10)
        self.slot(customer, material)

    def way(self, customer: str, material: str, supplier: str) -> Row:
        row: Row = {"customer": customer, "material": material, "supplier": supplier}
        count = self.random.randint(0, len(self.hubs))
        row["route"] = self.random.sample(self.hubs, count)
        row["transit_days"] = count + 1 + (self.random.choice([0, 2, 9]))
        row["priority"] = self.random.choice([1, 1, 0, 2])
        row["qualification_days"] = self.random.choice([1, 10, 90])
        if self.recipe.noise and not count and self.often(0.5):
            row["transit_noise"] = {"distribution": "uniform", "low": 0, "high": 9}
        self.lanes.append(row)
        return row

    def slot(self, facility: str, material: str) -> None:
        row: Row = {"facility": facility, "material": material}
        if self.often(0.3):
            row["surge"] = self.random.choice([1, 1.2, 3, float("inf")])
        if self.often(0.3):
            row["notice_days"] = self.random.choice([1, 5, 40])
        if self.recipe.lots and self.often(0.6):
            row["cover_days"] = self.number(4, 9)
            row["policy"] = self.random.choice(["s_S", "R_S"])
            lot = {"s_S": ("reorder_cover_days", 2), "R_S": ("review_days", 3)}
            key, value = lot[str(row["policy"])]
            row[key] = value
        if len(row) > 2:
            self.slots.append(row)

    def tools(self) -> None:
        """A maker of tools, without which other capacity does not grow."""
        self.material("tool")
        self.makers["tool"] = ["toolmaker"]
        row: Row = {"id": "toolmaker", "kind": "plant", "country": "NLD", "output": "tool"}
        self.facilities.append({**row, "utilisation": 0.8})
        for facility in self.facilities:
            if "recipe" in facility and self.often(0.5):
                self.input(str(facility["id"]), "tool", "growth")

    def sinks(self) -> None:
        for n in range(self.recipe.sinks):
            name = f"sink{n}"
            kind = self.random.choice(["market", "datacenter"])
            self.facilities.append({"id": name, "kind": kind, "country": "USA"})
            top = self.tiers[-1] if n else self.tiers[-1][:1]
            wanted = {
                self.random.choice(top),
                self.random.choice(self.tiers[self.random.randrange(len(self.tiers))]),
            }
            for material in sorted(wanted):
                self.want(name, material)

    def want(self, name: str, material: str) -> None:
        rate = self.number(0.1, 50)
        row: Row = {"sink": name, "material": material, "units_per_day": rate}
        if self.recipe.covers:
            row["cover_days"] = self.random.choice([0, self.number(0, 15)])
        if self.recipe.kept:
            row["unmet"] = self.random.choice(["kept", "lost"])
        if self.recipe.growth:
            days = sorted(self.random.sample(range(-30, 70), 3))
            row["profile"] = {on(day): self.number(0.4, 2) for day in days}
        if self.recipe.noise and self.often(0.5):
            row["daily"] = {"distribution": "exponential", "mean": rate}
        self.demand.append(row)
        self.ways(name, material)


def _tables(recipe: Recipe) -> Tables:
    return _Builder(recipe).build()


def random_effects(network: Network, seed: int, count: int = 12) -> list[Effect]:
    """Windows of random controls on random targets."""
    random = Random(seed)
    makers = [f for f in network.facilities if network.kinds[f] != "hub" and not network.is_sink(f)]
    demands = [k for k in network.slots if network.slot_purpose[k] == DEMAND]
    lanes, slots, hubs = list(network.lanes), list(network.slots), list(network.hubs)
    part = random.random
    kinds: list[tuple[Control, list[int], Callable[[], float]]] = [
        (Control.CAPACITY, makers, lambda: random.choice([0.0, 2 * part()])),
        (Control.LIMIT, lanes, lambda: random.choice([0.0, part()])),
        (Control.HANDLING, hubs, lambda: random.choice([0.0, part()])),
        (Control.DELAY, lanes, lambda: float(random.randint(0, 6))),
        (Control.PROGRESS, makers, lambda: 0.0),
        (Control.DEMAND, demands, lambda: 2 * part()),
        (Control.COVER, slots, lambda: 3 * part()),
        (Control.STOCK_ADD, slots, lambda: 100 * part()),
        (Control.STOCK_KEEP, slots, part),
        (Control.FINISHED_ADD, makers, lambda: 100 * part()),
        (Control.FINISHED_KEEP, makers, part),
        (Control.PROCESS_KEEP, makers, part),
        (Control.SHARE, lanes, part),
        (Control.STANDBY, lanes, part),
        (Control.PRIORITY, lanes, lambda: float(random.randint(-1, 2))),
    ]
    kinds = [kind for kind in kinds if kind[1]]
    found = []
    for _ in range(count):
        control, targets, value = random.choice(kinds)
        start = random.randint(-2, network.horizon_days)
        end = random.choice([None, start + random.randint(0, 20)])
        found.append(Effect(control, random.choice(targets), start, end, value()))
    return found
