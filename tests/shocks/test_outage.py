"""Outages, closures of hubs, surges of demand and added capacity, as change-points."""

from __future__ import annotations

import pytest

from simulator.shocks import Control
from tests.networks import on
from tests.shocks.world import changes, only, refused, world


def test_an_outage_takes_its_share_of_capacity_for_its_days() -> None:
    ready = world(
        f"x: {{type: outage, facilities: fab, from: {on(10)}, duration_days: 5, severity: 0.25}}"
    )
    only(ready, Control.CAPACITY)
    assert changes(ready, Control.CAPACITY) == {"fab": [(10, 0.75), (15, 1.0)]}


def test_an_outage_hits_all_that_are_selected() -> None:
    ready = world(f"x: {{type: outage, facilities: {{kind: plant}}, from: {on(3)},"
                  " duration_days: 2}")  # fmt: skip
    expected = [(3, 0.0), (5, 1.0)]
    assert changes(ready, Control.CAPACITY) == {"plant_jp": expected, "plant_kr": expected}


def test_a_linear_recovery_comes_back_day_by_day() -> None:
    ready = world(
        f"x: {{type: outage, facilities: fab, from: {on(10)}, duration_days: 2,"
        " recovery: linear, recovery_days: 3}"
    )
    assert changes(ready, Control.CAPACITY)["fab"] == [
        (10, 0.0),
        (12, pytest.approx(0.25)),
        (13, pytest.approx(0.5)),
        (14, pytest.approx(0.75)),
        (15, 1.0),
    ]


def test_a_quake_freezes_and_scraps_work_in_process_and_destroys_goods() -> None:
    ready = world(
        f"x: {{type: outage, facilities: fab, from: {on(10)}, duration_days: 4,"
        " recovery: linear, recovery_days: 9, freezes_process: true, process_lost: 0.1,"
        " stock_lost: 0.4}"
    )
    only(ready, Control.CAPACITY, Control.PROGRESS, Control.PROCESS_KEEP, Control.FINISHED_KEEP)
    # frozen while it is out, not while it recovers
    assert changes(ready, Control.PROGRESS) == {"fab": [(10, 0.0), (14, 1.0)]}
    assert changes(ready, Control.PROCESS_KEEP) == {"fab": [(10, 0.9)]}
    assert changes(ready, Control.FINISHED_KEEP) == {"fab": [(10, 0.6)]}


def test_two_outages_of_one_facility_multiply() -> None:
    ready = world(
        f"a: {{type: outage, facilities: fab, from: {on(10)}, duration_days: 6, severity: 0.5}}\n"
        f"b: {{type: outage, facilities: fab, from: {on(13)}, duration_days: 6, severity: 0.2}}"
    )
    assert changes(ready, Control.CAPACITY) == {"fab": [(10, 0.5), (13, 0.4), (16, 0.8), (19, 1.0)]}


def test_an_outage_of_a_hub_takes_its_handling() -> None:
    ready = world(
        f"x: {{type: outage, facilities: {{id: [port, fab]}}, from: {on(1)}, duration_days: 2,"
        " freezes_process: true}"
    )
    assert changes(ready, Control.HANDLING) == {"port": [(1, 0.0), (3, 1.0)]}
    assert changes(ready, Control.CAPACITY) == {"fab": [(1, 0.0), (3, 1.0)]}
    assert set(changes(ready, Control.PROGRESS)) == {"fab"}


def test_an_outage_that_began_before_the_run_goes_on_in_it() -> None:
    ready = world(f"x: {{type: outage, facilities: fab, from: {on(-3)}, duration_days: 5,"
                  " process_lost: 0.5}")  # fmt: skip
    only(ready, Control.CAPACITY)
    assert changes(ready, Control.CAPACITY) == {"fab": [(0, 0.0), (2, 1.0)]}


def test_durations_are_rounded_to_whole_days() -> None:
    ready = world(f"x: {{type: outage, facilities: fab, from: {on(10)}, duration_days: 4.5}}")
    assert changes(ready, Control.CAPACITY) == {"fab": [(10, 0.0), (15, 1.0)]}


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("facilities: fabb", "shocks.x.facilities"),
        ("facilities: fabb", "did you mean 'fab'"),
        ("facilities: {kind: power}", "matches no facilities with this kind"),
        ("facilities: dc_us", "dc_us: is a datacenter, which has no capacity to lose"),
        ("facilities: fab, severity: 1.5", "must be between 0 and 1"),
        ("facilities: fab, recovery: linear", "a linear recovery takes time"),
        ("facilities: fab, recovery_days: 3", "has no effect with recovery: step"),
        ("facilities: fab, hub: port", "hub = port: unknown key"),
    ],
)
def test_an_outage_that_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{type: outage, from: {on(3)}, duration_days: 2, {rest}}}", words)


# hubs


