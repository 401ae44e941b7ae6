"""Export restrictions: whose lanes, how much, from when; and the content of foreign-made goods."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.network.content import content_per_unit, origin_value_share
from simulator.shocks import Control
from tests.networks import model, on
from tests.shocks.world import changes, neutral, only, refused, world

FREE = neutral(Control.LIMIT)
BASE = "x: {{type: export_restriction, by: CHN, materials: ore, from: {day}, {rest}}}"


def rule(rest: str, day: int = 10):
    return world(BASE.format(day=on(day), rest=rest))


def test_a_ban_closes_every_lane_of_the_material_from_the_country() -> None:
    found = rule("mechanism: ban")
    only(found, Control.LIMIT)
    assert changes(found, Control.LIMIT) == {
        "plant_jp/ore/mine_cn": [(10, 0.0)],
        "plant_kr/ore/mine_cn": [(10, 0.0)],
    }


def test_a_quota_lets_a_fraction_pass_until_it_ends() -> None:
    found = changes(rule(f"mechanism: quota, quota: 0.5, until: {on(40)}"), Control.LIMIT)
    assert found["plant_jp/ore/mine_cn"] == [(10, 0.5), (40, FREE)]


def test_a_licence_closes_until_it_is_processed_and_then_lets_the_approved_fraction_pass() -> None:
    found = changes(rule("mechanism: licence, approval: 0.25, processing_days: 45"), Control.LIMIT)
    assert found["plant_jp/ore/mine_cn"] == [(10, 0.0), (55, 0.25)]


def test_processing_goes_on_since_before_the_run() -> None:
    found = rule("mechanism: licence, approval: 0.25, processing_days: 45", day=-40)
    assert changes(found, Control.LIMIT)["plant_jp/ore/mine_cn"] == [(0, 0.0), (5, 0.25)]


def test_a_licence_that_ends_while_it_is_processed_never_lets_anything_pass() -> None:
    found = rule(f"mechanism: licence, approval: 0.2, processing_days: 45, until: {on(20)}")
    assert changes(found, Control.LIMIT)["plant_jp/ore/mine_cn"] == [(10, 0.0), (20, FREE)]


def test_destinations_can_be_named_and_exempt() -> None:
    assert set(changes(rule("mechanism: ban, to: JPN"), Control.LIMIT)) == {"plant_jp/ore/mine_cn"}
    found = rule("mechanism: ban, exempt: [JPN, USA]")
    assert set(changes(found, Control.LIMIT)) == {"plant_kr/ore/mine_cn"}


def test_an_alliance_is_taken_as_it_is_on_the_day_of_effect() -> None:
    # Korea joins on 1 March 2026, day 59
    before, after = (rule("mechanism: ban, to: pax", day=day) for day in (58, 59))
    assert set(changes(before, Control.LIMIT)) == {"plant_jp/ore/mine_cn"}
    assert set(changes(after, Control.LIMIT)) == {"plant_jp/ore/mine_cn", "plant_kr/ore/mine_cn"}


def test_lanes_within_the_country_stay_open() -> None:
    found = world(
        f"x: {{type: export_restriction, by: [JPN, CHN], materials: metal, from: {on(10)},"
        " mechanism: ban}"
    )
    # Japan sells to a market in China, which restricts too: both are `by`
    assert set(changes(found, Control.LIMIT)) == {"fab/metal/plant_jp"}


def test_licences_can_differ_by_destination() -> None:
    found = rule(
        "mechanism: licence, approval: 0.25, processing_days: 45,"
        " per_destination: {JPN: {approval: 0.04, processing_days: 80}}"
    )
    assert changes(found, Control.LIMIT) == {
        "plant_jp/ore/mine_cn": [(10, 0.0), (90, 0.04)],
        "plant_kr/ore/mine_cn": [(10, 0.0), (55, 0.25)],
    }


def test_customers_hoard_between_announcement_and_effect() -> None:
    found = rule(f"mechanism: ban, announced: {on(4)}, hoarding: 1.8, to: JPN")
    only(found, Control.LIMIT, Control.COVER)
    assert changes(found, Control.COVER) == {"plant_jp/ore": [(4, 1.8), (10, 1.0)]}


def test_draws_are_shared_by_the_lanes_of_a_restriction() -> None:
    found = rule(
        "mechanism: licence, approval: {distribution: uniform, low: 0, high: 1}, processing_days: 0"
    )
    for replication in range(5):
        draws = found.realise(replication).draws
        assert list(draws) == ["shocks.x.approval"]
        steps = changes(found, Control.LIMIT, replication)
        assert steps["plant_jp/ore/mine_cn"] == [(10, draws["shocks.x.approval"])]
        assert steps["plant_kr/ore/mine_cn"] == [(10, draws["shocks.x.approval"])]


# content

CHAIN = f"""
materials:
  - {{id: oxide, layer: minerals, unit: kg, price_usd_per_unit: 300}}
  - {{id: iron, layer: minerals, unit: kg, price_usd_per_unit: 1}}
  - {{id: magnet, layer: minerals, unit: kg, price_usd_per_unit: 100}}
  - {{id: tool, layer: semiconductors, unit: unit, price_usd_per_unit: 1000000}}
  - {{id: chip, layer: semiconductors, unit: unit, price_usd_per_unit: 20}}
