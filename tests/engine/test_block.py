"""Blocks: runs side by side are, to the last bit, what each of them is alone."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import kernel, simpy_engine, simulate
from simulator.engine.kernel.block_layout import fits_a_block
from simulator.network.planning import make_plan
from simulator.sampling import Model, Realisation
from simulator.sampling.realisation import realisation
from simulator.shocks import Control, Effect, combine
from tests.networks import model
from tests.random_networks import Recipe, random_effects, recipes

seeds = st.integers(0, 2**32)

CHAIN = """
materials: [{id: ore, layer: minerals, unit: t}, {id: chip, layer: semiconductors, unit: pieces}]
facilities:
  - {id: mine_a, kind: mine, country: AUS, output: ore, utilisation: 0.9}
  - {id: mine_b, kind: mine, country: CHN, output: ore, utilisation: 0.5, cycle_days: 3}
  - {id: fab, kind: fab, country: TWN, output: chip, recipe: chip, utilisation: 0.8, cycle_days: 9}
  - {id: port, kind: hub, country: SGP, utilisation: 0.7}
  - {id: buyer, kind: datacenter, country: USA}
recipes: [{recipe: chip, input: ore, quantity: 2, cover_days: 5, onset_days: 4, criticality: 0.8}]
lanes:
  - {customer: fab, material: ore, supplier: mine_a, share: 0.7, transit_days: 4, route: [port]}
  - {customer: fab, material: ore, supplier: mine_b, share: 0.3, transit_days: 2}
  - {customer: buyer, material: chip, supplier: fab, share: 1, transit_days: 3}
demand: [{sink: buyer, material: chip, units_per_day: 10, cover_days: 2}]
"""


def varied(ready: Model, seed: int, count: int) -> list[Realisation]:
    """Realisations of a network that differ in numbers, plans and controls."""
    random, found = Random(seed), []
    network = ready.network
    for n in range(count):
        calm = ready.realise(n).baseline
        numbers, draw = calm.numbers, np.random.default_rng(random.randrange(2**32))
        if random.random() < 0.8:
            cycles = numbers.cycle_days
            numbers = replace(
                numbers,
                transit_days=numbers.transit_days + draw.integers(0, 3, len(numbers.share)),
                cycle_days=np.where(cycles > 0, cycles + draw.integers(0, 4, len(cycles)), 0),
                cover_days=numbers.cover_days * draw.uniform(0.5, 2.0, len(numbers.cover_days)),
                surge=numbers.surge * draw.uniform(1.0, 2.0, len(numbers.surge)),
            )
        plan = calm.plan if numbers is calm.numbers else make_plan(network, numbers)
        effects = random_effects(network, random.randrange(2**32), random.choice([0, 6, 20]))
        changes = combine(effects, network.horizon_days)
        found.append(
            realisation(network, numbers, plan, changes, calm.daily_demand, calm.daily_transit)
        )
    return found


def assert_as_alone(reals: list[Realisation]) -> None:
    for n, (real, out) in enumerate(zip(reals, kernel.run_many(reals), strict=True)):
        alone = simpy_engine.run(real)
        for key, series in alone.series.items():
            assert np.array_equal(series, out[key]), (n, key)


@settings(max_examples=60)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=seeds, count=st.integers(1, 10))
def test_runs_side_by_side_are_what_each_is_alone(recipe: Recipe, seed: int, count: int) -> None:
    assert_as_alone(varied(recipe.model(), seed, count))


def test_different_change_points_in_each_column_stay_in_their_column() -> None:
    ready = model(CHAIN, days=90)
    calm = ready.realise(0).baseline
    lane = ready.network.lane_index["fab/ore/mine_a"]
    fab = ready.network.facility_index["fab"]
    slot = ready.network.slot_ids.index("fab/ore")
    controls = [
        [],
        [Effect(Control.LIMIT, lane, 10, 40, 0.0)],
        [Effect(Control.DELAY, lane, 5, 30, 6.0)],
        [Effect(Control.PROGRESS, fab, 8, 20, 0.0)],
        [Effect(Control.COVER, slot, 12, None, 3.0)],
        [Effect(Control.PROCESS_KEEP, fab, 7, None, 0.5)],
        [Effect(Control.SHARE, lane, 3, 50, 0.2), Effect(Control.CAPACITY, fab, 4, 9, 0.5)],
        [Effect(Control.HANDLING, ready.network.facility_index["port"], 20, 26, 0.0)],
        [Effect(Control.STANDBY, lane, 3, 50, 0.4), Effect(Control.LIMIT, lane, 6, 30, 0.3)],
    ]
    reals = [
        realisation(calm.network, calm.numbers, calm.plan, combine(effects, 90))
        for effects in controls
    ]
    assert_as_alone(reals)
    outs = [out["facilities", "matured"].tobytes() for out in kernel.run_many(reals)]
    assert len(set(outs)) > 6


def test_runs_whose_transit_varies_from_day_to_day_are_left_to_the_scalar_kernel() -> None:
    ready = model(
        CHAIN.replace("transit_days: 2}", "transit_days: 2, transit_noise: "
                      "{distribution: uniform, low: 1, high: 6}}"), days=50,
    )  # fmt: skip
    reals = [ready.realise(n).baseline for n in range(3)]
    assert not any(fits_a_block(real, reals[0]) for real in reals)
    assert_as_alone(reals)


def test_demand_that_varies_from_day_to_day_varies_in_each_column_by_itself() -> None:
    noisy = CHAIN.replace(
        "units_per_day: 10,", "units_per_day: 10, daily: {distribution: poisson, mean: 10},"
    )
    ready = model(noisy, days=70)
    reals = [ready.realise(n).baseline for n in range(11)]
    assert all(fits_a_block(real, reals[0]) for real in reals)
    assert_as_alone(reals)


def test_a_single_run_can_be_asked_of_the_block_engine() -> None:
    real = model(CHAIN).realise(0).baseline
    for record in ("outcome", "all"):
        one, two = (simulate(real, engine=name, record=record) for name in ("block", "simpy"))
        assert one.series.keys() == two.series.keys()
        assert all(np.array_equal(one[key], two[key]) for key in one.series)
