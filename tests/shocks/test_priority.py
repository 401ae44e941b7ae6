from __future__ import annotations

import pytest

from simulator.shocks import Control
from tests.networks import assert_days, model, on, shocked
from tests.shocks.world import changes, neutral, only, refused, world

# One mine sells 6 a day to an ally and 4 to an outsider, and gives 7 for five days.
TWO_BUYERS = """
materials: [{id: ore, layer: minerals, unit: t}]
facilities:
  - {id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 10}
  - {id: ally, kind: market, country: USA}
  - {id: other, kind: market, country: CHN}
lanes:
  - {customer: ally, material: ore, supplier: mine, share: 1, transit_days: 1, priority: 3}
  - {customer: other, material: ore, supplier: mine, share: 1, transit_days: 1, priority: 1}
demand:
  - {sink: ally, material: ore, units_per_day: 6, cover_days: 2}
  - {sink: other, material: ore, units_per_day: 4, cover_days: 2}
alliances: [{alliance: pax, country: USA, from_date: 2020-01-01},
            {alliance: pax, country: AUS, from_date: 2020-01-01}]
"""
SHORT = f"""
shocks:
  o: {{type: outage, facilities: mine, from: {on(10)}, duration_days: 5, severity: 0.3}}
"""


def test_lanes_to_others_fall_behind_and_those_to_allies_stay() -> None:
    ready = world(
        f"x: {{type: priority, allies: pax, from: {on(20)}, until: {on(40)}}}", section="measures"
    )
    only(ready, Control.PRIORITY)
    assert changes(ready, Control.PRIORITY) == {"mkt_cn/metal/plant_jp": [(20, 1.0), (40, 0.0)]}


def test_others_may_be_held_back_even_where_there_is_enough() -> None:
    text = f"x: {{type: priority, allies: pax, from: {on(20)}, until: {on(40)}, outsiders: 0.2}}"
    ready = world(text, section="measures")
    only(ready, Control.LIMIT, Control.PRIORITY)
    free = neutral(Control.LIMIT)
    assert changes(ready, Control.LIMIT) == {"mkt_cn/metal/plant_jp": [(20, 0.2), (40, free)]}


def test_members_count_as_of_the_date_of_the_measure() -> None:
    text = "x: {{type: priority, allies: pax, suppliers: mine_cn, from: {}}}"
    before = world(text.format(on(20)), section="measures")
    assert set(changes(before, Control.PRIORITY)) == {"plant_kr/ore/mine_cn"}
    refused(text.format(on(70)), "no lane leads from these suppliers", section="measures")


def test_who_sells_to_outsiders_alone_has_nobody_to_put_first() -> None:
    text = f"x: {{type: priority, allies: USA, suppliers: plant_kr, from: {on(20)}}}"
    assert changes(world(text, section="measures"), Control.PRIORITY) == {}


def test_allies_are_served_first_even_beyond_their_plan_and_whatever_their_class(
    engine: str,
) -> None:
    first = f"p: {{type: priority, allies: pax, from: {on(12)}, until: {on(14)}}}"
    run = shocked(model(TWO_BUYERS, f"{SHORT}measures:\n  {first}"), engine)
    # As planned, the outsider is first: 4 of 7. On days 12 and 13 the ally asks 1.5 x 6 = 9 of the
    # 18 - (12 - 3 - 3) that it lacks, and is given all 7.
    assert_days(run.lane("given", "ally/ore/mine"), {9: 6, 10: 3, 11: 3, 12: 7, 13: 7})
    assert_days(run.lane("given", "other/ore/mine"), {9: 4, 10: 4, 11: 4, 12: 0, 13: 0})
    # Back in the class before the ally, the outsider asks its 6 and is given them.
    assert_days(run.lane("given", "other/ore/mine"), {14: 6})
    assert_days(run.lane("given", "ally/ore/mine"), {14: 1})


def test_two_measures_add_up_and_who_is_an_outsider_to_both_is_last(engine: str) -> None:
    tables = TWO_BUYERS.replace("country: CHN", "country: JPN")
    both = (
        f"measures:\n  a: {{type: priority, allies: [USA, AUS], from: {on(10)}}}\n"
        f"  b: {{type: priority, allies: [JPN, AUS], from: {on(10)}, suppliers: mine}}"
    )
    ready = model(tables, SHORT + both)
    # Each is an outsider to one: both move by three classes, and stand as planned to each other.
    run = shocked(ready, engine)
    alone = shocked(model(tables, SHORT), engine)
    name = "given", "other/ore/mine"
    assert (run.lane(*name) == alone.lane(*name)).all()


def test_where_there_is_enough_nobody_notices(engine: str) -> None:
    first = f"measures:\n  p: {{type: priority, allies: pax, from: {on(5)}}}"
    run = shocked(model(TWO_BUYERS, first), engine)
    assert_days(run.lane("given", "other/ore/mine"), {range(60): 4})


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (
            "allies: pax, materials: chip",
            "no lane leads from these suppliers to customers elsewhere",
        ),
        ("allies: paxx", "unknown country or alliance; did you mean 'pax'?"),
        ("allies: pax, outsiders: 2", "must be between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{type: priority, from: 2026-01-20, {rest}}}", words, section="measures")
