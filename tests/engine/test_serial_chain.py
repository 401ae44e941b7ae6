"""A mine, a plant, a market: when a stop is felt, what it costs and when it is over, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.networks import Run, assert_days, calm, model, on, serial, shocked


def stop(day: int, days: int, who: str = "mine", more: str = "") -> str:
    return f"""
    shocks:
      stop: {{type: outage, facilities: {who}, from: {on(day)}, duration_days: {days}{more}}}
    """


def market(run: Run) -> np.ndarray:
    return run.slot("used", "market/metal")


# days of: mine cover, transit, ore cover, cycle, finished cover, last transit, market cover
CHAINS = [
    (0, 1, 0, 0, 0, 1, 0),
    (2, 3, 4, 2, 1, 2, 3),
    (0, 1, 3, 0, 0, 5, 0),
    (1, 2, 0, 7, 0, 1, 2),
    (0, 10, 5, 1, 4, 3, 0),
    (3, 1, 2, 20, 1, 1, 1),
]


@pytest.mark.parametrize("chain", CHAINS, ids=str)
@pytest.mark.parametrize("days", [1, 8, 15, 30])
def test_a_stopped_mine_is_felt_when_stocks_and_pipeline_say_and_costs_what_they_cannot_cover(
    engine: str, chain: tuple[int, ...], days: int
) -> None:
    mine, transit, ore, cycle, finished, last, market_cover = chain
    ready = model(
        serial(
            mine_cover=mine,
            transit=transit,
            cover=ore,
            cycle=cycle,
            finished=finished,
            last_transit=last,
            market_cover=market_cover,
        ),
        stop(10, days),
        days=100,
    )
    used = market(shocked(ready, engine))
    # Every stock gives its cover in days; every day of transit and of cycle time passes the gap on
    # a day later. Nobody has capacity to catch up, so stocks stay empty and the gap closes when
    # the first new ore has come through.
    stocks = mine + ore + finished + market_cover
    way = transit + cycle + last
    lost = max(0, days - stocks)
    first, back = 10 + stocks + way, 10 + days + way
    expected = np.full(100, 10.0)
    expected[first:back] = 0.0
    assert (used == expected).all()
    assert used.sum() == 10.0 * (100 - lost)
    assert back - first == lost or lost == 0


def test_the_loss_passes_down_the_chain_stage_by_stage(engine: str) -> None:
    ready = model(serial(mine_cover=1, transit=2, cover=3, cycle=4, last_transit=5), stop(10, 8))
    run = shocked(ready, engine)
    # mine: nothing dug on days 10 to 17; its day of finished goods leaves on day 10
    assert_days(run.facility("started", "mine"), {9: 10, range(10, 18): 0, range(18, 60): 10})
    assert_days(run.lane("given", "plant/ore/mine"), {10: 10, range(11, 18): 0, 18: 10})
    # plant: ore of days 11 to 17 is missing on days 13 to 19; three days of cover last to day 15
    assert_days(run.facility("started", "plant"), {15: 10, range(16, 20): 0, range(20, 60): 10})
    assert_days(run.facility("matured", "plant"), {19: 10, range(20, 24): 0, range(24, 60): 10})
    # market: the same gap, five days later
    assert_days(market(run), {24: 10, range(25, 29): 0, range(29, 60): 10})


def test_a_chain_with_slack_catches_up_within_surge_and_capacity(engine: str) -> None:
    ready = model(serial(mine_capacity=20, cover=2), stop(10, 5))
    run = shocked(ready, engine)
    # Target of ore: 10 x (2 days + 1 of transit) = 30. From day 10 nothing comes; the plant asks
    # what is missing to 30, but no more than 1.5 x 10:
    #   evening stock 20 (day 10), 10, 0, 0, 0, 0; need 10, 20, 30, 30; asked 10, 15, 15, 15
    # Day 15: the mine wants 10 + 15 unfilled, within 20: gives 15, keeps 5.
    # Day 16: the plant uses 10 of 15, asks 15; the mine wants 10 - 5 = 5, has 10, gives 10.
    # Day 17: unfilled 5, so the mine wants 15 and gives 15; day 18: 10; and so on until day 21,
    # when 20 are on hand and 10 under way.
    assert_days(run.lane("asked", "plant/ore/mine"), {10: 10, range(11, 22): 15, range(22, 60): 10})
    given = [0, 0, 0, 0, 0, 15, 10, 15, 10, 15, 10, 15, 10]
    assert_days(run.lane("given", "plant/ore/mine"), dict(zip(range(10, 23), given, strict=True)))
    started = [0, 0, 0, 0, 0, 20, 5, 15, 10, 15, 10, 15, 10]
    assert_days(run.facility("started", "mine"), dict(zip(range(10, 23), started, strict=True)))
    on_hand = [20, 10, 0, 0, 0, 0, 5, 5, 10, 10, 15, 15, 20, 20]
    assert_days(run.slot("on_hand", "plant/ore"), dict(zip(range(10, 24), on_hand, strict=True)))
    assert_days(market(run), {13: 10, range(14, 17): 0, range(17, 60): 10})


def test_without_a_limit_on_surge_the_stock_is_filled_as_fast_as_the_mine_can_dig(
    engine: str,
) -> None:
    slots = "slots: [{facility: plant, material: ore, surge: .inf}]\n"
    ready = model(serial(mine_capacity=20, cover=2) + slots, stop(10, 5))
    run = shocked(ready, engine)
    # need 10, 20, 30, 30, 30 while nothing comes, all of it asked.
    # Day 15: the mine wants 10 + 30, digs its 20, gives 20; unfilled 10.
    # Day 16: 20 came, 10 used, need 30 - 10 = 20; the mine wants 10 + 10 and gives 20.
    # Day 17: 20 came, 20 on hand, need 10: all is as before.
    asked = [10, 20, 30, 30, 30, 30, 20, 10, 10]
    assert_days(run.lane("asked", "plant/ore/mine"), dict(zip(range(10, 19), asked, strict=True)))
    given = [0, 0, 0, 0, 0, 20, 20, 10, 10]
    assert_days(run.lane("given", "plant/ore/mine"), dict(zip(range(10, 19), given, strict=True)))


def test_a_partial_outage_takes_its_share(engine: str) -> None:
    ready = model(serial(), stop(10, 20, more=", severity: 0.25"))
    # 10 x (1 - 0.25) dug on days 10 to 29, used one day of transit to the plant and one on later
    assert_days(market(shocked(ready, engine)), {11: 10, range(12, 32): 7.5, range(32, 60): 10})


def test_destroyed_goods_are_made_again_as_far_as_capacity_goes(engine: str) -> None:
    ready = model(serial(mine_cover=4, mine_capacity=25), stop(10, 0, more=", stock_lost: 0.75"))
    run = shocked(ready, engine)
    # 40 in the evening of day 9 become 10; target 10 x (4 + 1) = 50, so the mine wants 40 and digs
    # 25 (evening 25), then 25 (40), then 10 again
    assert_days(run.facility("started", "mine"), {10: 25, 11: 25, 12: 10, 13: 10})
    assert_days(run.facility("finished", "mine"), {9: 40, 10: 25, 11: 40, 12: 40})
    assert_days(market(run), {range(60): 10})


def test_the_baseline_of_a_shocked_scenario_has_no_shock(engine: str) -> None:
    ready = model(serial(), stop(10, 5))
    assert_days(market(calm(ready, engine)), {range(60): 10})
