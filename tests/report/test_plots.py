"""Figures: on given axes or their own, with units, for full and for degenerate data."""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from simulator.report import bands, plots, style

RNG = np.random.default_rng(5)
SPREAD = RNG.gamma(2, 5, size=400)
COUNTRIES = {
    code: {"delivered_loss_pct": {"mean": mean, "p05": 0.0, "p95": 2 * mean, "cvar95": 3 * mean}}
    for code, mean in (("JPN", 8.0), ("USA", 12.0))
}


def frame(level=0.8, days=400, series="output"):
    day = np.arange(days)
    rows = []
    lost = 5.0 if series == "output_cumulative" else round(100.0 * (1 - level), 6)
    for run, middle in (("baseline", 100.0), ("shocked", 100.0 * level), ("loss", lost)):
        values = np.full(days, middle)
        # Some runs lose where the median does not.
        columns = {f"p{q:02d}": values + (q - 50) / 10 for q in (5, 25, 50, 75, 95)}
        rows.append(pd.DataFrame({"series": series, "run": run, "day": day, **columns}))
    return pd.concat(rows)


def entry(label="A ban", first="2025-11-08", last=None, kind="shock"):
    return {"name": label, "label": label, "from_date": first, "until_date": last, "kind": kind}


START = date(2025, 10, 1)
DRAWINGS = {
    "loss_histogram": lambda ax=None: plots.loss_histogram(SPREAD, ax),
    "exceedance_curve": lambda ax=None: plots.exceedance_curve(SPREAD, ax),
    "impact_times": lambda ax=None: plots.impact_times(np.round(SPREAD * 9), 365, ax),
    "country_losses": lambda ax=None: plots.country_losses(COUNTRIES, None, ax),
    "output_band": lambda ax=None: bands.output_band(frame(), [entry()], START, ax),
    "cumulative_loss_band": lambda ax=None: bands.cumulative_loss_band(
        frame(series="output_cumulative"), [entry()], START, ax
    ),
}


def words(ax):
    return " ".join(" ".join(text.get_text() for text in ax.texts).split())


def title(ax):
    return ax.get_title(loc="left").replace("\n", " ").replace("\u00a0", " ")


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_a_figure_uses_the_axes_it_is_given_and_returns_them(draw):
    ax = Figure().add_subplot()
    assert draw(ax) is ax


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_a_figure_makes_its_own_axes_without_global_state(draw):
    pyplot = sys.modules.get("matplotlib.pyplot")
    before = pyplot.get_fignums() if pyplot else []
    ax = draw()
    ax.figure.canvas.draw()
    assert (sys.modules["matplotlib.pyplot"].get_fignums() if pyplot else []) == before


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_a_figure_is_titled_and_its_axes_have_units(draw):
    ax = draw()
    labels = ax.get_xlabel() + ax.get_ylabel()
    assert title(ax)
    assert any(unit in labels for unit in ("%", "per day", "accelerators", "days"))


@pytest.mark.parametrize("values", [np.zeros(1), np.zeros(300), np.full(300, 1e-12)])
@pytest.mark.parametrize("draw", [plots.loss_histogram, plots.exceedance_curve])
def test_no_loss_is_a_sentence_and_not_a_bar(draw, values):
    ax = draw(values)
    assert words(ax).startswith("No AI-chip output is lost in")
    assert not ax.axison
    assert not ax.patches


@pytest.mark.parametrize("draw", [plots.loss_histogram, plots.exceedance_curve])
def test_the_same_loss_in_all_runs_is_a_sentence(draw):
    assert words(draw(np.full(30, 12.5))) == "The loss is 12.5 % of AI-chip output in all 30 runs."


@pytest.mark.parametrize("draw", [plots.loss_histogram, plots.exceedance_curve])
def test_no_replication_is_a_sentence(draw):
    assert words(draw([np.nan])) == "No replication finished."


@pytest.mark.parametrize("count", [2, 5, 19, 20, 21, 199, 200])
@pytest.mark.parametrize("draw", [plots.loss_histogram, plots.exceedance_curve])
def test_any_number_of_runs_can_be_drawn(draw, count):
    ax = draw(SPREAD[:count])
    ax.figure.canvas.draw()
    assert title(ax)


def test_few_runs_are_drawn_one_by_one():
    ax = plots.loss_histogram([1.0, 2.0, 2.0, 9.0])
    assert not ax.patches
    dots = ax.lines[0]
    assert sorted(dots.get_xdata()) == [1.0, 2.0, 2.0, 9.0]


def test_the_bars_of_the_histogram_add_up_to_all_runs_with_the_worst_set_apart():
    ax = plots.loss_histogram(SPREAD)
    heights = {}
    for bar in ax.patches:
        heights.setdefault(bar.get_facecolor(), []).append(bar.get_height())
    assert [round(sum(part), 6) for part in heights.values()] == [95.0, 5.0]


def test_a_histogram_with_many_zeros_and_a_tail_keeps_all_runs():
    losses = np.concatenate([np.zeros(390), np.linspace(5, 40, 10)])
    ax = plots.loss_histogram(losses)
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(100)


