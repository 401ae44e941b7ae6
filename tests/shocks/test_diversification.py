from __future__ import annotations

import numpy as np
import pytest

from simulator.shocks import Control
from tests.networks import on, shocked
from tests.shocks.world import changes, only, refused, world

AU, CN = "plant_jp/ore/mine_au", "plant_jp/ore/mine_cn"


def test_a_new_share_takes_from_the_others_in_proportion() -> None:
    ready = world(
        f"x: {{type: diversification, lanes: {AU}, from: {on(20)}, share: 0.6}}", section="measures"
    )
    only(ready, Control.SHARE)
    found = changes(ready, Control.SHARE)
    assert found == {AU: [(20, pytest.approx(0.6))], CN: [(20, pytest.approx(0.4))]}


def test_a_ramp_climbs_evenly_and_shares_sum_to_one_every_day() -> None:
    ready = world(
        f"""x: {{type: diversification, lanes: {AU}, from: {on(20)}, share: 0.65, ramp_days: 4,
            until: {on(50)}}}""",
        section="measures",
    )
    found = changes(ready, Control.SHARE)
    climb = [(20, 0.35), (21, 0.45), (22, 0.55), (23, 0.65)]
    assert found[AU] == [*((day, pytest.approx(v)) for day, v in climb), (50, -1.0)]
    for (_, one), (_, other) in zip(found[AU][:-1], found[CN][:-1], strict=True):
        assert one + other == pytest.approx(1.0, abs=1e-12)


def test_goods_follow_as_far_as_the_supplier_exceeds_its_plan(engine: str) -> None:
    ready = world(
        f"x: {{type: diversification, lanes: {AU}, from: {on(20)}, share: 0.6}}", section="measures"
    )
    run = shocked(ready, engine)
    # The new supplier plans 2.5 and meets half of a standing request beyond that, so that the slot
    # settles below its target, where what both are asked adds up to what both give.
    assert run.lane("given", AU)[80] == pytest.approx(5.0)
    assert run.lane("given", CN)[80] == pytest.approx(5.0)
    assert run.slot("on_hand", "plant_jp/ore")[80] == pytest.approx(87.5)
    assert np.allclose(run.slot("used", "dc_us/chip"), 10.0)


def test_a_standby_share_is_ready_from_its_date_on() -> None:
    ready = world(
        f"""x: {{type: diversification, lanes: {AU}, from: {on(20)}, standby_share: 0.5,
            ramp_days: 2, delay_days: 10, until: {on(60)}}}""",
        section="measures",
    )
    assert changes(ready, Control.STANDBY) == {AU: [(30, 0.25), (31, 0.5), (60, -1.0)]}


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("lanes: fab/metal/plant_*, share: 0.6", "would have 1.2 of its need together"),
        ("lanes: plant_kr/ore/mine_cn, share: 0.5", "leaves 0.5 of the need of plant_kr/ore to"),
        (f"lanes: {AU}", "share: must be given: or standby_share"),
        (f"lanes: {AU}, share: 0.5, standby_share: 0.5", "must stand alone"),
        ("lanes: plant_jp/ore/mine_us, share: 0.5", "matches no lanes; did you mean"),
        (f"lanes: {AU}, share: 1.5", "must be between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    text = f"x: {{type: diversification, from: 2026-01-20, {rest}}}"
    refused(text, words, section="measures")


def test_lanes_can_be_chosen_by_the_country_or_alliance_of_the_customer() -> None:
    for key in ("customer_country: JPN", "customer_alliance: pax, country: AUS"):
        lanes = f"{{material: ore, supplier: mine_au, {key}}}"
        ready = world(
            f"x: {{type: diversification, lanes: {lanes}, from: {on(20)}, share: 0.6}}",
            section="measures",
        )
        assert AU in changes(ready, Control.SHARE)
