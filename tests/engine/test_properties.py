"""What holds in every network: plans are followed, mass is kept, and no order changes a bit."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Trajectory, simpy_engine, simulate
from simulator.network.checks import check
from simulator.network.network import Floats
from simulator.sampling import Model, Realisation
from simulator.shocks import Control
from tests.networks import with_effects
from tests.random_networks import Recipe, random_effects, recipes

EXAMPLES = 50
seeds = st.integers(0, 2**32)


def scales(model: Model) -> dict[str, Floats]:
    """Size of what flows through each thing, to measure errors by."""
    network, plan = model.network, model.plan
    slots = np.maximum(plan.slot_rate.max(axis=1) + plan.slot_target.max(axis=1), 1e-6)
    lanes = slots[network.lane_slot]
    facilities = plan.starts.max(axis=1) + plan.finished_target.max(axis=1)
    for f in network.facilities:  # a supplier without a plan is measured by its customers
        facilities[f] = max([1e-6, facilities[f], *lanes[list(network.out_lanes[f])]])
    hubs = np.maximum(plan.hub_load.max(axis=1), 1e-6)
    return {"slots": slots, "facilities": facilities, "hubs": hubs, "lanes": lanes}


def assert_close(found: Floats, planned: Floats, scale: Floats, what: object) -> None:
    wrong = np.abs(found - planned) / scale[:, None]
    worst = float(wrong.max(initial=0.0))
    assert worst <= 1e-9, f"{what}, row {wrong.max(axis=1).argmax()}: {worst}"


@settings(max_examples=EXAMPLES)
@given(recipe=recipes())
def test_a_run_without_shocks_is_constant_on_every_series(engine: str, recipe: Recipe) -> None:
    constant(engine, recipe)


def constant(engine: str, recipe: Recipe) -> None:
    model = recipe.model()
    assert model.warnings == () or all("nobody plans" in w.rule for w in model.warnings)
    out = simulate(model.realise(0).baseline, engine=engine, record="all")
    scale = scales(model)
    for (kind, name), series in out.series.items():
        assert_close(series, series[:, :1], scale[kind], (kind, name))
    assert_plan_is_followed(model, out)


@settings(max_examples=EXAMPLES)
@given(recipe=recipes(growth=True))
def test_a_growing_run_without_shocks_follows_its_plan(engine: str, recipe: Recipe) -> None:
    follows_its_plan(engine, recipe)


def follows_its_plan(engine: str, recipe: Recipe) -> None:
    model = recipe.model()
    names = {finding.name for finding in check(model.network, model.plan)}
    out = simulate(model.realise(0).baseline, engine=engine, record="all")
    if "stock_survives_growth" not in names:
        assert_plan_is_followed(model, out)


def assert_plan_is_followed(model: Model, out: Trajectory) -> None:
    network, plan, scale = model.network, model.plan, scales(model)
    makers = [f for f in network.facilities if network.kinds[f] != "hub"]
    for kind, name, planned, rows in (
        ("facilities", "started", plan.starts, makers),
        ("facilities", "capacity_now", plan.capacity, makers),
        ("lanes", "given", plan.planned_lane_rate, list(network.lanes)),
        ("slots", "used", plan.slot_rate, list(network.slots)),
        ("hubs", "released_t", plan.hub_load, list(network.hubs)),
    ):
        assert_close(out[kind, name][rows], planned[rows], scale[kind][rows], (kind, name))


@settings(max_examples=EXAMPLES)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=seeds)
def test_mass_is_kept_at_every_step_under_any_controls(
    engine: str, recipe: Recipe, seed: int
) -> None:
    keeps_mass(engine, recipe, seed)


def keeps_mass(engine: str, recipe: Recipe, seed: int) -> None:
    model = recipe.model()
    real = with_effects(model, random_effects(model.network, seed))
    out = simulate(real, engine=engine, record="all")
    books = _Books(real, out)
    books.goods()
    books.slots()
    books.lanes()


class _Books:
    """Every balance of a run, to a billionth of what flows."""

    def __init__(self, real: Realisation, out: Trajectory) -> None:
        self.real, self.out, self.network = real, out, real.network
        self.days = real.network.horizon_days

    def balance(self, after: Floats, before: Floats, change: Floats, what: object) -> None:
        size = max(1.0, float(np.abs(after).max()), float(np.abs(change).max()))
        assert np.abs(after - before - change).max() <= 1e-9 * size, what

    def at_once(self, control: Control, target: int, neutral: float) -> Floats:
        values = np.full(self.days, neutral)
        for day, value in self.real.changes.of(control).get(target, ()):
            values[day] = value
        return values

    def level(self, control: Control, target: int, neutral: float) -> Floats:
        values = np.full(self.days, neutral)
        for day, value in self.real.changes.of(control).get(target, ()):
            values[day:] = value
        return values

    def shifted(self, series: Floats, first: float) -> Floats:
        return np.concatenate(([first], series[:-1]))

    def goods(self) -> None:
        """Finished goods and work in process: what is made and sold, added and destroyed."""
        network, out, plan = self.network, self.out, self.real.plan
        for f in network.facilities:
            if network.kinds[f] == "hub" or network.is_sink(f):
                continue
            started, matured = out["facilities", "started"][f], out["facilities", "matured"][f]
            finished, process = (
                out["facilities", "finished"][f],
                out["facilities", "process_total"][f],
            )
            sold = out["lanes", "given"][list(network.out_lanes[f])].sum(axis=0)
            kept = self.at_once(Control.FINISHED_KEEP, f, 1.0)
            before = self.shifted(finished, plan.finished[f])
            before = (before + self.at_once(Control.FINISHED_ADD, f, 0.0)) * kept
            self.balance(finished, before, matured - sold, ("finished", f))
            before = self.shifted(process, sum(plan.in_process[f]))
            before = before * self.at_once(Control.PROCESS_KEEP, f, 1.0)
            self.balance(process, before, started - matured, ("in process", f))

    def slots(self) -> None:
        """Input stocks: what arrives and is used; and what the customer counts as under way."""
        network, out, plan = self.network, self.out, self.real.plan
        given, arrived = out["lanes", "given"], out["lanes", "arrived"]
        for k in network.slots:
            lanes = list(network.lanes_into(k))
            came = arrived[lanes].sum(axis=0)
            stock = out["slots", "on_hand"][k]
            before = self.shifted(stock, plan.on_hand[k]) + self.at_once(Control.STOCK_ADD, k, 0.0)
            before = before * self.at_once(Control.STOCK_KEEP, k, 1.0)
            self.balance(stock, before, came - out["slots", "used"][k], ("slot", k))
            mine = network.lane_slot[plan.under_way.lane] == k
            start = float(plan.under_way.quantity[mine].sum())
            under_way = out["slots", "in_transit"][k]
            left = self.shifted(given[lanes].sum(axis=0), 0.0)
            before = self.shifted(under_way, start)
            self.balance(under_way, before, left - came, ("under way", k))

    def lanes(self) -> None:
        """Every lane by itself: dispatched, on each leg, in the queue of each hub, arrived."""
        network, out, plan = self.network, self.out, self.real.plan
        waiting, released = out["hubs", "waiting_t"], out["hubs", "released_t"]
        total = waiting + released
        queued = np.zeros_like(waiting)
        for i in network.lanes:
            at_start = plan.under_way.lane == i
            sent = out["lanes", "given"][i]
            days = np.full(self.days, plan.legs[i][0])
            if i in self.real.daily_transit:
                days = self.real.daily_transit[i]
            days = days + self.level(Control.DELAY, i, 0.0).astype(int)
            mass = network.mass_t[network.slot_material[network.lane_slot[i]]]
            for leg, hub in enumerate((*network.lane_hubs[i], -1)):
                due = np.zeros(self.days)
                soon = at_start & (plan.under_way.leg == leg) & (plan.under_way.day < self.days)
                np.add.at(due, plan.under_way.day[soon], plan.under_way.quantity[soon])
                for day in range(self.days):
                    if day + days[day] < self.days:
                        due[day + days[day]] += sent[day]
                if hub < 0:
                    self.balance(out["lanes", "arrived"][i], np.zeros(self.days), due, ("lane", i))
                    break
                sent = self.through(hub, due, total[hub], released[hub])
                queued[hub] += mass * (np.cumsum(due) - np.cumsum(sent))
                days = np.full(self.days, plan.legs[i][leg + 1])
        for hub in network.hubs:
            self.balance(waiting[hub], np.zeros(self.days), queued[hub], ("hub", hub))

    def through(self, hub: int, due: Floats, total: Floats, released: Floats) -> Floats:
        """What a hub lets go of one lane's goods: the same share of them as of all mass."""
        handling = self.level(Control.HANDLING, hub, 1.0)
        sent, queue = np.zeros(self.days), 0.0
        for day in range(self.days):
            queue += due[day]
            if handling[day] <= 0.0:
                share = 0.0
            else:
                most = self.real.plan.capacity[hub, day] * handling[day]
                share = 1.0 if total[day] <= most else released[day] / total[day]
            sent[day] = queue * share
            queue -= sent[day]
        return sent


