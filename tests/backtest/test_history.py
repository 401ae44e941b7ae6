"""The packaged history of past episodes: complete, graded, and with a source for every number."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from simulator.backtest import EPISODES, load_history, load_sources
from simulator.backtest.history import FOLDER
from simulator.errors import InputError

HISTORY = load_history()
ROWS = (*HISTORY.months, *HISTORY.facts)


def test_every_number_has_a_grade_and_sources_that_are_listed() -> None:
    known = load_sources()
    for row in ROWS:
        assert row.grade in ("A", "B", "C")
        assert row.source_id in known, row
    assert all(source in known for one in EPISODES for source in one.case.source_ids)


def test_every_listed_source_is_used() -> None:
    used = {row.source_id for row in ROWS} | {s for one in EPISODES for s in one.case.source_ids}
    assert set(load_sources()) == used


def test_what_is_derived_or_estimated_is_never_graded_as_measured() -> None:
    for row in ROWS:
        if row.source_id == "analyst-estimate":
            assert row.grade == "C", row


def test_months_are_months_and_stand_once_in_each_series() -> None:
    keys = [(row.series, row.month) for row in HISTORY.months]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", row.month) for row in HISTORY.months)


def test_every_episode_has_a_level_before_and_months_to_score() -> None:
    for one in EPISODES:
        months = HISTORY.series(one.series)
        assert {row.case for row in months.values()} == {one.case.name}
        assert any(month <= one.base_until for month in months)
        assert any(one.first <= month <= one.last for month in months)
        assert one.base_until < one.first <= one.last
        end = one.case.start.toordinal() + one.case.horizon_days
        year, month = map(int, one.last.split("-"))
        first_after = (year + month // 12, month % 12 + 1, 1)
        assert type(one.case.start)(*first_after).toordinal() <= end


@pytest.mark.parametrize("value", ["", "lots", "-1", "nan"])
def test_a_value_that_is_no_amount_is_refused_with_its_line(value: str, tmp_path: Path) -> None:
    for name in ("monthly.csv", "evidence.csv"):
        with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        if name == "monthly.csv":
            rows[1]["value"] = value
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    with pytest.raises(InputError, match=r"monthly\.csv:3: value.*number of 0 or more"):
        load_history(tmp_path)
