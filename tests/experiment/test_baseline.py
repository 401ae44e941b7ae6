"""A baseline read off its plan is the run without shocks, and is read only where it can be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import event, given, settings

from simulator.engine import kernel
from simulator.experiment.baseline import (
    baselines,
    keeps_to_plan,
    planned_outcome,
    planned_run,
    settled_run,
)
from simulator.experiment.observe import observer
from simulator.experiment.replicate import ScenarioJob
from simulator.metrics.loss import impact
from simulator.metrics.outcome import OutcomeSeries, without_rounding
from simulator.network.planning import make_plan, make_plans
from simulator.network.room import Room
from simulator.sampling.model import Model, prepare
from simulator.sampling.realisation import Realisation
from simulator.spec import load_scenario
from tests.engine.test_block import CHAIN
from tests.networks import scenario
from tests.random_networks import Recipe, recipes

SERIES = ("output", "delivered", "fab_starts")


def run(model: Model, real: Realisation) -> OutcomeSeries:
    return observer(model.network)(kernel.run(real))


def largest_difference(one: OutcomeSeries, two: OutcomeSeries) -> float:
    """Largest difference of any day, as a share of the largest value of its series."""
    worst = 0.0
    for name in SERIES:
        a, b = getattr(one, name), getattr(two, name)
        worst = max(worst, np.abs(a - b).max(initial=0.0) / max(np.abs(b).max(initial=0.0), 1e-300))
    return worst


@settings(max_examples=60)
@given(recipe=recipes(growth=None, lots=None, noise=None))
def test_what_keeps_to_its_plan_does_when_it_is_run_what_was_planned(recipe: Recipe) -> None:
    model = recipe.model()
    real = model.realise(0).baseline
    planned = planned_outcome(real, observer(model.network))
    event(f"kept: {planned is not None}")
    if planned is not None:
        assert largest_difference(run(model, real), planned) < 1e-9


@settings(max_examples=40)
@given(recipe=recipes(growth=None))
def test_a_planned_run_has_all_that_is_kept_of_a_run_without_shocks(recipe: Recipe) -> None:
    real = recipe.model().realise(0).baseline
    planned = planned_run(real)
    event(f"kept: {planned is not None}")
    if planned is None:
        return
    found = kernel.run(real)
    assert planned.series.keys() == found.series.keys()
    for name, rows in found.series.items():
        assert np.allclose(planned[name], rows, rtol=1e-9, atol=1e-9 * np.abs(rows).max(initial=0))
    settled = settled_run(found, planned)
    assert all(np.array_equal(settled[name], planned[name]) for name in planned.series)


@pytest.mark.parametrize("name", ["china-october-2025", "ai-demand-surge", "taiwan-blockade"])
def test_the_alliance_keeps_to_its_plan_and_does_what_was_planned(name: str) -> None:
    model = prepare(load_scenario(name))
    for number in range(3):
        real = model.realise(number).baseline
        planned = planned_outcome(real, observer(model.network))
        assert planned is not None
        assert largest_difference(run(model, real), planned) < 1e-10


def chain(old: str = "", new: str = "", more: str = "") -> Model:
    assert old in CHAIN
    return prepare(scenario(CHAIN.replace(old, new, 1) + more if old else CHAIN + more, days=120))


def test_a_chain_with_enough_of_everything_keeps_to_its_plan() -> None:
    assert keeps_to_plan(chain().realise(0).baseline)


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        (
            "transit_days: 2}",
            "transit_days: 2, transit_noise: {distribution: uniform, low: 2, high: 6}}",
            "",
        ),
        ("units_per_day: 10,", "units_per_day: 10, daily: {distribution: poisson, mean: 10},", ""),
        ("", "", "slots: [{facility: fab, material: ore, policy: s_S, reorder_cover_days: 3}]"),
        ("", "", "slots: [{facility: fab, material: ore, policy: R_S, review_days: 4}]"),
    ],
    ids=["transit varies", "demand varies", "s_S", "R_S"],
)
def test_what_varies_from_day_to_day_or_orders_in_lots_has_to_be_run(
    old: str, new: str, more: str
) -> None:
    assert not keeps_to_plan(chain(old, new, more).realise(0).baseline)


def test_a_stockpile_with_planned_sales_runs_out_and_keeps_to_no_plan() -> None:
    model = chain(
        "{id: mine_b, kind: mine, country: CHN, output: ore, utilisation: 0.5, cycle_days: 3}",
        "{id: mine_b, kind: stockpile, country: CHN, output: ore, stock_at_start: 100}",
    )
    assert not keeps_to_plan(model.realise(0).baseline)


FALLING = "profile: {2026-03-20: 1.0, 2026-04-20: 0.2}, cover_days: 2}]"
FAR = (("cover_days: 5", "cover_days: 0"), ("transit_days: 4", "transit_days: 40"))


@pytest.mark.parametrize(("changes", "kept"), [((), True), (FAR, False)])
def test_a_stock_that_is_planned_below_zero_keeps_to_no_plan_whoever_makes_it(
    changes: tuple[tuple[str, str], ...], kept: bool
) -> None:
    text = CHAIN.replace("cover_days: 2}]", FALLING)
    for old, new in changes:
        text = text.replace(old, new)
    model = prepare(scenario(text, days=120))
    network = model.network
    sampled = make_plan(network, network.numbers, look_for_lowest=False)
    together = make_plans(network, [network.numbers] * 3, Room())
    for plan in (model.plan, sampled, *together):
        assert plan.can_be_kept == kept
    assert keeps_to_plan(model.realise(0).baseline) == kept


def test_a_sampled_plan_beyond_capacity_is_not_kept_and_its_baseline_is_run() -> None:
    uncertain = CHAIN.replace("utilisation: 0.9}", "capacity_per_day: 15}").replace(
        "quantity: 2,", "quantity: {distribution: uniform, low: 1.5, high: 2.5},"
    )
    wanted = scenario(uncertain, days=120)
    model, replicate = prepare(wanted), ScenarioJob(wanted, 5, "block").start()
    seen, kept = observer(model.network), []
    mine = list(model.network.facility_ids).index("mine_a")
    for number in range(12):
        pair = model.realise(number, 5)
        plan = pair.baseline.plan
        kept.append(keeps_to_plan(pair.baseline))
        assert kept[-1] == bool((plan.starts[mine] <= plan.capacity[mine] * (1 + 1e-9)).all())
        (before,) = baselines(
            [pair.baseline], seen, lambda reals: map(seen, map(kernel.run, reals))
        )
        if not kept[-1]:
            assert np.array_equal(before.output, run(model, pair.baseline).output)
        found = replicate.batch([number])[0]
        assert found.values["baseline_units"] == impact(before, before)["baseline_units"]
        assert found.values["output_loss_units"] == 0.0
    assert 0 < sum(kept) < 12


def test_a_difference_within_rounding_is_none() -> None:
    model = chain()
    calm = run(model, model.realise(0).baseline)
    near = replace(calm, output=calm.output * (1 + 1e-12), fab_starts=calm.fab_starts * (1 - 1e-12))
    assert largest_difference(near, calm) > 0
    settled = near.settled(calm)
    assert all(np.array_equal(getattr(settled, name), getattr(calm, name)) for name in SERIES)
    less = replace(calm, output=calm.output * (1 - 1e-8))
    assert np.array_equal(less.settled(calm).output, less.output)


@pytest.mark.parametrize("shape", [(9,), (0, 5), (16, 3), (41, 7)])
def test_every_cell_of_a_table_counts_as_rounding_by_itself(shape: tuple[int, ...]) -> None:
    draw = np.random.Generator(np.random.Philox(5))
    normal = draw.normal(0.0, 1e6, shape)
    apart = draw.choice([0.0, 0.9e-9, 1.1e-9, -0.9e-9, 0.5], shape)
    for found in (normal * (1.0 + apart), np.asfortranarray(normal * (1.0 + apart))):
        expected = np.where(np.abs(apart) < 1e-9, normal, found)
        assert np.array_equal(without_rounding(found, normal), expected)
