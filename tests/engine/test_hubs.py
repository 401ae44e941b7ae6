"""Hubs: queues at a closed one, a fraction a day at one that is too small."""

from __future__ import annotations

import pytest

from tests.networks import assert_days, model, on, shocked


def port(capacity: float = 20, mass: float = 1000, cover: float = 0) -> str:
    """A mine that sends 10 a day through a port, two days before it and two days behind it."""
    return f"""
    materials: [{{id: ore, layer: minerals, unit: t, mass_kg_per_unit: {mass}}}]
    facilities:
      - {{id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 20}}
      - {{id: port, kind: hub, country: SGP, capacity_per_day: {capacity}}}
      - {{id: market, kind: market, country: USA}}
    lanes:
      - {{customer: market, material: ore, supplier: mine, share: 1, transit_days: 4,
         route: [port]}}
    demand: [{{sink: market, material: ore, units_per_day: 10, cover_days: {cover}}}]
    """


def closure(days: int, severity: float = 1) -> str:
    return f"""
    shocks:
      strike: {{type: hub_closure, hubs: port, from: {on(10)}, duration_days: {days},
                severity: {severity}}}
    """


def test_what_arrives_at_a_closed_hub_waits_and_leaves_as_fast_as_it_can_be_handled(
    engine: str,
) -> None:
    run = shocked(model(port(), closure(3)), engine)
    # 10 arrive a day; closed on days 10 to 12. Day 13: 40 wait, 20 can be handled.
    # The market gets nothing on days 12 to 14, uses nothing, and so asks for nothing: 40 are under
    # way, as planned. So nothing leaves the mine on days 12 to 14, nor arrives on days 14 to 16:
    # day 14 releases the last 20.
    assert_days(run.lane("given", "market/ore/mine"), {11: 10, range(12, 15): 0, 15: 10})
    waiting = {9: 0, 10: 10, 11: 20, 12: 30, 13: 20, range(14, 60): 0}
    assert_days(run.hub("waiting_t", "port"), waiting)
    released = {9: 10, range(10, 13): 0, 13: 20, 14: 20, 15: 0, 16: 0, range(17, 60): 10}
    assert_days(run.hub("released_t", "port"), released)
    # Days 15 and 16 bring 20 each, of which 10 are used; nothing on days 17 and 18, when the stock
    # lasts: thirty are lost, no more.
    assert_days(run.slot("used", "market/ore"), {11: 10, range(12, 15): 0, range(15, 60): 10})
    on_hand = {14: 0, 15: 10, 16: 20, 17: 10, 18: 0, 19: 0}
    assert_days(run.slot("on_hand", "market/ore"), on_hand)
    in_transit = {11: 30, 12: 40, 14: 40, 15: 20, 16: 10, 17: 20, 18: 30, 19: 30}
    assert_days(run.slot("in_transit", "market/ore"), in_transit)


def test_a_hub_below_its_load_releases_a_smaller_fraction_every_day(engine: str) -> None:
    run = shocked(model(port(capacity=10), closure(40, severity=0.2)), engine)
    # 8 of 10 on day 10, 8 of 12 on day 11, 8 of 14, 8 of 16; then the market, which gets and uses
    # 8 from day 12 on, asks for 8, which arrive from day 14 on: 8 of 16 ever after.
    waiting = {9: 0, 10: 2, 11: 4, 12: 6, 13: 8, range(14, 50): 8}
    assert_days(run.hub("waiting_t", "port"), waiting)
    assert_days(run.hub("released_t", "port"), {range(10, 50): 8})
    assert_days(run.slot("used", "market/ore"), {11: 10, range(12, 52): 8})