facilities:
  - {{id: mine_cn, kind: mine, country: CHN, output: oxide, capacity_per_day: 100}}
  - {{id: mine_au, kind: mine, country: AUS, output: oxide, capacity_per_day: 100}}
  - {{id: iron_au, kind: mine, country: AUS, output: iron, capacity_per_day: 1000}}
  - {{id: magnets_jp, kind: plant, country: JPN, output: magnet, recipe: magnet,
     capacity_per_day: 500}}
  - {{id: magnets_us, kind: plant, country: USA, output: magnet, recipe: magnet,
     capacity_per_day: 500}}
  - {{id: tools_nl, kind: plant, country: NLD, output: tool, recipe: tool, capacity_per_day: 5}}
  - {{id: fab_tw, kind: fab, country: TWN, output: chip, recipe: chip, capacity_per_day: 100,
     capacity_profile: {{{on(0)}: 1, {on(99)}: 2}}}}
  - {{id: dc_us, kind: datacenter, country: USA}}
  - {{id: dc_tw, kind: datacenter, country: TWN}}
recipes:
  - {{recipe: magnet, input: oxide, quantity: 0.05}}
  - {{recipe: magnet, input: iron, quantity: 0.95}}
  - {{recipe: tool, input: magnet, quantity: 40}}
  - {{recipe: chip, input: magnet, quantity: 0.001}}
  - {{recipe: chip, input: tool, quantity: 0.01, purpose: growth}}
lanes:
  - {{customer: magnets_jp, material: oxide, supplier: mine_cn, share: 0.8, transit_days: 1}}
  - {{customer: magnets_jp, material: oxide, supplier: mine_au, share: 0.2, transit_days: 1}}
  - {{customer: magnets_us, material: oxide, supplier: mine_cn, standby_share: 1, transit_days: 1}}
  - {{customer: magnets_us, material: oxide, supplier: mine_au, share: 1, transit_days: 1}}
  - {{customer: magnets_jp, material: iron, supplier: iron_au, share: 1, transit_days: 1}}
  - {{customer: magnets_us, material: iron, supplier: iron_au, share: 1, transit_days: 1}}
  - {{customer: tools_nl, material: magnet, supplier: magnets_jp, share: 0.5, transit_days: 1}}
  - {{customer: tools_nl, material: magnet, supplier: magnets_us, share: 0.5, transit_days: 1}}
  - {{customer: fab_tw, material: magnet, supplier: magnets_jp, share: 1, transit_days: 1}}
  - {{customer: fab_tw, material: tool, supplier: tools_nl, share: 1, transit_days: 1}}
  - {{customer: dc_us, material: chip, supplier: fab_tw, share: 1, transit_days: 1}}
  - {{customer: dc_tw, material: chip, supplier: fab_tw, share: 1, transit_days: 1}}
demand:
  - {{sink: dc_us, material: chip, units_per_day: 60}}
  - {{sink: dc_tw, material: chip, units_per_day: 30}}
