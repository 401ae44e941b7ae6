"""Export restrictions: regimes, end uses, and an uncertain day of effect."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.shocks import Control
from simulator.shocks.licences import REGIMES
from tests.networks import on
from tests.shocks.world import changes, neutral, refused, world

FREE = neutral(Control.LIMIT)
BASE = "type: export_restriction, by: CHN, materials: ore, mechanism: licence"
NUMBERS = (
    "approval: {distribution: beta, a: 2.5, b: 9}, "
    "processing_days: {distribution: lognormal, median: 52.8, p95: 166.2}"
)


def test_a_regime_draws_what_its_numbers_written_out_draw() -> None:
    short = world(f"x: {{{BASE}, from: {on(5)}, regime: new}}", days=300)
    long = world(f"x: {{{BASE}, from: {on(5)}, {NUMBERS}}}", days=300)
    for replication in range(5):
        assert short.realise(replication).draws == long.realise(replication).draws
        assert changes(short, Control.LIMIT, replication) == changes(
            long, Control.LIMIT, replication
        )


@pytest.mark.parametrize(
    ("regime", "approval", "days"),
    [("new", 0.2172, 52.8), ("eased", 0.6, 52.8), ("hostile", 0.04, 179.6), ("general", 0.95, 0)],
)
def test_regimes_have_the_means_and_medians_of_the_priors(
    regime: str, approval: float, days: float
) -> None:
    assert REGIMES[regime].approval.base == pytest.approx(approval, abs=5e-4)
    assert REGIMES[regime].processing_days.base == pytest.approx(days)


def test_the_numbers_of_a_regime_are_known_to_be_uncertain() -> None:
    ready = world(f"x: {{{BASE}, from: {on(5)}, regime: hostile}}")
    assert [name for name, _ in ready.entries["shocks.x"].numbers()] == [
        "approval",
        "processing_days",
    ]


def test_an_end_use_has_terms_of_its_own_before_those_of_its_country() -> None:
    text = f"""x: {{{BASE}, from: {on(5)}, approval: 0.5, processing_days: 0,
        per_destination: {{KOR: {{approval: 0.4, processing_days: 0}}}},
        per_use: {{alloys: {{customers: {{operator: Blue Works}}, approval: 0.1,
                             processing_days: 3}}}}}}"""
    assert changes(world(text), Control.LIMIT) == {
        "plant_jp/ore/mine_cn": [(5, 0.5)],
        "plant_kr/ore/mine_cn": [(5, 0.0), (8, 0.1)],
    }


def test_a_country_has_its_own_terms_before_those_of_its_alliance() -> None:
    text = f"""x: {{{BASE}, from: {on(70)}, approval: 0.5, processing_days: 0,
        per_destination: {{JPN: {{approval: 0.4, processing_days: 0}},
                           pax: {{approval: 0.9, processing_days: 0}}}}}}"""
    assert changes(world(text), Control.LIMIT) == {
        "plant_jp/ore/mine_cn": [(70, 0.4)],
        "plant_kr/ore/mine_cn": [(70, 0.9)],
    }


def test_exempt_uses_are_left_out() -> None:
    text = f"x: {{{BASE}, from: {on(5)}, approval: 0, processing_days: 0, exempt_uses: plant_kr}}"
    assert set(changes(world(text), Control.LIMIT)) == {"plant_jp/ore/mine_cn"}


def test_the_lag_counts_from_the_announcement_and_customers_hoard_meanwhile() -> None:
    text = f"""x: {{type: export_restriction, by: CHN, materials: ore, mechanism: ban,
        announced: {on(10)}, lag_days: 30, hoarding: 1.5}}"""
    ready = world(text)
    assert changes(ready, Control.LIMIT)["plant_jp/ore/mine_cn"] == [(40, 0.0)]
    assert changes(ready, Control.COVER)["plant_jp/ore"] == [(10, 1.5), (40, 1.0)]
    assert ready.timeline[0]["from_date"] == on(40)


def test_an_uncertain_lag_takes_each_of_its_values() -> None:
    text = f"""x: {{type: export_restriction, by: CHN, materials: ore, mechanism: ban,
        announced: {on(10)}, lag_days: {{distribution: empirical, values: [0, 30, 53]}}}}"""
    ready = world(text)
    days = [changes(ready, Control.LIMIT, k)["plant_kr/ore/mine_cn"][0][0] for k in range(40)]
    assert set(days) == {10, 40, 63}


def test_without_a_lag_drawn_nobody_hoards() -> None:
    text = f"""x: {{type: export_restriction, by: CHN, materials: ore, mechanism: ban,
        announced: {on(10)}, lag_days: 0, hoarding: 1.5}}"""
    assert changes(world(text), Control.COVER) == {}


def test_a_reach_may_lag_behind() -> None:
    text = f"""x: {{type: export_restriction, by: CHN, materials: ore, mechanism: ban,
        from: {on(10)}, reach: {{materials: metal, threshold: 0.01, lag_days: 53}}}}"""
    limits = changes(world(text), Control.LIMIT)
    assert limits["fab/metal/plant_kr"] == [(63, 0.0)]
    assert limits["plant_kr/ore/mine_cn"] == [(10, 0.0)]


def test_a_content_below_the_threshold_is_out_of_reach() -> None:
    text = f"""x: {{type: export_restriction, by: CHN, materials: ore, mechanism: ban,
        from: {on(10)}, reach: {{materials: metal, threshold: 0.09}}}}"""
    limits = changes(world(text), Control.LIMIT)
    assert "fab/metal/plant_kr" in limits  # 10 % of its value is Chinese ore
    assert "fab/metal/plant_jp" not in limits  # 7.5 %


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("from: 2026-01-20, regime: new, approval: 0.1", "has no effect with regime: new"),
        ("from: 2026-01-20, approval: 0.1", "processing_days: must be given with mechanism: lic"),
        ("regime: new", "from: must be given: or announced with lag_days"),
        ("lag_days: 3, regime: new", "announced: must be given with lag_days"),
        (
            "from: 2026-01-20, announced: 2026-01-02, lag_days: 3, regime: new",
            "no effect with from",
        ),
        ("from: 2026-01-20, regime: brand-new", "regime = brand-new: must be one of"),
        (
            "from: 2026-01-20, regime: new, per_destination: {Japan: {regime: new}}",
            "per_destination.Japan",
        ),
        (
            "from: 2026-01-20, regime: new, per_use: {chips: {regime: new}}",
            "per_use.chips.customers: must be given",
        ),
        (
            "from: 2026-01-20, regime: new, "
            "per_use: {chips: {customers: fab, regime: new, approval: 1}}",
            "per_use.chips.approval",
        ),
        ("from: 2026-01-20, regime: new, exempt_uses: plant_*", "no lane carries these materials"),
        ("from: 2026-01-20, regime: new, quota: 0.5", "has no effect with mechanism: licence"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{{BASE}, {rest}}}", words)


def test_a_restriction_of_one_of_many_lanes_costs_no_time_per_lane() -> None:
    ready = world(f"x: {{{BASE}, from: {on(5)}, regime: new}}", days=1000)
    points = ready.realise(0).shocked.changes
    assert len(points) <= 4
    assert np.all(np.diff(points.day) >= 0)
