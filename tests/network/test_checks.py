"""Checks by name: each has a network that passes it and one that fails it, with its message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.errors import InputError
from simulator.network.build import build_network
from simulator.network.checks import CHECKS, FATAL, WARNING, Finding, check
from simulator.network.planning import make_plan
from simulator.spec import Dataset
from tests.networks import START, model, on, scenario

GOOD = f"""
materials: [{{id: ore, layer: minerals, unit: t, mass_kg_per_unit: 500}}]
facilities:
  - {{id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 15}}
  - {{id: far, kind: mine, country: CHN, output: ore, capacity_per_day: 5}}
  - {{id: port, kind: hub, country: SGP, capacity_per_day: 5}}
  - {{id: one, kind: market, country: USA}}
  - {{id: two, kind: market, country: JPN}}
lanes:
  - {{customer: one, material: ore, supplier: mine, share: 1, transit_days: 4, route: port}}
  - {{customer: two, material: ore, supplier: mine, share: 0.5, transit_days: 4}}
  - {{customer: two, material: ore, supplier: far, share: 0.5, transit_days: 4}}
demand:
  - {{sink: one, material: ore, units_per_day: 10}}
  - {{sink: two, material: ore, units_per_day: 10, profile: {{{on(0)}: 0.5, {on(50)}: 1}}}}
