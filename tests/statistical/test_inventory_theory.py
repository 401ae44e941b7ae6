"""Textbook inventory: base stock and periodic review under Poisson demand, backlog kept or lost.

The day here is receive, use, order; what is ordered on day t is there for the demand of day t + L.
An order on day t raises the inventory position to S, and by day t + L it has met the demand of the
L days after t: so net stock is S - D(L), and the textbook's lead time (Snyder & Shen, periodic
review, where an order is placed before the demand of its period) is L - 1. With review every R days
the demand of a cycle is short by n(L + R - 1) - n(L - 1) on average, n(k) = E[(D(k) - S)+], and

    fill rate = 1 - (n(L + R - 1) - n(L - 1)) / (R x mean demand of a day).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.sampling import Model
from tests.networks import model, run

MEAN = 5.0
DAYS, WARM_UP, REPLICATIONS = 400, 40, 60
TESTS = 12
#: Chance that a test of this file fails though all is right, over all its tests: one in a thousand.
ALARM = 0.001 / TESTS


def shop(base_stock: float, transit: int, review: int = 1, unmet: str = "kept") -> Model:
    """A market with Poisson demand of 5 a day, and a mine that always has enough."""
    cover = base_stock / MEAN - transit
    policy = f"policy: R_S, review_days: {review}" if review > 1 else "surge: .inf"
    return model(
        f"""
        materials: [{{id: ore, layer: minerals, unit: t}}]
        facilities:
          - {{id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 10000,
             finished_cover_days: 100}}
          - {{id: market, kind: market, country: USA}}
        lanes:
          - {{customer: market, material: ore, supplier: mine, share: 1, transit_days: {transit}}}
        demand:
          - {{sink: market, material: ore, units_per_day: {MEAN}, cover_days: {cover!r},
             unmet: {unmet}, daily: {{distribution: poisson, mean: {MEAN}}}}}
        slots: [{{facility: market, material: ore, {policy}}}]
        """,
        days=DAYS,
    )


def short(days: int, base_stock: float) -> float:
    """E[(D - S)+] for the demand of some days: S is whole, so the sum is over whole numbers."""
    # the sum of d p(d) over d > S is the mean times P(D >= S)
    mean, level = MEAN * days, int(base_stock)
    return float(mean * stats.poisson.sf(level - 1, mean) - level * stats.poisson.sf(level, mean))


def test_the_loss_function_is_that_of_its_definition() -> None:
    numbers = np.arange(0, 200)
    for days, level in ((1, 8.0), (3, 19.0), (7, 42.0), (0, 4.0)):
        expected = np.sum(np.maximum(numbers - level, 0) * stats.poisson.pmf(numbers, MEAN * days))
        assert short(days, level) == pytest.approx(float(expected), abs=1e-9)


def assert_agrees(samples: list[float], expected: float) -> None:
    """The mean of independent samples lies within its standard error of what is expected."""
    values = np.array(samples)
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert stats.ttest_1samp(values, expected).pvalue > ALARM, (values.mean(), expected, error)
    assert error < 0.05 * max(1.0, abs(expected))  # or the test would say nothing


@pytest.mark.parametrize(("base_stock", "transit"), [(8, 1), (19, 3), (42, 7)])
def test_net_stock_is_the_base_stock_less_the_demand_of_the_lead_time(
    engine: str, base_stock: int, transit: int
) -> None:
    real = shop(base_stock, transit).realise(1).baseline
    out = run(real, engine)
    demand = real.daily_demand[0]
    stock, backlog = (out.slot(name, "market/ore") for name in ("on_hand", "backlog"))
    for day in range(transit, DAYS):
        net = base_stock - demand[day - transit + 1 : day + 1].sum()
        assert stock[day] == pytest.approx(max(net, 0.0), abs=1e-9)
        assert backlog[day] == pytest.approx(max(-net, 0.0), abs=1e-9)


@pytest.mark.parametrize(
    ("base_stock", "transit", "review"), [(8, 1, 1), (19, 3, 1), (42, 7, 1), (36, 2, 4)]
)
def test_the_fill_rate_is_that_of_the_textbook(base_stock: int, transit: int, review: int) -> None:
    ready = shop(base_stock, transit, review)
    missed, held, owed = [], [], []
    for replication in range(REPLICATIONS):
        real = ready.realise(replication).baseline
        out = run(real, "auto")
        demand = real.daily_demand[0]
        stock, used, backlog = (
            out.slot(name, "market/ore") for name in ("on_hand", "used", "backlog")
        )
        # What is there serves yesterday's backlog first, then today's demand.
        before = np.concatenate(([0.0], backlog[:-1]))
        at_once = np.clip(stock + used - before, 0.0, demand)
        missed.append(float((demand - at_once)[WARM_UP:].mean()))
        held.append(float(stock[WARM_UP:].mean()))
        owed.append(float(backlog[WARM_UP:].mean()))
    per_cycle = short(transit + review - 1, base_stock) - short(transit - 1, base_stock)
    assert_agrees(missed, per_cycle / review)
    # net stock is S - D(L + j) on day j after an arrival
    days = range(transit, transit + review)
    assert_agrees(owed, float(np.mean([short(n, base_stock) for n in days])))
    on_hand = np.mean([base_stock - MEAN * n + short(n, base_stock) for n in days])
    assert_agrees(held, float(on_hand))


def test_lost_sales_with_a_day_of_lead_time_are_those_of_the_newsvendor() -> None:
    # With L = 1 the stock is back at S every morning, so each day stands by itself.
    ready = shop(6, 1, unmet="lost")
    lost = []
    for replication in range(REPLICATIONS):
        real = ready.realise(replication).baseline
        used = run(real, "auto").slot("used", "market/ore")
        lost.append(float((real.daily_demand[0] - used)[WARM_UP:].mean()))
    assert_agrees(lost, short(1, 6))
