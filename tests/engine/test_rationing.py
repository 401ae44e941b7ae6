"""Rationing: in proportion to plans, by priority, never at the cost of those who ask no more."""

from __future__ import annotations

import pytest

from tests.networks import Run, assert_days, model, on, shocked


def markets(
    capacity: float = 20, first: str = "", second: str = "", slots: str = "", cover: float = 2
) -> str:
    """A mine that sells 6 a day to one market and 4 to another."""
    return f"""
    materials: [{{id: ore, layer: minerals, unit: t}}]
    facilities:
      - {{id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: {capacity}}}
      - {{id: one, kind: market, country: USA}}
      - {{id: two, kind: market, country: JPN}}
    lanes:
      - {{customer: one, material: ore, supplier: mine, share: 1, transit_days: 1{first}}}
      - {{customer: two, material: ore, supplier: mine, share: 1, transit_days: 1{second}}}
    demand:
      - {{sink: one, material: ore, units_per_day: 6, cover_days: {cover}}}
      - {{sink: two, material: ore, units_per_day: 4, cover_days: {cover}}}
    slots: [{slots}]
    """


def outage(severity: float) -> str:
    return f"""
    shocks:
      stop: {{type: outage, facilities: mine, from: {on(10)}, duration_days: 5,
              severity: {severity}}}
    """


def given(run: Run) -> tuple:
    return run.lane("given", "one/ore/mine"), run.lane("given", "two/ore/mine")


def test_a_shortage_cuts_every_plan_by_the_same_fraction(engine: str) -> None:
    # capacity 10 x (1 - 0.3) = 7, so 7/10 of 6 and of 4
    one, two = given(shocked(model(markets(10), outage(0.3)), engine))
    assert_days(one, {9: 6, range(10, 15): 4.2})
    assert_days(two, {9: 4, range(10, 15): 2.8})


def test_asking_for_more_than_the_plan_takes_nothing_from_those_who_do_not(engine: str) -> None:
    # One asks without limit for what its stock lacks, two for no more than its plan: the plans are
    # cut alike all the same.
    slots = "{facility: one, material: ore, surge: .inf}, {facility: two, material: ore, surge: 1}"
    run = shocked(model(markets(10, slots=slots), outage(0.3)), engine)
    one, two = given(run)
    assert_days(one, {9: 6, range(10, 15): 4.2})
    assert_days(two, {9: 4, range(10, 15): 2.8})
    # Missing to 6 x (2 + 1): 6 on day 10, then 1.8 more every day, while there is stock.
    assert_days(run.lane("asked", "one/ore/mine"), {10: 6, 11: 7.8, 12: 9.6, 13: 11.4})
    assert_days(run.lane("asked", "two/ore/mine"), {range(10, 15): 4})


def test_what_is_left_after_all_plans_goes_by_the_same_fraction_to_what_was_asked_beyond(
    engine: str,
) -> None:
    # Day 10: 20 x (1 - 1) = 0 for both. Day 11: the mine is back with 13 a day; both ask
    # 1.5 x plan = 9 and 6. The mine wants 10 + 10 unfilled, so it gives 13: 6 and 4 first, then
    # 3 of the 3 + 2 asked beyond: 3/5 of each.
    ready = model(markets(13), outage(1).replace("duration_days: 5", "duration_days: 1"), days=20)
    one, two = given(shocked(ready, engine))
    assert_days(one, {10: 0, 11: 6 + 3 * 0.6})
    assert_days(two, {10: 0, 11: 4 + 2 * 0.6})


def test_the_lower_class_number_is_served_first_even_beyond_its_plan(engine: str) -> None:
    ready = model(markets(10, second=", priority: 2"), outage(0.3))
    run = shocked(ready, engine)
    one, two = given(run)
    # 7 a day: 6 for the first class, 1 for the second, as long as the first asks for no more
    assert_days(one, {9: 6, range(10, 15): 6})
    assert_days(two, {9: 4, range(10, 15): 1})
    # Two loses 3 of its 8 in stock on each of days 11 to 15, and asks at most 6.
    assert_days(run.slot("on_hand", "two/ore"), {10: 8, 11: 5, 12: 2, 13: 0})
    assert_days(run.slot("used", "two/ore"), {12: 4, 13: 3, 14: 1, 15: 1})


def test_a_class_that_asks_beyond_its_plan_is_served_before_the_plans_of_the_next(
    engine: str,
) -> None:
    # One sells more from day 8 on and asks 9 a day at most; the mine gives 10 a day. Day 8: stock
    # 12 + 6 - 12 = 6, 12 missing to 18, 9 asked.
    surge = f"""
    shocks:
      boom: {{type: demand_surge, sinks: one, from: {on(8)}, factor: 2}}
    """
    one, two = given(shocked(model(markets(10, second=", priority: 2"), surge), engine))
    assert_days(one, {7: 6, range(8, 60): 9})
    assert_days(two, {7: 4, range(8, 60): 1})


@pytest.mark.parametrize("numbers", [(1, 2), (0, 7), (3, 4)])
def test_only_the_order_of_the_classes_counts(engine: str, numbers: tuple[int, int]) -> None:
    first, second = numbers
    ready = model(markets(10, f", priority: {first}", f", priority: {second}"), outage(0.3))
    one, two = given(shocked(ready, engine))
    assert_days(one, {range(10, 15): 6})
    assert_days(two, {range(10, 15): 1})


def test_a_customer_of_several_slots_is_rationed_slot_by_slot(engine: str) -> None:
    tables = """
    materials:
      - {id: ore, layer: minerals, unit: t}
      - {id: metal, layer: minerals, unit: t}
    facilities:
      - {id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 10}
      - {id: plant, kind: plant, country: JPN, output: metal, recipe: metal, capacity_per_day: 5}
      - {id: market, kind: market, country: USA}
    recipes: [{recipe: metal, input: ore, quantity: 1}]
    lanes:
      - {customer: plant, material: ore, supplier: mine, share: 1, transit_days: 1}
      - {customer: market, material: ore, supplier: mine, share: 1, transit_days: 1}
      - {customer: market, material: metal, supplier: plant, share: 1, transit_days: 1}
    demand:
      - {sink: market, material: ore, units_per_day: 5}
      - {sink: market, material: metal, units_per_day: 5}
    """
    run = shocked(model(tables, outage(0.4)), engine)
    assert_days(run.slot("used", "market/ore"), {10: 5, range(11, 16): 3, 16: 5})
    assert_days(run.slot("used", "market/metal"), {11: 5, range(12, 17): 3, 17: 5})