@settings(max_examples=EXAMPLES)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=seeds)
def test_no_stock_and_no_flow_is_ever_below_zero(engine: str, recipe: Recipe, seed: int) -> None:
    model = recipe.model()
    real = with_effects(model, random_effects(model.network, seed, 20))
    out = simulate(real, engine=engine, record="all")
    for key, series in out.series.items():
        assert np.isfinite(series).all(), key
        # goods under way are summed up from what left and what came, which leaves a trace of
        # rounding
        least = -1e-12 * max(1.0, series.max(initial=0.0)) if key[1] == "in_transit" else 0.0
        assert series.min(initial=0.0) >= least, key


@settings(max_examples=EXAMPLES)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=seeds)
def test_nothing_exceeds_what_it_may(engine: str, recipe: Recipe, seed: int) -> None:
    model = recipe.model()
    real = with_effects(model, random_effects(model.network, seed, 20))
    out = simulate(real, engine=engine, record="all")
    near = 1 + 1e-12
    assert (out["facilities", "started"] <= out["facilities", "capacity_now"] * near).all()
    assert (out["lanes", "given"] <= out["lanes", "asked"] * near).all()
    assert (out["slots", "health"] <= 1.0).all()
    books = _Books(real, out)
    for i in model.network.lanes:
        limit = books.level(Control.LIMIT, i, np.inf)
        most = np.where(np.isinf(limit), np.inf, 0.0)
        finite = np.isfinite(limit)
        most[finite] = limit[finite] * real.plan.planned_lane_rate[i][finite]
        assert (out["lanes", "given"][i] <= most * near + 1e-300).all()


