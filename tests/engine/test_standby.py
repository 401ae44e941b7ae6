"""Standby suppliers: how the customer's trust falls, how they qualify, and what they take over."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.shocks import Control, Effect
from tests.networks import assert_days, model, on, run, shocked, with_effects


def chain(
    lane: str = "standby_share: 0.5, qualification_days: 10",
    slot: str = "",
    cover: float = 0,
    main: str = "share: 1",
    spare: str = "capacity_per_day: 10",
) -> str:
    """A market that buys 10 a day from one mine and has another on standby."""
    return f"""
    materials: [{{id: ore, layer: minerals, unit: t}}]
    facilities:
      - {{id: main, kind: mine, country: CHN, output: ore, capacity_per_day: 20}}
      - {{id: spare, kind: mine, country: AUS, output: ore, {spare}}}
      - {{id: market, kind: market, country: USA}}
    lanes:
      - {{customer: market, material: ore, supplier: main, transit_days: 1, {main}}}
      - {{customer: market, material: ore, supplier: spare, transit_days: 1, {lane}}}
    demand: [{{sink: market, material: ore, units_per_day: 10, cover_days: {cover}}}]
    slots: [{slot}]
    """


def stop(days: int, who: str = "main") -> str:
    return f"""
    shocks:
      stop: {{type: outage, facilities: {who}, from: {on(10)}, duration_days: {days}}}
    """


def test_a_standby_supplier_is_asked_as_far_as_it_is_qualified(engine: str) -> None:
    out = shocked(model(chain(), stop(50)), engine)
    asked = out.lane("asked", "market/ore/spare")
    # Day 10: all is well in the morning, in the afternoon nothing comes of the 10 asked.
    assert_days(asked, {range(11): 0})
    # Day 11: performance of main 1 - 1/14 = 13/14; readiness (1 - 13/14) / 10 = 1/140; asked are
    # 10 x 0.5 x 1/140. Day 12: performance (13/14)^2 = 169/196, so short by 27/196; readiness
    # 1/140 + (27/196 - 1/140) / 10 = 27/1960 + 9/1400 = 99/4900.
    assert_days(asked, {11: 5 / 140, 12: 5 * 99 / 4900})
    # And so on: f = (13/14)^n, g = g + (1 - f - g) / 10.
    ready = 0.0
    for n in range(1, 50):
        ready += (1 - (13 / 14) ** n - ready) / 10
        assert_days(asked, {10 + n: 5 * ready})
    # The failing supplier is asked all the time, and for no less.
    assert_days(out.lane("asked", "market/ore/main"), {range(60): 10})


def test_a_standby_supplier_makes_what_it_could_not_give_the_day_before(engine: str) -> None:
    out = shocked(model(chain(), stop(50)), engine)
    asked, given = (out.lane(name, "market/ore/spare") for name in ("asked", "given"))
    made = out.facility("started", "spare")
    # Nothing planned, so nothing is in stock: the first request is made the next morning.
    assert_days(given, {11: 0, 12: 5 / 140})
    assert_days(made, {11: 0, 12: 5 / 140})
    for day in range(12, 60):
        made_today = asked[day - 1] - given[day - 1]
        assert_days(made, {day: made_today})
        assert_days(given, {day: min(made_today, asked[day])})
    # What arrives is used the next day; all else is lost.
    assert_days(out.slot("used", "market/ore")[1:] - given[:-1], {range(10, 59): 0})


def test_a_steady_request_beyond_plan_is_met_every_other_day(engine: str) -> None:
    # Known limit of the rule: only yesterday's unfilled requests are made today, so a supplier
    # without a stock that is asked the same every day gives it every other day.
    ready = model(chain(), days=40)
    effects = [Effect(Control.STANDBY, 1, 0, None, 0.0), Effect(Control.SHARE, 1, 10, None, 0.4)]
    out = run(with_effects(ready, effects), engine)
    assert_days(out.lane("asked", "market/ore/spare"), {9: 0, 10: 4})
    assert_days(out.lane("given", "market/ore/spare"), {10: 0, 11: 4, 12: 0})


def test_recovery_of_the_main_supplier_is_seen_at_once_and_the_spare_one_is_let_go_slowly(
    engine: str,
) -> None:
    out = shocked(model(chain(), stop(20), days=60), engine)
    # Day 30: main is asked 10, wants 10 + 10 unfilled, gives 10.
    assert_days(out.lane("given", "market/ore/main"), {29: 0, 30: 10})
    # Day 31: performance p becomes p + (1 - p) / 14, with p = (13/14)^20 on day 30.
    performance = (13 / 14) ** 20
    ready = 0.0
    for n in range(1, 21):
        ready += (1 - (13 / 14) ** n - ready) / 10
    for day in range(31, 60):
        performance += (1 - performance) / 14
        ready += (1 - performance - ready) / 10
        share = out.lane("asked", "market/ore/spare")[day] / out.slot("asked", "market/ore")[day]
        assert share == pytest.approx(0.5 * ready, rel=1e-12)


def test_a_longer_notice_and_a_longer_qualification_delay_the_spare_supplier(engine: str) -> None:
    lane = "standby_share: 1, qualification_days: 30"
    slot = "{facility: market, material: ore, notice_days: 28}"
    out = shocked(model(chain(lane, slot), stop(50)), engine)
    # (1 - 27/28) / 30 = 1/840 of 10
    assert_days(out.lane("asked", "market/ore/spare"), {11: 10 / 840})


def test_qualification_within_a_day_follows_the_shortfall(engine: str) -> None:
    lane = "standby_share: 1, qualification_days: 1"
    out = shocked(model(chain(lane), stop(50)), engine)
    shortfall = [10 * (1 - (13 / 14) ** n) for n in range(1, 50)]
    assert_days(
        out.lane("asked", "market/ore/spare"), dict(zip(range(11, 60), shortfall, strict=True))
    )


def test_a_standby_lane_with_a_trigger_counts_only_while_cover_is_below_it(engine: str) -> None:
    lane = "standby_share: 0.5, qualification_days: 10, standby_trigger_days: 3"
    out = shocked(model(chain(lane, cover=5), stop(50)), engine)
    # Stock in the evening: 50 on day 10, then 40, 30, 20, ...; below 3 days' use from day 13 on.
    assert_days(out.slot("on_hand", "market/ore"), {10: 50, 11: 40, 12: 30, 13: 20})
    asked = out.lane("asked", "market/ore/spare")
    assert_days(asked, {range(13): 0})
    # Qualification has gone on meanwhile, for three days; 40 are missing to 60, 15 are asked.
    ready = 0.0
    for n in range(1, 4):
        ready += (1 - (13 / 14) ** n - ready) / 10
    assert_days(asked, {13: 15 * 0.5 * ready})


def test_a_stockpile_on_standby_gives_at_once_and_until_it_is_empty(engine: str) -> None:
    tables = chain("standby_share: 1, qualification_days: 1", spare="stock_at_start: 25")
    tables = tables.replace("id: spare, kind: mine", "id: spare, kind: stockpile")
    out = shocked(model(tables, stop(50)), engine)
    given = out.lane("given", "market/ore/spare")
    # 10 x (1 - (13/14)^n): 0.714, 1.378, 1.994, ... until 25 are gone
    shortfall = np.array([10 * (1 - (13 / 14) ** n) for n in range(1, 50)])
    expected = np.minimum(shortfall, np.maximum(25 - np.cumsum(shortfall) + shortfall, 0))
    assert_days(given, dict(zip(range(11, 60), expected, strict=True)))
    assert given.sum() == pytest.approx(25, abs=1e-12)
    assert_days(out.facility("finished", "spare"), {10: 25, 59: 0})


def test_a_planned_supplier_may_have_a_standby_share_beside_its_share(engine: str) -> None:
    tables = chain("share: 0.4, standby_share: 0.6, qualification_days: 10", main="share: 0.6")
    out = shocked(model(tables, stop(50)), engine)
    # F = 0.6 f + 0.4 x 1; day 11: 1 - F = 0.6/14, readiness 0.06/14; spare delivers its own share.
    # Need is 10 (nothing on hand, nothing under way), asked of spare 10 x (0.4 + 0.6 x 0.06/14).
    assert_days(out.lane("asked", "market/ore/spare"), {10: 4, 11: 4 + 6 * 0.06 / 14})


def test_two_standby_suppliers_share_the_gap_by_their_standby_shares(engine: str) -> None:
    tables = chain("standby_share: 0.5, qualification_days: 10").replace(
        "demand:",
        """  - {customer: market, material: ore, supplier: third, transit_days: 1,
         standby_share: 0.3, qualification_days: 20}
    demand:""",
    )
    tables = tables.replace(
        "lanes:",
        """  - {id: third, kind: mine, country: CAN, output: ore, capacity_per_day: 10}
    lanes:""",
    )
    out = shocked(model(tables, stop(50)), engine)
    assert_days(out.lane("asked", "market/ore/spare"), {11: 5 / 140})
    assert_days(out.lane("asked", "market/ore/third"), {11: 3 / 280})


def test_nobody_is_qualified_while_all_deliver(engine: str) -> None:
    out = shocked(model(chain(cover=3)), engine)
    assert_days(out.lane("asked", "market/ore/spare"), {range(60): 0})


def test_shares_that_sum_to_more_than_one_ask_for_more_and_never_for_less_than_nothing(
    engine: str,
) -> None:
    # main keeps its share, spare gets 0.4 beside it: F is 1.4 and nobody is short.
    ready = model(chain(spare="capacity_per_day: 10, finished_cover_days: 0"), days=40)
    out = run(with_effects(ready, [Effect(Control.SHARE, 1, 10, None, 0.4)]), engine)
    assert_days(out.lane("asked", "market/ore/main"), {range(10, 12): 10})
    assert_days(out.lane("asked", "market/ore/spare"), {9: 0, 10: 4})
    for series in ("asked", "given"):
        assert out.trajectory["lanes", series].min() == 0.0