def test_the_exceedance_axis_is_logarithmic_only_when_the_tail_has_enough_runs():
    assert plots.exceedance_curve(SPREAD).get_yscale() == "log"
    assert plots.exceedance_curve(SPREAD[:199]).get_yscale() == "linear"


def test_the_exceedance_curve_never_rises():
    for line in plots.exceedance_curve(SPREAD).lines[:-1]:
        assert (np.diff(line.get_ydata()) <= 0).all()


def test_the_time_to_impact_says_how_many_runs_are_never_hit():
    times = np.where(np.arange(400) < 40, np.nan, 100.0 + np.arange(400) % 50)
    assert title(plots.impact_times(times, 365)) == (
        "Half of the runs are hit by day 128; 10 % never are"
    )


def test_no_impact_is_a_sentence():
    assert "stays within 1 % of normal in all 3 runs" in words(
        plots.impact_times([np.nan] * 3, 365)
    ).replace("\u00a0", " ")
    assert words(plots.impact_times([], 365)) == "No replication finished."


def test_countries_stand_worst_first_under_their_names():
    ax = plots.country_losses(COUNTRIES, {"USA": "United States"})
    assert [text.get_text() for text in ax.get_yticklabels()] == ["JPN", "United States"]
    assert title(ax) == "United States loses most: 12.0 % on average"


def test_countries_without_a_loss_are_a_sentence():
    calm = {"JPN": {"delivered_loss_pct": {"mean": 0.0, "p05": 0.0, "p95": 0.0, "cvar95": 0.0}}}
    assert words(plots.country_losses(calm)) == "Deliveries stay as planned in every country."
    assert "No deliveries" in words(plots.country_losses({}))


def test_the_output_band_says_when_and_how_far_output_falls():
    said = title(bands.output_band(frame(), [], START)).replace("\u00a0", " ")
    assert said == "The median loss is largest in October 2025: 20 chips a day"
    assert title(bands.output_band(frame(1.0), [], START)).startswith("In the median run")


def test_bands_that_are_not_there_are_a_sentence():
    empty = pd.DataFrame(columns=["series", "run", "day"])
    assert "no daily bands" in words(bands.output_band(empty, [], START))
    assert "no daily bands" in words(bands.cumulative_loss_band(frame(), [], START))


def test_windows_are_clipped_to_the_horizon_and_named():
    rows = bands.windows(
        [
            entry("early", "2025-01-01", "2025-10-11"),
            entry("open", "2025-10-06"),
            entry("always", None),
            entry("late", "2030-01-01"),
            entry("over", "2020-01-01", "2020-02-01"),
        ],
        START,
        99,
    )
    assert rows == [
        (0, 10, "early", "shock"),
        (0, 99, "always", "shock"),
        (5, 99, "open", "shock"),
    ]


def test_windows_with_the_same_dates_share_a_row():
    rows = bands.windows([entry("A"), entry("B"), entry("C", kind="measure")], START, 99)
    assert [row[2] for row in rows] == ["C", "A and 1 more"]


def test_many_windows_end_in_a_count():
    many = [entry(f"ban {day}", f"2025-10-{day:02d}") for day in range(1, 13)]
    rows = bands.windows(many, START, 99)
    assert len(rows) == bands.MOST_ROWS
    assert rows[-1][2] == "7 more"


@pytest.mark.parametrize("length", [1, 2, 20, 75, 76, 400, 1096, 3650, 20000])
def test_date_ticks_fit_and_lie_on_the_axis(length):
    ticks = bands.date_ticks(START, 0, length - 1, 8)
    assert len(ticks) <= 9
    assert all(0 <= day < length for day, _ in ticks)
    assert len({day for day, _ in ticks}) == len(ticks)


def test_months_are_marked_where_they_begin():
    assert bands.date_ticks(START, 0, 200, 8) == [
        (0, "Oct"),
        (31, "Nov"),
        (61, "Dec"),
        (92, "2026"),
        (123, "Feb"),
        (151, "Mar"),
        (182, "Apr"),
    ]


def test_measures_are_told_from_shocks_without_colour():
    rows = [entry("A ban"), entry("A reserve", "2026-01-01", kind="measure")]
    assert words(bands.output_band(frame(), rows, START)) == "A ban Measure: A reserve"


def test_labels_with_dollars_and_control_signs_are_drawn_as_they_are():
    ax = bands.output_band(frame(), [entry("cost $x_{1$ \x00\x07 <b>")], START)
    ax.figure.canvas.draw()
    assert "cost $x_{1$" in words(ax)
    assert "\x00" not in words(ax)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [style.INK, style.MUTED, style.BASELINE])
def test_text_colours_have_the_contrast_of_the_accessibility_guidelines(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_each_layer_has_a_colour_of_its_own():
    assert set(style.LAYER_COLOURS) == {
        "energy",
        "minerals",
        "semiconductors",
        "ai_infrastructure",
        "logistics",
    }
    assert len(set(style.LAYER_COLOURS.values())) == 5
