"""The numbers that go with the loss most, with their evidence; chance is called chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulator.report.evidence import FEWEST_RUNS, MOST, MOST_RUNS, evidence_table, read_draws
from simulator.report.number_names import number_label
from simulator.report.places import flow_table, site_table
from tests.networks import model

TABLES = """\
materials:
  - {id: ore, name: Ore, layer: minerals, unit: t, price_usd_per_unit: 7}
  - {id: chip, name: Chip, layer: semiconductors, unit: unit, price_usd_per_unit: 100,
     h100e_per_unit: 1}
facilities:
  - {id: pit, name: The pit, kind: mine, country: AUS, output: ore, capacity_per_day: 40,
     lat: -20.0, lon: 118.0}
  - {id: works, name: The works, kind: fab, country: TWN, output: chip, recipe: chip,
     capacity_per_day: 20, cycle_days: 3}
  - {id: site, kind: datacenter, country: USA}
recipes:
  - {recipe: chip, input: ore, quantity: {distribution: pert, low: 1, mode: 2, high: 3},
     cover_days: 5, criticality: {distribution: pert, low: 0.2, mode: 0.5, high: 0.9},
     source_id: mine-report, grade: B}
lanes:
  - {customer: works, material: ore, supplier: pit, share: 1, transit_days: 2,
     source_id: mine-report, grade: A}
  - {customer: site, material: chip, supplier: works, share: 1, transit_days: 1}
demand:
  - {sink: site, material: chip, units_per_day: 10}
sources:
  - {id: mine-report, title: Annual report of the pit, url: "https://example.org/pit"}
"""
STOP = """\
shocks:
  stop:
    type: outage
    facilities: pit
    from: 2026-01-20
    duration_days: {distribution: uniform, low: 10, high: 40}
    note: an invented stop
