"""Coverage: the measures by hand, and the verb on a dataset whose numbers are known."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from simulator.cli.exit_codes import ExitCode
from simulator.errors import InputError
from simulator.metrics.coverage import (
    coverage_rows,
    hhi,
    largest,
    members_of,
    n_minus_1_gross,
    n_minus_1_net,
    share_inside,
)
from simulator.network.calibration import BASE_DATE
from simulator.network.stages import Stage, stages
from simulator.spec import load_dataset
from tests.data.conftest import Paxsim

SUPPLY = {"CHN": 60.0, "AUS": 25.0, "USA": 15.0}
USE = {"CHN": 30.0, "JPN": 40.0, "USA": 10.0}


def test_share_inside_counts_members_only() -> None:
    assert share_inside(SUPPLY, ("AUS", "USA", "JPN")) == pytest.approx(0.4)
    assert share_inside(SUPPLY, ()) == 0.0
    assert share_inside(SUPPLY, SUPPLY) == 1.0


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"TWN": 7.0}, 1.0),
        ({"A": 5.0, "B": 5.0}, 0.5),
        (dict.fromkeys("ABCDEFGHIJ", 2.0), 0.1),
        (SUPPLY, 0.36 + 0.0625 + 0.0225),
        ({"A": 5.0, "B": 0.0}, 1.0),
    ],
)
def test_hhi_runs_from_one_over_n_to_one(amounts: dict[str, float], expected: float) -> None:
    assert hhi(amounts) == pytest.approx(expected)


def test_the_largest_of_equals_is_the_first_by_code() -> None:
    assert largest(SUPPLY) == ("CHN", 0.6)
    assert largest({"B": 1.0, "A": 1.0}) == ("A", 0.5)


def test_n_minus_1_is_what_the_others_supply_over_all_use_or_over_theirs() -> None:
    assert n_minus_1_gross(SUPPLY, USE) == pytest.approx((100 - 60) / 80)
    assert n_minus_1_net(SUPPLY, USE) == pytest.approx((100 - 60) / (80 - 30))


def test_n_minus_1_net_is_unknown_where_only_the_leader_uses() -> None:
    assert math.isnan(n_minus_1_net(SUPPLY, {"CHN": 5.0}))
    assert n_minus_1_gross(SUPPLY, {"CHN": 80.0}) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "measure",
    [
        hhi,
        lambda nothing: share_inside(nothing, ("CHN",)),
        lambda nothing: largest(nothing)[1],
        lambda nothing: n_minus_1_gross(nothing, nothing),
    ],
)
def test_of_nothing_every_measure_is_unknown(
    measure: Callable[[dict[str, float]], float],
) -> None:
    assert math.isnan(measure({}))
    assert math.isnan(measure({"CHN": 0.0}))


def test_what_is_unknown_is_left_out_of_a_row() -> None:
    stage = Stage("ore", "minerals", "t", capacity={"CHN": 3.0}, output={"CHN": 0.0})
    (row,) = coverage_rows([stage], {"pax": ("USA",)})
    assert row["pax_capacity_pct"] == 0.0
    assert row["pax_output_pct"] is None
    assert row["n1_gross_pct"] is None
    assert coverage_rows([Stage("ore", "minerals", "t")], {}) == []


def test_materials_stand_where_they_are_made_and_used(small: Path) -> None:
    ore, chip = stages(load_dataset(small), BASE_DATE)
    assert (ore.name, ore.capacity, ore.output) == (
        "ore", {"AUS": 30.0, "CHN": 90.0}, {"AUS": 5.0, "CHN": 55.0},
    )  # fmt: skip
    assert ore.use == {"TWN": 20.0, "CHN": 40.0}
    assert chip.capacity == pytest.approx({"TWN": 12.5})
    assert chip.use == {"USA": 10.0}


def test_stages_are_added_up_at_prices(small: Path) -> None:
    found = {stage.name: stage for stage in stages(load_dataset(small), BASE_DATE, "stage")}
    assert found.keys() == {"mine", "fab", "datacenter"}
    assert found["mine"].capacity == {"AUS": 150.0, "CHN": 450.0}
    assert found["datacenter"].output == {"USA": 1000.0}
    assert found["mine"].unit == "USD"


def test_a_material_without_a_price_is_named_and_not_counted(small: Path) -> None:
    path = small / "materials.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("t,1000,5,", "t,1000,0,"), "utf-8")
    found = {stage.name: stage for stage in stages(load_dataset(small), BASE_DATE, "stage")}
    assert found["mine"].left_out == {"ore"}
    assert found["mine"].capacity == {}


def test_members_count_on_the_first_day_that_all_alliances_have_some(small: Path) -> None:
    dataset = load_dataset(small)
    members, day = members_of(dataset, ("late",), None, BASE_DATE)
    assert (members, day) == ({"late": ("AUS",)}, date(2026, 1, 15))
    members, _ = members_of(dataset, ("late",), date(2026, 3, 1), BASE_DATE)
    assert members == {"late": ("AUS", "TWN")}
    with pytest.raises(InputError, match="old: has no members on 2026-01-15"):
        members_of(dataset, ("late", "old"), None, BASE_DATE)


def test_the_verb_shows_alliances_side_by_side(paxsim: Paxsim, small: Path) -> None:
    words = ("coverage", small, "--alliance", "late", "--format", "json")
    result = paxsim(*words)
    assert result.exit_code == ExitCode.DONE
    ore = json.loads(result.stdout)[0]
    assert ore["stage"] == "ore"
    assert ore["late_capacity_pct"] == pytest.approx(25.0)
    assert ore["late_output_pct"] == pytest.approx(100 * 5 / 60)
    assert ore["hhi"] == pytest.approx(0.75**2 + 0.25**2)
    assert (ore["largest"], ore["largest_pct"]) == ("CHN", pytest.approx(75.0))
    assert ore["n1_gross_pct"] == pytest.approx(100 * 30 / 60)
    assert ore["n1_net_pct"] == pytest.approx(100 * 30 / 20)
    assert ore["unit"] == "t/day"
    assert "late on 2026-01-15: AUS" in result.stderr


def test_the_alliances_of_the_packaged_dataset_are_compared_by_default(paxsim: Paxsim) -> None:
    result = paxsim("coverage", "--format", "csv")
    assert result.exit_code == ExitCode.DONE
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) >= 40
    for row in rows:
        assert 0.0 <= float(row["pax_capacity_pct"]) <= 100.0 + 1e-9
        assert 0.0 <= float(row["msp_capacity_pct"]) <= 100.0 + 1e-9
        assert 0.0 < float(row["hhi"]) <= 1.0 + 1e-9
    by_stage = {row["stage"]: row for row in rows}
    assert by_stage["euv_tool"]["largest"] == "NLD"
    assert by_stage["dytb_oxide"]["largest"] == "CHN"
    assert float(by_stage["euv_tool"]["pax_capacity_pct"]) == pytest.approx(100.0)


def test_a_table_by_stage_has_the_hubs_and_data_centres(paxsim: Paxsim) -> None:
    text = paxsim("coverage", "--by", "stage", "--alliance", "quad").stdout
    assert "quad_capacity_pct" in text
    assert {"hub", "datacenter", "mine", "refinery", "fab"} <= set(text.split())


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--alliance", "pax-signatory"), ExitCode.INPUT_INVALID, "unknown alliance; did you mean"),
        (("--on", "2020-01-01"), ExitCode.INPUT_INVALID, "its first member joined on 2025-12-12"),
        (("--on", "soon"), ExitCode.USAGE, "--on"),
        (("--by", "planet"), ExitCode.USAGE, "--by"),
    ],
)
def test_wrong_options_say_what_is_wrong(
    paxsim: Paxsim, words: tuple[str, ...], code: ExitCode, message: str
) -> None:
    result = paxsim("coverage", *words)
    assert result.exit_code == code
    assert message in result.stderr


def test_help_ends_with_three_examples(paxsim: Paxsim) -> None:
    result = paxsim("coverage", "-h")
    assert result.exit_code == ExitCode.DONE
    examples = result.stdout.partition("Examples:\n")[2].splitlines()
    assert sum("paxsim coverage" in line for line in examples) == 3
