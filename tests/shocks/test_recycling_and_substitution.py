from __future__ import annotations

import numpy as np
import pytest

from simulator.shocks import ChangePoints, Control, Effect, combine
from tests.networks import on, shocked
from tests.shocks.world import changes, only, refused, world

RECYCLING = "x: {{type: recycling, facilities: fab, materials: metal, from: {}, {}}}"


def test_a_fraction_of_planned_use_is_added_every_day() -> None:
    ready = world(RECYCLING.format(on(20), f"fraction: 0.3, until: {on(23)}"), section="measures")
    only(ready, Control.STOCK_ADD)
    assert changes(ready, Control.STOCK_ADD) == {"fab/metal": [(20, 3.0), (21, 3.0), (22, 3.0)]}


def test_it_grows_over_the_ramp_after_the_delay() -> None:
    rest = f"fraction: 0.4, ramp_days: 4, delay_days: 10, until: {on(35)}"
    ready = world(RECYCLING.format(on(20), rest), section="measures")
    added = changes(ready, Control.STOCK_ADD)["fab/metal"]
    assert added == [
        (day, pytest.approx(value))
        for day, value in [(30, 1.0), (31, 2.0), (32, 3.0), (33, 4.0), (34, 4.0)]
    ]


def test_orders_shrink_by_what_is_recycled(engine: str) -> None:
    ready = world(RECYCLING.format(on(20), "fraction: 0.3"), section="measures")
    run = shocked(ready, engine)
    assert run.lane("given", "fab/metal/plant_jp")[60:].max() == pytest.approx(0.7 * 5)
    assert np.allclose(run.slot("used", "fab/metal"), 10.0)


def test_a_substitute_is_there_after_its_delay() -> None:
    text = f"""x: {{type: substitution, facilities: fab, materials: metal, from: {on(20)},
        delay_days: 30, ramp_days: 2, fraction: 0.5, until: {on(53)}}}"""
    ready = world(text, section="measures")
    assert changes(ready, Control.STOCK_ADD) == {"fab/metal": [(50, 2.5), (51, 5.0), (52, 5.0)]}
    assert ready.timeline[0]["from_date"] == on(50)


def test_a_whole_substitute_frees_from_every_supplier(engine: str) -> None:
    text = (
        f"b: {{type: outage, facilities: {{kind: plant}}, from: {on(30)}, duration_days: 70}}\n"
        f"x: {{type: substitution, facilities: fab, materials: metal, from: {on(0)},"
        f" delay_days: 30, fraction: 1}}"
    )
    assert np.allclose(shocked(world(text), engine).slot("used", "dc_us/chip"), 10.0)


@pytest.mark.parametrize("kind", ["recycling", "substitution"])
@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("facilities: fab, materials: ore, fraction: 0.1", "none of the facilities uses these"),
        ("facilities: fab, materials: metal, fraction: 1.1", "must be between 0 and 1"),
        ("facilities: fab, materials: metal", "fraction: must be given"),
        ("facilities: fab, materials: metal, fraction: 0.1, until: 2026-01-01", "before the start"),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, rest: str, words: str) -> None:
    text = f"x: {{type: {kind}, from: 2026-01-20, delay_days: 3, {rest}}}"
    refused(text, words, section="measures")


def at_once(*effects: Effect) -> ChangePoints:
    return combine(effects, 10)


def test_a_control_that_acts_at_once_does_so_once_with_one_value_and_daily_with_many() -> None:
    once = at_once(Effect(Control.STOCK_ADD, 0, 2, 5, 7.0))
    assert once.of(Control.STOCK_ADD) == {0: [(2, 7.0)]}
    daily = at_once(Effect(Control.STOCK_ADD, 0, 2, 5, (7.0, 0.0, 8.0)))
    assert daily.of(Control.STOCK_ADD) == {0: [(2, 7.0), (4, 8.0)]}


def test_daily_additions_of_several_entries_add_up_and_losses_multiply() -> None:
    effects = (
        Effect(Control.STOCK_ADD, 0, 1, 4, (1.0, 1.0, 1.0)),
        Effect(Control.STOCK_ADD, 0, 2, None, 5.0),
        Effect(Control.STOCK_KEEP, 0, 1, 3, (0.5, 0.5)),
        Effect(Control.STOCK_KEEP, 0, 2, 3, 0.5),
    )
    points = at_once(*effects)
    assert points.of(Control.STOCK_ADD) == {0: [(1, 1.0), (2, 6.0), (3, 1.0)]}
    assert points.of(Control.STOCK_KEEP) == {0: [(1, 0.5), (2, 0.25)]}


def test_daily_values_before_the_start_and_after_the_end_are_cut_off() -> None:
    points = at_once(Effect(Control.STOCK_ADD, 0, -2, 12, tuple(float(v) for v in range(14))))
    assert points.of(Control.STOCK_ADD) == {0: [(day, day + 2.0) for day in range(10)]}
