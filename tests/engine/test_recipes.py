"""Recipes: the scarcest input binds, criticality softens it, an onset delays it."""

from __future__ import annotations

import pytest

from tests.networks import assert_days, model, on, shocked


def plant(a: str = "", b: str = "", capacity: float = 10) -> str:
    """A plant that takes one of a and two of b; ``a`` and ``b`` add to the recipe's rows."""
    return f"""
    materials:
      - {{id: a, layer: minerals, unit: t}}
      - {{id: b, layer: minerals, unit: t}}
      - {{id: chip, layer: semiconductors, unit: unit}}
    facilities:
      - {{id: mine_a, kind: mine, country: AUS, output: a, capacity_per_day: 10}}
      - {{id: mine_b, kind: mine, country: AUS, output: b, capacity_per_day: 20}}
      - {{id: fab, kind: fab, country: TWN, output: chip, recipe: chip,
         capacity_per_day: {capacity}}}
      - {{id: market, kind: market, country: USA}}
    recipes:
      - {{recipe: chip, input: a, quantity: 1{a}}}
      - {{recipe: chip, input: b, quantity: 2{b}}}
    lanes:
      - {{customer: fab, material: a, supplier: mine_a, share: 1, transit_days: 1}}
      - {{customer: fab, material: b, supplier: mine_b, share: 1, transit_days: 1}}
      - {{customer: market, material: chip, supplier: fab, share: 1, transit_days: 1}}
    demand:
      - {{sink: market, material: chip, units_per_day: 10}}
    """


def outage(**severity: float) -> str:
    rows = [
        f"  {name}: {{type: outage, facilities: {name}, from: {on(10)}, duration_days: 5,"
        f" severity: {value}}}\n"
        for name, value in severity.items()
    ]
    return "shocks:\n" + "".join(rows)


def test_of_two_scarce_inputs_the_scarcer_sets_the_pace(engine: str) -> None:
    ready = model(plant(), outage(mine_a=0.2, mine_b=0.5))
    run = shocked(ready, engine)
    # 8 of a and 10 of b leave on day 10: 8/10 and 10/20 of what is needed, so 5 are started
    assert_days(run.facility("started", "fab"), {10: 10, range(11, 16): 5, range(16, 60): 10})
    # b is used up; of a 5 of 8 are used, and from then on only what is used is asked
    assert_days(run.slot("used", "fab/a"), {10: 10, range(11, 16): 5, 16: 10})
    assert_days(run.slot("on_hand", "fab/a"), {10: 0, 11: 3, range(12, 16): 5, 16: 0})
    assert_days(run.lane("given", "fab/a/mine_a"), {10: 8, 11: 7, range(12, 16): 5, 16: 10})
    assert_days(run.slot("used", "fab/b"), {10: 20, range(11, 16): 10, 16: 20})


@pytest.mark.parametrize(("severity", "there"), [(1.0, 0.0), (0.5, 0.5), (0.25, 0.75)])
def test_an_input_with_criticality_of_a_third_costs_a_third_of_what_is_missing(
    engine: str, severity: float, there: float
) -> None:
    ready = model(plant(b=", criticality: 0.3"), outage(mine_b=severity))
    run = shocked(ready, engine)
    # 1 - 0.3 x (1 - there): 7 of 10 without any, 8.5 with half of it
    output = 10 * (1 - 0.3 * (1 - there))
    assert_days(run.facility("started", "fab"), {10: 10, range(11, 16): output, 16: 10})
    assert_days(run.slot("used", "market/chip"), {11: 10, range(12, 17): output, 17: 10})
    # never more is used than there is
    assert_days(run.slot("used", "fab/b"), {range(11, 16): 20 * there})


def test_an_input_without_criticality_is_used_but_not_missed(engine: str) -> None:
    ready = model(plant(b=", criticality: 0"), outage(mine_b=1.0))
    run = shocked(ready, engine)
    assert_days(run.facility("started", "fab"), {range(60): 10})
    assert_days(run.slot("used", "fab/b"), {10: 20, range(11, 16): 0, 16: 20})


def test_criticality_of_two_scarce_inputs_is_not_multiplied(engine: str) -> None:
    ready = model(
        plant(a=", criticality: 0.5", b=", criticality: 0.3"), outage(mine_a=1.0, mine_b=1.0)
    )
    # the lesser of 1 - 0.5 and 1 - 0.3
    assert_days(
        shocked(ready, engine).facility("started", "fab"), {range(11, 16): 5, range(16, 60): 10}
    )


STOP_B = f"""
shocks:
  stop: {{type: outage, facilities: mine_b, from: {on(10)}, duration_days: 60}}
"""


