"""Random small networks with one sink, so that a loss is one number, for properties of shocks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

import numpy as np

from simulator.engine import simulate
from simulator.sampling import Model, prepare
from simulator.spec import parse_scenario
from tests.networks import START

COUNTRIES = (
    *("CHN", "AUS", "JPN", "KOR", "TWN", "DEU"),
    *("FRA", "NLD", "MYS", "CHL", "PER", "CAN"),
)
Row = dict[str, object]
Entries = dict[str, Row]


@dataclass(frozen=True)
class Chain:
    """A chain of one to three stages, each with one or two makers, down to one market.

    Every maker has a country of its own; the first one of stage n is in `COUNTRIES` [3 n].
    ``rivals``: each stage has two makers, and makers share their suppliers.
    ``standby``: makers without planned sales wait to be asked. ``tight``: no spare capacity.
    """

    seed: int
    stages: int = 2
    rivals: bool = False
    standby: bool = False
    tight: bool = False
    kept: bool = False
    days: int = 150

    def model(self, shocks: Entries, measures: Entries | None = None) -> Model:
        """The network with entries, prepared."""
        text = {
            "name": "chain",
            "start": START.isoformat(),
            "horizon_days": self.days,
            "network": _Builder(self).tables(),
            "shocks": shocks,
            "measures": measures or {},
        }
        return prepare(parse_scenario(json.dumps(text)))

    def loss(self, shocks: Entries, measures: Entries | None = None, *, draws: int = 1) -> float:
        """Mean over replications of what the market misses over the run, in units."""
        model = self.model(shocks, measures)
        return float(np.mean([_loss(model, k) for k in range(draws)]))


def _loss(model: Model, replication: int) -> float:
    pair = model.realise(replication)
    slot = model.network.slot_ids.index("market/m_last")
    used = [
        simulate(real, record="all", engine="scalar")["slots", "used"][slot].sum()
        for real in (pair.baseline, pair.shocked)
    ]
    return float(used[0] - used[1])


class _Builder:
    def __init__(self, chain: Chain) -> None:
        self.chain, self.random = chain, Random(chain.seed)

    def tables(self) -> dict[str, list[Row]]:
        chain, random = self.chain, self.random
        names = [*(f"m{stage}" for stage in range(chain.stages)), "m_last"]
        materials: list[Row] = [
            {"id": name, "layer": "minerals", "unit": "t", "price_usd_per_unit": 10.0**n}
            for n, name in enumerate(names)
        ]
        facilities: list[Row] = []
        recipes: list[Row] = []
        lanes: list[Row] = []
        below: list[str] = []
        for n, name in enumerate(names):
            makers = [f"f{n}{letter}" for letter in ("ab" if chain.rivals else "a")]
            if chain.standby:
                makers.append(f"f{n}s")
            for at, maker in enumerate(makers):
                facilities.append(self.maker(n, at, maker, name))
                if n:
                    recipes.append(self.input(maker, names[n - 1]))
                    lanes += self.ways(maker, names[n - 1], below)
            below = makers
        facilities.append({"id": "market", "kind": "market", "country": "USA"})
        lanes += self.ways("market", "m_last", below)
        demand: Row = {"sink": "market", "material": "m_last", "units_per_day": 10}
        demand |= {"cover_days": random.choice([0, 3]), "unmet": "kept" if chain.kept else "lost"}
        return {
            "materials": materials,
            "facilities": facilities,
            "recipes": recipes,
            "lanes": lanes,
            "demand": [demand],
            "slots": [],
        }

    def maker(self, stage: int, at: int, name: str, output: str) -> Row:
        random = self.random
        row: Row = {"id": name, "country": COUNTRIES[3 * stage + at], "output": output}
        row["kind"] = "plant" if stage else "mine"
        row["capacity_per_day"] = 200
        if self.chain.tight and not name.endswith("s"):
            del row["capacity_per_day"]
            row["utilisation"] = 1
        row["cycle_days"] = random.choice([0, 0, 4])
        row["finished_cover_days"] = random.choice([0, 2])
        return row | ({"recipe": name} if stage else {})

    def input(self, recipe: str, material: str) -> Row:
        random = self.random
        row: Row = {"recipe": recipe, "input": material, "quantity": random.choice([0.5, 1, 2])}
        return row | {"cover_days": random.choice([0, 4, 12])}

    def ways(self, customer: str, material: str, suppliers: list[str]) -> list[Row]:
        planned = [name for name in suppliers if not name.endswith("s")]
        rows: list[Row] = []
        for name in suppliers:
            row: Row = {"customer": customer, "material": material, "supplier": name}
            row["transit_days"] = self.random.choice([1, 3, 6])
            row["share"] = 1 / len(planned) if name in planned else 0
            if name not in planned:
                row |= {"standby_share": 1, "qualification_days": self.random.choice([1, 20])}
            rows.append(row)
        return rows
