"""Draws depend on their names and numbers only: not on order, on other entries, or on how many."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import simulate
from simulator.sampling import Model, Realisation, prepare
from simulator.sampling.streams import EVENT, PARAMETER, Streams, stream_key
from simulator.spec import parse_number
from tests.networks import model, on, scenario

TABLES = """
materials: [{id: ore, layer: minerals, unit: t}, {id: metal, layer: minerals, unit: t}]
facilities:
  - {id: mine, kind: mine, country: CHN, output: ore, utilisation: 0.8}
  - {id: plant, kind: plant, country: JPN, output: metal, recipe: metal,
     utilisation: {distribution: pert, low: 0.6, mode: 0.8, high: 0.95}}
  - {id: market, kind: market, country: USA}
recipes:
  - {recipe: metal, input: ore, quantity: 1,
     criticality: {distribution: uniform, low: 0.2, high: 0.9},
     cover_days: {distribution: lognormal, median: 20, p95: 60}}
lanes:
  - {customer: plant, material: ore, supplier: mine, share: 1,
     transit_days: {distribution: uniform, low: 1, high: 9}}
  - {customer: market, material: metal, supplier: plant, share: 1, transit_days: 2,
     transit_noise: {distribution: uniform, low: 1, high: 4}}
demand:
  - {sink: market, material: metal, units_per_day: 10, cover_days: 3,
     daily: {distribution: poisson, mean: 10}}
