"""Networks whose causes are known by construction: where the three attributions agree, and where
they must not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import simulate
from simulator.errors import UsageError
from simulator.experiment.attribution import Attribution, attribute, attribute_run
from simulator.experiment.attribution_work import MOST_TRACED
from simulator.experiment.coalitions import Coalitions
from simulator.experiment.observe import observer
from simulator.metrics import attribution_trace as cause
from simulator.metrics.attribution_ledger import Ledger, Tracer, share_by_entry
from simulator.report.result import monte_carlo
from simulator.sampling import Model
from simulator.shocks import Control, Effect
from tests.networks import model, on, scenario, serial, with_effects
from tests.random_networks import Recipe, random_effects, recipes

LEDGER, LEFT_OUT, SHAPLEY = "ledger", "leave_one_out", "shapley"
OUTCOME = "outcome: [metal]\n"


def outage(name: str, facility: str, day: int, days: int) -> str:
    return (
        f"  {name}: {{type: outage, facilities: {facility}, from: {on(day)}, "
        f"duration_days: {days}}}\n"
    )


def by_cause(found: Attribution, method: str) -> dict[str, float]:
    rows = found.table[found.table["method"] == method]
    return dict(zip(rows["cause"], rows["loss_units"], strict=True))


def branches(*ores: str, covers: dict[str, int] | None = None, joined: bool = False) -> str:
    """A mine for each ore; each feeds a plant of its own, or all feed the one plant."""
    covers = covers or {}
    plants = ["plant"] if joined else [f"plant_{ore}" for ore in ores]
    recipe = {ore: "metal" if joined else f"metal_{ore}" for ore in ores}
    home = {ore: "plant" if joined else f"plant_{ore}" for ore in ores}
    lines = ["materials:", "  - {id: metal, layer: minerals, unit: t}"]
    lines += [f"  - {{id: {ore}, layer: minerals, unit: t}}" for ore in ores]
    lines += ["facilities:", "  - {id: market, kind: market, country: USA}"]
    lines += [
        f"  - {{id: mine_{ore}, kind: mine, country: AUS, output: {ore}, capacity_per_day: 10}}"
        for ore in ores
    ]
    lines += [
        f"  - {{id: {plant}, kind: plant, country: JPN, output: metal, capacity_per_day: 10, "
        f"recipe: {'metal' if joined else plant.replace('plant', 'metal')}}}"
        for plant in plants
    ]
    lines += ["recipes:"]
    lines += [
        f"  - {{recipe: {recipe[ore]}, input: {ore}, quantity: 1, "
        f"cover_days: {covers.get(ore, 0)}}}"
        for ore in ores
    ]
    lines += ["lanes:"]
    lines += [
        f"  - {{customer: {home[ore]}, material: {ore}, supplier: mine_{ore}, share: 1, "
        "transit_days: 1}"
        for ore in ores
    ]
    share = 1 / len(plants)
    lines += [
        f"  - {{customer: market, material: metal, supplier: {plant}, share: {share}, "
        "transit_days: 1}"
        for plant in plants
    ]
    lines += ["demand:", "  - {sink: market, material: metal, units_per_day: 10}"]
    return "\n".join(lines) + "\n"


def test_all_three_find_the_one_mine_that_was_out() -> None:
    ready = model(serial(), OUTCOME + "shocks:\n" + outage("storm", "mine", 10, 10))
    found = attribute(ready, 2)
    # ten days of ten tonnes, and no spare capacity to make up for them
    assert by_cause(found, LEDGER) == pytest.approx({"capacity:mine": 100})
    assert by_cause(found, "ledger_by_entry") == pytest.approx({"storm": 100, "": 0})
    assert by_cause(found, LEFT_OUT) == pytest.approx({"storm": 100})
    assert by_cause(found, SHAPLEY) == pytest.approx({"storm": 100})
    first = found.table.iloc[0]
    assert (first["kind"], first["material"], first["country"]) == ("facility", "ore", "AUS")
    assert (first["share"], first["replications"]) == (pytest.approx(1), 2)


def test_the_binding_input_of_each_facility_has_its_unit_days() -> None:
    ready = model(serial(), OUTCOME + "shocks:\n" + outage("storm", "mine", 10, 10))
    table = attribute(ready, 1, methods=[LEDGER]).binding.set_index(["facility", "input"])
    assert table.loc[("plant", "ore"), "unit_days"] == pytest.approx(100)
    assert table.loc[("plant", "ore"), "traced_units"] == pytest.approx(100)
    assert table.loc[("mine", "capacity"), "unit_days"] == pytest.approx(100)
    assert table.loc[("mine", "capacity"), "traced_share"] == pytest.approx(1)


def test_shocks_on_parallel_branches_keep_their_own_losses_in_all_three() -> None:
    shocks = outage("dry", "mine_a", 10, 4) + outage("wet", "mine_b", 15, 12)
    found = attribute(model(branches("a", "b"), OUTCOME + "shocks:\n" + shocks), 1)
    assert by_cause(found, LEDGER) == pytest.approx({"capacity:mine_a": 20, "capacity:mine_b": 60})
    for method in ("ledger_by_entry", LEFT_OUT, SHAPLEY):
        own = by_cause(found, method)
        assert (own["dry"], own["wet"]) == (pytest.approx(20), pytest.approx(60)), method


def test_of_two_shocks_that_each_suffice_none_is_missed_and_shapley_halves_the_loss() -> None:
    shocks = outage("dry", "mine_a", 10, 10) + outage("wet", "mine_b", 10, 10)
    ready = model(branches("a", "b", joined=True), OUTCOME + "shocks:\n" + shocks)
    found = attribute(ready, 1)
    assert by_cause(found, LEFT_OUT) == {"dry": 0.0, "wet": 0.0}
    assert by_cause(found, SHAPLEY) == pytest.approx({"dry": 50, "wet": 50})
    assert sum(by_cause(found, LEDGER).values()) == pytest.approx(100)


def test_what_a_stock_hides_is_no_cause_in_any_of_them() -> None:
    shocks = outage("dry", "mine_a", 10, 10) + outage("wet", "mine_b", 10, 10)
    tables = branches("a", "b", joined=True, covers={"a": 30})
    found = attribute(model(tables, OUTCOME + "shocks:\n" + shocks), 1)
    assert by_cause(found, LEDGER) == pytest.approx({"capacity:mine_b": 100})
    assert by_cause(found, LEFT_OUT) == pytest.approx({"wet": 100, "dry": 0}, abs=1e-9)
    assert by_cause(found, SHAPLEY) == pytest.approx({"wet": 100, "dry": 0}, abs=1e-9)


def test_a_shock_that_does_nothing_gets_exactly_zero() -> None:
    tables = branches("a", "b")
    # a chain of its own, which makes no metal
    tables += "  - {sink: market, material: c, units_per_day: 1}\n"
    tables = tables.replace("facilities:\n", "  - {id: c, layer: minerals, unit: t}\nfacilities:\n")
    tables = tables.replace(
        "recipes:\n",
        "  - {id: mine_c, kind: mine, country: AUS, output: c, capacity_per_day: 1}\nrecipes:\n",
    )
    lane = "  - {customer: market, material: c, supplier: mine_c, share: 1, transit_days: 1}\n"
    tables = tables.replace("demand:\n", lane + "demand:\n")
    shocks = outage("dry", "mine_a", 10, 7) + outage("aside", "mine_c", 5, 30)
    found = attribute(model(tables, OUTCOME + "shocks:\n" + shocks), 2)
    assert by_cause(found, LEFT_OUT)["aside"] == 0.0
    assert by_cause(found, SHAPLEY)["aside"] == 0.0
    assert by_cause(found, "ledger_by_entry")["aside"] == 0.0
    assert by_cause(found, LEFT_OUT)["dry"] > 0


SUSPENDED = f"""
shocks:
  ban: {{type: export_restriction, by: AUS, materials: ore, to: all, from: {on(10)},
        until: {on(20)}, mechanism: ban}}
  truce: {{type: suspension, of: [ban], from: {on(0)}}}
