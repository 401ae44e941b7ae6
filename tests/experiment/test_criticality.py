"""Removals whose cost is known by hand, and what the sweep may save itself."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from simulator.engine import simulate
from simulator.errors import UsageError
from simulator.experiment.criticality import COLUMNS, SIMULATED, UNTOUCHED, Criticality, criticality
from simulator.experiment.observe import observe
from simulator.experiment.removals import connected, removals
from simulator.network.network import Network
from tests.networks import model, scenario, serial, with_effects

METAL = "outcome: [metal]"


def sweep(tables: str, days: tuple[int, ...] = (20,), *, recovery: int = 60) -> Criticality:
    found = criticality(scenario(tables, METAL), days, recovery_days=recovery, workers=1)
    assert list(found.table.columns) == list(COLUMNS)
    return found


def row(found: Criticality, what: str, name: str, days: int = 20) -> pd.Series:
    table = found.table
    (match,) = np.flatnonzero(
        (table["what"] == what) & (table["id"] == name) & (table["days"] == days)
    )
    return table.iloc[match]


TWO_MINES = """
materials:
  - {id: ore, layer: minerals, unit: t, mass_kg_per_unit: 1000}
  - {id: metal, layer: minerals, unit: t, mass_kg_per_unit: 1000}
facilities:
  - {id: big, kind: mine, country: AUS, output: ore, capacity_per_day: 20}
  - {id: small, kind: mine, country: CHL, output: ore, capacity_per_day: 20}
  - {id: plant, kind: plant, country: JPN, output: metal, recipe: metal, capacity_per_day: 10}
  - {id: market, kind: market, country: USA}
recipes:
  - {recipe: metal, input: ore, quantity: 1, cover_days: 30, criticality: KAPPA}
lanes:
  - {customer: plant, material: ore, supplier: big, share: 0.7, transit_days: 1}
  - {customer: plant, material: ore, supplier: small, share: 0.3, STANDBY, transit_days: 1}
  - {customer: market, material: metal, supplier: plant, share: 1, transit_days: 1}
demand:
  - {sink: market, material: metal, units_per_day: 10, cover_days: 0}