def test_a_hub_releases_the_same_fraction_by_mass_of_everything(engine: str) -> None:
    tables = """
    materials:
      - {id: ore, layer: minerals, unit: t, mass_kg_per_unit: 1000}
      - {id: gas, layer: minerals, unit: t, mass_kg_per_unit: 250}
      - {id: deed, layer: minerals, unit: page}
    facilities:
      - {id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 10}
      - {id: well, kind: mine, country: AUS, output: gas, capacity_per_day: 40}
      - {id: bureau, kind: mine, country: AUS, output: deed, capacity_per_day: 1}
      - {id: port, kind: hub, country: SGP, capacity_per_day: 25}
      - {id: market, kind: market, country: USA}
    lanes:
      - {customer: market, material: ore, supplier: mine, share: 1, transit_days: 2, route: port}
      - {customer: market, material: gas, supplier: well, share: 1, transit_days: 4, route: port}
      - {customer: market, material: deed, supplier: bureau, share: 1, transit_days: 2,
         route: port}
    demand:
      - {sink: market, material: ore, units_per_day: 10}
      - {sink: market, material: gas, units_per_day: 40}
      - {sink: market, material: deed, units_per_day: 1}
    """
    run = shocked(model(tables, closure(1)), engine)
    # 10 t of ore, 40 units of gas (10 t) and a page arrive a day and wait on day 10. Day 11: of the
    # second lot too, 40 t wait and 25 may leave: 5/8 of each, also of what weighs nothing.
    assert_days(run.hub("waiting_t", "port"), {10: 20, 11: 15})
    assert_days(run.lane("arrived", "market/ore/mine"), {10: 10, 11: 0, 12: 20 * 5 / 8})
    assert_days(run.lane("arrived", "market/gas/well"), {11: 40, 12: 0, 13: 80 * 5 / 8})
    assert_days(run.lane("arrived", "market/deed/bureau"), {10: 1, 11: 0, 12: 2 * 5 / 8})


def test_a_closed_hub_holds_back_what_weighs_nothing_too(engine: str) -> None:
    run = shocked(model(port(mass=0), closure(5)), engine)
    assert_days(run.hub("released_t", "port"), {range(60): 0})
    # sent up to day 11, so 40 wait when the port opens on day 15; the scales show nothing
    assert_days(run.lane("arrived", "market/ore/mine"), {11: 10, range(12, 17): 0, 17: 40, 18: 0})


def test_legs_are_counted_one_by_one(engine: str) -> None:
    tables = port().replace("route: [port]", "route: [port, port2], leg_days: [1, 2, 1]")
    second = "- {id: port2, kind: hub, country: USA, capacity_per_day: 20}\n      - {id: market"
    tables = tables.replace("- {id: market", second)
    run = shocked(model(tables, closure(2)), engine)
    # sent on day 9, due at the port on day 10, closed; released on day 12 with that of days 10 and
    # 11, as far as 20 go, at the second port on day 14, at the market on day 15
    assert_days(run.lane("arrived", "market/ore/mine"), {12: 10, 13: 0, 14: 0, 15: 20})
    assert_days(run.hub("released_t", "port2"), {11: 10, 12: 0, 13: 0, 14: 20})


@pytest.mark.parametrize(("route", "days", "legs"), [("[a]", 5, (2, 3)), ("[a, b]", 9, (1, 7, 1))])
def test_days_split_over_legs_as_documented(route: str, days: int, legs: tuple[int, ...]) -> None:
    tables = port().replace("transit_days: 4", f"transit_days: {days}")
    tables = tables.replace("route: [port]", f"route: {route}").replace(
        "- {id: port, kind: hub, country: SGP, capacity_per_day: 20}",
        "- {id: a, kind: hub, country: SGP, capacity_per_day: 20}\n"
        "      - {id: b, kind: hub, country: SGP, capacity_per_day: 20}",
    )
    assert sorted(model(tables).plan.legs[0]) == sorted(legs)


def test_goods_at_a_hub_are_under_way_for_the_customer(engine: str) -> None:
    run = shocked(model(port(cover=1), closure(60)), engine)
    # Target 10 x (1 + 4): what leaves is never asked again, however long it waits.
    total = run.slot("on_hand", "market/ore") + run.slot("in_transit", "market/ore")
    used = run.slot("used", "market/ore")
    assert_days(used, {12: 10, range(13, 60): 0})
    assert_days(total, {range(13, 60): 50})