"""


def test_a_suspension_without_its_restriction_changes_nothing() -> None:
    ready = model(serial(), OUTCOME + SUSPENDED)
    ban, truce = frozenset(["shocks.ban"]), frozenset(["shocks.truce"])
    (values,) = Coalitions(ready, 1).losses([0], lambda _: [ban, truce, ban | truce])
    assert values.active == ("shocks.ban", "shocks.truce")
    assert values.loss[ban] == pytest.approx(100)
    assert values.loss[truce] == values.loss[ban | truce] == 0.0
    found = attribute(ready, 1)
    assert by_cause(found, SHAPLEY) == pytest.approx({"ban": 50, "truce": -50})
    assert by_cause(found, LEFT_OUT) == pytest.approx({"ban": 0, "truce": -100})
    assert by_cause(found, "ledger_by_entry") == {"": 0.0, "ban": 0.0, "truce": 0.0}


def ledger_of(ready: Model, effects: list[Effect]) -> Ledger:
    makers = np.concatenate(observer(ready.network).makers)
    calm, shocked = with_effects(ready, []), with_effects(ready, effects)
    runs = (simulate(real, engine="scalar", record="all") for real in (calm, shocked))
    return Tracer(ready.network, makers)(calm, shocked, *runs)


def test_a_closed_border_is_the_cause_and_not_the_mine_behind_it() -> None:
    ready = model(serial(mine_cover=2), OUTCOME)
    found = ledger_of(ready, [Effect(Control.LIMIT, 1, 10, 20, 0.0)])
    lane = ready.network.lane_index["plant/ore/mine"]
    assert ready.network.lane_ids[1] == "plant/ore/mine"
    assert found.loss == pytest.approx(100)
    assert found.lane[cause.LIMITED, lane].sum() == pytest.approx(found.loss)


def test_a_border_closed_to_the_product_stops_its_maker_and_is_the_cause() -> None:
    ready = model(serial(), OUTCOME)
    lane = ready.network.lane_index["market/metal/plant"]
    found = ledger_of(ready, [Effect(Control.LIMIT, lane, 10, 20, 0.0)])
    assert found.loss > 50
    assert found.lane[cause.LIMITED, lane].sum() == pytest.approx(found.loss)


def test_a_delay_is_the_cause_of_what_arrives_late() -> None:
    ready = model(serial(), OUTCOME)
    lane = ready.network.lane_index["plant/ore/mine"]
    found = ledger_of(ready, [Effect(Control.DELAY, lane, 10, None, 3.0)])
    assert found.loss > 0
    assert found.lane[cause.DELAYED, lane].sum() == pytest.approx(found.loss)


def test_a_closed_port_is_the_cause_and_so_is_its_queue() -> None:
    tables = serial(transit=4).replace("transit_days: 4", "transit_days: 4, route: [port]")
    row = "  - {id: port, kind: hub, country: SGP, utilisation: 1}\n"
    ready = model(tables.replace("  - {id: market,", row + "  - {id: market,"), OUTCOME)
    port = ready.network.facility_index["port"]
    found = ledger_of(ready, [Effect(Control.HANDLING, port, 10, 20, 0.0)])
    assert found.loss > 50
    assert found.facility[cause.HANDLING, port].sum() == pytest.approx(found.loss)


def test_frozen_work_in_process_is_the_cause_where_it_is() -> None:
    ready = model(serial(cycle=5), OUTCOME)
    plant = ready.network.facility_index["plant"]
    found = ledger_of(ready, [Effect(Control.PROGRESS, plant, 10, 16, 0.0)])
    assert found.loss > 0
    assert found.facility[cause.PROCESS, plant].sum() == pytest.approx(found.loss)


def test_falling_demand_is_the_cause_of_what_nobody_asked_for() -> None:
    ready = model(serial(), OUTCOME)
    slot = ready.network.slot_ids.index("market/metal")
    found = ledger_of(ready, [Effect(Control.DEMAND, slot, 10, None, 0.5)])
    assert found.loss > 100
    assert found.slot[cause.DEMANDED, slot].sum() == pytest.approx(found.loss)


def test_an_outage_far_upstream_is_traced_through_stocks_cycles_and_transit() -> None:
    tables = serial(mine_cover=3, transit=7, cover=5, cycle=9, finished=4, last_transit=3)
    ready = model(tables, OUTCOME, days=120)
    mine = ready.network.facility_index["mine"]
    found = ledger_of(ready, [Effect(Control.CAPACITY, mine, 10, 50, 0.0)])
    assert found.loss > 100
    assert found.facility[cause.CAPACITY, mine].sum() == pytest.approx(found.loss)
    effects = {"shocks.storm": (Effect(Control.CAPACITY, mine, 10, 50, 0.0),), "shocks.none": ()}
    own = share_by_entry(found, effects, 120)
    assert own == pytest.approx({"shocks.storm": found.loss, "shocks.none": 0, "": 0})


def test_a_worn_input_with_an_onset_is_traced_to_its_supplier() -> None:
    tables = serial().replace("quantity: 1,", "quantity: 1, onset_days: 20, criticality: 0.8,")
    ready = model(tables, OUTCOME)
    mine = ready.network.facility_index["mine"]
    found = ledger_of(ready, [Effect(Control.CAPACITY, mine, 10, 40, 0.0)])
    assert found.loss > 0
    assert found.facility[cause.CAPACITY, mine].sum() == pytest.approx(found.loss)


@given(recipes(growth=None, lots=None, noise=None), st.integers(0, 2**32))
@settings(max_examples=30)
def test_the_ledger_sums_to_the_loss_on_any_network(recipe: Recipe, seed: int) -> None:
    ready = recipe.model()
    found = ledger_of(ready, random_effects(ready.network, seed))
    parts = [found.facility, found.lane, found.slot]
    total = sum(float(part.sum()) for part in parts)
    assert abs(total - found.loss) <= 1e-9 * max(found.baseline_units, abs(found.loss), 1e-9)
    sign = 1.0 if found.loss >= 0 else -1.0
    assert all(float((sign * part).min(initial=0.0)) >= 0.0 for part in parts)


MANY = "shocks:\n" + "".join(outage(f"s{n}", f"mine_{'abcdefg'[n]}", 4 * n, 6) for n in range(7))


def test_sampled_shares_sum_to_the_loss_and_come_out_the_same_again() -> None:
    ready = model(branches(*"abcdefg", joined=True), OUTCOME + MANY)
    found = attribute(ready, 3, methods=[SHAPLEY])
    again = attribute(ready, 3, methods=[SHAPLEY])
    pd.testing.assert_frame_equal(found.table, again.table)
    loss = next(
        iter(Coalitions(ready, ready.scenario.seed).losses([0], lambda f: [frozenset(f.active())]))
    )
    total = loss.loss[frozenset(loss.active)]
    assert found.table["loss_units"].sum() == pytest.approx(total, rel=1e-12)
    assert "sampled by 4 orders in 3 of 3 replications" in found.notes[-1]


RANDOM = """
shocks:
  wet: {type: hazard, facilities: mine_b, annual_rate: 4, duration_days: 5}