"""
READY = "standby_share: 0.7, qualification_days: 1"


def two_mines(*, kappa: float = 1.0, standby: str = READY) -> str:
    text = TWO_MINES.replace("KAPPA", str(kappa))
    return text.replace("STANDBY, ", f"{standby}, " if standby else "")


@pytest.mark.parametrize(
    ("cover", "transit", "cycle"), [(5, 1, 0), (0, 1, 0), (5, 3, 4), (12, 2, 1)]
)
def test_a_sole_mine_is_survived_for_cover_and_transit_and_cycle(
    cover: int, transit: int, cycle: int
) -> None:
    found = sweep(serial(cover=cover, transit=transit, cycle=cycle, mine_capacity=20))
    mine = row(found, "facility", "mine")
    assert mine["time_to_survive_days"] == cover + transit + cycle
    # 20 days without dispatch, of which the cover bridges some; the plant cannot catch up
    assert mine["loss_units"] == pytest.approx(10 * (20 - cover), rel=1e-12)
    assert mine["loss_pct"] == pytest.approx(100 * (20 - cover) / 80, rel=1e-12)
    assert mine["time_to_recover_days"] == 20 - cover
    assert not mine["recover_censored"]
    assert mine["survival_gap_days"] == cover + transit + cycle - 20
    assert mine["basis"] == SIMULATED


def test_a_plant_is_survived_for_as_long_as_goods_in_process_last() -> None:
    found = sweep(serial(cycle=4))
    assert row(found, "facility", "plant")["time_to_survive_days"] == 4
    assert row(found, "facility", "plant")["loss_units"] == pytest.approx(200)


def test_a_redundant_parallel_supplier_is_survived_for_ever() -> None:
    found = sweep(two_mines(), (20, 60))
    for days in (20, 60):
        one = row(found, "facility", "big", days)
        assert one["time_to_survive_days"] == math.inf
        assert one["loss_units"] == 0.0
        assert math.isnan(one["time_to_recover_days"])
    assert row(found, "facility", "big", 20)["basis"] == UNTOUCHED
    assert row(found, "facility", "big", 60)["basis"] == SIMULATED


def test_without_standby_the_same_supplier_is_not() -> None:
    found = sweep(two_mines(standby=""), (90,))
    big = row(found, "facility", "big", 90)
    # 300 in stock; 7 a day missing, less what the other mine gives beyond its share
    assert 30 < big["time_to_survive_days"] < math.inf
    assert big["loss_units"] > 0


def test_static_exposure_knows_shares_and_criticality_but_no_stock_and_no_standby() -> None:
    found = sweep(two_mines(kappa=0.4))
    assert row(found, "facility", "big")["exposure_share"] == pytest.approx(0.4 * 0.7)
    assert row(found, "facility", "small")["exposure_share"] == pytest.approx(0.4 * 0.3)
    assert row(found, "facility", "plant")["exposure_share"] == 1.0
    assert row(found, "facility", "big")["supply_share"] == pytest.approx(0.7)


def test_a_country_with_one_maker_costs_what_the_maker_costs_and_is_not_run_again() -> None:
    found = sweep(serial(cover=5, mine_capacity=20))
    mine = row(found, "facility", "mine")
    for what, name in (("country", "AUS"), ("country_material", "AUS/ore")):
        same = row(found, what, name)
        for column in ("loss_units", "time_to_survive_days", "exposure_share", "supply_share"):
            assert same[column] == mine[column]
    assert found.runs == 2  # mine and plant; six rows
    assert len(found.table) == 6


def test_a_closed_chokepoint_lets_only_the_second_leg_arrive() -> None:
    tables = serial(cover=5, transit=4, mine_capacity=20).replace(
        "supplier: mine, share: 1,", "supplier: mine, share: 1, route: [chk_strait],"
    )
    hub = "  - {id: chk_strait, kind: hub, country: SGP, capacity_per_day: 1000}\n"
    found = sweep(tables.replace("recipes:", hub + "recipes:"))
    strait = row(found, "chokepoint", "chk_strait")
    assert strait["time_to_survive_days"] == 5 + 2
    assert strait["country"] == ""
    assert strait["exposure_share"] == 1.0
    assert math.isnan(strait["supply_share"])
    assert not len(found.table[found.table["what"] == "hub"])
    assert "SGP" not in set(found.table["id"])  # nothing is made there


def test_ranks_and_risk_exposure_are_within_a_kind_and_a_length() -> None:
    found = sweep(serial(cover=5, mine_capacity=20), (20, 40))
    for days, mine in ((20, 15), (40, 35)):
        assert row(found, "facility", "plant", days)["rank"] == 1
        assert row(found, "facility", "plant", days)["risk_exposure_index"] == 1.0
        one = row(found, "facility", "mine", days)
        assert one["rank"] == 2
        assert one["risk_exposure_index"] == pytest.approx(mine / days)


def test_a_removal_is_what_any_engine_makes_of_its_effects(engine: str) -> None:
    tables = two_mines(standby="")
    found = sweep(tables, (40,))
    ready = model(tables, METAL, days=100)
    for removal in removals(ready.network):
        real = with_effects(ready, removal.effects(ready.network, 0, 40))
        normal = observe(ready.network, simulate(with_effects(ready, ()), engine=engine))
        actual = observe(ready.network, simulate(real, engine=engine))
        lost = float((normal.output - actual.output).sum())
        assert row(found, removal.what, removal.id, 40)["loss_units"] == lost


def test_what_no_lane_links_to_the_outcome_is_said_and_not_run() -> None:
    tables = serial().replace(
        "recipes:",
        "  - {id: far, kind: mine, country: CHL, output: ore, capacity_per_day: 5}\n"
        "  - {id: shop, kind: market, country: CHL}\nrecipes:",
    )
    tables = tables.replace(
        "demand:",
        "  - {customer: shop, material: ore, supplier: far, share: 1, transit_days: 1}\ndemand:\n"
        "  - {sink: shop, material: ore, units_per_day: 5, cover_days: 0}",
    )
    found = sweep(tables)
    assert row(found, "facility", "far")["basis"] == "not connected to the outcome"
    assert found.runs == 2
    network = model(tables, METAL).network
    linked = {r.id: connected(network, r) for r in removals(network, ["facility"])}
    assert linked == {"far": False, "mine": True, "plant": True}


def test_threads_do_not_change_a_result() -> None:
    one = criticality(scenario(two_mines(), METAL), (10, 30), workers=1).table
    two = criticality(scenario(two_mines(), METAL), (10, 30), workers=2).table
    pd.testing.assert_frame_equal(one, two)


def test_shocks_are_left_out_and_measures_are_in_place_if_asked() -> None:
    rest = f"""{METAL}
shocks:
  fire: {{type: outage, facilities: plant, from: 2026-01-05, duration_days: 20}}
measures:
  reserve: {{type: stockpile, holders: plant, materials: ore, days_of_use: 10,
            release: 2026-01-03}}
"""
    loaded = scenario(serial(cover=5, mine_capacity=20), rest)
    alone = criticality(loaded, (20,), recovery_days=60)
    assert row(alone, "facility", "mine")["loss_units"] == pytest.approx(150)
    held = criticality(loaded, (20,), recovery_days=60, measures=True)
    mine = row(held, "facility", "mine")
    assert mine["loss_units"] == pytest.approx(10 * (20 - 5 - 10))
    assert mine["time_to_survive_days"] == 5 + 1 + 10


@pytest.mark.parametrize("days", [(), (0,), (-3, 20)])
def test_lengths_must_be_positive(days: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="must be whole numbers from 1"):
        criticality(scenario(serial(), METAL), days)


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(UsageError, match=r"what = port: must be of facility, country"):
        criticality(scenario(serial(), METAL), (20,), whats=("port",))


@pytest.mark.slow
def test_all_of_the_alliance_network_is_swept() -> None:
    from simulator.spec import load_scenario

    found = criticality(load_scenario("baseline"))
    table = found.table
    assert len(table) == 4 * len(removals(model_network()))
    assert (table["loss_units"] >= 0).all()
    wide = table.pivot_table(index=["what", "id"], columns="days", values="loss_units")
    assert (wide.diff(axis=1).iloc[:, 1:] >= -1e-6).all().all()
    assert not (table["basis"] == "not connected to the outcome").any()


def model_network() -> Network:
    from simulator.sampling import prepare
    from simulator.spec import load_scenario

    return prepare(load_scenario("baseline")).network
