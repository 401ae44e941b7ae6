"""Early signs, losses, fill rates and bottlenecks of a chain whose course is known by hand.

A mine stops from day 10 for 20 days. Nothing arrives at the plant on days 11 to 30; its cover of
five days lasts to day 15, so it stands still on days 16 to 30 and the market lacks days 17 to 31.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import kernel, simulate
from simulator.experiment.binding import aims, bindings, makers
from simulator.experiment.detail import Detail, detail, detail_of_run
from simulator.experiment.looking import look_at
from simulator.experiment.plain import records
from simulator.experiment.recorded import KINDS, Recorded, over_recorded, recorded_number
from simulator.experiment.stages import Stages, demanded
from simulator.metrics.bottleneck import CAPACITY, CATCHING_UP, NONE
from simulator.sampling import Model
from tests.networks import model, on, serial, with_effects
from tests.random_networks import Recipe, random_effects, recipes

STOP = f"""
outcome: [metal]
shocks:
  stop: {{type: outage, facilities: mine, from: {on(10)}, duration_days: 20}}
"""
PRICED = serial(cover=5, mine_capacity=20).replace(
    "mass_kg_per_unit: 1000}", "mass_kg_per_unit: 1000, price_usd_per_unit: 2}"
)


@pytest.fixture(scope="module")
def stopped() -> Model:
    return model(PRICED, STOP)


@pytest.fixture(scope="module")
def found(stopped: Model) -> Detail:
    return detail(stopped, range(3), workers=2)


def loss(found: Detail, what: str, name: str, measure: str) -> pd.Series:
    table = found.losses
    chosen = (table["what"] == what) & (table["id"] == name) & (table["measure"] == measure)
    (row,) = table[chosen].index
    return table.loc[row]


def test_stages_are_hit_in_the_order_in_which_their_stocks_run_out(found: Detail) -> None:
    table = found.early_signs
    assert table[["stage", "material", "country", "days_p50"]].values.tolist() == [
        ["outcome", "metal", "", 16.0],
        ["plant", "ore", "JPN", 16.0],
        ["market", "metal", "USA", 17.0],
    ]
    assert (table["hit_share"] == 1.0).all()
    assert (table["replications"] == 3).all()
    assert table["days_p05"].tolist() == table["days_p95"].tolist() == [16.0, 16.0, 17.0]
    assert table["label"].tolist()[1:] == ["ore at plants, JPN", "metal at other users, USA"]


def test_fill_rates_are_by_the_country_that_needs_the_material(found: Detail) -> None:
    for name in ("JPN/ore", "USA/metal"):
        row = loss(found, "country_material", name, "fill")
        assert row["baseline"] == 600.0
        assert row["loss_pct"] == pytest.approx(100 * 15 / 60)  # 15 days of 60 uncovered
        assert row["loss_units"] == pytest.approx(150)
        assert (row["lo95"], row["hi95"]) == (row["loss_pct"], row["loss_pct"])


def test_losses_of_starts_output_and_capacity_are_told_apart(found: Detail) -> None:
    mine = loss(found, "facility", "mine", "output")
    # of 200 not mined, the 50 that had been in stock are made up for
    assert mine["loss_units"] == pytest.approx(150)
    assert mine["loss_pct"] == pytest.approx(25)
    assert loss(found, "facility", "mine", "capacity")["loss_units"] == pytest.approx(20 * 20)
    assert loss(found, "facility", "mine", "capacity")["loss_pct"] == pytest.approx(100 / 3)
    assert loss(found, "facility", "plant", "starts")["loss_units"] == pytest.approx(150)
    assert loss(found, "facility", "plant", "capacity")["loss_units"] == 0.0


def test_groups_add_up_units_of_a_material_and_values_of_the_rest(found: Detail) -> None:
    assert loss(found, "material", "ore", "output")["loss_units"] == pytest.approx(150)
    assert loss(found, "country_material", "AUS/ore", "output")["unit"] == "t"
    for what, name, lost in (
        ("country", "AUS", 300),
        ("layer", "minerals", 600),
        ("kind", "plant", 300),
    ):
        row = loss(found, what, name, "output")
        assert row["unit"] == "USD"
        assert row["loss_units"] == pytest.approx(lost)
        assert row["loss_pct"] == pytest.approx(25)


def test_bottlenecks_are_the_outage_at_the_mine_and_the_ore_at_the_plant(found: Detail) -> None:
    table = found.bottleneck_days
    assert table[["facility", "binding", "days", "units_lost"]].values.tolist() == [
        ["mine", "capacity", 20.0, pytest.approx(200.0)],
        ["plant", "ore", 15.0, pytest.approx(150.0)],
    ]


def test_bottlenecks_are_known_by_facility_and_day(stopped: Model) -> None:
    (one,) = over_recorded(stopped, [0], bindings)
    network = stopped.network
    mine, plant = (network.facility_index[name] for name in ("mine", "plant"))
    (ore,) = network.slots_of(plant)
    days = range(60)
    outage = [CAPACITY if 10 <= day < 30 else NONE for day in days]
    assert one.cause[mine].tolist() == outage
    assert one.cause[plant].tolist() == [ore if 16 <= day <= 30 else NONE for day in days]


@settings(max_examples=40)
@given(recipe=recipes(growth=None, lots=None, noise=None), seed=st.integers(0, 2**32))
def test_every_unit_that_is_lost_has_a_bottleneck_that_explains_it(
    recipe: Recipe, seed: int
) -> None:
    ready = recipe.model()
    network, pair = ready.network, ready.realise(0)
    hit = with_effects(ready, random_effects(network, seed))
    one = Recorded(
        0, replace(pair, shocked=hit), kernel.run(pair.baseline), kernel.run(hit, kinds=KINDS)
    )
    found, aim = bindings(one), aims(one)
    started = one.shocked["facilities", "started"]
    capacity = one.shocked["facilities", "capacity_now"]
    normal = one.baseline["facilities", "started"]
    assert ((found.cause == NONE) == (found.lost == 0.0)).all()
    makes = list(makers(network))
    assert (started + found.lost >= aim * (1 - 1e-9) - 1e-9)[makes].all()
    assert (capacity < aim)[found.cause == CAPACITY].all()
    # what inputs and capacity do not explain was wanted beyond what is normal, and only then
    assert (aim >= normal * (1 - 1e-9))[found.cause == CATCHING_UP].all()
    covered, need = Stages(network).covered(one)
    assert (covered <= need).all()


def test_every_engine_gives_the_same_view(stopped: Model, engine: str) -> None:
    pair, stages = stopped.realise(0), Stages(stopped.network)
    mine = look_at(
        Recorded(
            0,
            pair,
            simulate(pair.baseline, engine=engine),
            simulate(pair.shocked, engine=engine, record="all"),
        ),
        stages,
    )
    (other,) = over_recorded(stopped, [0], lambda one: look_at(one, stages))
    for name in ("hit", "filled", "needed", "normal", "actual"):
        assert getattr(mine, name).tolist() == getattr(other, name).tolist()
    assert mine.bound.slot_units.tolist() == other.bound.slot_units.tolist()


def test_a_run_without_shocks_has_no_early_signs_no_losses_and_no_bottlenecks() -> None:
    calm = detail(model(PRICED, "outcome: [metal]"), range(2))
    assert calm.early_signs.empty
    assert calm.bottleneck_days.empty
    assert (calm.losses["loss_units"].abs() <= 1e-9).all()


def test_demand_that_jumps_is_a_need_that_is_not_filled() -> None:
    surge = f"""
