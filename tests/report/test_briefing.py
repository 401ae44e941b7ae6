"""What a scenario is said to mean before it is run."""

from __future__ import annotations

import re
from datetime import date

import pytest

from simulator.report.briefing import Briefing, brief
from simulator.report.briefing_page import briefing_html, briefing_text
from simulator.report.briefing_words import distribution_words, percent
from simulator.spec import parse_number
from tests.networks import on
from tests.shocks.world import world

BAN = "type: export_restriction, by: CHN, materials: ore, mechanism: ban"


def briefing(text: str, section: str = "shocks") -> Briefing:
    return brief(world(text, section=section))


def test_the_calendar_has_every_date_of_every_entry_in_order() -> None:
    found = briefing(f"x: {{{BAN}, announced: {on(5)}, from: {on(10)}, until: {on(40)}}}").calendar
    assert [str(event.when) for event in found] == [on(5), on(10), on(40)]
    assert [event.what.split(":")[0] for event in found] == ["announced", "begins", "ends"]


def test_dates_outside_of_the_run_are_marked_and_hazards_may_come_at_any_time() -> None:
    found = briefing(
        f"a: {{{BAN}, from: {on(-5)}, until: {on(400)}}}\n"
        "b: {type: hazard, facilities: fab, annual_rate: 1, duration_days: 3}"
    ).calendar
    assert "(before the start)" in found[0].what
    assert "(after the end)" in found[1].what
    assert found[2].when is None


def test_what_an_entry_touches_is_counted_with_its_share_of_planned_flow() -> None:
    (found,) = briefing(f"x: {{{BAN}, from: {on(10)}}}").touched
    assert found.lanes == 2
    assert found.facilities == 0
    assert found.how == ("lanes closed",)
    # 7.5 to Japan and 5 to Korea of 15 t a day
    assert found.flows == (("ore", pytest.approx(12.5 / 15)),)


def test_a_licence_is_said_to_open_again() -> None:
    text = "x: {type: export_restriction, by: CHN, materials: ore, mechanism: licence, from: " + (
        f"{on(10)}, approval: 0.4, processing_days: 20}}"
    )
    assert briefing(text).touched[0].how == ("lanes closed, in the end 40 % of plan",)


def test_an_outage_touches_what_leaves_the_facility_and_a_hub_what_passes() -> None:
    out = briefing(f"x: {{type: outage, facilities: plant_jp, from: {on(10)}, duration_days: 3}}")
    assert (out.touched[0].facilities, out.touched[0].lanes) == (1, 2)
    hub = briefing(f"x: {{type: hub_closure, hubs: port, from: {on(10)}, duration_days: 3}}")
    assert hub.touched[0].flows == (("ore", pytest.approx(0.5)),)


def test_the_first_stock_to_run_short_is_found_by_cover_arithmetic() -> None:
    found = briefing(f"x: {{{BAN}, from: {on(10)}}}").first_effects
    # Korea: what is under way arrives for 4 days, and 10 days of use are held
    first = found[0]
    assert (first.facility, first.material) == ("plant_kr", "ore")
    assert first.day == 10 + 4 + 10
    assert first.when == date.fromisoformat(on(24))
    assert first.held_days == 10
    assert first.short == 1.0
    assert first.weight == "all output at once"


def test_a_stock_that_lasts_is_not_listed() -> None:
    assert briefing(f"x: {{{BAN}, from: {on(10)}, until: {on(18)}}}").first_effects == ()


def test_goods_in_process_and_finished_delay_the_effect_of_an_outage() -> None:
    text = f"x: {{type: outage, facilities: fab, from: {on(10)}, duration_days: 50}}"
    (found,) = briefing(text).first_effects
    assert (found.facility, found.day) == ("dc_us", 10 + 5 + 2)
    assert found.weight == "demand unmet"


def test_a_suspension_shows_its_tree_and_what_it_holds_back() -> None:
    found = briefing(
        f"x: {{{BAN}, from: {on(10)}}}\n"
        f"t: {{type: suspension, of: [x], from: {on(12)}, until: {on(90)}, then: "
        "{renewed: {probability: 0.6}, snapped_back: {probability: 0.4}}}"
    )
    assert found.first_effects == ()
    assert found.first_unsuspended[0].day == 24
    (tree,) = found.trees
    assert tree.branches[0][0] == "60 %"
    assert "100 % of all ends, once not renewed" in tree.branches[1][1]


def test_each_licence_is_shown_with_whom_it_holds_for() -> None:
    found = briefing(
        "x: {type: export_restriction, by: CHN, materials: ore, mechanism: licence, "
        f"from: {on(10)}, approval: 0.4, processing_days: 20, "
        "per_destination: {KOR: {approval: 0.1, processing_days: 60}}, "
        "per_use: {metals: {customers: plant_jp, approval: 0.7, processing_days: 5}}}\n"
        f"l: {{type: entity_ban, by: CHN, customers: plant_kr, from: {on(9)}, approval: 0.3, "
        "processing_days: 0}"
    )
    rows = [(t.name, t.whose, t.lanes, t.approved, t.days) for t in found.licences]
    assert rows == [
        ("l", "those listed", 1, "0.3", "0"),
        ("x", "metals", 1, "0.7", "5"),
        ("x", "KOR", 1, "0.1", "60"),
        ("x", "all others", 0, "0.4", "20"),
    ]
    shown = {one.name: one.how for one in found.touched}
    assert shown["x"] == ("lanes closed, in the end 10 to 70 % of plan",)
    assert "metals" in briefing_text(found)


