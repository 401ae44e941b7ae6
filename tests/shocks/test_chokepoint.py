from __future__ import annotations

import numpy as np
import pytest

from simulator.shocks import Control
from tests.networks import on, shocked
from tests.shocks.world import changes, neutral, only, refused, world

LANE = "plant_jp/ore/mine_cn"


def test_lanes_through_the_hub_take_the_detour_and_others_do_not() -> None:
    text = f"""x: {{type: chokepoint, hubs: port, from: {on(20)}, until: {on(60)}, detour_days: 12,
        replans: false}}"""
    ready = world(text)
    only(ready, Control.DELAY)
    assert changes(ready, Control.DELAY) == {LANE: [(20, 12.0), (60, 0.0)]}


def test_a_share_of_the_traffic_on_detour_is_a_mean_delay_in_whole_days() -> None:
    text = f"x: {{type: chokepoint, hubs: port, from: {on(20)}, detour_days: 10, detours: 0.75}}"
    assert changes(world(text), Control.DELAY) == {LANE: [(20, 8.0)]}


def test_stopped_traffic_is_a_limit() -> None:
    text = f"x: {{type: chokepoint, hubs: port, from: {on(20)}, until: {on(30)}, stopped: 0.4}}"
    free = neutral(Control.LIMIT)
    assert changes(world(text), Control.LIMIT) == {LANE: [(20, 0.6), (30, free)]}


def test_customers_raise_their_targets_by_the_longer_way() -> None:
    text = f"x: {{type: chokepoint, hubs: port, from: {on(20)}, until: {on(60)}, detour_days: 8}}"
    # three quarters of the ore come this way, and the cover is ten days
    expected = 1 + 8 * 0.75 / 10
    assert changes(world(text), Control.COVER) == {
        "plant_jp/ore": [(20, pytest.approx(expected)), (60, 1.0)]
    }


def test_goods_come_as_many_days_later_and_then_as_before(engine: str) -> None:
    text = f"x: {{type: chokepoint, hubs: port, from: {on(20)}, detour_days: 8, replans: false}}"
    arrived = shocked(world(text), engine).lane("arrived", LANE)
    assert np.all(arrived[24:32] == 0.0)
    assert arrived[23] > 0.0
    assert arrived[32] > 0.0


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("hubs: fab, detour_days: 3", "is a fab, not a hub"),
        ("hubs: port", "detour_days: must be given where no traffic is stopped"),
        (
            "hubs: port, stopped: 1, detours: 0.5",
            "detours = 0.5: has no effect without detour_days",
        ),
        ("hubs: port, stopped: 0.5, detour_days: 3, detours: 0.7", "sum to 1.2"),
        ("hubs: port, materials: chip, detour_days: 3", "no lane passes these hubs with these"),
        ("hubs: port, detour_days: 3, until: 2026-01-01", "must not be before the start"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{type: chokepoint, from: 2026-01-20, {rest}}}", words)
