"""Orders: what slots ask under their policies, covers, delays and shares; and what sinks do."""

from __future__ import annotations

import pytest

from simulator.shocks import Control, Effect
from tests.networks import Run, assert_days, model, on, run, shocked, with_effects


def direct(
    cover: float = 0,
    transit: int = 1,
    unmet: str = "lost",
    slot: str = "",
    capacity: float = 10,
    finished: float = 0,
    more: str = "",
) -> str:
    """A mine that sells 10 a day to a market."""
    return f"""
    materials: [{{id: ore, layer: minerals, unit: t}}]
    facilities:
      - {{id: mine, kind: mine, country: CHN, output: ore, capacity_per_day: {capacity},
         finished_cover_days: {finished}}}
      - {{id: market, kind: market, country: USA}}
    lanes:
      - {{customer: market, material: ore, supplier: mine, share: 1, transit_days: {transit}}}
    demand:
      - {{sink: market, material: ore, units_per_day: 10, cover_days: {cover}, unmet: {unmet}
         {more}}}
    slots: [{slot}]
    """


def stop(day: int, days: int) -> str:
    return f"""
    shocks:
      stop: {{type: outage, facilities: mine, from: {on(day)}, duration_days: {days}}}
    """


def asked(out: Run):
    return out.slot("asked", "market/ore")


def on_hand(out: Run):
    return out.slot("on_hand", "market/ore")


def used(out: Run):
    return out.slot("used", "market/ore")


# (s, S) and (R, S)


def test_an_s_S_slot_orders_up_to_S_when_its_position_has_fallen_to_s(engine: str) -> None:  # noqa: N802
    slot = "{facility: market, material: ore, policy: s_S, reorder_cover_days: 1}"
    out = shocked(model(direct(5, 2, slot=slot, capacity=100, finished=30)), engine)
    # S = 10 x (5 + 2) = 70, s = 10 x (1 + 2) = 30. Start: 50 on hand, 10 due on days 0 and 1.
    # Evening stock 50, 50, 40, 30: position 60, 50, 40, 30. Day 3: 40 ordered, due on day 5.
    assert_days(asked(out), {0: 0, 1: 0, 2: 0, 3: 40, 4: 0, 5: 0, 6: 0})
    assert_days(on_hand(out), [50, 50, 40, 30, 20, 50, 40, 30, 20, 50])
    # and again every four days
    orders = {day: 40.0 if day % 4 == 3 else 0.0 for day in range(60)}
    assert_days(asked(out), orders)
    assert_days(used(out), {range(60): 10})


def test_an_s_S_slot_asks_again_what_it_was_not_given(engine: str) -> None:  # noqa: N802
    slot = "{facility: market, material: ore, policy: s_S, reorder_cover_days: 1}"
    ready = model(direct(5, 2, slot=slot, capacity=100, finished=3), stop(0, 5))
    out = shocked(ready, engine)
    # As above, but the mine has no more than the 30 of its cover until day 4. Day 4: 20 on hand, 30
    # under way, position 50, above s: no order. Day 6: 20 + 30 - 10 - 10 = 30, so 40 more.
    assert_days(out.lane("given", "market/ore/mine"), {3: 30, 4: 0, 5: 0})
    assert_days(asked(out), {3: 40, 4: 0, 5: 0, 6: 40})
    assert_days(on_hand(out), {3: 30, 4: 20, 5: 40, 6: 30, 7: 20})


def test_an_R_S_slot_orders_every_R_days(engine: str) -> None:  # noqa: N802
    slot = "{facility: market, material: ore, policy: R_S, review_days: 4}"
    out = shocked(model(direct(5, 2, slot=slot, capacity=100, finished=30)), engine)
    # S = 70. Day 0: 50 on hand, 10 under way: 10 ordered. Day 4: 30 on hand, none under way: 40.
    orders = {day: (10.0 if day == 0 else 40.0) if day % 4 == 0 else 0.0 for day in range(60)}
    assert_days(asked(out), orders)
    assert_days(on_hand(out), [50, 50, 50, 40, 30, 20, 50, 40, 30, 20, 50])
    assert_days(used(out), {range(60): 10})


def test_a_limit_on_surge_holds_for_lots_where_it_is_given(engine: str) -> None:
    slot = "{facility: market, material: ore, policy: R_S, review_days: 4, surge: 3}"
    out = shocked(model(direct(5, 2, slot=slot, capacity=100, finished=30)), engine)
    # 30 a lot at most: 10 short every four days, on top of day 4's 40
    assert_days(asked(out), {0: 10, 4: 30, 8: 30})
    assert_days(on_hand(out), {4: 30, 5: 20, 6: 40, 8: 20, 9: 10, 10: 30, 12: 10, 14: 20, 17: 0})


# sinks


def test_a_market_that_loses_what_it_cannot_serve_never_asks_for_it(engine: str) -> None:
    out = shocked(model(direct(capacity=15), stop(10, 5)), engine)
    assert_days(used(out), {10: 10, range(11, 16): 0, range(16, 60): 10})
    assert_days(out.slot("backlog", "market/ore"), {range(60): 0})
    assert_days(asked(out), {range(60): 10})


