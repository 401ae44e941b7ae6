"""Plans: demand exploded by hand through shares, recipes and lead times, and where stocks start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.errors import InputError
from simulator.network.covers import targets_with_cover
from simulator.network.network import Network, Numbers
from simulator.network.plan import Plan
from simulator.network.planning import make_plan, make_plans, unplanned
from simulator.network.room import Room
from simulator.sampling import Model
from tests.networks import assert_days, model, on

CHAIN = """
materials:
  - {id: ore, layer: minerals, unit: t, mass_kg_per_unit: 1000}
  - {id: metal, layer: minerals, unit: t, mass_kg_per_unit: 1000}
  - {id: chip, layer: semiconductors, unit: unit, mass_kg_per_unit: 2}
facilities:
  - {id: mine_a, kind: mine, country: AUS, output: ore, utilisation: 0.8}
  - {id: mine_b, kind: mine, country: CHN, output: ore, utilisation: 0.5, cycle_days: 3,
     finished_cover_days: 2}
  - {id: port, kind: hub, country: SGP, utilisation: 0.5}
  - {id: plant, kind: plant, country: JPN, output: metal, recipe: metal, utilisation: 0.9}
  - {id: fab, kind: fab, country: TWN, output: chip, recipe: chip, utilisation: 1}
  - {id: dc, kind: datacenter, country: USA}
  - {id: others, kind: market, country: ROW}
recipes:
  - {recipe: metal, input: ore, quantity: 2.5, cover_days: 4}
  - {recipe: chip, input: metal, quantity: 0.1, cover_days: 0.5}
lanes:
  - {customer: plant, material: ore, supplier: mine_a, share: 0.25, transit_days: 2}
  - {customer: plant, material: ore, supplier: mine_b, share: 0.75, transit_days: 6, route: port}
  - {customer: fab, material: metal, supplier: plant, share: 1, transit_days: 3}
  - {customer: others, material: metal, supplier: plant, share: 1, transit_days: 1}
  - {customer: dc, material: chip, supplier: fab, share: 1, transit_days: 4, route: port}
demand:
  - {sink: dc, material: chip, units_per_day: 30}
  - {sink: others, material: metal, units_per_day: 5, cover_days: 1}
"""


def by_id(names: tuple[str, ...], values: np.ndarray) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))


def test_demand_is_exploded_up_to_the_mines() -> None:
    found = model(CHAIN)
    network, plan = found.network, found.plan
    # 30 chips take 3 metal, the others 5: 8 metal take 20 ore, 5 from a and 15 from b
    starts = by_id(network.facility_ids, plan.starts[:, 0])
    assert starts == pytest.approx(
        {"mine_a": 5, "mine_b": 15, "port": 0, "plant": 8, "fab": 30, "dc": 0, "others": 0}
    )
    assert by_id(network.slot_ids, plan.slot_rate[:, 0]) == pytest.approx(
        {"dc/chip": 30, "fab/metal": 3, "others/metal": 5, "plant/ore": 20}
    )
    assert by_id(network.lane_ids, plan.planned_lane_rate[:, 0]) == pytest.approx(
        {
            "dc/chip/fab": 30,
            "fab/metal/plant": 3,
            "others/metal/plant": 5,
            "plant/ore/mine_a": 5,
            "plant/ore/mine_b": 15,
        }
    )


def test_utilisation_sets_capacity_from_the_plan_and_of_hubs_from_their_traffic() -> None:
    found = model(CHAIN)
    # the port passes 15 t of ore and 30 x 2 kg of chips
    capacity = by_id(found.network.facility_ids, found.plan.capacity[:, 0])
    assert capacity["mine_a"] == pytest.approx(5 / 0.8)
    assert capacity["mine_b"] == pytest.approx(15 / 0.5)
    assert capacity["plant"] == pytest.approx(8 / 0.9)
    assert capacity["fab"] == pytest.approx(30)
    assert capacity["port"] == pytest.approx(15.06 / 0.5)


def test_stocks_pipelines_and_work_in_process_start_at_their_planned_level() -> None:
    found = model(CHAIN)
    network, plan = found.network, found.plan
    # In the evening before day 0: cover x use on hand; finished cover x sales; cycle x starts.
    assert by_id(network.slot_ids, plan.on_hand) == pytest.approx(
        {"dc/chip": 0, "fab/metal": 1.5, "others/metal": 5, "plant/ore": 80}
    )
    finished = by_id(network.facility_ids, plan.finished)
    assert finished["mine_b"] == pytest.approx(30)
    assert finished["plant"] == 0
    assert plan.in_process[network.facility_index["mine_b"]] == pytest.approx((15, 15, 15))
    # what left on days -6 to -1 is under way: three days' worth on each of the two legs
    lane = plan.under_way.lane == network.lane_index["plant/ore/mine_b"]
    goods = zip(
        plan.under_way.day[lane],
        plan.under_way.leg[lane],
        plan.under_way.quantity[lane],
        strict=True,
    )
    assert sorted(goods) == [(day, leg, pytest.approx(15)) for day in range(3) for leg in (0, 1)]


def test_base_stocks_are_cover_and_lead_time_in_days_of_use() -> None:
    found = model(CHAIN)
    network, plan = found.network, found.plan
    # plant: 20 x (4 + 0.25 x 2 + 0.75 x 6); fab: 3 x (0.5 + 3); sinks alike
    assert by_id(network.slot_ids, plan.slot_target[:, 0]) == pytest.approx(
        {"dc/chip": 120, "fab/metal": 10.5, "others/metal": 10, "plant/ore": 180}
    )
    # finished goods and work in process: sales x (cover + cycle + 1)
    target = by_id(network.facility_ids, plan.finished_target[:, 0])
    assert target["mine_a"] == pytest.approx(5)
    assert target["mine_b"] == pytest.approx(15 * (2 + 3 + 1))


GROWING = f"""
materials:
  - {{id: metal, layer: minerals, unit: t}}
  - {{id: chip, layer: semiconductors, unit: unit}}
