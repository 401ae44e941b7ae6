"""The figures of a run by name: drawn, described, told apart without colour, and kept as files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.errors import UsageError
from simulator.report import style
from simulator.report.attribution import first_causes
from simulator.report.figures import FIGURES, draw, figures, in_this_run
from simulator.report.figures.causes import attribution_waterfall, ledger_bars
from simulator.report.figures.comparison import LINES
from simulator.report.figures.criticality import most_critical
from simulator.report.figures.files import figure_rows, plot
from simulator.report.figures.stages import stage_timeline
from simulator.report.figures.world_map import EAST_ASIA, world_map
from simulator.report.run_folder import read_run
from simulator.report.stages import hits_of_sites, stages_hit

UNITS = ("%", "dates", "day", "accelerators", "days")


def title(ax):
    return " ".join(ax.get_title(loc="left").split())


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other="#ffffff"):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("key", FIGURES)
def test_every_figure_says_what_it_shows_and_labels_its_units(full_run, key):
    run = read_run(full_run)
    ax = draw(run, key)
    assert title(ax)
    assert len(FIGURES[key].alt(run)) > 60
    labels = f"{ax.get_xlabel()} {ax.get_ylabel()}"
    if key not in ("map", "map-east-asia", "stages"):
        assert any(unit in labels for unit in UNITS), labels


@pytest.mark.parametrize("key", FIGURES)
def test_every_figure_can_be_kept_as_svg_and_as_png(full_run, tmp_path, key):
    for ending, head in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        target = tmp_path / f"{key}.{ending}"
        assert plot(full_run, key, target) == target
        assert target.read_bytes().startswith(head)


def test_a_file_of_a_figure_is_the_same_to_the_byte_each_time(full_run, tmp_path):
    names = ("a.svg", "b.svg", "a.png", "b.png")
    files = [plot(full_run, "map", tmp_path / name).read_bytes() for name in names]
    assert files[0] == files[1]
    assert files[2] == files[3]


def test_a_figure_without_its_table_says_how_to_get_it(make_run):
    folder = make_run(runs=30, days=200)
    with pytest.raises(UsageError, match=r"has no attribution.parquet: paxsim attribute"):
        plot(folder, "attribution")
    with pytest.raises(UsageError, match="did you mean 'histogram'"):
        plot(folder, "histogramm")
    with pytest.raises(UsageError, match=r"must end in .svg or .png"):
        plot(folder, "histogram", folder / "histogram.pdf")
    rows = {row["figure"]: row["here"] for row in figure_rows(folder)}
    assert rows["output"] == "yes"
    assert rows["stages"].startswith("no: paxsim")
    assert set(in_this_run(read_run(folder))) == {
        key for key, here in rows.items() if here == "yes"
    }


def test_text_in_pages_and_figures_has_contrast_enough():
    for colour in (style.INK, style.MUTED):
        for ground in ("#ffffff", "#f4f6f8", "#e7eaed"):
            assert contrast(colour, ground) >= 4.5
    css = Path(style.__file__).with_name("templates") / "report.css"
    values = dict(re.findall(r"--(\w+): (#\w{6})", css.read_text(encoding="utf-8")))
    for name in ("ink", "muted", "accent", "caution"):
        assert contrast(values[name], "#ffffff") >= 4.5
        assert contrast(values[name], values["wash"]) >= 4.5
    assert contrast("#5c2900", "#fdf4ec") >= 4.5  # notices


def test_lines_and_marks_stay_apart_in_grey():
    assert len({dashes for _, dashes in LINES}) == len(LINES)
    assert all(contrast(colour) >= 1.9 for colour, _ in LINES)
    assert len(set(style.LAYER_COLOURS.values())) == 5


def test_layers_have_their_colour_in_every_figure(full_run):
    run = read_run(full_run)
    drawn = {line.get_color() for line in draw(run, "map").lines}
    assert {style.LAYER_COLOURS[layer] for layer in ("minerals", "semiconductors")} <= drawn
    dots = {line.get_color() for line in draw(run, "stages").lines}
    assert style.LAYER_COLOURS["minerals"] in dots


def test_labels_of_a_figure_do_not_leave_it(full_run, tmp_path):
    for key in FIGURES:
        ax = draw(read_run(full_run), key)
        figure = ax.figure
        figure.draw_without_rendering()
        box = ax.get_tightbbox()
        assert box.x0 >= -2, key
        assert box.y0 >= -2, key
        assert box.x1 <= figure.bbox.width + 2, key
        assert box.y1 <= figure.bbox.height + 2, key


def test_stages_hit_seldom_are_left_out_and_the_first_hit_stands_first(full_run):
    signs = read_run(full_run).tables["early_signs"]
    shown = stages_hit(signs)
    assert shown["label"].tolist() == [
        "dysprosium in Japan", "N4 wafers in Taiwan", "GPUs in Taiwan", "Output below normal",
    ]  # fmt: skip
    assert stages_hit(signs, most=2)["hit_share"].tolist() == [0.91, 0.9]
    assert stages_hit(None).empty
    run = read_run(full_run)
    said = title(stage_timeline(signs, run.start, 1096)).replace("\u00a0", " ")
    assert (
        said
        == "Watch dysprosium in Japan: short by 20 December 2025 at the median, in 91 % of runs"
    )


def test_a_break_is_drawn_at_the_largest_place_of_its_stage(full_run):
    run = read_run(full_run)
    found = hits_of_sites(run.tables["sites"], run.tables["early_signs"])
    # Nothing in Japan is on this map; the pits of Taiwan's stages are its fab and its packager.
    assert found[["label", "lat", "lon"]].to_numpy().tolist() == [
        ["N4 wafers in Taiwan", 23.1, 120.3], ["GPUs in Taiwan", 24.8, 121.0],
    ]  # fmt: skip


def test_the_map_leaves_out_what_is_no_place(full_run):
    run = read_run(full_run)
    sites, flows = run.tables["sites"], run.tables["flows"]
    ax = world_map(sites, flows)
    assert title(ax) == "The shocks act in CHN"
    arcs = [len(group.get_paths()) for group in ax.collections]
    assert arcs == [2, 1]  # both flows between places; that of China is held back
    near = world_map(sites, flows, region=EAST_ASIA)
    assert title(near) == "East Asia in detail"
    nothing = world_map(sites.iloc[:0], flows.iloc[:0])
    assert "no places" in nothing.texts[0].get_text()


def test_shapley_shares_are_stacked_up_to_the_loss(full_run):
    table = read_run(full_run).tables["attribution"]
    ax = attribution_waterfall(table)
    lefts = [round(bar.get_x(), 2) for bar in ax.patches]
    widths = [round(bar.get_width(), 2) for bar in ax.patches]
    assert lefts == [0.0, 6.12, 7.65, 0.0]
    assert widths == [6.12, 1.53, -0.21, 7.44]
    assert title(ax).replace("\u00a0", " ") == "Rare earths weighs most: 6.1 % of AI-chip output"


def test_what_leaving_out_saves_is_not_stacked(full_run):
    table = read_run(full_run).tables["attribution"]
    ax = attribution_waterfall(table[table["method"] == "leave_one_out"])
    assert [bar.get_x() for bar in ax.patches] == [0.0, 0.0, 0.0]
    assert title(ax).startswith("Without Rare earths")
    assert "No causes" in attribution_waterfall(table.iloc[:0]).texts[0].get_text()
    assert "No shortage" in ledger_bars(table.iloc[:0]).texts[0].get_text()


def test_lanes_of_one_material_from_one_country_are_one_first_cause(full_run):
    run = read_run(full_run)
    table = first_causes(run.tables["attribution"], run.country_names)
    assert table["label"].tolist() == [
        "Dysprosium from China", "Strait of Hormuz", "Helium from Ras Laffan to Alpha",
    ]  # fmt: skip
    assert table["loss_pct"].tolist() == pytest.approx([5.13, 1.27, 0.3])
    assert np.isnan(table.at[0, "lo95"])
    said = title(ledger_bars(run.tables["attribution"], run.country_names))
    assert said.replace("\u00a0", " ") == "69 % of the loss traces back to Dysprosium from China"


def test_the_most_critical_are_those_of_the_longest_removal(full_run):
    table = read_run(full_run).tables["criticality"]
    assert most_critical(table)["label"].tolist() == ["Taiwan", "Fab in Tainan"]
    assert most_critical(table, 90)["label"].tolist() == ["Taiwan"]


def test_a_run_with_hundreds_of_causes_is_still_a_figure():
    many = pd.DataFrame(
        {
            "method": "shapley", "cause": [f"s{i}" for i in range(40)], "kind": "shock",
            "label": [f"shock {i}" for i in range(40)], "loss_pct": np.linspace(2, 0.1, 40),
            "lo95": np.nan, "hi95": np.nan, "share": np.linspace(2, 0.1, 40) / 42,
        }
    )  # fmt: skip
    ax = attribution_waterfall(many)
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names[-2:] == ["30 others", "all together"]
    assert ax.patches[-2].get_x() + ax.patches[-2].get_width() == pytest.approx(
        many["loss_pct"].sum()
    )


def test_two_that_stand_side_by_side_are_drawn_for_narrow_pages_only(full_run):
    drawn = figures(read_run(full_run))
    assert drawn["histogram"].wide == ""
    assert "<svg" in drawn["histogram"].narrow
    assert "<svg" in drawn["map"].wide