def test_a_market_that_keeps_its_backlog_works_it_off_within_surge_and_capacity(
    engine: str,
) -> None:
    out = shocked(model(direct(unmet="kept", capacity=15), stop(10, 5)), engine)
    # 50 are missing after day 15. The market asks 15 a day; the mine gives 15 on day 15 (10 + 10
    # unfilled, within 15), then 10 and 15 in turn, since it makes what it could not give the day
    # before: 5 of backlog are worked off every other day, on days 16, 18, ..., 34.
    assert_days(out.slot("backlog", "market/ore"), {10: 0, 11: 10, 12: 20, 13: 30, 14: 40, 15: 50})
    assert_days(used(out), {range(11, 16): 0, 16: 15, 17: 10, 18: 15, 33: 10, 34: 15, 35: 10})
    backlog = {day: 50.0 - 5 * ((day - 14) // 2) for day in range(15, 35)}
    assert_days(out.slot("backlog", "market/ore"), backlog | {range(34, 60): 0})
    assert used(out).sum() == pytest.approx(600, abs=1e-9)


# surges of demand, covers, delays, shares


def test_a_surge_of_demand_eats_the_stock_before_it_is_lost(engine: str) -> None:
    boom = f"""
    shocks:
      boom: {{type: demand_surge, sinks: market, from: {on(10)}, until: {on(20)}, factor: 1.5}}
    """
    out = shocked(model(direct(2, capacity=20), boom), engine)
    # 15 a day are wanted. The market asks 15 (need 15, then 20); the mine, which plans for 10,
    # gives 10 and 15 in turn. Stock: 20 + 10 - 15 = 15, then 10 (10 came), 10 (15 came), 5, 5, 0,
    # 0; day 17: 10 came, 5 lost; day 18: 15 came; day 19: 10 came, 5 lost.
    assert_days(
        out.lane("given", "market/ore/mine"), {9: 10, 10: 10, 11: 15, 12: 10, 13: 15, 14: 10}
    )
    assert_days(on_hand(out), {9: 20, 10: 15, 11: 10, 12: 10, 13: 5, 14: 5, 15: 0, 16: 0, 17: 0})
    assert_days(used(out), {9: 10, range(10, 17): 15, 17: 10, 18: 15, 19: 10, 20: 10})


def test_a_surge_of_demand_without_stock_changes_nothing(engine: str) -> None:
    boom = f"""
    shocks:
      boom: {{type: demand_surge, sinks: market, from: {on(10)}, factor: 1.5}}
    """
    # The base stock is one day's planned use, for the day of transit; no more is ever asked.
    assert_days(used(shocked(model(direct(capacity=20), boom), engine)), {range(60): 10})


def test_hoarding_raises_orders_before_a_date_and_cuts_them_after_it(engine: str) -> None:
    rule = f"""
    shocks:
      rule: {{type: export_restriction, by: CHN, materials: ore, announced: {on(10)},
              from: {on(20)}, mechanism: quota, quota: 1, hoarding: 2}}
    """
    out = shocked(model(direct(5, capacity=20), rule), engine)
    # Target 10 x (5 + 1) = 60, on days 10 to 19 10 x (10 + 1) = 110: 60 are missing, 15 asked a
    # day; the mine gives 10, 15, 10, ..., 15: 25 more arrive on days 12, 14, 16, 18 and 20.
    assert_days(asked(out), {9: 10, range(10, 20): 15})
    assert_days(on_hand(out), {11: 50, 12: 55, 14: 60, 16: 65, 18: 70, 20: 75})
    # Day 20: 75 on hand against 60, so nothing is asked until 55 are left on day 22: 5.
    assert_days(asked(out), {20: 0, 21: 0, 22: 5, range(23, 60): 10})
    assert_days(on_hand(out), {21: 65, 22: 55, range(23, 60): 50})
    assert_days(used(out), {range(60): 10})


def test_a_smaller_cover_is_reached_by_asking_less(engine: str) -> None:
    ready = model(direct(5))
    slot = [Effect(Control.COVER, 0, 10, None, 0.4)]
    out = run(with_effects(ready, slot), engine)
    # target 60 becomes 10 x (2 + 1) = 30 on day 10, when 50 are on hand: nothing until day 12;
    # day 13: 20 are on hand
    assert_days(asked(out), {9: 10, range(10, 13): 0, 13: 10, 59: 10})
    assert_days(on_hand(out), {10: 50, 11: 40, 12: 30, range(13, 60): 20})


def test_a_delay_holds_for_what_leaves_while_it_lasts(engine: str) -> None:
    out = run(with_effects(model(direct(5)), [Effect(Control.DELAY, 0, 10, 15, 3.0)]), engine)
    # What leaves on days 10 to 14 takes 4 days instead of 1, so it arrives on days 14 to 18; what
    # leaves on day 15 arrives on day 16, together with that of day 12.
    arrived = {10: 10, range(11, 14): 0, 14: 10, 15: 10, range(16, 19): 20, range(19, 60): 10}
    assert_days(out.lane("arrived", "market/ore/mine"), arrived)
    assert_days(on_hand(out), {10: 50, 11: 40, 12: 30, 13: 20, 14: 20, 15: 20, 16: 30, 18: 50})
    # All is under way, so nothing is asked twice.
    assert_days(asked(out), {range(60): 10})


def test_a_delay_without_stock_is_a_gap(engine: str) -> None:
    out = run(with_effects(model(direct()), [Effect(Control.DELAY, 0, 10, 15, 3.0)]), engine)
    # On day 11 nothing comes; ten are under way, so none are asked until they arrive on day 14.
    # Those asked then take 4 days too, and arrive on day 18; what follows is fast again.
    assert_days(asked(out), {10: 10, 11: 0, 12: 0, 13: 0, 14: 10, 15: 0, 16: 0, 17: 0, 18: 10})
    assert_days(used(out), {10: 10, 11: 0, 13: 0, 14: 10, 15: 0, 17: 0, range(18, 60): 10})


TWO = f"""
materials: [{{id: ore, layer: minerals, unit: t}}]
facilities:
  - {{id: a, kind: mine, country: CHN, output: ore, capacity_per_day: 10}}
  - {{id: b, kind: mine, country: AUS, output: ore, capacity_per_day: 10}}
  - {{id: market, kind: market, country: USA}}
lanes:
  - {{customer: market, material: ore, supplier: a, transit_days: 1,
     share_profile: {{{on(10)}: 1, {on(20)}: 0}}}}
  - {{customer: market, material: ore, supplier: b, transit_days: 1,
     share_profile: {{{on(10)}: 0, {on(20)}: 1}}}}
demand: [{{sink: market, material: ore, units_per_day: 10}}]
"""


def test_dated_shares_move_orders_from_one_supplier_to_another_as_planned(engine: str) -> None:
    out = shocked(model(TWO), engine)
    # a tenth of the way a day, from day 10 to day 20
    a = {range(11): 10, **{10 + n: 10 - n for n in range(11)}, range(20, 60): 0}
    b = {range(11): 0, **{10 + n: n for n in range(11)}, range(20, 60): 10}
    assert_days(out.lane("given", "market/ore/a"), a)
    assert_days(out.lane("given", "market/ore/b"), b)
    assert_days(out.facility("started", "b"), b)
    assert_days(used(out), {range(60): 10})


def test_a_share_set_by_a_measure_replaces_the_planned_one(engine: str) -> None:
    effects = [Effect(Control.SHARE, 0, 3, 8, 0.25), Effect(Control.SHARE, 1, 3, 8, 0.75)]
    out = run(with_effects(model(TWO), effects), engine)
    # a sells a quarter; b plans nothing before day 11, so it makes what it could not give the day
    # before. Each day the market gets what comes, and asks 10.
    assert_days(out.lane("asked", "market/ore/a"), {2: 10, range(3, 8): 2.5, 8: 10})
    assert_days(out.lane("asked", "market/ore/b"), {2: 0, range(3, 8): 7.5, 8: 0})
    assert_days(out.lane("given", "market/ore/b"), {3: 0, 4: 7.5, 5: 0, 6: 7.5, 7: 0, 8: 0})
    # what it made for nobody on day 8, after 7.5 were not given on day 7, is left in stock
    assert_days(out.facility("finished", "b"), {7: 0, 8: 7.5})


def test_a_lane_with_varying_transit_takes_the_days_drawn_for_the_day_of_leaving(
    engine: str,
) -> None:
    noise = "transit_days: 3, transit_noise: {distribution: uniform, low: 1, high: 6}"
    ready = model(direct(5).replace("transit_days: 1", noise))
    real = ready.realise(0).shocked
    days = real.daily_transit[0]
    assert set(days.tolist()) <= set(range(1, 7))
    out = run(real, engine)
    given, arrived = (out.lane(name, "market/ore/mine") for name in ("given", "arrived"))
    expected = [0.0] * 60
    for ago in range(1, 4):
        expected[3 - ago] += 10.0  # planned, at the start
    for day in range(60):
        if day + days[day] < 60:
            expected[day + days[day]] += given[day]
    assert_days(arrived, expected)


def test_a_daily_demand_is_used_as_drawn(engine: str) -> None:
    ready = model(direct(5, more=", daily: {distribution: poisson, mean: 10}", capacity=40))
    real = ready.realise(3).shocked
    out = run(real, engine)
    draws = real.daily_demand[0]
    stock = 50.0 + 10.0
    for day in range(10):
        assert_days(used(out), {day: min(stock, draws[day])})
        stock = on_hand(out)[day] + (out.lane("arrived", "market/ore/mine")[day + 1])
    assert draws.std() > 1