"""
LICENCE = (
    f"type: export_restriction, by: CHN, materials: ore, from: {on(10)}, mechanism: licence,"
    " approval: {distribution: beta, a: 2.5, b: 9},"
    " processing_days: {distribution: lognormal, median: 20, p95: 60}"
)
ENTRIES = {
    "a-quake": f"type: outage, facilities: plant, from: {on(5)}, duration_days: {{distribution:"
    " exponential, mean: 9}, severity: {distribution: beta, a: 2, b: 2}",
    "rule": LICENCE,
    "truce": f"type: suspension, of: [rule], from: {on(20)}, until: {on(30)}, then: {{renewed:"
    " {probability: 0.5, days: {distribution: uniform, low: 3, high: 30}}, eased:"
    " {probability: 0.3}, snapped_back: {probability: 0.2}}",
    "z-boom": f"type: demand_surge, sinks: market, from: {on(3)}, factor: {{distribution:"
    " triangular, low: 1, mode: 1.2, high: 2}",
}


def entries(*names: str) -> str:
    return "shocks:\n" + "".join(f"  {name}: {{{ENTRIES[name]}}}\n" for name in names)


def ready(*names: str, more: str = "") -> Model:
    return model(TABLES, (entries(*names) if names else "") + more)


def assert_same(one: Realisation, two: Realisation) -> None:
    """The same numbers, plans, noise and changes, bit for bit."""
    for part in ("numbers", "plan", "changes"):
        here, there = getattr(one, part), getattr(two, part)
        for item in fields(here):
            left, right = getattr(here, item.name), getattr(there, item.name)
            if isinstance(left, np.ndarray):
                assert np.array_equal(left, right, equal_nan=True), (part, item.name)
    for noise in ("daily_demand", "daily_transit"):
        here, there = getattr(one, noise), getattr(two, noise)
        assert here.keys() == there.keys()
        assert all(np.array_equal(here[key], there[key]) for key in here)


def test_the_same_name_gives_the_same_draws_and_another_name_gives_others() -> None:
    one, two = Streams(7), Streams(7)
    assert one.uniform("x", EVENT, 3) == two.uniform("x", EVENT, 3)
    draws = {
        one.uniform("x", EVENT, 3),
        one.uniform("x", EVENT, 4),
        one.uniform("y", EVENT, 3),
        one.uniform("x", PARAMETER, 3),
        Streams(8).uniform("x", EVENT, 3),
    }
    assert len(draws) == 5


def test_names_cannot_run_into_each_other() -> None:
    assert stream_key(1, "x|y", "z") != stream_key(1, "x", "y") != stream_key(11, "x", "y")


def test_entries_can_be_had_in_any_order_and_by_blocks_or_one_by_one() -> None:
    wanted = [0, 1, 127, 128, 1023, 1024, 5000, 2, 1024, 0]
    streams, number = Streams(3), parse_number({"distribution": "normal", "mean": 0, "sd": 1})
    singly = [Streams(3).uniform("x", EVENT, k) for k in wanted]
    assert [streams.uniform("x", EVENT, k) for k in wanted] == singly
    block = streams.uniforms("x", EVENT, 1024, 8)
    assert block[0] == streams.uniform("x", EVENT, 1024)
    assert block[7] == streams.uniform("x", EVENT, 1031)
    for k in wanted:
        value = streams.value("x", EVENT, k, number)
        assert value == number.ppf(np.array([streams.uniform("x", EVENT, k)]))[0]


def test_a_stream_may_serve_two_numbers_and_gives_each_its_own_value() -> None:
    streams = Streams(3)
    low = parse_number({"distribution": "uniform", "low": 0, "high": 1})
    high = parse_number({"distribution": "uniform", "low": 10, "high": 11})
    assert streams.value("x", EVENT, 0, low) + 10 == pytest.approx(
        streams.value("x", EVENT, 0, high)
    )
    assert streams.value("x", EVENT, 0, low) < 1


def test_daily_draws_of_a_longer_run_begin_with_those_of_a_shorter_one() -> None:
    streams = Streams(3)
    assert np.array_equal(streams.daily("x", EVENT, 4, 300)[:20], streams.daily("x", EVENT, 4, 20))
    assert not np.isin(streams.daily("x", EVENT, 4, 300), streams.daily("x", EVENT, 5, 300)).any()


def test_golden_draws_stay_as_they_are() -> None:
    # A change here changes every result there is: say so under "Results change" in the changelog.
    streams = Streams(20251009)
    draws = [streams.uniform("shocks.rule.approval", EVENT, k) for k in (0, 1, 1024)]
    assert draws == [0.08528718982733807, 0.9451613752155203, 0.10164592985632015]
    daily = streams.daily("demand.market/metal.daily", EVENT, 2, 3).tolist()
    assert daily == [0.31598994269793257, 0.25437947748835654, 0.3553338568505533]


# whole realisations


@pytest.mark.parametrize("gone", list(ENTRIES))
def test_removing_a_shock_leaves_all_other_draws_as_they_are(gone: str) -> None:
    if gone == "rule":
        kept = [name for name in ENTRIES if name not in ("rule", "truce")]
    else:
        kept = [name for name in ENTRIES if name != gone]
    with_all, without = ready(*ENTRIES), ready(*kept)
    for replication in (0, 1, 130):
        one, two = with_all.realise(replication), without.realise(replication)
        assert two.draws.items() <= one.draws.items()
        lost = set(one.draws) - set(two.draws)
        assert all(name.startswith((f"shocks.{gone}", "shocks.truce")) for name in lost)
        assert_same(one.baseline, two.baseline)


def test_the_order_of_entries_changes_no_bit() -> None:
    one, two = ready(*ENTRIES), ready(*reversed(ENTRIES))
    for replication in (0, 3):
        assert one.realise(replication).draws == two.realise(replication).draws
        assert_same(one.realise(replication).shocked, two.realise(replication).shocked)


def test_an_added_uncertain_number_changes_no_other() -> None:
    more = TABLES.replace("quantity: 1", "quantity: {distribution: uniform, low: 1, high: 2}")
    one, two = ready("rule"), model(more, entries("rule"))
    assert one.realise(5).draws.items() <= two.realise(5).draws.items()


def test_a_replication_alone_is_the_same_as_within_a_batch() -> None:
    batch = ready(*ENTRIES)
    pairs = [batch.realise(k) for k in range(12)]
    for k in (11, 4, 0):
        alone = ready(*ENTRIES).realise(k)
        assert alone.draws == pairs[k].draws
        assert_same(alone.shocked, pairs[k].shocked)


def test_twice_as_many_replications_keep_the_first_half() -> None:
    few, many = ready(*ENTRIES), ready(*ENTRIES)
    first = [few.realise(k).draws for k in range(8)]
    assert [many.realise(k).draws for k in range(16)][:8] == first


def test_replications_differ_and_so_do_seeds() -> None:
    found = ready(*ENTRIES)
    draws = [tuple(found.realise(k).draws.values()) for k in range(6)]
    draws += [tuple(found.realise(k, seed=99).draws.values()) for k in range(6)]
    assert len(set(draws)) == 12
    assert tuple(found.realise(0).draws.values()) == draws[0]


def test_a_seed_in_the_file_is_that_of_a_call() -> None:
    one = prepare(scenario(TABLES, "seed: 99\n" + entries("rule")))
    two = ready("rule")
    assert one.realise(3).draws == two.realise(3, seed=99).draws
    assert_same(one.realise(3).shocked, two.realise(3, seed=99).shocked)


def test_both_runs_of_a_pair_share_numbers_and_noise() -> None:
    pair = ready(*ENTRIES).realise(3)
    assert pair.baseline.numbers is pair.shocked.numbers
    assert pair.baseline.plan is pair.shocked.plan
    assert pair.baseline.daily_demand == pair.shocked.daily_demand
    assert len(pair.baseline.changes) == 0
    assert len(pair.shocked.changes) > 0


def test_without_uncertainty_parameters_are_frozen_and_events_are_not() -> None:
    frozen = ready("rule", more="uncertainty: none\n")
    free = ready("rule")
    draws = frozen.realise(2).draws
    assert set(draws) == {"shocks.rule.approval", "shocks.rule.processing_days"}
    assert draws.items() <= free.realise(2).draws.items()
    assert frozen.realise(2).shocked.numbers is frozen.network.numbers


def test_every_draw_has_the_name_of_its_place() -> None:
    assert set(ready("rule").realise(0).draws) == {
        "facilities.plant.utilisation",
        "lanes.plant/ore/mine.transit_days",
        "recipes.metal/ore.cover_days",
        "recipes.metal/ore.criticality",
        "shocks.rule.approval",
        "shocks.rule.processing_days",
    }


def test_sampled_numbers_reach_their_places_and_the_plan() -> None:
    found = ready()
    network = found.network
    pair = found.realise(4)
    numbers, draws = pair.baseline.numbers, pair.draws
    slot = network.slot_ids.index("plant/ore")
    plant = network.facility_index["plant"]
    assert numbers.criticality[slot] == draws["recipes.metal/ore.criticality"]
    assert numbers.cover_days[slot] == draws["recipes.metal/ore.cover_days"]
    # capacity = starts / utilisation; ore on hand = cover x 10 a day; transit in whole days
    plan = pair.baseline.plan
    assert plan.capacity[plant, 0] == pytest.approx(10 / draws["facilities.plant.utilisation"])
    assert plan.on_hand[slot] == pytest.approx(10 * draws["recipes.metal/ore.cover_days"])
    lane = network.lane_index["plant/ore/mine"]
    days = int(draws["lanes.plant/ore/mine.transit_days"] + 0.5)
    assert plan.legs[lane] == (max(1, days),)
    assert plan.slot_target[slot, 0] == pytest.approx(plan.on_hand[slot] + 10 * max(1, days))


def test_a_number_used_by_several_facilities_is_drawn_once() -> None:
    tables = TABLES.replace(
        "- {id: market,",
        "- {id: plant2, kind: plant, country: KOR, output: metal, recipe: metal, utilisation: 1}\n"
        "  - {id: market,",
    )
    tables = tables.replace(
        "supplier: plant, share: 1",
        "supplier: plant2, share: 0, standby_share: 0.5, transit_days: 2}\n"
        "  - {customer: plant2, material: ore, supplier: mine, share: 1, transit_days: 1}\n"
        "  - {customer: market, material: metal, supplier: plant, share: 1",
    )
    found = model(tables)
    numbers = found.realise(1).baseline.numbers
    slots = [found.network.slot_ids.index(f"{name}/ore") for name in ("plant", "plant2")]
    assert numbers.criticality[slots[0]] == numbers.criticality[slots[1]]


@settings(max_examples=20)
@given(replication=st.integers(0, 10**6), seed=st.integers(0, 2**63 - 1))
def test_any_replication_of_any_seed_can_be_run(replication: int, seed: int) -> None:
    pair = READY.realise(replication, seed)
    again = READY.realise(replication, seed)
    assert pair.draws == again.draws
    one, two = simulate(pair.shocked), simulate(again.shocked)
    for key, series in one.series.items():
        assert np.array_equal(series, two[key])


READY = ready(*ENTRIES)
