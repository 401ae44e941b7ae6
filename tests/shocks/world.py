"""A small world for tests of shock types: two mines, a port, two plants, a fab and two sinks."""

from __future__ import annotations

from textwrap import indent

import pytest

from simulator.errors import InputError
from simulator.sampling import Model
from simulator.shocks import ChangePoints, Control
from simulator.shocks.effects import NEUTRAL
from tests.networks import model

DAYS = 100

WORLD = """
materials:
  - {id: ore, layer: minerals, unit: t, mass_kg_per_unit: 1000, price_usd_per_unit: 10}
  - {id: metal, layer: minerals, unit: t, mass_kg_per_unit: 1000, price_usd_per_unit: 100}
  - {id: chip, layer: semiconductors, unit: unit, h100e_per_unit: 1, price_usd_per_unit: 5000}
facilities:
  - {id: mine_au, kind: mine, country: AUS, output: ore, capacity_per_day: 40, lat: -30, lon: 120}
  - {id: mine_cn, kind: mine, country: CHN, output: ore, capacity_per_day: 40, lat: 25, lon: 115}
  - {id: port, kind: hub, country: SGP, capacity_per_day: 100, lat: 1.3, lon: 103.8}
  - {id: plant_jp, kind: plant, country: JPN, output: metal, recipe: metal, capacity_per_day: 20,
     operator: Acme Metals, lat: 35, lon: 139}
  - {id: plant_kr, kind: plant, country: KOR, output: metal, recipe: metal, capacity_per_day: 20,
     operator: Blue Works, lat: 35.5, lon: 139}
  - {id: fab, kind: fab, country: TWN, output: chip, recipe: chip, capacity_per_day: 20,
     cycle_days: 5, lat: 24, lon: 121}
  - {id: dc_us, kind: datacenter, country: USA, lat: 40, lon: -75}
  - {id: mkt_cn, kind: market, country: CHN, lat: 24.1, lon: 121.1}
recipes:
  - {recipe: metal, input: ore, quantity: 1, cover_days: 10}
  - {recipe: chip, input: metal, quantity: 1, cover_days: 10}
lanes:
  - {customer: plant_jp, material: ore, supplier: mine_cn, share: 0.75, transit_days: 4,
     route: [port]}
  - {customer: plant_jp, material: ore, supplier: mine_au, share: 0.25, transit_days: 8}
  - {customer: plant_kr, material: ore, supplier: mine_cn, share: 1, transit_days: 4}
  - {customer: fab, material: metal, supplier: plant_jp, share: 0.5, transit_days: 2}
  - {customer: fab, material: metal, supplier: plant_kr, share: 0.5, transit_days: 2}
  - {customer: dc_us, material: chip, supplier: fab, share: 1, transit_days: 2}
  - {customer: mkt_cn, material: metal, supplier: plant_jp, share: 1, transit_days: 2}
demand:
  - {sink: dc_us, material: chip, units_per_day: 10}
  - {sink: mkt_cn, material: metal, units_per_day: 5}
alliances:
  - {alliance: pax, country: USA, from_date: 2020-01-01}
  - {alliance: pax, country: JPN, from_date: 2020-01-01}
  - {alliance: pax, country: KOR, from_date: 2026-03-01}
  - {alliance: pax, country: TWN, from_date: 2020-01-01}
"""


def world(entries: str = "", *, section: str = "shocks", days: int = DAYS) -> Model:
    """The world, prepared, with entries such as ``x: {type: outage, ...}``."""
    rest = f"{section}:\n{indent(entries, '  ')}\n" if entries else ""
    return model(WORLD, rest, days=days)


def changes(
    ready: Model, control: Control, replication: int = 0
) -> dict[str, list[tuple[int, float]]]:
    """Changes of one control by the name of its target."""
    network = ready.network
    names = network.facility_ids
    if control in (Control.LIMIT, Control.DELAY, Control.SHARE, Control.STANDBY, Control.PRIORITY):
        names = network.lane_ids
    elif control in (Control.DEMAND, Control.COVER, Control.STOCK_ADD, Control.STOCK_KEEP):
        names = network.slot_ids
    points: ChangePoints = ready.realise(replication).shocked.changes
    return {names[target]: steps for target, steps in points.of(control).items()}


def only(ready: Model, *expected: Control) -> None:
    """Nothing but these controls is set."""
    found = {Control(int(c)) for c in ready.realise(0).shocked.changes.control}
    assert found == set(expected)


def neutral(control: Control) -> float:
    return float(NEUTRAL[control])


def refused(entries: str, words: str, *, section: str = "shocks") -> None:
    """The entries are refused with a message that says so, and where."""
    with pytest.raises(InputError) as caught:
        world(entries, section=section)
    assert words in str(caught.value)
    assert all(problem.line for problem in caught.value.problems)
