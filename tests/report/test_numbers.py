"""Every number of a report can be found in summary.json or in a Parquet file of the run."""

from __future__ import annotations

import json
import re

import pytest

from simulator.report import write_report
from tests.report.page import Page, Places, numbers_in, stands_for

#: Numbers of the prose that are no results: levels of confidence, thresholds, what metrics mean.
OF_THE_WORDS = {1, 5, 95, 30, 7, 90, 100, 1000}


def page_of(folder):
    return Page(write_report(folder).read_text(encoding="utf-8"))


def check(page, places, known=()):
    """Every number stands where it is said to; what names no place has no number but ``known``."""
    sourced = page.sourced()
    for place, text in sourced:
        values = places.numbers(place)
        words = _words(text, known)
        if "under 0.1 %" in words:
            assert any(abs(value) < 0.001 for value in values), (place, text)
        for shown, step in numbers_in(words.replace("under 0.1 %", "")):
            if shown in OF_THE_WORDS and " " in text:
                continue
            assert any(stands_for(shown, step, value) for value in values), (place, text, shown)
    for text in page.unsourced():
        left = {shown for shown, _ in numbers_in(_words(text, known))}
        assert left <= OF_THE_WORDS, (text, left)
    return len(sourced)


def _words(text, known):
    """A text without dates and without words that are known to hold numbers."""
    text = text.replace("\u00a0", " ")
    for word in sorted(known, key=len, reverse=True):
        text = text.replace(word, "")
    months = "January|February|March|April|May|June|July|August|September|October|November|December"
    return re.sub(rf"(\d{{1,2}} )?({months}) \d{{4}}", "", text)


def names_of(folder):
    """Words of the scenario and of its data that may hold numbers, and notes of the summary."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    entries = manifest["timeline"]
    words = [manifest["scenario"], manifest["question"], str(manifest["seed"])]
    words += ["N4 wafers in Taiwan", "n4 that stops", "H100e", "H100", "year 1", "year 2", "year 3"]
    words += [record["note"] for record in summary["metrics"].values() if "note" in record]
    return [*words, *(entry[key] for entry in entries for key in ("name", "label"))]


def test_every_number_of_the_report_is_where_it_says(full_run):
    count = check(page_of(full_run), Places(full_run), names_of(full_run))
    assert count > 150


def test_every_number_of_a_bare_run_is_where_it_says(make_run):
    folder = make_run(runs=60, days=500, severity=0.3)
    assert check(page_of(folder), Places(folder), names_of(folder)) > 60


def test_a_wrong_number_would_be_found(full_run, read):
    write_report(full_run)
    summary = read(full_run, "summary.json")
    text = (full_run / "report.html").read_text(encoding="utf-8")
    summary["metrics"]["peak_loss_pct"]["mean"] += 1.0
    (full_run / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(AssertionError, match="peak_loss_pct/mean"):
        check(Page(text), Places(full_run), names_of(full_run))


def test_numbers_are_read_with_their_size_and_their_digits():
    assert numbers_in("$1.25 bn or 55,600 chips, −0.3 %") == [
        (1.25e9, 1e7), (55_600, 1), (-0.3, 0.1),
    ]  # fmt: skip
    assert stands_for(55_600, 1, 55_561.2)
    assert not stands_for(0.3, 0.1, -0.3)
    assert stands_for(13.5, 0.1, 0.135)
    assert not stands_for(13.5, 0.1, 0.137)
