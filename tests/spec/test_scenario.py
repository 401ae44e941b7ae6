"""Scenario files: defaults, overrides, parameters, records, and files that cannot be read."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.errors import InputError
from simulator.spec import list_scenarios, load_dataset, load_scenario, number, parse_scenario
from simulator.spec.load import scenario_folder

VALID = Path(__file__).resolve().parents[1] / "corpus" / "valid"
SERIAL = VALID / "serial-chain.yaml"


def message(*args: object, **kwargs: object) -> str:
    with pytest.raises(InputError) as caught:
        load_scenario(*args, **kwargs)  # type: ignore[arg-type]
    return str(caught.value)


def test_what_is_not_given_has_its_default() -> None:
    scenario = load_scenario(VALID / "defaults-only.yaml")
    assert scenario.name == "defaults-only"
    assert (scenario.seed, scenario.replications) == (20251009, 1000)
    assert scenario.uncertainty == "full"
    assert scenario.outcome is None
    assert not scenario.shocks


def test_the_opening_comment_is_the_question() -> None:
    assert load_scenario(SERIAL).question == "What if the mine stops?"
    assert load_scenario(VALID / "all-header-keys.yaml").question == "A question of its own?"


def test_a_packaged_network_stays_a_name_and_a_folder_is_written_out() -> None:
    assert "network: alliance\n" in load_scenario(VALID / "packaged-network.yaml").to_yaml()
    scenario = load_scenario(VALID / "folder-network.yaml")
    again = parse_scenario(scenario.to_yaml())
    assert again == scenario
    assert again.dataset.name == "../tables/good"


def test_the_resolved_text_gives_all_values_of_a_shock() -> None:
    assert "severity: 1\n" in load_scenario(SERIAL).to_yaml()


def test_a_scenario_survives_pickling() -> None:
    scenario = load_scenario(SERIAL)
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_a_changed_copy_has_another_checksum() -> None:
    scenario = load_scenario(SERIAL)
    changed = replace(scenario, seed=7)
    assert changed.checksum != scenario.checksum
    assert "seed: 7" in changed.to_yaml()


def test_the_order_of_entries_makes_no_difference() -> None:
    text = (VALID / "measures.yaml").read_text()
    start = text.index("shocks:")
    cut = text.index("measures:")
    swapped = text[:start] + text[cut:] + text[start:cut]
    one, other = parse_scenario(text), parse_scenario(swapped)
    assert one == other
    assert one.checksum == other.checksum


@pytest.mark.parametrize(
    ("override", "attribute", "expected"),
    [
        ("horizon_days=50", "horizon_days", 50),
        ("seed=7", "seed", 7),
        ("start=2026-01-01", "start", date(2026, 1, 1)),
        ("outcome=[chip]", "outcome", ("chip",)),
        ("notes='a=b'", "notes", "a=b"),
    ],
)
def test_an_override_replaces_a_value(override: str, attribute: str, expected: object) -> None:
    assert getattr(load_scenario(SERIAL, [override]), attribute) == expected
    key, _, value = override.partition("=")
    assert getattr(load_scenario(SERIAL, {key: value}), attribute) == expected


def test_null_takes_an_entry_or_a_key_out() -> None:
    assert set(load_scenario(SERIAL).shocks) == {"stop"}
    assert not load_scenario(SERIAL, ["shocks.stop=null"]).shocks
    uncertain = "shocks.stop.severity={distribution: beta, a: 1, b: 3}"
    without = load_scenario(SERIAL, [uncertain, "shocks.stop.severity=null"])
    assert dict(without.shocks["stop"].numbers()) == {}


def test_overrides_reach_into_shocks_tables_and_parameters() -> None:
    scenario = load_scenario(
        SERIAL,
        [
            "shocks.stop.severity={distribution: beta, a: 1, b: 3}",
            "network.facilities.0.capacity_per_day=21",
            "parameters.facilities.fab_1.cycle_days=5",
        ],
    )
    assert dict(scenario.shocks["stop"].numbers()).keys() == {"severity"}
    by_id = {row.id: row for row in scenario.dataset.facilities}
    assert by_id["mine_1"].capacity_per_day == number(21)
    assert by_id["fab_1"].cycle_days == number(5)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("horizon=5", "--set: horizon = 5: unknown key; did you mean 'horizon_days'?"),
        ("shocks.stp.severity=1", "--set: shocks.stp: unknown path; did you mean 'stop'?"),
        ("shocks.stop.severty=1", "--set: shocks.stop.severty = 1: unknown key; did you mean"),
        ("shocks.stop.severity.a=1", "is not given in the file, so nothing within it can be set"),
        ("start.x=1", "start is a single value, without keys"),
        ("network.facilities.9.id=x", "must be an index of a list with 3 entries, from 0"),
        ("seed=[1", "--set: seed = [1: is not valid YAML"),
        ("seed", "--set: seed: an override must be key=value"),
        ("shocks.stpo=null", "--set: shocks.stpo: there is nothing of this name to remove; did"),
        ("=3", "an override must be key=value"),
        ("seed=", "--set: seed: must be a whole number"),
        ("replications=0", "--set: replications = 0: must be >= 1"),
        (
            "parameters.lanes.dc_1/chip/fab_1.share=0.5",
            "--set: lanes.dc_1/chip/fab_1.share: shares",
        ),
        ("parameters.recipes.chip/oer.quantity=1", "did you mean 'chip/ore'?"),
    ],
)
def test_a_wrong_override_says_so(override: str, expected: str) -> None:
    assert expected in message(SERIAL, [override])


def test_an_error_in_the_file_away_from_an_override_keeps_its_line() -> None:
    found = message(SERIAL, ["seed=-1", "shocks.stop.facilities=[x]"])
    assert "--set: seed = -1" in found
    assert "--set: shocks.stop.facilities[0] = x" in found


def test_parameters_replace_numbers_of_the_tables_only_in_the_scenario() -> None:
    scenario = load_scenario(VALID / "parameters.yaml")
    assert scenario.dataset.demand[0].units_per_day.plain() == {
        "distribution": "uniform",
        "low": 9,
        "high": 11,
    }
    prices = {row.id: row.price_usd_per_unit for row in scenario.dataset.materials}
    assert prices["chip"] == 25000
    slot = scenario.dataset.slots[0]
    assert (slot.key, slot.cover_days) == ("fab_1/ore", number(8))
    names = [name for name, _ in scenario.dataset.numbers()]
    assert names == ["recipes.chip/ore.quantity", "demand.dc_1/chip.units_per_day"]
    assert not isinstance(scenario.network, str)
    assert scenario.network.checksum != scenario.dataset.checksum


def test_all_errors_of_a_file_and_its_tables_come_at_once() -> None:
    text = SERIAL.read_text()
    for old, new in (
        ("horizon_days: 100", "horizon_days: 0"),
        ("country: CHN", "country: CHX"),
        ("cycle_days: 3", "cycle_days: -3"),
        ("duration_days: 10", "duration_day: 10"),
        ("name: serial", "nam: serial"),
    ):
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(InputError) as caught:
        parse_scenario(text, file="s.yaml")
    lines = [(p.file, p.line, p.path) for p in caught.value.problems]
    assert lines == [
        ("s.yaml", 2, "nam"),
        ("s.yaml", 8, "network.facilities.mine_1.country"),
        ("s.yaml", 9, "network.facilities[1].cycle_days"),
        ("s.yaml", 19, "horizon_days"),
        ("s.yaml", 24, "shocks.stop.duration_days"),
        ("s.yaml", 24, "shocks.stop.duration_day"),
    ]
    assert all(p.column for p in caught.value.problems)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "s.yaml: is empty"),
        (b"# only a comment\n", "is empty"),
        (b"a: \xff\xfe\n", "s.yaml:1: is not a UTF-8 text file"),
        (b"a: 1\nb: \x00\n", "s.yaml:2: is not a text file"),
        (b"a: \x07\n", "a character that YAML does not allow"),
        (b"x" * 100, "must be a mapping of keys"),
        (b"[" * 2000, "is nested too deeply"),
        (b"a: 1\n b: 2\n", "s.yaml:2: column 3: is not valid YAML"),
    ],
)
def test_a_file_that_cannot_be_understood_gets_one_problem(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(content)
    found = message(path)
    assert expected in found
    assert found.count("\n") == 0


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SERIAL.read_bytes())
    assert load_scenario(path).name == "serial"


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "china.yaml").write_text("")
    found = message(tmp_path / "chna.yaml")
    assert "no such file" in found
    assert "did you mean 'china.yaml'?" in found


def test_a_folder_is_not_a_scenario(tmp_path: Path) -> None:
    assert "is a folder, not a file" in message(tmp_path)


def test_an_unknown_name_is_not_a_path() -> None:
    found = message("no-such-scenario-at-all")
    assert "no such scenario" in found
    assert "or give the path of a YAML file" in found


def test_aliases_cannot_blow_up_the_file() -> None:
    text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for new, old in zip("bcdefghi", "abcdefgh", strict=True):
        text += f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    with pytest.raises(InputError, match="has too many values"):
        parse_scenario(text)


def test_problems_of_a_scenario_point_into_its_file() -> None:
    scenario = load_scenario(SERIAL)
    problem = scenario.problem("shocks.stop.facilities", "x", "must exist", "add it")
    assert str(problem) == f"{SERIAL}:24: shocks.stop.facilities = x: must exist: add it"


def test_packaged_scenarios_are_listed_and_load_by_name() -> None:
    listed = list_scenarios()
    assert [info.name for info in listed] == sorted(info.name for info in listed)
    assert len(listed) == len(list(scenario_folder().glob("*.yaml")))
    for info in listed:
        assert info.question
        scenario = load_scenario(info.path.stem)
        assert scenario.horizon_days == info.horizon_days


def test_dates_before_the_start_are_fine() -> None:
    scenario = load_scenario(SERIAL, ["shocks.stop.from=2024-01-01"])
    assert re.search("from: 2024-01-01", scenario.to_yaml())


def test_the_packaged_network_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_dataset("alliance").name == "alliance"
