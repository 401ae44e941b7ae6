"""The page of a comparison: answer in two sentences, numbers from its tables, safe and whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.errors import OutputError
from simulator.metrics.paired import compare_paired
from simulator.report.compare import _cells, study_comparison
from simulator.report.compare_page import default_folder, write_comparison
from simulator.report.compare_words import compare_answer
from tests.report.page import Page, Places
from tests.report.test_numbers import check, names_of


def table_of(losses, names, unit="%"):
    rows = [
        {"alternative": name, "unit": unit, **_cells(found), "replications": len(losses[0])}
        for name, found in zip(names, compare_paired(np.array(losses)), strict=True)
    ]
    return pd.DataFrame(rows)


def said(losses, names, metric="output_loss_pct"):
    return compare_answer(table_of(losses, names), metric).replace("\u00a0", " ")


@pytest.fixture
def compared(make_run, monkeypatch):
    """A harsh run and a milder one of the same futures, compared."""
    folders = [make_run(severity=severity) for severity in (1.0, 0.6)]
    monkeypatch.chdir(folders[0].parent)
    return study_comparison([folder.name for folder in folders])


def test_the_answer_names_the_best_with_its_saving_and_how_sure_that_is():
    rng = np.random.default_rng(3)
    first = rng.uniform(4, 6, 400)
    text = said([first, first - 1, first - 3], ["plain", "stock", "twin"])
    assert text == (
        "Against plain, twin lowers the output loss most, by 3.0 percentage points on average over "
        "the same 400 futures (95 % interval 3.0): from 5.0 % to 2.0 %. In the worst 5 % of cases "
        "the mean falls by 3.0 percentage points (3.0); it loses least in 100 % of futures "
        "(99.0 % to 100 %)."
    )


def test_an_alternative_that_is_worse_is_not_sold_as_a_saving():
    rng = np.random.default_rng(3)
    first = rng.uniform(4, 6, 400)
    text = said([first, first + rng.uniform(0, 2, 400)], ["plain", "tariff"])
    assert text.startswith("Nothing loses less than plain: tariff raises the output loss by 0.95")
    assert "the mean rises by" in text


def test_equal_alternatives_do_not_differ():
    same = np.linspace(1, 3, 300)
    text = said([same, same], ["one", "two"])
    assert text.startswith("two and one do not differ: on average over the same 300 futures")


def test_few_futures_say_nothing_of_the_worst_cases():
    rng = np.random.default_rng(3)
    first = rng.uniform(4, 6, 50)
    assert "too few to compare the worst cases" in said([first, first - 1], ["a", "b"])


def test_amounts_keep_their_unit():
    first = np.linspace(100, 200, 300)
    text = said([first, first / 2], ["a", "b"], "time_to_recover_days")
    assert "by 75 days on average" in text
    assert "percentage points" not in text


def test_the_page_and_its_tables_lie_in_one_folder(compared, tmp_path):
    folder = tmp_path / "compared"
    report = write_comparison(compared, folder, command="paxsim compare a b")
    assert {path.name for path in folder.iterdir()} == {
        "comparison.parquet", "countries.parquet", "manifest.json", "report.html",
    }  # fmt: skip
    page = Page(report.read_text(encoding="utf-8"))
    assert not {tag for tag, _ in page.elements} & {"script", "img", "link", "iframe"}
    assert len(page.all("svg")) == 6
    assert len(page.all("table")) == len(page.all("caption"))
    assert "paxsim compare a b" in page.all("body")[0][1]
    record = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (record["kind"], record["package"]) == ("comparison", "paxsim")
    assert " ".join(record["answer"].split()) in page.all("body")[0][1]
    with pytest.raises(OutputError, match="--force"):
        write_comparison(compared, folder)
    write_comparison(compared, folder, force=True)


def test_every_number_of_a_comparison_is_where_it_says(compared, tmp_path):
    folder = tmp_path / "compared"
    report = write_comparison(compared, folder)
    first, *_ = compared.runs
    known = [*names_of(Path(first)), *compared.runs]
    summaries = [run.summary for run in compared.runs.values()]
    page = Page(report.read_text(encoding="utf-8"))
    assert check(page, Places(folder, summaries), known) > 30


def test_names_and_questions_cannot_become_markup(compared, tmp_path):
    evil = "</title></svg><script>alert('x')</script><img src=x onerror=alert(1)>"
    for run in compared.runs.values():
        run.manifest["question"] = evil
        run.manifest["scenario"] = evil
    named = dict(zip([evil, evil + "2"], compared.runs.values(), strict=True))
    changed = type(compared)(
        compared.metric,
        named,
        compared.losses,
        compared.table.assign(alternative=list(named)),
        compared.countries.assign(alternative=evil),
    )
    text = write_comparison(changed, tmp_path / "c").read_text(encoding="utf-8")
    page = Page(text)
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert "<script" not in text


def test_the_same_comparison_has_the_same_folder(compared):
    assert default_folder(compared) == default_folder(compared)
    assert default_folder(compared).parts[0] == "results"


def test_countries_are_compared_future_by_future(compared):
    table = compared.countries
    first, second = compared.runs.values()
    losses = [run.replications["delivered_loss_pct:JPN"] for run in (first, second)]
    japan = table[table["country"] == "JPN"]
    assert japan["mean"].tolist() == pytest.approx([loss.mean() for loss in losses])
    assert japan["saved"].iloc[1] == pytest.approx((losses[0] - losses[1]).mean())
