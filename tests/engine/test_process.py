"""Work in process, reserves and capacity that comes later."""

from __future__ import annotations

import pytest

from simulator.shocks import Control, Effect
from tests.networks import Run, assert_days, model, on, run, serial, shocked, with_effects


def outage(who: str, days: int, more: str = "") -> str:
    return f"""
    shocks:
      quake: {{type: outage, facilities: {who}, from: {on(10)}, duration_days: {days}{more}}}
    """


def used(out: Run):
    return out.slot("used", "market/metal")


@pytest.mark.parametrize("days", [1, 3, 9])
@pytest.mark.parametrize("cycle", [1, 5])
def test_a_frozen_process_is_shifted_by_exactly_the_frozen_days(
    engine: str, days: int, cycle: int
) -> None:
    ready = model(serial(cycle=cycle, cover=2), outage("plant", days, ", freezes_process: true"))
    out = shocked(ready, engine)
    # Nothing is finished on the frozen days and nothing is scrapped: what was due on day 10 is due
    # when the plant goes on, and all else follows in its turn.
    gap = range(10, 10 + days)
    assert_days(out.facility("matured", "plant"), {9: 10, gap: 0, range(10 + days, 60): 10})
    assert_days(out.facility("process_total", "plant"), {range(60): 10 * cycle})
    assert_days(used(out), {10: 10, range(11, 11 + days): 0, range(11 + days, 60): 10})


def test_an_outage_that_does_not_freeze_lets_work_in_process_go_on(engine: str) -> None:
    out = shocked(model(serial(cycle=5), outage("plant", 3)), engine)
    assert_days(out.facility("matured", "plant"), {14: 10, range(15, 18): 0, 18: 10})
    assert_days(out.facility("process_total", "plant"), {9: 50, 10: 40, 11: 30, 12: 20, 14: 20})


def test_what_is_started_on_a_frozen_day_waits_with_that_of_the_day_before(engine: str) -> None:
    # Only progress stands still, on days 10 to 12; capacity is all there, also 10 a day of ore.
    ready = model(serial(cycle=5))
    plant = ready.network.facility_index["plant"]
    out = run(with_effects(ready, [Effect(Control.PROGRESS, plant, 10, 13, 0.0)]), engine)
    # Base stock 10 x (0 + 5 + 1) = 60. Day 10: 50 in process, 10 wanted. Day 11: 60 in process,
    # 10 unfilled on day 10, 10 wanted. Day 12: 70 in process and 10 unfilled: none.
    # Day 13: the 10 due on day 10 come out, 60 are in process, 10 were unfilled: none.
    # Day 14: 50 in process, 10 finished: none. Day 15: 40 and 10: 10 wanted.
    started = {9: 10, 10: 10, 11: 10, range(12, 15): 0, range(15, 17): 10}
    assert_days(out.facility("started", "plant"), started)
    # Started on days 5 to 8: done on days 13 to 16. Started on days 9, 10 and 11: done on day 17.
    assert_days(out.facility("matured", "plant"), {range(10, 13): 0, range(13, 17): 10, 17: 30})
    assert_days(out.facility("matured", "plant"), {18: 0, 19: 0, 20: 10})
    assert_days(used(out), {range(11, 14): 0, range(14, 60): 10})


def test_scrapped_work_in_process_is_missing_once(engine: str) -> None:
    tables = serial(cycle=4, capacity=20, mine_capacity=100, cover=9)
    out = shocked(model(tables, outage("plant", 0, ", process_lost: 0.5")), engine)
    # Of 4 x 10 in process half is lost, so 5 come out on days 10 to 13. Base stock 50:
    # day 10: 5 finished, 15 in process, 30 wanted, capacity 20; day 11: 5 and 30, 5 unfilled: 20;
    # day 12: 5, 45 and 5: 5; day 13: the same; day 14: the 20 of day 10 come out, 30 in process
    # and 5 unfilled: 5; day 15: 10 left and 20 new, 15 in process, none unfilled: 5.
    started = dict(zip(range(10, 16), [20, 20, 5, 5, 5, 5], strict=True))
    assert_days(out.facility("started", "plant"), started)
    assert_days(out.facility("matured", "plant"), {range(10, 14): 5, 14: 20, 15: 20, 16: 5})
    # 20 are missing at the market, and no more
    assert_days(used(out), {range(11, 15): 5, range(15, 60): 10})


def test_stock_on_hand_can_be_destroyed_in_part(engine: str) -> None:
    ready = model(serial(cover=4))
    slot = ready.network.slot_ids.index("plant/ore")
    out = run(with_effects(ready, [Effect(Control.STOCK_KEEP, slot, 10, 11, 0.25)]), engine)
    # 40 in the evening of day 9 become 10 in the morning of day 10; the mine has no slack
    assert_days(out.slot("on_hand", "plant/ore"), {9: 40, range(10, 60): 10})