measures:
  spare: {type: capacity_addition, facilities: mine_b, from: 2026-01-05, factor: 1.5}
"""


def test_what_comes_with_a_run_adds_up_to_its_mean_loss(tmp_path: Path) -> None:
    rich = scenario(branches("a", "b"), OUTCOME + RANDOM)
    run = monte_carlo(rich, 60, workers=1, output=tmp_path / "run")
    mean = run.replications["output_loss_units"].mean()
    table = pd.read_parquet(tmp_path / "run" / "attribution.parquet")
    for method in (LEDGER, "ledger_by_entry", SHAPLEY):
        rows = table[table["method"] == method]
        assert rows["loss_units"].sum() == pytest.approx(mean, rel=1e-9), method
        assert rows["loss_pct"].sum() == pytest.approx(
            run.replications["output_loss_pct"].mean(), rel=1e-9
        )
    assert set(table["kind"]) <= {"shock", "measure", "none", "facility", "lane", "hub", "market"}
    assert set(table.loc[table["cause"] == "", "kind"]) == {"none"}
    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    assert {row["method"] for row in summary["attribution"]} == set(table["method"])
    assert summary["attribution_notes"][0].startswith("ledger: 4 of 60 replications")


def test_a_run_can_do_without(tmp_path: Path) -> None:
    rich = scenario(branches("a", "b"), OUTCOME + RANDOM)
    run = monte_carlo(rich, 5, workers=1, output=tmp_path / "run", attribution=False)
    assert not run.tables
    assert not (tmp_path / "run" / "attribution.parquet").exists()


def test_what_explains_a_run_does_not_depend_on_the_workers_it_had(tmp_path: Path) -> None:
    rich = scenario(branches("a", "b"), OUTCOME + RANDOM)
    one, more = (
        monte_carlo(rich, 40, workers=count, output=tmp_path / str(count)) for count in (1, 3)
    )
    assert (one.manifest["workers"], more.manifest["workers"]) == (1, 3)
    assert list(one.tables) == list(more.tables)
    for name, table in one.tables.items():
        assert table.equals(more.tables[name]), name
    assert {**one.record, "answer": ""} == {**more.record, "answer": ""}
    assert list(one.record) == list(more.record)


@pytest.mark.parametrize(
    ("broken", "missing", "there"),
    [
        ("detail_of_run", "early_signs.parquet", "attribution.parquet"),
        ("attribute_run", "attribution.parquet", "early_signs.parquet"),
    ],
)
def test_a_run_lacks_only_the_explanation_that_fails(
    broken: str, missing: str, there: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ValueError("no explanation")

    monkeypatch.setattr(f"simulator.report.result.{broken}", fail)
    rich = scenario(branches("a", "b"), OUTCOME + RANDOM)
    run = monte_carlo(rich, 9, workers=2, output=tmp_path / "run")
    assert missing not in run.tables
    assert there in run.tables
    assert (tmp_path / "run" / "report.html").exists()


def test_a_run_of_many_entries_says_what_it_skipped() -> None:
    ready = model(branches(*"abcdefg", joined=True), OUTCOME + MANY)
    run = monte_carlo(ready.scenario, 20, workers=1)
    found = attribute_run(ready, ready.scenario.seed, run.replications)
    assert set(found.table["method"]) == {LEDGER, "ledger_by_entry"}
    assert any(note.startswith("leave_one_out: skipped, 72 more runs") for note in found.notes)


def test_from_four_thousand_replications_on_no_more_are_looked_at() -> None:
    ready = model(branches("a", "b"), OUTCOME + RANDOM)
    some = monte_carlo(ready.scenario, 40, workers=2).replications
    looked_at = []
    for times in (100, 250):
        many = pd.concat([some] * times, ignore_index=True)  # as good as so many futures
        found = attribute_run(ready, ready.scenario.seed, many)
        looked_at.append(found.table.groupby("method")["replications"].first().to_dict())
        loss = many["output_loss_units"].mean()
        ledger = found.table[found.table["method"] == LEDGER]
        assert ledger["loss_units"].sum() == pytest.approx(loss)
    assert looked_at[0] == looked_at[1]
    assert looked_at[0][LEDGER] == MOST_TRACED


def test_the_loss_of_all_is_that_of_the_run() -> None:
    rich = scenario(branches("a", "b"), OUTCOME + RANDOM)
    run = monte_carlo(rich, 9, workers=1)
    ready = Model(rich)
    found = Coalitions(ready, rich.seed).losses(range(9), lambda f: [frozenset(f.active())])
    losses = [values.loss[frozenset(values.active)] for values in found]
    assert losses == run.replications["output_loss_units"].tolist()


@pytest.mark.parametrize("options", [{"methods": ["guess"]}, {"replications": 0}, {"orders": 3}])
def test_what_makes_no_sense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        attribute(model(serial(), OUTCOME), **options)  # type: ignore[arg-type]