def test_a_closed_hub_recovers_in_its_shape() -> None:
    ready = world(
        f"x: {{type: hub_closure, hubs: port, from: {on(5)}, duration_days: 2, severity: 0.5,"
        " recovery: linear, recovery_days: 1}"
    )
    only(ready, Control.HANDLING)
    assert changes(ready, Control.HANDLING) == {"port": [(5, 0.5), (7, 0.75), (8, 1.0)]}


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("hubs: fab", "shocks.x.hubs = fab: is a fab, not a hub: use type: outage for it"),
        ("hubs: prt", "did you mean 'port'"),
        ("hubs: port, recovery_days: 3", "has no effect with recovery: step"),
        ("hubs: port, recovery: exponential", "an exponential recovery takes time"),
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(rest: str, words: str) -> None:
    words = words.replace("an exponential", "a exponential")
    refused(f"x: {{type: hub_closure, from: {on(3)}, duration_days: 2, {rest}}}", words)


# demand


def test_a_surge_of_demand_holds_between_its_dates_for_its_materials() -> None:
    ready = world(
        f"x: {{type: demand_surge, sinks: {{kind: [market, datacenter]}}, from: {on(5)},"
        f" until: {on(9)}, factor: 1.5, materials: metal}}"
    )
    only(ready, Control.DEMAND)
    assert changes(ready, Control.DEMAND) == {"mkt_cn/metal": [(5, 1.5), (9, 1.0)]}


def test_a_surge_of_demand_climbs_to_its_factor_and_stays() -> None:
    ready = world(
        f"x: {{type: demand_surge, sinks: dc_us, from: {on(5)}, factor: 2, ramp_days: 4}}"
    )
    expected = [(5, 1.25), (6, 1.5), (7, 1.75), (8, 2.0)]
    assert changes(ready, Control.DEMAND) == {"dc_us/chip": expected}


def test_a_surge_may_end_while_it_climbs() -> None:
    ready = world(
        f"x: {{type: demand_surge, sinks: dc_us, from: {on(5)}, until: {on(7)}, factor: 2,"
        " ramp_days: 4}"
    )
    assert changes(ready, Control.DEMAND) == {"dc_us/chip": [(5, 1.25), (6, 1.5), (7, 1.0)]}


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("sinks: fab", "shocks.x.sinks = fab: is a fab, which has no demand of its own"),
        ("sinks: dc_us, materials: ore", "no selected sink demands these materials"),
        ("sinks: dc_us, until: 2025-01-01", "must not be before the start"),
        ("sinks: nobody", "shocks.x.sinks"),
    ],
)
def test_a_surge_that_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{type: demand_surge, from: {on(3)}, factor: 2, {rest}}}", words)


# capacity


def test_added_capacity_climbs_evenly_after_its_delay() -> None:
    ready = world(
        f"x: {{type: capacity_addition, facilities: fab, from: {on(10)}, factor: 2, delay_days: 5,"
        " ramp_days: 3}",
        section="measures",
    )
    only(ready, Control.CAPACITY)
    expected = [(15, 1.25), (16, 1.5), (17, 1.75), (18, 2.0)]
    assert changes(ready, Control.CAPACITY) == {"fab": expected}


def test_added_capacity_of_a_hub_is_handling() -> None:
    ready = world(
        f"x: {{type: capacity_addition, facilities: port, from: {on(10)}, factor: 1.5}}",
        section="measures",
    )
    only(ready, Control.HANDLING)
    assert changes(ready, Control.HANDLING) == {"port": [(10, 1.5)]}


def test_added_capacity_and_an_outage_multiply() -> None:
    ready = world(
        f"a: {{type: capacity_addition, facilities: fab, from: {on(10)}, factor: 1.5}}\n"
        f"b: {{type: outage, facilities: fab, from: {on(12)}, duration_days: 2, severity: 0.5}}"
    )
    assert changes(ready, Control.CAPACITY) == {"fab": [(10, 1.5), (12, 0.75), (14, 1.5)]}


def test_capacity_cannot_be_added_where_there_is_none() -> None:
    refused(
        f"x: {{type: capacity_addition, facilities: mkt_cn, from: {on(10)}, factor: 1.5}}",
        "mkt_cn: is a market, which has no capacity to add to",
        section="measures",
    )


# windows for calendars


@pytest.mark.parametrize(
    ("entry", "window", "label"),
    [
        (
            f"type: outage, facilities: fab, from: {on(10)}, duration_days: 5",
            (on(10), on(15)),
            "outage of fab",
        ),
        (
            f"type: outage, facilities: fab, from: {on(10)}, duration_days: 5, recovery: linear,"
            " recovery_days: 4",
            (on(10), on(19)),
            "outage of fab",
        ),
        (
            f"type: hub_closure, hubs: port, from: {on(10)}, duration_days: 5",
            (on(10), on(15)),
            "closure of port",
        ),
        (
            f"type: demand_surge, sinks: dc_us, from: {on(10)}, until: {on(20)}, factor: 1.5",
            (on(10), on(20)),
            "demand of dc_us x 1.5",
        ),
        (
            f"type: capacity_addition, facilities: fab, from: {on(10)}, factor: 1.5",
            (on(10), None),
            "capacity of fab x 1.5",
        ),
    ],
)
def test_every_entry_says_when_and_what_for_calendars(
    entry: str, window: tuple[str, str | None], label: str
) -> None:
    row = world(f"x: {{{entry}}}").timeline[0]
    assert (row["from_date"], row["until_date"]) == window
    assert row["label"] == label
    assert (row["name"], row["kind"]) == ("x", "shock")