def test_a_ban_has_no_licences() -> None:
    assert briefing(f"x: {{{BAN}, from: {on(10)}}}").licences == ()


def test_every_branch_of_a_tree_is_shown_with_its_odds_and_what_runs_short_first() -> None:
    found = briefing(
        f"x: {{{BAN}, from: {on(5)}}}\n"
        f"t: {{type: suspension, of: [x], from: {on(5)}, until: {on(30)}, then: "
        "{renewed: {probability: 0.4, days: 300}, eased: {probability: 0.3, approval: 0.5, "
        "processing_days: 0}, lapsed: {probability: 0, approval: 1}, "
        "snapped_back: {probability: 0.3}}}"
    )
    rows = {one.branch: one for one in found.outcomes}
    assert {name: one.odds for name, one in rows.items()} == {
        "renewed": "40 %",
        "eased": "30 %",
        "snapped back": "30 %",
    }
    assert (rows["renewed"].stocks, rows["renewed"].first) == (0, None)
    # Korea has the goods of four days under way and holds ten: half of its need lasts twice as long
    first = rows["snapped back"].first
    assert first is not None
    assert (first.day, first.facility) == (30 + 4 + 10, "plant_kr")
    slower = rows["eased"].first
    assert slower is not None
    assert (slower.day, slower.facility) == (30 + 4 + 20, "plant_kr")
    assert "snapped back" in briefing_text(found)


def test_a_hazard_that_strikes_in_no_run_at_base_values_is_described_all_the_same() -> None:
    text = "x: {type: hazard, facilities: plant_jp, annual_rate: 0.01, duration_days: 3, "
    (found,) = briefing(text + "severity: 0.4, radius_km: 100}").touched
    assert found.how == ("an event takes 40 % of capacity; less up to 100 km away; days: 3",)
    assert found.facilities == 2  # Korea's plant lies 56 km away
    assert dict(found.flows)["metal"] == 1.0


def test_an_entry_outside_of_the_run_says_that_it_does_nothing() -> None:
    found = briefing(f"x: {{{BAN}, from: {on(400)}}}")
    assert found.touched[0].how == ()
    assert "nothing in this run, at base values" in briefing_text(found)


def test_hazards_are_given_with_their_odds() -> None:
    text = "x: {type: hazard, facilities: [fab, mine_*], annual_rate: 1, per_facility: true, "
    (tree,) = briefing(text + "duration_days: 3}").trees
    assert tree.branches == (
        ("0.821", "events expected in the run, at the base rate"),
        ("56 %", "at least one"),
    )


def test_uncertain_numbers_are_listed_with_what_a_regime_stands_for() -> None:
    text = "x: {type: export_restriction, by: CHN, materials: ore, mechanism: licence, from: "
    found = briefing(f"{text}{on(10)}, regime: hostile}}").uncertain
    assert [item.name for item in found] == ["shocks.x.approval", "shocks.x.processing_days"]
    assert found[1].words == "median 180, 9 in 10 from 48.2 to 669 (lognormal)"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "3"),
        ({"distribution": "uniform", "low": 1, "high": 4}, "1 to 4, all alike"),
        (
            {"distribution": "choice", "values": [0, 2], "probabilities": [0.25, 0.75]},
            "one of 0 (25 %), 2 (75 %)",
        ),
        ({"distribution": "empirical", "values": [0, 2, 9]}, "one of 3 seen values from 0 to 9"),
        (
            {"distribution": "pert", "low": 0, "mode": 5, "high": 10},
            "most likely 5, 9 in 10 from 1.89 to 8.11 (pert)",
        ),
    ],
)
def test_distributions_are_said_in_words(value: object, words: str) -> None:
    assert distribution_words(parse_number(value)) == words


def test_small_shares_do_not_vanish() -> None:
    assert [percent(x) for x in (0.0, 0.0002, 0.0123, 0.05, 0.5, 1.0)] == [
        "0 %", "under 0.1 %", "1.2 %", "5 %", "50 %", "100 %",
    ]  # fmt: skip


def test_text_and_page_say_the_same_and_the_page_is_self_contained_and_escaped() -> None:
    found = briefing(f"x: {{{BAN}, from: {on(10)}, note: <b>}}")
    text, page = briefing_text(found), briefing_html(found, "<script>alert(1)</script>")
    for words in ("Calendar", "What it touches", "First effects", "plant_kr", "Cover arithmetic"):
        assert words in text
        assert words in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.findall(r"(?:src|href)=|url\(|@import", page)


def test_a_scenario_without_entries_has_nothing_to_say() -> None:
    found = brief(world())
    assert (found.calendar, found.touched, found.trees, found.first_effects) == ((), (), (), ())
    assert briefing_text(found).startswith("test: ")
