from __future__ import annotations

import pytest

from simulator.shocks import Control
from tests.networks import on
from tests.shocks.world import changes, neutral, only, refused, world

FREE = neutral(Control.LIMIT)


def test_a_listing_closes_the_lanes_to_the_named_customers_only() -> None:
    ready = world(f"x: {{type: entity_ban, by: CHN, customers: plant_jp, from: {on(20)}}}")
    only(ready, Control.LIMIT)
    assert changes(ready, Control.LIMIT) == {"plant_jp/ore/mine_cn": [(20, 0.0)]}


def test_a_delisting_opens_them_again() -> None:
    ready = world(
        f"x: {{type: entity_ban, by: CHN, customers: plant_*, from: {on(20)}, until: {on(50)}}}"
    )
    closed = [(20, 0.0), (50, FREE)]
    assert changes(ready, Control.LIMIT) == {
        "plant_jp/ore/mine_cn": closed,
        "plant_kr/ore/mine_cn": closed,
    }


def test_customers_can_be_named_by_their_operator() -> None:
    text = f"x: {{type: entity_ban, by: all, customers: {{operator: 'Acme*'}}, from: {on(20)}}}"
    assert set(changes(world(text), Control.LIMIT)) == {
        "plant_jp/ore/mine_au",
        "plant_jp/ore/mine_cn",
    }


def test_a_watch_list_is_a_licence_that_takes_its_time() -> None:
    text = f"""x: {{type: entity_ban, by: CHN, customers: plant_jp, from: {on(20)},
        approval: 0.1, processing_days: 30}}"""
    assert changes(world(text), Control.LIMIT) == {"plant_jp/ore/mine_cn": [(20, 0.0), (50, 0.1)]}


def test_a_suspension_lifts_a_listing_for_a_time() -> None:
    ready = world(
        f"x: {{type: entity_ban, by: CHN, customers: plant_jp, from: {on(20)}}}\n"
        f"y: {{type: suspension, of: [x], from: {on(30)}, until: {on(40)}}}"
    )
    assert changes(ready, Control.LIMIT) == {
        "plant_jp/ore/mine_cn": [(20, 0.0), (30, FREE), (40, 0.0)]
    }


def test_a_listing_with_reach_binds_re_exporters() -> None:
    text = f"""x: {{type: entity_ban, by: CHN, customers: fab, from: {on(20)},
        reach: {{materials: metal, threshold: 0.05, lag_days: 10}}}}"""
    assert changes(world(text), Control.LIMIT) == {
        "fab/metal/plant_jp": [(30, 0.0)],
        "fab/metal/plant_kr": [(30, 0.0)],
    }


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("customers: fab", "no lane leads from these countries to these customers"),
        ("customers: plant_jp, approval: 0.1", "processing_days: must be given with the other"),
        ("customers: plant_jp, regime: hostile, approval: 0.1", "no effect with regime: hostile"),
        ("customers: plant_jp, until: 2026-01-01", "must not be before the start"),
        ("customers: plant_jp, materials: metal", "no lane leads from these countries"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{type: entity_ban, by: CHN, from: 2026-01-20, {rest}}}", words)
