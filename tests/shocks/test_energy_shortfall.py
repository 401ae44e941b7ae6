from __future__ import annotations

import pytest

from simulator.sampling import Model
from simulator.shocks import Control
from tests.networks import model, on
from tests.shocks.world import changes, only, refused, world

GRID = """
materials:
  - {id: power, layer: energy, unit: MWh}
  - {id: chip, layer: semiconductors, unit: unit, h100e_per_unit: 1}
  - {id: box, layer: semiconductors, unit: unit}
facilities:
  - {id: grid, kind: power, country: TWN, output: power, capacity_per_day: 100}
  - {id: far, kind: power, country: USA, output: power, capacity_per_day: 100}
  - {id: fab, kind: fab, country: TWN, output: chip, recipe: chip, capacity_per_day: 12}
  - {id: fab_kr, kind: fab, country: KOR, output: chip, recipe: chip, capacity_per_day: 12}
  - {id: boxes, kind: mine, country: KOR, output: box, capacity_per_day: 40}
  - {id: dc, kind: datacenter, country: USA}
recipes:
  - {recipe: chip, input: power, quantity: 1, cover_days: 1}
lanes:
  - {customer: fab, material: power, supplier: grid, share: 1, transit_days: 1}
  - {customer: fab_kr, material: power, supplier: far, share: 1, transit_days: 1}
  - {customer: dc, material: chip, supplier: fab, share: 0.5, transit_days: 1}
  - {customer: dc, material: chip, supplier: fab_kr, share: 0.5, transit_days: 1}
  - {customer: dc, material: box, supplier: boxes, share: 1, transit_days: 1}
demand:
  - {sink: dc, material: chip, units_per_day: 10}
  - {sink: dc, material: box, units_per_day: 10}
"""


def shortfall(countries: str) -> Model:
    text = f"""
shocks:
  x: {{type: energy_shortfall, countries: {countries}, from: {on(10)}, fraction: 0.3,
       duration_days: 5}}
"""
    return model(GRID, text)


def test_power_facilities_of_the_country_lose_the_fraction() -> None:
    ready = shortfall("TWN")
    only(ready, Control.CAPACITY)
    assert changes(ready, Control.CAPACITY) == {"grid": [(10, 0.7), (15, 1.0)]}


def test_without_power_facilities_the_users_of_energy_do() -> None:
    assert set(changes(shortfall("KOR"), Control.CAPACITY)) == {"fab_kr"}


def test_where_no_recipe_takes_energy_all_makers_do() -> None:
    text = f"""x: {{type: energy_shortfall, countries: [CHN, TWN], from: {on(10)}, fraction: 0.3,
        duration_days: 2, recovery: linear, recovery_days: 1}}"""
    steps = [(10, 0.7), (12, pytest.approx(0.85)), (13, 1.0)]
    assert changes(world(text), Control.CAPACITY) == {"mine_cn": steps, "fab": steps}


def test_each_country_is_looked_at_by_itself() -> None:
    assert set(changes(shortfall("[TWN, KOR]"), Control.CAPACITY)) == {"grid", "fab_kr"}


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("countries: SGP, fraction: 0.1", "no facility there makes or uses electricity"),
        ("countries: Korea, fraction: 0.1", "unknown country or alliance"),
        ("countries: CHN, fraction: 1.1", "must be between 0 and 1"),
        ("countries: CHN", "fraction: must be given"),
        ("countries: CHN, fraction: 0.1, recovery: exponential", "recovery takes time"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{type: energy_shortfall, from: 2026-01-20, duration_days: 5, {rest}}}", words)
