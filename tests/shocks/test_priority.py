from __future__ import annotations

import pytest

from simulator.shocks import Control
from tests.networks import on, shocked
from tests.shocks.world import changes, neutral, only, refused, world


def test_lanes_to_others_are_limited_and_those_to_allies_are_not() -> None:
    ready = world(
        f"""x: {{type: priority, allies: pax, from: {on(20)}, until: {on(40)}, outsiders: 0.2}}""",
        section="measures",
    )
    only(ready, Control.LIMIT)
    free = neutral(Control.LIMIT)
    assert changes(ready, Control.LIMIT) == {"mkt_cn/metal/plant_jp": [(20, 0.2), (40, free)]}


def test_members_count_as_of_the_date_of_the_measure() -> None:
    text = "x: {{type: priority, allies: pax, suppliers: mine_cn, from: {}}}"
    before = world(text.format(on(20)), section="measures")
    assert set(changes(before, Control.LIMIT)) == {"plant_kr/ore/mine_cn"}
    refused(text.format(on(70)), "no lane leads from these suppliers", section="measures")


def test_in_a_shortage_allies_get_what_others_are_denied(engine: str) -> None:
    outage = f"""o: {{type: outage, facilities: plant_jp, from: {on(20)}, duration_days: 60,
        severity: 0.6}}"""
    first = f"p: {{type: priority, allies: pax, from: {on(20)}, outsiders: 0}}"
    given = {
        name: shocked(world(text), engine).lane("given", "fab/metal/plant_jp")[20:80].sum()
        for name, text in {"without": outage, "with": f"{outage}\n{first}"}.items()
    }
    assert given["with"] > given["without"] * 1.2


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (
            "allies: pax, materials: chip",
            "no lane leads from these suppliers to customers elsewhere",
        ),
        ("allies: paxx", "unknown country or alliance; did you mean 'pax'?"),
        ("allies: pax, outsiders: 2", "must be between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{type: priority, from: 2026-01-20, {rest}}}", words, section="measures")