"""


def findings(dataset: Dataset) -> dict[str, list[Finding]]:
    network = build_network(dataset, START, 60)
    found: dict[str, list[Finding]] = {}
    for finding in check(network, make_plan(network, network.numbers)):
        found.setdefault(finding.name, []).append(finding)
    return found


def of(tables: str) -> dict[str, list[Finding]]:
    return findings(scenario(tables).dataset)


def test_a_sound_network_passes_every_check() -> None:
    assert of(GOOD) == {}
    assert model(GOOD).warnings == ()


def test_every_check_is_tested_here() -> None:
    assert set(CHECKS) == {
        "capacity_covers_plan",
        "hub_covers_plan",
        "hub_once_per_route",
        "noise_without_hubs",
        "material_once_per_recipe",
        "stock_survives_growth",
        "producer_is_used",
    }


def assert_fatal(tables: str, name: str, message: str) -> None:
    found = of(tables)
    assert list(found) == [name]
    assert [finding.severity for finding in found[name]] == [FATAL]
    with pytest.raises(InputError) as caught:
        model(tables)
    assert str(caught.value) == message


def test_capacity_must_cover_the_plan() -> None:
    # 10 for one, and half of two's 10 in the end; the plan looks four days ahead
    assert_fatal(
        GOOD.replace("capacity_per_day: 15", "capacity_per_day: 14.5"),
        "capacity_covers_plan",
        "scenario:8: facilities.mine.capacity_per_day = 14.5: planned starts of 15 a day on "
        "2026-02-16 exceed capacity; asked by one 10, two 5: raise the capacity, or lower the "
        "shares or the demand of these customers",
    )


def test_a_capacity_that_starts_too_late_is_named_with_its_worst_day() -> None:
    tables = GOOD.replace("capacity_per_day: 15", f"capacity_per_day: 15, start_date: {on(20)}")
    finding = of(tables)["capacity_covers_plan"][0]
    assert "planned starts of 13.65 a day on 2026-01-20 exceed capacity" in finding.problem.rule
    assert finding.problem.value == "0"


def test_a_hub_must_cover_its_planned_traffic() -> None:
    assert_fatal(
        GOOD.replace("country: SGP, capacity_per_day: 5", "country: SGP, capacity_per_day: 4.9"),
        "hub_covers_plan",
        "scenario:10: facilities.port.capacity_per_day = 4.9: planned traffic of 5 t a day on "
        "2026-01-01 exceeds handling capacity: raise the capacity of the hub or route lanes "
        "elsewhere",
    )


def test_transit_that_varies_belongs_on_lanes_without_hubs() -> None:
    noise = "transit_noise: {distribution: uniform, low: 1, high: 3}"
    assert_fatal(
        GOOD.replace("route: port", f"route: port, {noise}"),
        "noise_without_hubs",
        "scenario:14: lanes.one/ore/mine.transit_noise: a lane through hubs cannot have transit "
        "that varies from day to day",
    )
    assert (
        of(GOOD.replace("supplier: far, share: 0.5,", f"supplier: far, share: 0.5, {noise},")) == {}
    )


def test_a_hub_may_stand_only_once_in_a_route() -> None:
    # Files with such a route are refused when they are read; tables made by a program are not.
    dataset = scenario(GOOD).dataset
    lanes = tuple(
        lane.model_copy(update={"route": ("port", "port")}) if lane.route else lane
        for lane in dataset.lanes
    )
    found = findings(replace(dataset, lanes=lanes))
    (finding,) = found["hub_once_per_route"]
    assert finding.severity == FATAL
    assert finding.problem.rule == "a hub may stand only once in a route"
    assert finding.problem.path == "lanes.one/ore/mine.route"
    assert finding.problem.value == "port; port"


def test_a_material_serves_production_or_growth_and_not_both() -> None:
    tables = """
    materials: [{id: tool, layer: semiconductors, unit: u}, {id: chip, layer: minerals, unit: u}]
    facilities:
      - {id: maker, kind: mine, country: AUS, output: tool, capacity_per_day: 50}
      - {id: fab, kind: fab, country: AUS, output: chip, recipe: chip, capacity_per_day: 5}
      - {id: market, kind: market, country: USA}
    recipes: [{recipe: chip, input: tool, quantity: 1}]
    lanes:
      - {customer: fab, material: tool, supplier: maker, share: 1, transit_days: 1}
      - {customer: market, material: chip, supplier: fab, share: 1, transit_days: 1}
    demand: [{sink: market, material: chip, units_per_day: 5}]
    """
    dataset = scenario(tables).dataset
    assert findings(dataset) == {}
    (row,) = dataset.recipes
    rows = (row, row.model_copy(update={"purpose": "growth"}))
    (finding,) = findings(replace(dataset, recipes=rows))["material_once_per_recipe"]
    assert finding.severity == FATAL
    assert str(finding.problem) == (
        "recipes.fab/tool: a material may feed production or growth of a facility, not both: "
        "use two materials, or one purpose"
    )


def test_a_stock_that_a_changing_plan_would_empty_is_a_warning() -> None:
    # Two's demand falls by 0.1 a day. It has no cover and orders what it uses in 7 days, mean of
    # 1 and 13. Half of that comes 6 days early and half 6 days late, so its stock is half of what
    # it uses in the next 6 days less that of the last 6: 6 x 6 x 0.1 / 2 = 1.8 below zero.
    tables = GOOD.replace("0.5, transit_days: 4", "0.5, transit_days: 1", 1)
    tables = tables.replace("0.5, transit_days: 4", "0.5, transit_days: 13", 1)
    assert of(tables) == {}
    tables = tables.replace(f"{on(0)}: 0.5, {on(50)}: 1", f"{on(0)}: 1, {on(50)}: 0.5")
    (finding,) = of(tables)["stock_survives_growth"]
    assert finding.severity == WARNING
    assert finding.problem.path == "two/ore"
    assert finding.problem.value == "-1.8"
    assert "planned stock falls below zero while the plan changes" in finding.problem.rule
    assert "give the slot more cover" in finding.problem.remedy
    assert model(tables).warnings == (finding.problem,)
    assert of(tables.replace("10, profile", "10, cover_days: 0.5, profile")) == {}


def test_a_producer_that_nobody_buys_from_is_a_warning() -> None:
    tables = GOOD.replace(
        "lanes:",
        "  - {id: idle, kind: mine, country: CAN, output: ore, capacity_per_day: 5}\nlanes:",
    )
    (finding,) = of(tables)["producer_is_used"]
    assert finding.severity == WARNING
    assert finding.problem.path == "facilities.idle.capacity_per_day"
    assert finding.problem.rule == (
        "nobody plans to buy from this facility and nobody holds it as standby"
    )
    standby = (
        "  - {customer: one, material: ore, supplier: idle, standby_share: 1, transit_days: 1}"
    )
    assert of(tables.replace("demand:", f"{standby}\ndemand:")) == {}


def test_all_fatal_findings_come_at_once() -> None:
    tables = GOOD.replace("capacity_per_day: 5", "capacity_per_day: 1")
    with pytest.raises(InputError) as caught:
        model(tables)
    assert [problem.path for problem in caught.value.problems] == [
        "facilities.far.capacity_per_day",
        "facilities.port.capacity_per_day",
    ]


def test_a_plan_that_meets_capacity_but_for_rounding_passes() -> None:
    assert "capacity_covers_plan" not in of(
        GOOD.replace("capacity_per_day: 15", f"capacity_per_day: {15 * (1 - 1e-12)!r}")
    )