def assert_same_bits(one: Trajectory, two: Trajectory) -> None:
    assert one.series.keys() == two.series.keys()
    for key, series in one.series.items():
        assert np.array_equal(series, two[key]), key


@settings(max_examples=EXAMPLES)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=seeds)
def test_the_order_in_which_facilities_are_created_changes_no_bit(
    recipe: Recipe, seed: int
) -> None:
    model = recipe.model()
    real = with_effects(model, random_effects(model.network, seed))
    order = list(model.network.facilities)
    Random(seed).shuffle(order)
    straight = simpy_engine.run(real, everything=True)
    assert_same_bits(straight, simpy_engine.run(real, everything=True, order=order))


@settings(max_examples=EXAMPLES // 2)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=seeds)
def test_the_order_of_rows_in_the_file_changes_no_bit(
    engine: str, recipe: Recipe, seed: int
) -> None:
    from simulator.sampling import prepare
    from simulator.spec import parse_scenario

    random = Random(seed)

    def shuffled(rows: list) -> list:
        return random.sample(rows, len(rows))

    one = recipe.model()
    two = prepare(parse_scenario(recipe.text(shuffled)))
    assert one.scenario.dataset.checksum == two.scenario.dataset.checksum
    effects = random_effects(one.network, seed)
    runs = [
        simulate(with_effects(model, effects), engine=engine, record="all") for model in (one, two)
    ]
    assert_same_bits(*runs)


@settings(max_examples=EXAMPLES // 2)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=seeds)
def test_recording_all_series_changes_none_of_them(engine: str, recipe: Recipe, seed: int) -> None:
    model = recipe.model()
    real = with_effects(model, random_effects(model.network, seed))
    few = simulate(real, engine=engine, record="outcome")
    everything = simulate(real, engine=engine, record="all")
    assert set(few.series) < set(everything.series)
    for key, series in few.series.items():
        assert np.array_equal(series, everything[key]), key


@settings(max_examples=EXAMPLES // 2)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=seeds)
def test_a_run_can_be_repeated_from_the_same_realisation(
    engine: str, recipe: Recipe, seed: int
) -> None:
    model = recipe.model()
    real = with_effects(model, random_effects(model.network, seed))
    runs = [simulate(real, engine=engine, record="all") for _ in range(2)]
    assert_same_bits(*runs)


@pytest.mark.slow
@settings(max_examples=300)
@given(
    still=recipes(), growing=recipes(growth=True), any_kind=recipes(None, None, None), seed=seeds
)
def test_plans_and_mass_hold_in_many_more_networks(
    engine: str, still: Recipe, growing: Recipe, any_kind: Recipe, seed: int
) -> None:
    constant(engine, still)
    follows_its_plan(engine, growing)
    keeps_mass(engine, any_kind, seed)