"""


@pytest.fixture(scope="module")
def ready():
    return model(TABLES, STOP)


def drawn(runs, seed=1, extra=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "replication": range(runs),
            "status": "done",
            "draw:recipes.chip/ore.criticality": rng.uniform(0.2, 0.9, runs),
            "draw:recipes.chip/ore.quantity": rng.uniform(1, 3, runs),
            "draw:shocks.stop.duration_days": rng.uniform(10, 40, runs),
            "draw:shocks.stop:begins": rng.uniform(size=runs),
        }
    )
    names = [f"draw:recipes.chip/other{number}.quantity" for number in range(extra)]
    others = pd.DataFrame(rng.normal(size=(runs, extra)), columns=names)
    table = pd.concat([table, others], axis=1)
    table["output_loss_pct"] = (
        8 * table["draw:recipes.chip/ore.criticality"]
        + 3 * table["draw:shocks.stop:begins"]
        + 0.3 * rng.normal(size=runs)
    )
    return table


def test_the_number_behind_the_loss_stands_first_with_its_evidence(ready):
    table = evidence_table(ready, drawn(300, extra=200))
    first = table.iloc[0]
    assert first["name"] == "recipes.chip/ore.criticality"
    assert first["label"] == "share of recipe chip that stops without Ore"
    assert (first["grade"], first["titles"]) == ("B", "Annual report of the pit")
    assert first["urls"] == "https://example.org/pit"
    assert first["value"] == 0.5  # the base value, not what happened to be drawn
    assert 0.2 < first["low"] < 0.27
    assert 0.83 < first["high"] < 0.9
    assert first["first_order"] > 0.6
    assert first["direction"] > 0.7
    assert first["stands_out"]
    assert len(table) == MOST
    assert (first["inputs"], first["replications"]) == (203, 300)


def test_what_may_happen_is_no_number_and_is_left_out(ready):
    assert not evidence_table(ready, drawn(300))["name"].str.contains(":").any()


def test_luck_is_not_called_evidence(ready):
    runs = drawn(300, extra=400)
    runs["output_loss_pct"] = np.random.default_rng(5).exponential(size=300)
    assert not evidence_table(ready, runs)["stands_out"].any()


def test_a_number_of_the_scenario_says_where_it_stands(ready):
    runs = drawn(300)
    runs["output_loss_pct"] = runs["draw:shocks.stop.duration_days"]
    first = evidence_table(ready, runs).iloc[0]
    assert (first["label"], first["unit"]) == ("duration days (stop)", "days")
    assert (first["grade"], first["note"]) == ("", "an invented stop")
    assert first["value"] == pytest.approx(runs["draw:shocks.stop.duration_days"].median())


def test_too_few_runs_or_equal_losses_rank_nothing(ready):
    assert evidence_table(ready, drawn(FEWEST_RUNS - 1)).empty
    assert evidence_table(ready, drawn(300).assign(output_loss_pct=0.0)).empty
    assert list(evidence_table(ready, drawn(20)).columns)[:3] == ["rank", "name", "label"]


@pytest.mark.parametrize("runs", [50, MOST_RUNS, MOST_RUNS + 200, 5 * MOST_RUNS + 7])
def test_of_many_replications_the_first_that_finished_are_read(tmp_path, runs):
    table = pd.DataFrame(
        {
            "replication": np.arange(runs),
            "status": np.where(np.arange(runs) % 10 == 3, "failed", "done"),
            "output_loss_pct": np.arange(runs, dtype=float),
            "peak_loss_pct": 0.0,
            "draw:a.b.c": np.arange(runs, dtype=float),
        }
    )
    table.to_parquet(tmp_path / "replications.parquet", row_group_size=700)
    expected = table[table["status"] == "done"].head(MOST_RUNS)
    read = read_draws(tmp_path / "replications.parquet")
    assert read["replication"].tolist() == expected["replication"].tolist()
    assert "peak_loss_pct" not in read


def test_numbers_that_a_run_does_not_keep_are_drawn_again(ready):
    kept = pd.DataFrame({"replication": range(200), "status": "done"})
    kept["output_loss_pct"] = [
        ready.realise(number).draws["recipes.chip/ore.criticality"] for number in range(200)
    ]
    first = evidence_table(ready, kept).iloc[0]
    assert first["name"] == "recipes.chip/ore.criticality"
    assert first["direction"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("recipes.chip/ore.quantity", "Ore per unit of recipe chip", "t"),
        ("lanes.works/ore/pit.transit_days", "transit of Ore from The pit to The works", "days"),
        ("facilities.pit.capacity_per_day", "capacity of The pit", "t a day"),
        ("demand.site/chip.units_per_day", "demand of site for Chip", "unit a day"),
        ("slots.works/ore.cover_days", "stock of Ore held by The works", "days"),
        ("slots.works/ore.surge", "surge of works/ore", ""),
        ("shocks.stop.per_use.ai.approval", "per use, ai, approval (stop)", ""),
    ],
)
def test_numbers_have_names_and_units_for_people(ready, name, label, unit):
    assert number_label(ready, name) == (label, unit)


def test_places_say_what_is_made_where_and_which_shocks_act(ready):
    sites = site_table(ready).set_index("id")
    assert sites["shocks"].to_dict() == {"pit": "stop", "works": "", "site": ""}
    assert (sites.at["pit", "lat"], sites.at["pit", "lon"]) == (-20.0, 118.0)
    assert sites.at["works", "label"] == "The works"
    # 10 chips a day at 100 dollars, and 2 t of ore each at 7 dollars.
    assert sites.at["works", "usd_per_day"] == pytest.approx(1000)
    assert sites.at["site", "usd_per_day"] == pytest.approx(1000)
    assert sites.at["pit", "usd_per_day"] == pytest.approx(140)
    assert sites.loc["site", ["layer", "kind"]].tolist() == ["logistics", "datacenter"]


def test_flows_are_those_between_countries_the_largest_first(ready):
    flows = flow_table(ready)
    assert flows.round(6).to_numpy().tolist() == [
        ["TWN", "USA", "semiconductors", 1000.0, 0.0],
        ["AUS", "TWN", "minerals", 140.0, 140.0],
    ]
