"""Reserves: bought over time, handed to holders, or opened to the customers of a stockpile."""

from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.sampling import Model
from simulator.shocks import Control
from tests.networks import model, on
from tests.shocks.world import WORLD, changes, only

PILE = """  - {id: pile, kind: stockpile, country: JPN, output: ore, stock_at_start: 10}
recipes:"""
LANE = """demand:"""


def reserve(rest: str, *, pile: bool = True, days: int = 100) -> Model:
    tables = WORLD
    if pile:
        tables = tables.replace("recipes:", PILE)
        lanes = "".join(
            f"  - {{customer: {plant}, material: ore, supplier: pile, standby_share: 0.5,"
            " transit_days: 1}\n"
            for plant in ("plant_jp", "plant_kr")
        )
        tables = tables.replace("demand:", lanes + "demand:")
    return model(tables, f"measures:\n  x: {{type: stockpile, {rest}}}\n", days=days)


def test_holders_are_given_days_of_their_planned_use_on_the_day_of_release() -> None:
    ready = reserve(
        f"holders: {{kind: plant}}, materials: ore, days_of_use: 30, release: {on(20)}", pile=False
    )
    only(ready, Control.STOCK_ADD)
    # Japan plans 5 for the fab and 5 for the market, Korea 5 for the fab
    assert changes(ready, Control.STOCK_ADD) == {
        "plant_jp/ore": [(20, pytest.approx(300))],
        "plant_kr/ore": [(20, pytest.approx(150))],
    }


def test_a_release_outside_the_run_hands_out_nothing() -> None:
    for day in (-5, 100, 500):
        ready = reserve(
            f"holders: plant_jp, materials: ore, days_of_use: 30, release: {on(day)}", pile=False
        )
        assert changes(ready, Control.STOCK_ADD) == {}


def test_a_stockpile_is_bought_at_once_or_evenly_over_days() -> None:
    at_once = reserve("facilities: pile, units: 60")
    only(at_once, Control.FINISHED_ADD)
    assert changes(at_once, Control.FINISHED_ADD) == {"pile": [(0, 60.0)]}
    evenly = reserve(f"facilities: pile, units: 60, buy_from: {on(4)}, buy_days: 3")
    expected = [(4, 20.0), (5, 20.0), (6, 20.0)]
    assert changes(evenly, Control.FINISHED_ADD) == {"pile": expected}


def test_what_was_bought_before_the_run_is_there_when_it_begins() -> None:
    ready = reserve(f"facilities: pile, units: 60, buy_from: {on(-4)}, buy_days: 6")
    assert changes(ready, Control.FINISHED_ADD) == {"pile": [(0, 50.0), (1, 10.0)]}


def test_a_release_opens_the_lanes_of_the_stockpile_and_its_end_closes_them() -> None:
    ready = reserve(f"facilities: pile, units: 60, release: {on(20)}, until: {on(30)}, share: 0.25")
    only(ready, Control.FINISHED_ADD, Control.STANDBY)
    expected = [(0, 0.0), (20, 0.25), (30, 0.0)]
    assert changes(ready, Control.STANDBY) == {
        "plant_jp/ore/pile": expected,
        "plant_kr/ore/pile": expected,
    }


def test_what_a_stockpile_holds_is_released_without_buying_more() -> None:
    ready = reserve(f"facilities: pile, release: {on(20)}")
    only(ready, Control.STANDBY)
    assert changes(ready, Control.STANDBY)["plant_jp/ore/pile"] == [(0, 0.0), (20, 1.0)]


def test_a_release_from_before_the_run_is_open_from_the_first_day() -> None:
    ready = reserve(f"facilities: pile, units: 60, release: {on(-20)}")
    assert changes(ready, Control.STANDBY)["plant_jp/ore/pile"] == [(0, 1.0)]


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("facilities: fab, units: 5", "fab: is a fab, not a stockpile: select holders instead"),
        ("facilities: pile", "units: must be given with facilities: or a release"),
        ("facilities: pile, release: 2026-02-01, buy_days: 4", "buy_days: has no effect without"),
        ("facilities: pile, holders: fab, units: 5", "give either facilities or holders"),
        ("units: 5", "give either facilities or holders"),
        ("facilities: pile, units: 5, days_of_use: 4", "days_of_use: has no effect with facil"),
        ("facilities: pile, units: 5, until: 2026-02-01", "until: has no effect without release"),
        ("facilities: pile, units: 5, share: 0.5", "share: has no effect without release"),
        ("holders: fab, materials: metal, days_of_use: 5", "release: must be given with holders"),
        (
            "holders: fab, materials: metal, days_of_use: 5, release: 2026-02-01, buy_days: 3",
            "buy_days: has no effect with holders",
        ),
        (
            "holders: fab, materials: ore, days_of_use: 5, release: 2026-02-01",
            "no holder uses these materials",
        ),
        ("holders: fabb, materials: ore, days_of_use: 5, release: 2026-02-01", "did you mean"),
    ],
)
def test_a_reserve_that_makes_no_sense_is_refused(rest: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        reserve(rest)
    assert words in str(caught.value)