# reserves


def test_a_reserve_handed_out_lasts_as_many_days_as_it_holds(engine: str) -> None:
    rest = f"""
    shocks:
      stop: {{type: outage, facilities: mine, from: {on(10)}, duration_days: 40}}
    measures:
      reserve: {{type: stockpile, holders: plant, materials: ore, days_of_use: 3,
                 release: {on(20)}}}
    """
    out = shocked(model(serial(cover=2), rest), engine)
    # ore runs out with day 12; 30 units on day 20 last for days 20 to 22
    assert_days(out.slot("used", "plant/ore"), {12: 10, range(13, 20): 0, range(20, 23): 10, 23: 0})
    assert_days(out.slot("on_hand", "plant/ore"), {19: 0, 20: 20, 21: 10, 22: 0})


def test_a_stockpile_is_filled_day_by_day_and_opened_on_a_date(engine: str) -> None:
    tables = """
    materials: [{id: ore, layer: minerals, unit: t}]
    facilities:
      - {id: mine, kind: mine, country: CHN, output: ore, capacity_per_day: 10}
      - {id: pile, kind: stockpile, country: USA, output: ore, stock_at_start: 4}
      - {id: market, kind: market, country: USA}
    lanes:
      - {customer: market, material: ore, supplier: mine, share: 1, transit_days: 1}
      - {customer: market, material: ore, supplier: pile, standby_share: 1, transit_days: 1,
         qualification_days: 1}
    demand: [{sink: market, material: ore, units_per_day: 10}]
    """
    rest = f"""
    shocks:
      stop: {{type: outage, facilities: mine, from: {on(10)}, duration_days: 50}}
    measures:
      reserve: {{type: stockpile, facilities: pile, units: 6, buy_from: {on(2)}, buy_days: 3,
                 release: {on(20)}, until: {on(22)}, share: 0.5}}
    """
    out = shocked(model(tables, rest), engine)
    # 2 units a day on days 2, 3 and 4
    assert_days(out.facility("finished", "pile"), {1: 4, 2: 6, 3: 8, 4: 10, 19: 10})
    # closed until day 20; then half of 10 x (1 - (13/14)^n) with n = 10 and 11, then closed again
    first, second = (5 * (1 - (13 / 14) ** n) for n in (10, 11))
    given = {range(20): 0, 20: first, 21: second, range(22, 60): 0}
    assert_days(out.lane("given", "market/ore/pile"), given)
    assert_days(out.facility("finished", "pile"), {59: 10 - first - second})


# capacity that comes later


def test_capacity_with_a_start_date_ramps_up_evenly(engine: str) -> None:
    tables = serial().replace(
        "- {id: market, kind: market, country: USA}",
        f"""- {{id: market, kind: market, country: USA}}
  - {{id: late, kind: mine, country: CAN, output: ore, capacity_per_day: 8,
     start_date: {on(20)}, ramp_days: 4}}""",
    )
    tables = tables.replace(
        "lanes:",
        "lanes:\n  - {customer: plant, material: ore, supplier: late, transit_days: 1,"
        " standby_share: 1, qualification_days: 1}",
    )
    out = shocked(model(tables, outage("mine", 50)), engine)
    ramp = {range(21): 0, 21: 2, 22: 4, 23: 6, range(24, 60): 8}
    assert_days(out.facility("capacity_now", "late"), ramp)
    # asked for more than enough by then, it makes what it can
    assert_days(out.facility("started", "late"), {range(21): 0, 21: 2})


def test_added_capacity_lets_a_plant_catch_up_faster(engine: str) -> None:
    rest = (
        outage("plant", 5)
        + f"""
    measures:
      more: {{type: capacity_addition, facilities: plant, from: {on(15)}, factor: 1.5}}
    """
    )
    tables = serial(mine_capacity=100, cover=5, market_cover=10)
    out = shocked(model(tables, rest), engine)
    assert_days(out.facility("capacity_now", "plant"), {range(10): 10, range(10, 15): 0})
    assert_days(out.facility("capacity_now", "plant"), {range(15, 60): 15})
    # 50 are missing; the market asks 15, the plant makes up for yesterday's unfilled: 15, 10, 15,
    # ..., so that 5 are made up for every other day, on days 15, 17, ..., 33
    started = {day: 15 if (day - 15) % 2 == 0 else 10 for day in range(15, 34)}
    assert_days(out.facility("started", "plant"), started | {range(34, 60): 10})
    assert_days(out.slot("on_hand", "market/metal"), {15: 50, range(35, 60): 100})
