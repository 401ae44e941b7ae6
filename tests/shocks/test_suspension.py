"""Suspensions: what is suspended, for how long, and what follows, with which frequency."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from simulator.shocks import Control, Spell
from simulator.shocks.scene import cut
from tests.networks import on
from tests.shocks.world import changes, neutral, refused, world

FREE = neutral(Control.LIMIT)
LANE = "plant_kr/ore/mine_cn"


def ready(then: str = "", rule: str = "mechanism: ban", *, days: int = 100, more: str = ""):
    tail = f", then: {{{then}}}" if then else ""
    return world(
        f"rule: {{type: export_restriction, by: CHN, materials: ore, from: {on(10)}, {rule}}}\n"
        f"truce: {{type: suspension, of: [rule], from: {on(20)}, until: {on(30)}{tail}}}\n{more}",
        days=days,
    )


def limits(found, replication: int = 0) -> list[tuple[int, float]]:
    return changes(found, Control.LIMIT, replication)[LANE]


def test_a_suspension_lifts_the_restriction_and_then_it_is_back() -> None:
    assert limits(ready()) == [(10, 0.0), (20, FREE), (30, 0.0)]


def test_a_snap_back_is_back_as_written_and_processed_anew() -> None:
    found = ready(
        "snapped_back: {probability: 1}", "mechanism: licence, approval: 0.3, processing_days: 4"
    )
    assert limits(found) == [(10, 0.0), (14, 0.3), (20, FREE), (30, 0.0), (34, 0.3)]


def test_eased_licences_have_an_approval_and_a_processing_time_of_their_own() -> None:
    found = ready("eased: {probability: 1, approval: 0.6, processing_days: 7}")
    assert limits(found) == [(10, 0.0), (20, FREE), (30, 0.0), (37, 0.6)]


def test_lapsed_licences_keep_flowing() -> None:
    found = ready("lapsed: {probability: 1, approval: 0.95}")
    assert limits(found) == [(10, 0.0), (20, FREE), (30, 0.95)]


def test_a_suspension_renewed_for_ever_never_ends() -> None:
    found = ready("renewed: {probability: 1, days: 25}")
    assert limits(found) == [(10, 0.0), (20, FREE)]
    # three more ends are drawn within 100 days: on days 30, 55 and 80
    assert sorted(found.realise(0).draws) == [f"shocks.truce:branch {n}" for n in (1, 2, 3)]


def test_a_renewed_suspension_is_followed_by_what_is_drawn_when_it_ends() -> None:
    found = ready("renewed: {probability: 0.5, days: 25}, snapped_back: {probability: 0.5}")
    for replication in range(40):
        draws = found.realise(replication).draws
        ends = 30
        for n in range(1, 4):
            if ends >= 100 or draws[f"shocks.truce:branch {n}"] >= 0.5:
                break
            ends += 25
        expected = [(10, 0.0), (20, FREE)] + ([(ends, 0.0)] if ends < 100 else [])
        assert limits(found, replication) == expected


def test_branches_are_as_frequent_as_they_are_probable() -> None:
    probability = {"renewed": 0.4, "eased": 0.3, "lapsed": 0.2, "snapped_back": 0.1}
    found = ready(
        "renewed: {probability: 0.4, days: 400}, eased: {probability: 0.3, approval: 0.6},"
        " lapsed: {probability: 0.2, approval: 0.9}, snapped_back: {probability: 0.1}"
    )
    kind = {FREE: "renewed", 0.9: "lapsed"}
    counts: Counter[str] = Counter()
    for replication in range(2000):
        steps = limits(found, replication)
        last = steps[-1][1]
        counts[kind.get(last, "eased" if last == 0.6 else "snapped_back")] += 1
    # chi-square with 3 degrees of freedom: above 22.5 by chance in 5 of 100,000 seeds
    expected = {name: 2000 * share for name, share in probability.items()}
    assert sum((counts[n] - expected[n]) ** 2 / expected[n] for n in expected) < 22.5


def test_one_course_of_events_holds_for_all_that_are_suspended() -> None:
    found = world(
        f"""
a: {{type: export_restriction, by: CHN, materials: ore, from: {on(10)}, mechanism: ban}}
b: {{type: export_restriction, by: JPN, materials: metal, from: {on(12)}, mechanism: ban}}
truce: {{type: suspension, of: [a, b], from: {on(20)}, until: {on(30)},
  then: {{lapsed: {{probability: 0.5}}, snapped_back: {{probability: 0.5}}}}}}
