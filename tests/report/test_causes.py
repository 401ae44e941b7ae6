"""Causes that round to nothing are counted in one line, not listed."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from simulator.report import write_report
from simulator.report.attribution import MOST_CAUSES, causes, leading_causes, rounds_to_nothing
from simulator.report.cause_words import others
from simulator.report.figures.causes import attribution_waterfall, count_bars, ledger_bars
from simulator.report.run_folder import read_run
from simulator.report.sections import (
    cause_rows,
    causes_left_out,
    first_cause_rows,
    first_causes_left_out,
)
from tests.report.page import Page, Places

UNSET = "nothing that the scenario sets"
KEYS = ["method", "cause", "kind", "label", "loss_pct", "share"]
SMALL = [
    ("ledger", "a", "facility", "Plant A", 0.1459, 0.9999),
    ("ledger", "b", "facility", "Plant B", 1e-5, 7e-5),
    ("ledger", "c", "hub", "Port C", 1e-6, 3e-5),
    ("ledger_by_entry", "ban", "shock", "Ban", 0.1459, 0.9999),
    ("ledger_by_entry", "", "shock", UNSET, 1.6e-5, 1e-4),
    ("ledger_by_entry", "list", "shock", "Listing", 0.0, 0.0),
    ("ledger_by_entry", "reserve", "measure", "Reserve", 0.0, 0.0),
]


def table_of(rows):
    return pd.DataFrame(rows, columns=KEYS).assign(
        loss_units=1.0, lo95=float("nan"), hi95=float("nan"), material="", country="",
        replications=4,
    )  # fmt: skip


@pytest.fixture
def run_with(full_run):
    def make(rows):
        table_of(rows).to_parquet(full_run / "attribution.parquet")
        return full_run

    return make


def plain(text):
    return text.replace("\u00a0", " ")


def test_causes_that_round_to_nothing_are_counted_in_one_line(run_with):
    folder = run_with(SMALL)
    run = read_run(folder)
    assert [row.head for row in cause_rows(run)] == ["Ban"]
    assert [row.head for row in first_cause_rows(run)] == ["Plant A"]
    text, place = causes_left_out(run)
    assert plain(text) == "3 more causes, together under 0.1 % of the loss."
    assert Places(folder).numbers(place) == pytest.approx([3, 1e-4])
    text, place = first_causes_left_out(run)
    assert plain(text) == "2 more causes, together under 0.1 % of the loss."
    assert Places(folder).numbers(place) == pytest.approx([2, 1e-4])
    page = Page(write_report(folder).read_text(encoding="utf-8"))
    assert sum("more causes" in text for _, text in page.all("p")) == 2


def test_the_figures_leave_out_what_the_tables_do():
    table = table_of(SMALL)
    assert len(attribution_waterfall(table).patches) == count_bars(table) == 1
    assert len(ledger_bars(table).patches) == 1


def test_shocks_without_any_loss_add_nothing():
    rows = [{**dict(zip(KEYS, row, strict=True)), "row": n} for n, row in enumerate(SMALL)]
    said = "2 more shocks and measures add nothing."
    assert others(rows[5:], "ledger_by_entry") == (said, "#attribution:5-6/share")
    assert others(rows[5:6], "shapley")[0] == "1 more shock adds nothing."
    assert others([], "shapley") == ("", "")


def test_what_does_not_add_up_is_not_summed():
    row = {"kind": "shock", "method": "leave_one_out", "loss_pct": 1e-4, "share": 5e-4}
    small = [{**row, "row": 3}, {**row, "row": 7}]
    text, place = others(small, "shapley")
    assert plain(text) == "2 more shocks, each under 0.1 % of the loss."
    assert place == "#attribution:3,7/share attribution:3,7/share"
    large = [{**one, "share": 0.2} for one in small]
    assert others(large, "shapley")[0] == "2 more shocks, smaller than these."
    assert plain(others(large, "leave_one_out")[0]) == "2 more shocks, together 40 % of the loss."


def test_ten_causes_at_most_are_shown_and_large_savings_are_among_them():
    rows = [("shapley", f"s{n}", "shock", f"S{n}", 1 + n / 100, 0.05) for n in range(20)]
    rows.append(("shapley", "m", "measure", "M", -9.0, -0.5))
    shown, rest = leading_causes(table_of(rows))
    assert len(shown) == MOST_CAUSES
    assert shown["cause"].tolist()[-1] == "m"
    assert len(rest) == 11
    assert count_bars(table_of(rows)) == MOST_CAUSES + 2


def test_a_small_loss_that_is_printed_as_nothing_is_shown_for_its_share_only():
    rows = [("ledger", "a", "hub", "A", 0.1, 0.9), ("ledger", "b", "hub", "B", 4e-3, 0.02)]
    rows += [("ledger", "c", "hub", "C", 4e-3, 9e-3), ("ledger", "d", "hub", "D", 0.03, 9e-4)]
    assert rounds_to_nothing(table_of(rows)).tolist() == [False, False, True, True]


def test_the_largest_cause_is_shown_even_if_it_rounds_to_nothing():
    rows = [("leave_one_out", name, "shock", name, 0.0, 0.0) for name in "ab"]
    assert leading_causes(table_of(rows))[0]["cause"].tolist() == ["a"]


def test_what_nothing_sets_is_no_shock():
    by_entry = causes(table_of(SMALL), "ledger_by_entry")
    assert by_entry.set_index("label")["kind"].to_dict() == {
        "Ban": "shock", UNSET: "none", "Listing": "shock", "Reserve": "measure",
    }  # fmt: skip
    most = table_of([("ledger_by_entry", "", "none", UNSET, 2.0, 1.0)])
    said = " ".join(plain(attribution_waterfall(most).get_title(loc="left")).split())
    assert said == f"2.0 % of AI-chip output is lost to {UNSET}"


def test_a_loss_of_nothing_is_said_in_a_sentence(run_with, read):
    folder = run_with([(*row[:4], row[4] / 1000, row[5]) for row in SMALL])
    summary = read(folder, "summary.json")
    summary["metrics"]["output_loss_pct"]["mean"] = 1.5e-4
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    page = Page(write_report(folder).read_text(encoding="utf-8"))
    assert any("rounds to nothing, so" in text for _, text in page.all("p"))
    assert not any("Where shortages began" in text for _, text in page.all("caption"))
