from __future__ import annotations

import numpy as np
import pytest

from simulator.shocks import Control
from tests.networks import on, shocked
from tests.shocks.world import changes, only, refused, world


def test_the_cover_of_every_input_of_the_facilities_is_multiplied() -> None:
    ready = world(
        f"x: {{type: inventory_policy, facilities: {{kind: plant}}, from: {on(20)}, cover: 2}}",
        section="measures",
    )
    only(ready, Control.COVER)
    assert changes(ready, Control.COVER) == {
        "plant_jp/ore": [(20, 2.0)],
        "plant_kr/ore": [(20, 2.0)],
    }


def test_a_ramp_climbs_evenly_and_an_end_ends_it() -> None:
    ready = world(
        f"""x: {{type: inventory_policy, facilities: fab, materials: metal, from: {on(20)},
            cover: 3, ramp_days: 2, until: {on(50)}}}""",
        section="measures",
    )
    assert changes(ready, Control.COVER) == {"fab/metal": [(20, 2.0), (21, 3.0), (50, 1.0)]}


def test_an_end_within_the_ramp_cuts_it() -> None:
    ready = world(
        f"""x: {{type: inventory_policy, facilities: fab, from: {on(20)}, cover: 3, ramp_days: 10,
            until: {on(22)}}}""",
        section="measures",
    )
    steps = changes(ready, Control.COVER)["fab/metal"]
    assert steps == [(20, pytest.approx(1.2)), (21, pytest.approx(1.4)), (22, 1.0)]


def test_the_stock_grows_to_the_new_cover(engine: str) -> None:
    ready = world(
        f"x: {{type: inventory_policy, facilities: fab, from: {on(20)}, cover: 2, ramp_days: 20}}",
        section="measures",
    )
    on_hand = shocked(ready, engine).slot("on_hand", "fab/metal")
    assert on_hand[99] - on_hand[10] == pytest.approx(100.0)
    assert np.all(np.diff(on_hand) >= -1e-9)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("facilities: dc_us, cover: 2", "none of these stocks has a cover to multiply"),
        ("facilities: fab, materials: ore, cover: 2", "none of the facilities uses these"),
        ("facilities: fab, cover: -1", "must be >= 0"),
        ("facilities: mine_au, cover: 2", "none of the facilities uses these materials"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    text = f"x: {{type: inventory_policy, from: 2026-01-20, {rest}}}"
    refused(text, words, section="measures")