outcome: [metal]
shocks:
  boom: {{type: demand_surge, sinks: market, from: {on(20)}, factor: 1.5}}
"""
    ready = model(PRICED, surge)
    slot = ready.network.slot_ids.index("market/metal")
    demand = demanded(ready.realise(0).shocked, slot)
    assert demand.tolist() == [10.0] * 20 + [15.0] * 40
    table = detail(ready, range(1)).early_signs
    market = table[table["stage"] == "market"].iloc[0]
    assert market["days_p50"] == 20.0


@pytest.mark.parametrize(
    ("replications", "recorded"), [(1, 1), (10, 10), (200, 10), (2000, 20), (10_000, 50)]
)
def test_few_replications_of_a_large_run_are_recorded(replications: int, recorded: int) -> None:
    assert recorded_number(replications) == recorded


def test_the_numbers_of_threads_and_the_order_do_not_matter(stopped: Model) -> None:
    one, two = detail(stopped, [2, 0, 1], workers=1), detail(stopped, range(3), workers=3)
    pd.testing.assert_frame_equal(one.losses, two.losses)
    pd.testing.assert_frame_equal(one.early_signs, two.early_signs)
    assert math.isclose(one.bottleneck_days["days"].sum(), 35.0)


def test_of_a_run_the_first_replications_that_were_done_are_looked_at(stopped: Model) -> None:
    table = pd.DataFrame({"replication": range(30), "status": ["failed", *["done"] * 29]})
    found = detail_of_run(stopped, table, seed=7)
    assert found is not None
    assert set(found.early_signs["replications"]) == {10}
    assert list(found.tables) == [
        "early_signs.parquet",
        "losses.parquet",
        "bottleneck_days.parquet",
    ]
    assert detail_of_run(stopped, table.head(1), seed=7) is None


def test_records_are_what_json_can_hold(found: Detail) -> None:
    rows = records(found.losses)
    text = json.dumps(rows, allow_nan=False)
    assert json.loads(text)[0]["id"] == rows[0]["id"]
    assert records(
        pd.DataFrame({"a": [math.inf, 1.5], "b": [math.nan, 2], "c": [True, False]})
    ) == [
        {"a": None, "b": None, "c": True},
        {"a": 1.5, "b": 2.0, "c": False},
    ]
