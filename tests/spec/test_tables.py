"""Tables: order of rows, places, checksums, CSV and inline alike."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.spec import Dataset, Profile, load_dataset, load_scenario
from simulator.spec.countries import iso_countries
from simulator.spec.distributions import Pert
from simulator.spec.profiles import parse_profile

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
GOOD = CORPUS / "tables" / "good"


def copy(folder: Path, reverse: bool = False) -> Path:
    folder.mkdir()
    for path in GOOD.glob("*.csv"):
        with path.open(newline="") as stream:
            header, *rows = list(csv.reader(stream))
        with (folder / path.name).open("w", newline="") as stream:
            csv.writer(stream).writerows([header, *(reversed(rows) if reverse else rows)])
    return folder


def test_the_order_of_rows_makes_no_difference(tmp_path: Path) -> None:
    same = load_dataset(copy(tmp_path / "a"))
    turned = load_dataset(copy(tmp_path / "b", reverse=True))
    assert [row.id for row in turned.facilities] == ["dc_1", "fab_1", "mine_1", "port_1"]
    assert turned.checksum == same.checksum
    for table in ("materials", "facilities", "recipes", "lanes", "demand"):
        assert turned.rows(table) == same.rows(table)


def test_a_changed_number_changes_the_checksum(tmp_path: Path) -> None:
    folder = copy(tmp_path / "a")
    before = load_dataset(folder).checksum
    path = folder / "recipes.csv"
    path.write_text(path.read_text().replace("1.5", "1.6"))
    assert load_dataset(folder).checksum != before


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    folder = copy(tmp_path / "a")
    before = load_dataset(folder).checksum
    (folder / "recipes.csv").write_text("cover_days,quantity,input,recipe\n5,1.5,ore,chip\n")
    assert load_dataset(folder).checksum == before


def test_companions_make_a_pert() -> None:
    dataset = load_dataset(GOOD)
    mine = next(row for row in dataset.facilities if row.id == "mine_1")
    assert mine.capacity_per_day == Pert(low=18, mode=20, high=25)
    assert [name for name, _ in dataset.numbers()] == [
        "facilities.mine_1.capacity_per_day",
        "lanes.fab_1/ore/mine_1.transit_days",
    ]


def test_equal_companions_make_a_known_number(tmp_path: Path) -> None:
    folder = copy(tmp_path / "a")
    path = folder / "lanes.csv"
    path.write_text(path.read_text().replace("4,3,8", "4,4,4"))
    assert not load_dataset(folder).lanes[1].transit_days.uncertain


def test_where_gives_file_and_line() -> None:
    dataset = load_dataset(GOOD)
    assert dataset.where("facilities", 2) == (f"{GOOD}/facilities.csv", 2)  # mine_1
    assert dataset.where("facilities", 99) == ("", None)
    problem = dataset.problem("facilities", 2, "country", "X", "must be known")
    assert (problem.line, problem.column) == (2, 3)
    assert problem.path == "facilities.mine_1.country"


def test_lines_are_counted_through_quoted_line_breaks(tmp_path: Path) -> None:
    folder = copy(tmp_path / "a")
    (folder / "demand.csv").write_text(
        'sink,material,units_per_day,note\n\n"dc_1",chip,10,"a\nb"\ndc_9,chip,1,\n'
    )
    with pytest.raises(InputError, match=r"demand.csv:5: demand.dc_9/chip.sink = dc_9"):
        load_dataset(folder)


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    folder = copy(tmp_path / "a")
    (folder / "README.md").write_text("notes")
    assert load_dataset(folder).name == str(folder)


def test_a_network_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'alliance'"):
        load_dataset("alliances")
    with pytest.raises(InputError, match="no such network or folder"):
        load_dataset(tmp_path / "x")
    (tmp_path / "f").write_text("")
    with pytest.raises(InputError, match="is a file, not a folder"):
        load_dataset(tmp_path / "f")


def test_shares_that_miss_one_by_a_millionth_are_taken() -> None:
    near = load_scenario(
        CORPUS / "valid" / "two-suppliers.yaml", ["network.lanes.0.share=0.7000005"]
    )
    assert near.dataset.lanes
    with pytest.raises(InputError, match=r"must sum to 1, not 1\.00001"):
        load_scenario(CORPUS / "valid" / "two-suppliers.yaml", ["network.lanes.0.share=0.70001"])


def test_every_country_has_a_code_and_a_place() -> None:
    countries = iso_countries()
    assert len(countries) == 250
    assert countries["ROW"].name == "Rest of world"
    assert countries["TWN"].lat == pytest.approx(23.8, abs=0.5)
    assert len({row.name for row in countries.values()}) == 250


def test_own_countries_are_added_to_the_list() -> None:
    dataset = load_scenario(CORPUS / "valid" / "own-country.yaml").dataset
    assert len(dataset.countries) == 251
    place = [row.code for row in dataset.countries].index("XUT")
    assert dataset.where("countries", place)[1]
    assert dataset.plain()["countries"] == [{"code": "XUT", "name": "Utopia", "lat": 1, "lon": 2}]


def test_the_packaged_network_names_sources_and_grades() -> None:
    dataset = load_dataset("alliance")
    known = {row.id for row in dataset.sources}
    for table in ("materials", "facilities", "recipes", "lanes", "demand", "slots", "alliances"):
        for row in dataset.rows(table):
            assert set(row.sources) <= known  # type: ignore[union-attr]
            assert row.grade  # type: ignore[union-attr]


def test_importing_the_package_leaves_scipy_and_pandas_alone() -> None:
    code = "import sys, simulator.spec; print([m for m in ('scipy', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@given(
    st.dictionaries(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.floats(0, 9), min_size=1),
    st.dates(date(1999, 1, 1), date(2051, 1, 1)),
)
def test_a_profile_stays_between_its_neighbours(knots: dict[date, float], when: date) -> None:
    given = dict(sorted(knots.items()))
    profile = parse_profile({day.isoformat(): value for day, value in given.items()})
    assert all(profile.at(day) == value for day, value in given.items())
    before = [value for day, value in given.items() if day <= when]
    after = [value for day, value in given.items() if day >= when]
    around = (before[-1:] or after[:1]) + (after[:1] or before[-1:])
    assert min(around) - 1e-12 <= profile.at(when) <= max(around) + 1e-12
    assert parse_profile(profile.plain()) == profile


def test_a_profile_is_straight_between_knots() -> None:
    profile = parse_profile("2025-01-01:1;2025-01-11:2")
    assert profile.at(date(2025, 1, 6)) == 1.5
    assert profile.at(date(2024, 1, 1)) == 1
    assert profile.at(date(2026, 1, 1)) == 2
    assert isinstance(profile, Profile)


def test_a_dataset_without_files_has_no_places() -> None:
    assert Dataset(name="x").where("lanes", 0) == ("", None)
