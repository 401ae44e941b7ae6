"""Small networks for tests: written as the tables of a scenario file, run by any engine.

Day 0 is 1 January 2026, so that a date of January is its day number plus one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import dedent, indent

import numpy as np

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.engine import Trajectory, simulate
from simulator.network.network import Floats, Network
from simulator.sampling import Model, Realisation, prepare
from simulator.sampling.realisation import realisation
from simulator.shocks import Effect, combine
from simulator.spec import Scenario, parse_scenario
from simulator.units import date_of

START = date(2026, 1, 1)


def on(day: int) -> str:
    """Date of a day of the run, as files write it."""
    return date_of(day, START).isoformat()


def scenario(tables: str, rest: str = "", *, days: int = 60) -> Scenario:
    """A scenario of inline tables; ``rest`` holds other keys, such as shocks."""
    text = f"name: test\nstart: {START}\nhorizon_days: {days}\nnetwork:\n"
    return parse_scenario(text + indent(dedent(tables), "  ") + "\n" + dedent(rest))


def model(tables: str, rest: str = "", *, days: int = 60) -> Model:
    """A prepared scenario of inline tables."""
    return prepare(scenario(tables, rest, days=days))


def with_effects(ready: Model, effects: Sequence[Effect]) -> Realisation:
    """Replication 0 of a model under any controls, whether a type of shock sets them or not."""
    calm = ready.realise(0).baseline
    changes = combine(effects, ready.network.horizon_days)
    return realisation(
        calm.network, calm.numbers, calm.plan, changes, calm.daily_demand, calm.daily_transit
    )


@dataclass(frozen=True)
class Run:
    """One recorded run, its series found by id."""

    real: Realisation
    trajectory: Trajectory

    @property
    def network(self) -> Network:
        return self.real.network

    def facility(self, series: str, name: str) -> Floats:
        return self.trajectory["facilities", series][self.network.facility_index[name]]

    def hub(self, series: str, name: str) -> Floats:
        return self.trajectory["hubs", series][self.network.facility_index[name]]

    def slot(self, series: str, name: str) -> Floats:
        return self.trajectory["slots", series][self.network.slot_ids.index(name)]

    def lane(self, series: str, name: str) -> Floats:
        return self.trajectory["lanes", series][self.network.lane_index[name]]


def run(real: Realisation, engine: str) -> Run:
    return Run(real, simulate(real, engine=engine, record="all"))


def shocked(ready: Model, engine: str, replication: int = 0) -> Run:
    return run(ready.realise(replication).shocked, engine)


def calm(ready: Model, engine: str, replication: int = 0) -> Run:
    return run(ready.realise(replication).baseline, engine)


def assert_days(series: Floats, expected: Mapping[range | int, float] | Sequence[float]) -> None:
    """Compare with values by day (to 1e-12); days not named are not looked at."""
    if not isinstance(expected, Mapping):
        expected = dict(enumerate(expected))
    for days, value in expected.items():
        for day in days if isinstance(days, range) else (days,):
            assert abs(series[day] - value) <= 1e-12 * max(1.0, abs(value)), (
                f"day {day}: {series[day]!r}, expected {value!r}; around it "
                f"{np.round(series[max(0, day - 4) : day + 5], 6)}"
            )


def serial(
    *,
    mine_cover: int = 0,
    mine_capacity: float = 10,
    transit: int = 1,
    cover: int = 0,
    capacity: float = 10,
    cycle: int = 0,
    finished: int = 0,
    last_transit: int = 1,
    market_cover: int = 0,
    unmet: str = "lost",
) -> str:
    """A mine, a plant and a market that uses 10 a day; each takes the other's goods one for one."""
    return f"""
materials:
  - {{id: ore, layer: minerals, unit: t, mass_kg_per_unit: 1000}}
  - {{id: metal, layer: minerals, unit: t, mass_kg_per_unit: 1000}}
facilities:
  - {{id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: {mine_capacity},
     finished_cover_days: {mine_cover}}}
  - {{id: plant, kind: plant, country: JPN, output: metal, recipe: metal, cycle_days: {cycle},
     capacity_per_day: {capacity}, finished_cover_days: {finished}}}
  - {{id: market, kind: market, country: USA}}
recipes:
  - {{recipe: metal, input: ore, quantity: 1, cover_days: {cover}}}
lanes:
  - {{customer: plant, material: ore, supplier: mine, share: 1, transit_days: {transit}}}
  - {{customer: market, material: metal, supplier: plant, share: 1, transit_days: {last_transit}}}
demand:
  - {{sink: market, material: metal, units_per_day: 10, cover_days: {market_cover}, unmet: {unmet}}}
"""