"""


def test_content_is_traced_through_recipes_and_shares_by_value() -> None:
    found = model(CHAIN)
    network = found.network
    share = origin_value_share(network, found.plan, {"oxide"}, {"CHN"}, 0)
    by_id = dict(zip(network.facility_ids, share.tolist(), strict=True))
    # The mine's oxide is all Chinese. A Japanese magnet of 100 USD holds 0.05 kg x 300 USD x 0.8
    # = 12 USD of it; an American one none, as planned. A tool of a million USD holds 40 magnets,
    # half of them Japanese: 20 x 12 = 240 USD. A chip of 20 USD holds 0.001 x 12 USD in magnets;
    # the tools for growth pass nothing on.
    assert by_id == pytest.approx(
        {
            "mine_cn": 1.0,
            "mine_au": 0.0,
            "iron_au": 0.0,
            "magnets_jp": 0.12,
            "magnets_us": 0.0,
            "tools_nl": 240e-6,
            "fab_tw": 0.0006,
            "dc_us": 0.0,
            "dc_tw": 0.0,
        }
    )


def test_content_of_another_origin_is_another() -> None:
    found = model(CHAIN)
    share = origin_value_share(found.network, found.plan, {"oxide"}, {"AUS"}, 0)
    by_id = dict(zip(found.network.facility_ids, share.tolist(), strict=True))
    assert by_id["magnets_jp"] == pytest.approx(0.03)
    assert by_id["magnets_us"] == pytest.approx(0.15)


def test_content_stops_where_a_facility_has_its_own() -> None:
    found = model(CHAIN)
    network = found.network
    own = np.full(len(network.facility_ids), np.nan)
    own[network.facility_index["mine_cn"]] = 1.0
    own[network.facility_index["magnets_jp"]] = 7.0
    weight = found.plan.lane_share[:, 0]
    content = content_per_unit(network, weight, own)
    assert content[network.facility_index["magnets_jp"]] == 7.0
    assert content[network.facility_index["tools_nl"]] == pytest.approx(40 * 0.5 * 7.0)


def reach(rest: str, materials: str = "[magnet, tool, chip]"):
    return model(
        CHAIN,
        f"""
        shocks:
          x: {{type: export_restriction, by: CHN, materials: oxide, from: {on(10)}, mechanism: ban,
               reach: {{materials: {materials}{rest}}}}}
        """,
    )


def test_reach_covers_listed_goods_above_the_threshold_across_borders() -> None:
    found = changes(reach(", threshold: 0.0005"), Control.LIMIT)
    # the tool's 240 millionths are below the threshold; a chip for Taiwan crosses no border;
    # American magnets have no Chinese content
    assert found == {
        "magnets_jp/oxide/mine_cn": [(10, 0.0)],
        "magnets_us/oxide/mine_cn": [(10, 0.0)],
        "tools_nl/magnet/magnets_jp": [(10, 0.0)],
        "fab_tw/magnet/magnets_jp": [(10, 0.0)],
        "dc_us/chip/fab_tw": [(10, 0.0)],
    }


def test_by_default_a_thousandth_of_the_value_counts() -> None:
    found = changes(reach(""), Control.LIMIT)
    assert "fab_tw/magnet/magnets_jp" in found
    assert "dc_us/chip/fab_tw" not in found


def test_goods_that_are_not_listed_are_out_of_reach() -> None:
    found = changes(reach(", threshold: 0.0001", "tool"), Control.LIMIT)
    assert set(found) == {
        "magnets_jp/oxide/mine_cn",
        "magnets_us/oxide/mine_cn",
        "fab_tw/tool/tools_nl",
    }


def test_reach_may_take_effect_later() -> None:
    found = changes(reach(f", from: {on(30)}"), Control.LIMIT)
    assert found["magnets_jp/oxide/mine_cn"] == [(10, 0.0)]
    assert found["fab_tw/magnet/magnets_jp"] == [(30, 0.0)]


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("mechanism: ban, quota: 0.5", "quota = 0.5: has no effect with mechanism: ban"),
        ("mechanism: quota", "quota: must be given with mechanism: quota"),
        ("mechanism: licence, approval: 0.5", "processing_days: must be given"),
        (f"mechanism: ban, until: {on(5)}", "must not be before the start"),
        (f"mechanism: ban, announced: {on(50)}", "must not be before the start"),
        ("mechanism: ban, hoarding: 2", "has no effect without `announced`"),
        ("mechanism: ban, to: JPX", "unknown country or alliance"),
        ("mechanism: ban, to: CHN", "no lane carries these materials from these countries"),
        ("mechanism: tariff", "shocks.x.mechanism = tariff: must be one of"),
        (
            "mechanism: ban, reach: {materials: metal, threshold: {distribution: uniform, low: 0, "
            "high: 0.1}}",
            "must be a plain number",
        ),
    ],
)
def test_a_restriction_that_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(BASE.format(day=on(10), rest=rest), words)


def test_a_misspelt_material_is_named_with_the_nearest_known() -> None:
    refused(
        f"x: {{type: export_restriction, by: CHN, materials: oer, from: {on(10)}, mechanism: ban}}",
        "did you mean 'ore'",
    )
