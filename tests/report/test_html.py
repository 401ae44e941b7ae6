"""The report as a file: whole, self-contained, accessible, safe against what scenarios say."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest

from simulator.errors import InputError, OutputError
from simulator.report import answer, write_report
from simulator.report.run_folder import read_run
from tests.report.page import Page


def page_of(folder):
    return Page(write_report(folder).read_text(encoding="utf-8"))


def test_the_report_is_one_small_file_and_nothing_else_is_left(make_run):
    folder = make_run()
    before = {path.name for path in folder.iterdir()}
    report = write_report(folder)
    assert report == folder / "report.html"
    assert {path.name for path in folder.iterdir()} == before | {"report.html"}
    assert report.stat().st_size < 2_000_000


def test_the_report_is_the_same_to_the_byte_when_written_again(make_run):
    folder = make_run(runs=30, days=400)
    first = write_report(folder).read_bytes()
    assert write_report(folder).read_bytes() == first


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(make_run):
    text = write_report(make_run(runs=30, days=400)).read_text(encoding="utf-8")
    page = Page(text)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "object", "embed", "link", "img", "form"}
    for tag, attrs in page.elements:
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "xlink:href", "action", "srcset", "poster", "data"):
            assert attrs.get(name, "#").startswith("#")
        # Sources may be linked to; nothing is loaded before a reader follows the link.
        assert attrs.get("href", "#").startswith("#") or tag == "a"
    assert "@import" not in text
    assert not re.findall(r"url\((?!#)", text)
    addresses = set(re.findall(r"https?://[^\"'<\s]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_every_figure_is_drawn_wide_and_narrow_with_a_description(make_run):
    page = page_of(make_run())
    figures = [attrs for attrs, _ in page.all("svg")]
    assert len(figures) == 10  # two stand side by side, and are narrow on every page
    titles = {attrs.get("id"): text for attrs, text in page.all("title")}
    for attrs in figures:
        assert attrs["role"] == "img"
        assert len(titles[attrs["aria-labelledby"]]) > 60


def test_ids_are_unique_and_references_lead_somewhere(make_run):
    text = write_report(make_run()).read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    wanted = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"|aria-labelledby="([^"]+)"', text)
    assert {next(filter(None, one)) for one in wanted} <= set(ids)


def test_headings_are_in_order_and_the_language_is_set(make_run):
    page = page_of(make_run())
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.all("html")[0][0]["lang"] == "en"
    assert page.all("title")[0][1] == "china-october-2025: paxsim report"


def test_tables_have_captions_and_scoped_headings(make_run, full_run):
    page = page_of(make_run())
    assert len(page.all("table")) == len(page.all("caption")) == 5
    every = page_of(full_run)
    assert len(every.all("table")) == len(every.all("caption")) == 12
    assert all(attrs["scope"] in ("col", "row") for attrs, _ in page.all("th"))


def test_the_report_holds_question_answer_numbers_and_provenance(make_run, read):
    folder = make_run()
    page = page_of(folder)
    summary, manifest = read(folder, "summary.json"), read(folder, "manifest.json")
    assert page.all("h1")[0][1] == manifest["question"]
    text = page.all("body")[0][1]
    assert " ".join(answer(summary, manifest).split()) in text
    for words in (
        f"{summary['metrics']['output_loss_pct']['mean']:.1f}",
        manifest["command"],
        manifest["checksums"]["dataset"],
        manifest["checksums"]["scenario"],
        str(manifest["seed"]),
        "paxsim 0.1.0",
        "numpy 2.4.6",
        "alliance, 143 facilities",
        "horizon_days: 1096",
        "Shared dysprosium reserve",
        "What this cannot know",
    ):
        assert words in text


def test_what_a_scenario_says_cannot_become_markup(make_run):
    evil = "</title></svg><script>alert('x')</script><img src=x onerror=alert(1)>"
    timeline = ((evil, evil, "2025-11-08", None, "shock"),)
    folder = make_run(runs=30, days=400, question=evil, name=evil, timeline=timeline)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["country_names"] = {"USA": evil}
    manifest["engine_versions"] = {evil: evil}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "scenario.resolved.yaml").write_text(f"notes: {evil}\n", encoding="utf-8")
    text = write_report(folder).read_text(encoding="utf-8")
    page = Page(text)
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert page.all("h1")[0][1] == evil
    assert "<script" not in text


def test_signs_of_any_script_are_kept(make_run):
    name = "Контроль 稀土 ✓"
    timeline = (("x", name, "2025-11-08", None, "shock"),)
    page = page_of(make_run(runs=25, days=100, question=name, timeline=timeline))
    assert page.all("h1")[0][1] == name
    assert any(name in text for _, text in page.all("text"))


def test_failed_replications_are_said_and_left_out(make_run):
    text = page_of(make_run(runs=250, days=400, failed=4)).all("body")[0][1]
    assert "4 of 254 replications failed and are not in the numbers" in text


def test_an_interrupted_run_says_how_far_it_came(make_run):
    text = page_of(make_run(runs=25, days=400, planned=1000)).all("body")[0][1]
    assert "The run was interrupted: 25 of 1,000 replications finished." in text


def test_few_replications_are_said(make_run):
    assert (
        "Few replications: 30 observations leave 1 beyond the 95 % quantile"
        in (page_of(make_run(runs=30, days=400)).all("body")[0][1])
    )
    assert "Few replications" not in page_of(make_run(runs=200, days=60)).all("body")[0][1]


def test_a_run_without_loss_has_sentences_instead_of_empty_figures(make_run):
    page = page_of(make_run(runs=250, days=400, severity=0.0))
    text = page.all("body")[0][1]
    assert "No AI-chip output is lost in all 250 runs." in text
    assert len(page.all("svg")) == 2  # only the output itself


@pytest.mark.parametrize("runs", [0, 1, 2, 5])
def test_a_report_can_be_made_of_very_few_replications(make_run, runs):
    folder = make_run(runs=runs, failed=1, days=400)
    assert "Answer" in page_of(folder).all("body")[0][1]


@pytest.mark.parametrize("days", [1, 8, 40])
def test_a_report_can_be_made_of_a_short_horizon(make_run, days):
    assert page_of(make_run(runs=3, days=days)).all("h1")


def test_missing_files_are_named_all_at_once(make_run):
    folder = make_run(runs=2, days=10)
    (folder / "manifest.json").unlink()
    (folder / "bands.parquet").unlink()
    with pytest.raises(InputError) as caught:
        write_report(folder)
    assert "manifest.json: is missing" in str(caught.value)
    assert "bands.parquet: is missing" in str(caught.value)
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("summary.json", "{broken"),
        ("manifest.json", "[]"),
        ("replications.parquet", "no parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(make_run, name, content):
    folder = make_run(runs=2, days=10)
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(name)):
        read_run(folder)


def test_a_report_that_cannot_be_written_leaves_nothing_behind(make_run):
    folder = make_run(runs=2, days=10)
    (folder / "report.html").mkdir()
    before = {path.name for path in folder.iterdir()}
    with pytest.raises(OutputError, match=r"report\.html: cannot be written"):
        write_report(folder)
    assert {path.name for path in folder.iterdir()} == before