facilities:
  - {{id: mine, kind: mine, country: AUS, output: metal, utilisation: 1}}
  - {{id: fab, kind: fab, country: TWN, output: chip, recipe: chip, utilisation: 1, cycle_days: 5,
     finished_cover_days: 2}}
  - {{id: dc, kind: datacenter, country: USA}}
recipes: [{{recipe: chip, input: metal, quantity: 2, cover_days: 7}}]
lanes:
  - {{customer: fab, material: metal, supplier: mine, share: 1, transit_days: 4}}
  - {{customer: dc, material: chip, supplier: fab, share: 1, transit_days: 3}}
demand:
  - {{sink: dc, material: chip, units_per_day: 100, cover_days: 1,
     profile: {{{on(50)}: 1, {on(100)}: 2}}}}
"""


def growing(*, days: int = 200) -> tuple[Model, Plan]:
    found = model(GROWING, days=days)
    return found, found.plan


def test_every_stage_plans_as_many_days_ahead_as_its_customers_lead_times_add_up_to() -> None:
    found, plan = growing()

    def use(day: int) -> float:
        """100 until day 50, then 2 more a day, 200 from day 100 on."""
        return 100 + 2 * min(max(day - 50, 0), 50)

    days = range(120)
    slot, lane = found.network.slot_ids.index, found.network.lane_index
    # the data centre uses today's demand, and orders what it uses in 1 + 3 days
    assert_days(plan.slot_rate[slot("dc/chip")], [use(d) for d in days])
    assert_days(plan.planned_lane_rate[lane["dc/chip/fab"]], [use(d + 4) for d in days])
    # the fab starts what it sells in 2 + 5 days, and orders what it uses in 7 + 4
    assert_days(plan.starts[found.network.facility_index["fab"]], [use(d + 11) for d in days])
    assert_days(plan.slot_rate[slot("fab/metal")], [2 * use(d + 11) for d in days])
    assert_days(plan.planned_lane_rate[lane["fab/metal/mine"]], [2 * use(d + 22) for d in days])
    # base stock of chips: use of the four days to come
    target = [sum(use(d + n) for n in range(1, 5)) for d in days]
    assert_days(plan.slot_target[slot("dc/chip")], target)


def test_work_in_process_is_full_however_much_longer_a_cycle_is_than_any_way() -> None:
    found = model(GROWING.replace("cycle_days: 5", "cycle_days: 400"), days=120)
    plan, fab = found.plan, found.network.facility_index["fab"]
    # started on day d: what is sold on day d + 402, which is used on day d + 406
    started = [100 + 2 * min(max(d + 406 - 50, 0), 50) for d in range(-400, 0)]
    assert plan.in_process[fab] == pytest.approx(started)
    assert plan.process_total[fab] == pytest.approx(sum(started))
    assert plan.can_be_kept


def with_cycles_and_ways(network: Network) -> list[Numbers]:
    """Numbers whose plans begin on different days."""
    fab = network.facility_index["fab"]
    numbers = []
    for cycle, transit in ((5, 4), (300, 70), (90, 200)):
        one = network.numbers
        cycles, transits = one.cycle_days.copy(), one.transit_days.copy()
        cycles[fab], transits[0] = cycle, transit
        numbers.append(replace(one, cycle_days=cycles, transit_days=transits))
    return numbers


def test_plans_side_by_side_are_what_they_are_alone_however_long_their_cycles_and_ways() -> None:
    network = model(GROWING, days=150).network
    numbers = with_cycles_and_ways(network)
    together = make_plans(network, numbers, Room())
    for plan, own in zip(together, numbers, strict=True):
        alone = make_plan(network, own)
        for name in ("starts", "slot_orders", "slot_target", "finished_target", "lane_rate"):
            assert np.array_equal(getattr(plan, name), getattr(alone, name)), name
        assert plan.in_process == alone.in_process
        assert np.array_equal(plan.on_hand, alone.on_hand)


def test_covers_changed_side_by_side_are_what_each_is_alone() -> None:
    network = model(GROWING, days=150).network
    numbers = with_cycles_and_ways(network)
    together = make_plans(network, numbers, Room())
    assert len({plan.first_day for plan in together}) > 1
    multiples = np.ones((3, 150))
    multiples[0, 10:] = 3.0
    multiples[1, 40:60] = 0.25
    for slot in network.slots:
        found = targets_with_cover(together, slot, multiples)
        assert found.shape == (3, 150)
        assert np.array_equal(found[2], together[2].slot_target[slot])
        for own, multiple, target in zip(numbers, multiples, found, strict=True):
            alone = targets_with_cover([make_plan(network, own)], slot, multiple[None, :])
            assert np.array_equal(target, alone[0])


def test_a_plan_of_which_only_the_shapes_are_right_has_room_for_all_work_in_process() -> None:
    found = model(GROWING.replace("cycle_days: 5", "cycle_days: 400"), days=120)
    zero, starts = unplanned(found.network).before_day_0()
    assert zero >= 400
    assert starts.shape == found.plan.before_day_0()[1].shape


def test_a_plan_does_not_depend_on_the_length_of_the_run() -> None:
    _, long = growing()
    _, short = growing(days=20)
    assert np.array_equal(long.starts[:, :20], short.starts)
    assert np.array_equal(long.slot_target[:, :20], short.slot_target)
    assert np.array_equal(long.planned_lane_rate[:, :20], short.planned_lane_rate)
    assert np.array_equal(long.on_hand, short.on_hand)


def test_a_cover_of_half_a_day_reads_half_of_the_next_days_use() -> None:
    found = model(GROWING.replace("cover_days: 1,", "cover_days: 0.5,"), days=100)
    slot = found.network.slot_ids.index("dc/chip")
    # day 60: use of days 61, 62, 63 and half of day 64
    expected = 122 + 124 + 126 + 128 / 2
    assert found.plan.slot_target[slot, 60] == pytest.approx(expected)


def test_a_multiplied_cover_changes_the_cover_only_and_not_the_lead_time() -> None:
    found, plan = growing(days=100)
    slot = found.network.slot_ids.index("fab/metal")
    multiple = np.ones(100)
    multiple[10:] = 3.0
    (target,) = targets_with_cover([plan], slot, multiple[None, :])
    # 200 a day x (7 + 4), then x (21 + 4), while the next 25 days' use is constant
    assert_days(target, {0: 2200, 9: 2200, 10: 5000, 13: 5000})


def test_capacity_follows_its_profile_and_its_start_with_a_ramp() -> None:
    late = f"capacity_per_day: 80, start_date: {on(10)}, ramp_days: 4"
    tables = GROWING.replace(
        "- {id: dc, kind",
        f"- {{id: late, kind: mine, country: AUS, output: metal, {late}}}\n"
        f"  - {{id: sudden, kind: mine, country: AUS, output: metal, capacity_per_day: 80,\n"
        f"     start_date: {on(10)}, capacity_profile: {{{on(0)}: 1, {on(20)}: 3}}}}\n"
        "  - {id: dc, kind",
    )
    found = model(tables, days=40)
    capacity = dict(zip(found.network.facility_ids, found.plan.capacity, strict=True))
    assert_days(capacity["late"], {9: 0, 10: 0, 11: 20, 12: 40, 13: 60, 14: 80, 39: 80})
    assert_days(capacity["sudden"], {9: 0, 10: 160, 15: 200, 20: 240, 39: 240})


def test_planned_growth_of_capacity_is_what_it_gains_each_day() -> None:
    found, plan = growing()
    fab = found.network.facility_index["fab"]
    # two more chips a day from day 40 on (11 days before demand), until day 89
    assert_days(plan.growth[fab], {39: 0, range(40, 90): 2, 90: 0})


def test_a_falling_plan_never_plans_below_zero() -> None:
    tables = GROWING.replace(f"{on(100)}: 2", f"{on(51)}: 0.01")
    plan = model(tables, days=100).plan
    for series in (plan.starts, plan.planned_lane_rate, plan.slot_orders, plan.slot_target):
        assert series.min() >= 0


def test_shares_that_miss_one_by_rounding_are_made_to_sum_to_one() -> None:
    tables = CHAIN.replace("share: 0.25", "share: 0.2500004")
    found = model(tables)
    lanes = [found.network.lane_index[f"plant/ore/mine_{name}"] for name in "ab"]
    assert found.plan.lane_share[lanes].sum(axis=0) == pytest.approx(1, abs=1e-15)
    assert found.plan.slot_rate[found.network.slot_ids.index("plant/ore"), 0] == pytest.approx(20)


def test_a_loop_of_suppliers_has_no_plan() -> None:
    tables = """
    materials: [{id: a, layer: minerals, unit: t}, {id: b, layer: minerals, unit: t}]
    facilities:
      - {id: one, kind: plant, country: AUS, output: a, recipe: of_b, utilisation: 1}
      - {id: two, kind: plant, country: AUS, output: b, recipe: of_a, utilisation: 1}
      - {id: market, kind: market, country: USA}
    recipes: [{recipe: of_a, input: a, quantity: 1}, {recipe: of_b, input: b, quantity: 0.5}]
    lanes:
      - {customer: one, material: b, supplier: two, share: 1, transit_days: 1}
      - {customer: two, material: a, supplier: one, share: 1, transit_days: 1}
      - {customer: market, material: b, supplier: two, share: 1, transit_days: 1}
    demand: [{sink: market, material: b, units_per_day: 1}]
    """
    with pytest.raises(InputError, match="suppliers and customers must not form a loop") as caught:
        model(tables)
    assert "one, two" in str(caught.value)
    assert "break the loop at one lane" in str(caught.value)


@pytest.mark.parametrize(
    ("days", "given", "hubs", "legs"),
    [
        (5, "", "[a]", (3, 2)),
        (4, "", "[a]", (2, 2)),
        (2, "", "[a]", (1, 1)),
        (9, "", "[a, b]", (1, 7, 1)),
        (9, "", "[a, b, c]", (1, 4, 3, 1)),
        (6, "leg_days: [1, 4, 1],", "[a, b]", (1, 4, 1)),
        (7, "leg_days: [5, 2],", "[a]", (5, 2)),
    ],
)
def test_transit_splits_over_legs(days: int, given: str, hubs: str, legs: tuple[int, ...]) -> None:
    tables = CHAIN.replace(
        "supplier: mine_b, share: 0.75, transit_days: 6, route: port",
        f"supplier: mine_b, share: 0.75, {given} transit_days: {days}, route: {hubs}",
    )
    ports = "".join(
        f"  - {{id: {name}, kind: hub, country: SGP, utilisation: 0.5}}\n" for name in "abc"
    )
    found = model(tables.replace("recipes:", ports + "recipes:"))
    lane = found.network.lane_index["plant/ore/mine_b"]
    assert found.plan.legs[lane] == legs


@pytest.mark.parametrize(
    ("tables", "outcome"),
    [
        (CHAIN, ["chip"]),
        (CHAIN.replace("id: metal, layer: minerals, unit: t,",
                       "id: metal, layer: minerals, unit: t, h100e_per_unit: 1,"), ["metal"]),
        (CHAIN.replace("kind: datacenter", "kind: market"), ["chip", "metal"]),
    ],
)  # fmt: skip
def test_the_outcome_is_what_is_rated_or_else_what_data_centres_or_all_sinks_want(
    tables: str, outcome: list[str]
) -> None:
    network = model(tables).network
    assert [network.material_ids[m] for m in network.outcome] == outcome


def test_a_scenario_can_name_its_outcome() -> None:
    network = model(CHAIN, "outcome: [ore, metal]\n").network
    assert [network.material_ids[m] for m in network.outcome] == ["metal", "ore"]
