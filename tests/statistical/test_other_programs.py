"""Serial chains beside other people's programs, day by day: stockpyl and SupplyNetPy.

Both are run on the same demand, and inventories are compared one for one: no tolerance but that of
rounding, and no chance of a false alarm. What has to be matched is the calendar. There, an order
for what was sold today goes up the whole chain today. Here a plant learns of it in the afternoon
and orders its inputs the next morning, so a stage above the last one has one day more of lead time.
Its stock there is the sum of two here, inputs and finished goods. Between facilities nothing is
kept on back order here (the customer asks again), so upper stages hold enough not to run out; the
last stage does run out, and keeps its backlog.

Skipped where they are not installed (``pip install paxsim[benchmark]``).
"""

from __future__ import annotations

from itertools import chain as in_turn
from itertools import repeat

import numpy as np
import pytest

from simulator.network.network import Floats
from simulator.sampling.realisation import Realisation
from tests.networks import Run, model, run

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs are not ours to mend
EXACT = 1e-9
MEAN, DAYS = 5.0, 300


def with_demand(tables: str, demand: Floats, mean: float) -> tuple[Realisation, Floats]:
    """A network whose market sees just this demand, through the engine's daily noise."""
    from dataclasses import replace

    real = model(tables, days=len(demand)).realise(0).baseline
    slot = real.network.slot_ids.index("market/metal")
    assert real.plan.slot_rate[slot, 0] == mean
    return replace(real, daily_demand={slot: demand.astype(np.float64)}), demand


def chain(cover: int, finished: int, transit: int, mean: float, market: str, slots: str) -> str:
    """A mine that always has enough, two plants and a market; the last one is described."""
    row = "kind: plant, country: JPN, capacity_per_day: 100000"
    return f"""
materials:
  - {{id: ore, layer: minerals, unit: t}}
  - {{id: oxide, layer: minerals, unit: t}}
  - {{id: metal, layer: minerals, unit: t}}
facilities:
  - {{id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 100000,
     finished_cover_days: 1000}}
  - {{id: upper, {row}, output: oxide, recipe: oxide, finished_cover_days: {finished}}}
  - {{id: lower, {row}, output: metal, recipe: metal, finished_cover_days: {finished}}}
  - {{id: market, kind: market, country: USA}}
recipes:
  - {{recipe: oxide, input: ore, quantity: 1, cover_days: {cover}}}
  - {{recipe: metal, input: oxide, quantity: 1, cover_days: {cover}}}
lanes:
  - {{customer: upper, material: ore, supplier: mine, share: 1, transit_days: {transit}}}
  - {{customer: lower, material: oxide, supplier: upper, share: 1, transit_days: {transit}}}
  - {{customer: market, material: metal, supplier: lower, share: 1, transit_days: {transit}}}
demand:
  - {{sink: market, material: metal, units_per_day: {mean}, unmet: kept, {market}}}
slots:
  {slots}
"""


def held(found: Run, plant: str, material: str) -> Floats:
    """Inputs and finished goods of a plant at the end of each day."""
    return found.slot("on_hand", f"{plant}/{material}") + found.facility("finished", plant)


def same(ours: Floats, theirs: Floats, begin: int) -> None:
    """Two inventories agree on every day from ``begin`` on."""
    assert np.abs(ours[begin:] - theirs[begin:]).max() <= EXACT
    assert np.ptp(ours[begin:]) > 0.0  # or the test would say nothing


@pytest.mark.parametrize("transit", [1, 3, 7])
def test_a_serial_chain_has_the_inventories_of_stockpyl(transit: int, engine: str) -> None:
    pytest.importorskip("stockpyl", reason="needs paxsim[benchmark]")
    from stockpyl.sim import simulation
    from stockpyl.supply_chain_network import serial_system

    demand = np.random.default_rng(20251009).poisson(MEAN, DAYS)
    cover, finished, last = 12, 8, MEAN * (transit + 0.2)
    slots = "\n  ".join(
        f"- {{facility: {name}, material: {material}, surge: .inf}}"
        for name, material in (("upper", "ore"), ("lower", "oxide"), ("market", "metal"))
    )
    market = f"cover_days: {last / MEAN - transit!r}"
    real, _ = with_demand(chain(cover, finished, transit, MEAN, market, slots), demand, MEAN)
    found = run(real, engine)

    stage = MEAN * (finished + 1) + MEAN * (cover + transit)
    network = serial_system(
        num_nodes=3, node_order_in_system=[3, 2, 1], local_holding_cost=1, stockout_cost=10,
        demand_type="D", demand_list=demand.tolist(), policy_type="BS",
        base_stock_level={1: last, 2: stage, 3: stage},
        shipment_lead_time={1: transit, 2: transit + 1, 3: transit + 1},
    )  # fmt: skip
    simulation(network, DAYS, rand_seed=1, progress_bar=False)
    theirs = {node.index: _levels(node) for node in network.nodes}

    begin = 3 * transit + 5
    net = found.slot("on_hand", "market/metal") - found.slot("backlog", "market/metal")
    same(net, theirs[1], begin)
    assert (net < 0).any()  # the last stage runs out
    same(held(found, "lower", "oxide"), theirs[2], begin)
    same(held(found, "upper", "ore")[1:], theirs[3][:-1], begin)
    assert (
        min(found.slot("on_hand", name)[begin:].min() for name in ("lower/oxide", "upper/ore")) > 0
    )


