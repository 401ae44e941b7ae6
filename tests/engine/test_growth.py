"""Growth: plans look ahead, and capacity needs its tools; late ones are built in late."""

from __future__ import annotations

import numpy as np

from tests.networks import Run, assert_days, calm, model, on, shocked


def fab(cover: float = 0, more: str = "") -> str:
    """Capacity grows by half a unit a day on days 10 to 29; each unit a day takes two tools."""
    return f"""
    materials:
      - {{id: chip, layer: semiconductors, unit: wafer}}
      - {{id: tool, layer: semiconductors, unit: unit}}
    facilities:
      - {{id: maker, kind: plant, country: NLD, output: tool, capacity_per_day: 10}}
      - {{id: fab, kind: fab, country: TWN, output: chip, recipe: chip, capacity_per_day: 10,
         capacity_profile: {{{on(9)}: 1, {on(29)}: 2}}}}
      - {{id: market, kind: market, country: USA}}
    recipes:
      - {{recipe: chip, input: tool, quantity: 2, purpose: growth, cover_days: {cover}{more}}}
    lanes:
      - {{customer: fab, material: tool, supplier: maker, share: 1, transit_days: 2}}
      - {{customer: market, material: chip, supplier: fab, share: 1, transit_days: 1}}
    demand:
      - {{sink: market, material: chip, units_per_day: 10, profile: {{{on(10)}: 1, {on(30)}: 2}}}}
    """


def stop(day: int, days: int) -> str:
    return f"""
    shocks:
      stop: {{type: outage, facilities: maker, from: {on(day)}, duration_days: {days}}}
    """


def capacity(out: Run) -> np.ndarray:
    return out.facility("capacity_now", "fab")


PLANNED = {**{day: 10 + (day - 9) / 2 for day in range(9, 30)}, range(30, 60): 20}


def test_capacity_grows_as_planned_while_tools_come(engine: str) -> None:
    out = calm(model(fab()), engine)
    assert_days(capacity(out), {range(10): 10, **PLANNED})
    # half a unit a day takes one tool a day, used on days 10 to 29, ordered two days before
    assert_days(out.slot("used", "fab/tool"), {9: 0, range(10, 30): 1, 30: 0})
    assert_days(out.lane("given", "fab/tool/maker"), {7: 0, range(8, 28): 1, 28: 0})
    # starts look a day ahead of the market
    assert_days(out.facility("started", "fab"), {range(10): 10, **PLANNED})
    assert_days(out.slot("used", "market/chip"), {10: 10, 11: 10.5, 20: 15, 30: 20, 59: 20})


def test_a_stop_of_tools_costs_growth_and_not_todays_output(engine: str) -> None:
    out = shocked(model(fab(), stop(12, 6)), engine)
    # Tools of days 12 to 17 are missing on days 14 to 19: capacity stays at 12.
    assert_days(capacity(out), {13: 12, range(14, 20): 12})
    assert_days(out.facility("started", "fab"), {13: 12, range(14, 20): 12})
    # Each day's missing tool is asked again, on top of the day's own.
    asked = {12: 1, 13: 2, 14: 3, 15: 4, 16: 5, 17: 6}
    assert_days(out.slot("asked", "fab/tool"), asked)
    # Day 18: the maker wants 1 + 6 unfilled and is asked 7, which arrive on day 20: seven tools
    # for the seven increments of days 14 to 20.
    assert_days(out.lane("given", "fab/tool/maker"), {17: 0, 18: 7, 19: 1})
    assert_days(capacity(out), {19: 12, 20: 15.5, 21: 16, 29: 20, 59: 20})


def test_tools_that_come_after_the_growth_has_ended_are_still_built_in(engine: str) -> None:
    out = shocked(model(fab(), stop(20, 20)), engine)
    # Tools of days 20 to 27 are missing, 8 of 20; plans end with day 27. All 8 are asked until the
    # maker is back on day 40; they arrive and are built in on day 42.
    assert_days(capacity(out), {21: 16, range(22, 42): 16, range(42, 60): 20})
    assert_days(out.slot("asked", "fab/tool"), {27: 8, 39: 8, 40: 8, 41: 0})
    assert out.slot("used", "fab/tool").sum() == 20


def test_cover_of_tools_postpones_the_stop_of_growth(engine: str) -> None:
    out = shocked(model(fab(cover=3), stop(12, 6)), engine)
    # three tools in stock: built on days 14 to 16
    assert_days(capacity(out), {16: 13.5, range(17, 20): 13.5, 20: 15.5, 29: 20})


def test_tools_of_small_criticality_hold_back_part_of_the_growth_only(engine: str) -> None:
    out = shocked(model(fab(more=", criticality: 0.5"), stop(12, 1)), engine)
    # Day 14: no tool, so half of the pending 0.5 is built; day 15: one tool has come for the day
    # and one for the day before: 0.25 + 0.5 are pending, for which there are more than enough.
    assert_days(capacity(out), {13: 12, 14: 12.25, 15: 13, 16: 13.5})


def test_the_plan_follows_a_profile_on_every_series(engine: str) -> None:
    ready = model(fab(cover=3))
    out = calm(ready, engine)
    plan = ready.plan
    for name, planned in (("started", plan.starts), ("capacity_now", plan.capacity)):
        assert np.allclose(out.trajectory["facilities", name], planned, rtol=1e-12, atol=1e-12)
    assert np.allclose(
        out.trajectory["lanes", "given"], plan.planned_lane_rate, rtol=1e-12, atol=1e-12
    )


def test_a_plan_that_falls_follows_demand_down(engine: str) -> None:
    halved = f"{{{on(10)}: 1, {on(30)}: 0.5}}"
    tables = fab(cover=2).replace(f"{{{on(10)}: 1, {on(30)}: 2}}", halved)
    ready = model(tables)
    out = calm(ready, engine)
    assert_days(out.slot("used", "market/chip"), {10: 10, 20: 7.5, 30: 5, 59: 5})
    assert np.allclose(out.trajectory["facilities", "started"], ready.plan.starts, atol=1e-12)