def test_an_input_with_an_onset_wears_down_capacity_by_a_ninetieth_of_the_distance_a_day(
    engine: str,
) -> None:
    # a has a day of cover, so that more than planned can be wanted without a shortage of a
    ready = model(plant(a=", cover_days: 1", b=", onset_days: 90", capacity=12.5), STOP_B, days=99)
    run = shocked(ready, engine)
    # Without b from day 11 on, health heads for 0: (1 - 1/90)^n on the n-th day.
    health = [(1 - 1 / 90) ** (day - 10) for day in range(11, 71)]
    assert_days(run.slot("health", "fab/b"), dict(zip(range(11, 71), health, strict=True)))
    # Capacity 12.5 x health; 10 are wanted at least, so loss begins when health is below 0.8:
    # log 0.8 / log(89/90) = 19.97, so on the 20th day, which is day 30.
    started = run.facility("started", "fab")
    assert_days(started, {range(30): 10})
    for day in range(30, 71):
        assert started[day] == pytest.approx(12.5 * health[day - 11], abs=1e-12)
    assert (started[30:71] < 10).all()
    # b is used as far as it is there: not at all
    assert_days(run.slot("used", "fab/b"), {range(11, 71): 0})


def test_a_worn_facility_recovers_as_slowly_as_it_was_worn(engine: str) -> None:
    ready = model(plant(b=", onset_days: 90"), STOP_B, days=130)
    run = shocked(ready, engine)
    # No slack: wanted is 10 a day throughout. b is back on day 71, twenty a day, enough for all
    # that is wanted; health then covers a ninetieth of the distance to 1 each day.
    lowest = (89 / 90) ** 60
    expected = [1 - (1 - lowest) * (89 / 90) ** n for n in range(1, 60)]
    assert_days(run.slot("health", "fab/b"), dict(zip(range(71, 130), expected, strict=True)))
    started = dict(zip(range(71, 130), (10 * h for h in expected), strict=True))
    assert_days(run.facility("started", "fab"), started)


def test_of_several_inputs_with_an_onset_the_most_worn_counts(engine: str) -> None:
    rows = outage(mine_a=1.0, mine_b=1.0)
    ready = model(plant(a=", onset_days: 4", b=", onset_days: 8"), rows)
    run = shocked(ready, engine)
    # a: 3/4 of the day before; b: 7/8. Output follows a.
    assert_days(run.facility("started", "fab"), {11: 7.5, 12: 5.625, 13: 4.21875})
    assert_days(run.slot("health", "fab/b"), {11: 0.875, 12: 0.765625})


def test_an_onset_and_an_immediate_shortage_multiply(engine: str) -> None:
    rows = outage(mine_a=0.4, mine_b=1.0)
    run = shocked(model(plant(b=", onset_days: 4, criticality: 0.8"), rows), engine)
    # Health of b heads for 1 - 0.8 = 0.2: 0.2 + 0.8 x 3/4 = 0.8 on day 11. a: 6 of 10.
    # started = min(10, 10 x 0.8) x 0.6
    assert_days(run.facility("started", "fab"), {11: 4.8})
    # Day 12: health 0.2 + 0.6 x 3/4 = 0.65. Of a 6 - 4.8 = 1.2 are left; 10 - 1.2 = 8.8 were
    # asked and 6 given, so 7.2 are there: min(10, 6.5) x 0.72
    assert_days(run.facility("started", "fab"), {12: 4.68})


def test_yield_sits_in_the_recipe(engine: str) -> None:
    tables = plant().replace("input: b, quantity: 2", "input: b, quantity: 2.5")
    ready = model(tables.replace("output: b, capacity_per_day: 20", "output: b, utilisation: 1"))
    run = shocked(ready, engine)
    assert_days(run.slot("used", "fab/b"), {range(60): 25})


def test_shortage_is_measured_against_what_is_wanted_even_while_catching_up(engine: str) -> None:
    # Known limit of the rule: a fab that was out for a day wants its whole capacity of 12.5
    # (10 + 10 unfilled), but no more than 10 of a and 20 of b come in a day.
    tables = plant(b=", onset_days: 2", capacity=12.5)
    run = shocked(
        model(tables, outage(fab=1.0).replace("duration_days: 5", "duration_days: 1")), engine
    )
    # b: 20 of 25 are there, health 1 + (0.8 - 1) / 2 = 0.9; a: 10 of 12.5.
    # started = min(12.5, 12.5 x 0.9) x 0.8 = 9
    assert_days(run.facility("started", "fab"), {9: 10, 10: 0, 11: 9})
    # Day 12: wanted 10 + 1 unfilled; there are 1 + 9 of a and 2 + 18 of b, 20 of 22.
    health = 0.9 + (20 / 22 - 0.9) / 2
    assert_days(run.slot("health", "fab/b"), {11: 0.9, 12: health})
    assert_days(run.facility("started", "fab"), {12: min(11, 12.5 * health) * 10 / 11})