def _levels(node: object) -> Floats:
    states = node.state_vars[:DAYS]  # type: ignore[attr-defined]
    [product] = states[0].inventory_level
    return np.array([state.inventory_level[product] for state in states], np.float64)


def test_a_serial_chain_has_the_inventories_of_supplynetpy(engine: str) -> None:
    pytest.importorskip("SupplyNetPy", reason="needs paxsim[benchmark]")
    mean, transit, cover, finished = 10.0, 3, 20, 14
    # (s, S) everywhere; what is sold differs from day to day
    demand = np.array([4, 13, 10, 7, 16, 10, 10] * 40)
    reorder = {"market": 2, "lower": 10, "upper": 10}
    slots = "\n  ".join(
        f"- {{facility: {name}, material: {material}, policy: s_S, "
        f"reorder_cover_days: {reorder[name]}}}"
        for name, material in (("upper", "ore"), ("lower", "oxide"), ("market", "metal"))
    )
    tables = chain(cover, finished, transit, mean, "cover_days: 9", slots)
    real, _ = with_demand(tables, demand, mean)
    found = run(real, engine)
    theirs = _supplynetpy(
        demand.tolist(),
        # node: (s, S, lead time); a stage's finished goods count as stock above both
        {
            "market": (mean * (2 + transit), mean * (9 + transit), transit),
            "lower": _stage(mean, finished, 10, cover, transit),
            "upper": _stage(mean, finished, 10, cover, transit),
        },
    )
    begin = 40
    same(found.slot("on_hand", "market/metal"), theirs["market"], begin)
    same(held(found, "lower", "oxide"), theirs["lower"], begin)
    same(held(found, "upper", "ore")[1:], theirs["upper"][:-1], begin)


def _stage(
    mean: float, finished: int, reorder: int, cover: int, transit: int
) -> tuple[float, float, int]:
    goods = mean * (finished + 1)
    return goods + mean * (reorder + transit), goods + mean * (cover + transit), transit + 1


def _supplynetpy(
    demand: list[int], nodes: dict[str, tuple[float, float, int]]
) -> dict[str, Floats]:
    """Inventories at the end of each day of a chain that a supplier without limit feeds."""
    from SupplyNetPy import Components as Parts

    above = ["source", "upper", "lower", "market"]
    wanted = iter(repeat(1))  # it tries its models out while it builds
    network = Parts.create_sc_net(
        [
            {"ID": "source", "name": "source", "node_type": "infinite_supplier"},
            *(
                {
                    "ID": name, "name": name, "node_type": "distributor", "capacity": 100_000,
                    "initial_level": top, "inventory_holding_cost": 1,
                    "replenishment_policy": Parts.SSReplenishment,
                    "policy_param": {"s": low, "S": top}, "product_buy_price": 1,
                    "product_sell_price": 2,
                }
                for name, (low, top, _) in nodes.items()
            ),
        ],
        [
            {
                "ID": f"to-{name}", "source": above[above.index(name) - 1], "sink": name, "cost": 1,
                "lead_time": lambda days=days: days,
            }
            for name, (_, _, days) in nodes.items()
        ],
        [
            {
                "ID": "users", "name": "users", "order_arrival_model": lambda: 1,
                "order_quantity_model": lambda: next(wanted), "demand_node": "market",
            }
        ],
    )  # fmt: skip
    wanted = in_turn(demand, repeat(demand[-1]))
    levels: dict[str, list[float]] = {name: [] for name in nodes}

    def watch() -> object:
        yield network["env"].timeout(0.5)
        for _ in demand:
            for name in nodes:
                levels[name].append(network["nodes"][name].inventory.level)
            yield network["env"].timeout(1)

    network["env"].process(watch())
    Parts.simulate_sc_net(network, len(demand), logging=False)
    return {name: np.array(found) for name, found in levels.items()}


def test_the_backlog_of_a_stage_that_runs_out_is_worked_out_by_hand() -> None:
    # A base stock of 10 one day away: net stock is 10 less what was asked on the day.
    demand = np.array([5, 5, 5, 9, 14, 0, 5, 5])
    tables = chain(12, 8, 1, MEAN, "cover_days: 1",
                   "- {facility: market, material: metal, surge: .inf}")  # fmt: skip
    found = run(with_demand(tables, demand, MEAN)[0], "auto")
    net = found.slot("on_hand", "market/metal") - found.slot("backlog", "market/metal")
    assert list(net) == pytest.approx([5, 5, 5, 1, -4, 10, 5, 5])