"""
    )
    both = set()
    for replication in range(30):
        steps = changes(found, Control.LIMIT, replication)
        assert steps[LANE][-1] == steps["fab/metal/plant_jp"][-1]
        both.add(steps[LANE][-1])
    assert both == {(30, 0.0), (30, 0.95)}


def test_a_suspension_that_ends_after_the_run_draws_nothing() -> None:
    found = ready("snapped_back: {probability: 1}", days=25)
    assert limits(found) == [(10, 0.0), (20, FREE)]
    assert found.realise(0).draws == {}


def test_a_suspension_before_the_effect_postpones_it() -> None:
    found = world(
        f"""
rule: {{type: export_restriction, by: CHN, materials: ore, from: {on(25)}, mechanism: licence,
  approval: 0.2, processing_days: 3}}
truce: {{type: suspension, of: [rule], from: {on(20)}, until: {on(30)}}}
"""
    )
    assert limits(found) == [(30, 0.0), (33, 0.2)]


def test_a_restriction_that_ends_during_its_suspension_does_not_come_back() -> None:
    found = ready(rule=f"until: {on(25)}, mechanism: ban")
    assert limits(found) == [(10, 0.0), (20, FREE)]


def test_two_suspensions_of_one_restriction_follow_each_other() -> None:
    more = f"second: {{type: suspension, of: [rule], from: {on(40)}, until: {on(50)}}}"
    expected = [(10, 0.0), (20, FREE), (30, 0.0), (40, FREE), (50, 0.0)]
    assert limits(ready(more=more)) == expected


@pytest.mark.parametrize(
    ("spells", "pieces"),
    [
        ([], [(10, 50, None)]),
        ([(0, 5)], [(10, 50, None)]),
        ([(0, 20)], [(10, 20, 0), (20, 50, None)]),
        ([(20, 30)], [(10, 20, None), (20, 30, 0), (30, 50, None)]),
        ([(20, None)], [(10, 20, None), (20, 50, 0)]),
        ([(20, 30), (30, 40)], [(10, 20, None), (20, 30, 0), (30, 40, 1), (40, 50, None)]),
        ([(20, 35), (30, 40)], [(10, 20, None), (20, 35, 0), (35, 40, 1), (40, 50, None)]),
        ([(20, 40), (25, 30)], [(10, 20, None), (20, 40, 0), (40, 50, None)]),
        ([(60, 70)], [(10, 50, None)]),
    ],
)
def test_a_restriction_is_cut_at_its_spells(spells: list, pieces: list) -> None:
    given = [Spell(start, end, math.inf) for start, end in spells]
    found = [
        (begin, end, None if spell is None else given.index(spell))
        for begin, end, spell in cut(10, 50, given, 100)
    ]
    assert found == pieces


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            f"of: [rules], from: {on(20)}",
            "of = rules: no shock has this name: restrictions here: r",
        ),
        (f"of: [quake], from: {on(20)}", "of = quake: type outage cannot be suspended"),
        (f"of: [], from: {on(20)}", "shocks.truce.of"),
        (f"of: [rule], from: {on(20)}, until: {on(10)}", "must not be before the start"),
        (
            f"of: [rule], from: {on(20)}, then: {{snapped_back: {{probability: 1}}}}",
            "has no effect on an open suspension: give `until`",
        ),
        (
            f"of: [rule], from: {on(20)}, until: {on(30)},"
            " then: {snapped_back: {probability: 0.9}}",
            "probabilities must sum to 1, not 0.9",
        ),
        (
            f"of: [rule], from: {on(20)}, until: {on(30)}, then: {{renewed: {{probability: 1.5}}}}",
            "must be",
        ),
    ],
)
def test_a_suspension_that_makes_no_sense_is_refused(text: str, words: str) -> None:
    refused(
        f"rule: {{type: export_restriction, by: CHN, materials: ore, from: {on(10)},"
        " mechanism: ban}\n"
        f"quake: {{type: outage, facilities: fab, from: {on(10)}, duration_days: 3}}\n"
        f"truce: {{type: suspension, {text}}}",
        words,
    )


def test_draws_of_a_suspension_do_not_depend_on_the_restriction_it_suspends() -> None:
    then = "renewed: {probability: 0.5, days: {distribution: uniform, low: 5, high: 90}},"
    then += " snapped_back: {probability: 0.5}"
    one = ready(then)
    two = ready(then, "mechanism: licence, approval: 0.3, processing_days: 9")
    for replication in range(8):
        assert one.realise(replication).draws == two.realise(replication).draws
    assert len({tuple(one.realise(k).draws.items()) for k in range(8)}) == 8
    assert np.isfinite(list(one.realise(0).draws.values())).all()
