from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.sampling import Model
from simulator.shocks import Control
from simulator.shocks.hazard import distance_km
from tests.networks import on
from tests.shocks.world import changes, refused, world

YEARS = 10
DAYS = 3652


def hazard(rest: str, days: int = DAYS) -> Model:
    return world(f"x: {{type: hazard, duration_days: 3, {rest}}}", days=days)


def events(ready: Model, replications: int) -> list[float]:
    return [ready.realise(k).draws["shocks.x:events"] for k in range(replications)]


def test_events_come_at_the_annual_rate() -> None:
    found = events(hazard("facilities: fab, annual_rate: 2"), 200)
    assert np.mean(found) == pytest.approx(2 * YEARS, abs=4 * math.sqrt(2 * YEARS / 200))
    assert np.var(found) == pytest.approx(2 * YEARS, rel=0.4), "Poisson: variance equals the mean"


def test_regular_events_vary_less_in_number() -> None:
    found = events(hazard("facilities: fab, annual_rate: 2, regularity: 4"), 200)
    assert np.mean(found) == pytest.approx(2 * YEARS, rel=0.05)
    assert np.var(found) < YEARS / 2


def test_the_rate_may_be_that_of_each_facility() -> None:
    found = events(hazard("facilities: [fab, mine_au], annual_rate: 1, per_facility: true"), 100)
    assert np.mean(found) == pytest.approx(2 * YEARS, rel=0.1)


def test_no_event_comes_outside_the_window() -> None:
    ready = hazard(f"facilities: fab, annual_rate: 20, from: {on(100)}, until: {on(200)}", 365)
    for replication in range(10):
        days = [day for day, _ in changes(ready, Control.CAPACITY, replication)["fab"]]
        assert min(days) >= 100
        assert max(days) <= 203


def test_an_event_takes_the_severity_for_the_duration_and_recovers() -> None:
    rest = "facilities: mine_au, annual_rate: 1, severity: 0.6, recovery: linear, recovery_days: 2"
    ready = hazard(rest, 600)
    steps = next(c["mine_au"] for k in range(20) if (c := changes(ready, Control.CAPACITY, k)))
    start = steps[0][0]
    assert steps[:4] == [
        (start, 0.4),
        (start + 3, pytest.approx(0.6)),
        (start + 4, pytest.approx(0.8)),
        (start + 5, 1.0),
    ]


def test_a_common_cause_hits_the_region_less_with_distance_and_its_hubs_too() -> None:
    rest = "facilities: plant_jp, annual_rate: 1, radius_km: 100, severity: 1, process_lost: 0.5"
    ready = hazard(rest, 600)
    k = next(k for k in range(20) if changes(ready, Control.CAPACITY, k))
    capacity = changes(ready, Control.CAPACITY, k)
    away = distance_km((35, 139), (35.5, 139))
    assert set(capacity) == {"plant_jp", "plant_kr"}
    assert capacity["plant_jp"][0][1] == 0.0
    assert capacity["plant_kr"][0][1] == pytest.approx(away / 100)
    wide = hazard("facilities: plant_jp, annual_rate: 1, radius_km: 9000", 600)
    assert set(changes(wide, Control.HANDLING, k)) == {"port"}


def test_neighbours_can_be_limited_to_some() -> None:
    rest = "facilities: plant_jp, annual_rate: 1, radius_km: 9000, neighbours: {kind: fab}"
    ready = hazard(rest, 600)
    k = next(k for k in range(20) if changes(ready, Control.CAPACITY, k))
    assert set(changes(ready, Control.CAPACITY, k)) == {"plant_jp", "fab"}


def test_events_do_not_depend_on_other_entries_or_the_end() -> None:
    alone = hazard("facilities: [fab, mine_au], annual_rate: 3", 800)
    longer = hazard("facilities: [fab, mine_au], annual_rate: 3", 1600)
    beside = world(
        "a: {type: hazard, facilities: plant_jp, annual_rate: 5, duration_days: 1}\n"
        "x: {type: hazard, duration_days: 3, facilities: [fab, mine_au], annual_rate: 3}",
        days=800,
    )
    for k in range(5):
        own = changes(alone, Control.CAPACITY, k)
        other = changes(beside, Control.CAPACITY, k)
        assert {name: other[name] for name in own} == own
        late = changes(longer, Control.CAPACITY, k)
        cut = {name: [s for s in steps if s[0] < 800] for name, steps in late.items()}
        assert {name: steps for name, steps in cut.items() if steps} == own


def test_only_the_number_of_events_is_recorded() -> None:
    draws = hazard(
        "facilities: fab, annual_rate: 3, severity: {distribution: uniform, low: 0, high: 1}"
    )
    assert set(draws.realise(0).draws) == {"shocks.x:events"}


def test_the_epicentre_is_any_of_the_facilities_as_likely() -> None:
    ready = hazard("facilities: [fab, mine_au, mine_cn], annual_rate: 30", 3652)
    hits = [
        sum(value == 0 for _, value in steps) for steps in changes(ready, Control.CAPACITY).values()
    ]
    assert len(hits) == 3
    assert min(hits) > 0.6 * max(hits)


def test_distances_are_those_of_great_circles() -> None:
    assert distance_km((0, 0), (0, 180)) == pytest.approx(math.pi * 6371.0088)
    assert distance_km((51.5, -0.1), (48.9, 2.35)) == pytest.approx(340, abs=5)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("facilities: dc_us, annual_rate: 1", "is a datacenter, which has no capacity to lose"),
        ("facilities: fab, annual_rate: 400", "must be at most 366 events a year"),
        ("facilities: fab, annual_rate: -1", "must be >= 0"),
        ("facilities: fab, annual_rate: 1, neighbours: fab", "no effect without radius_km"),
        ("facilities: fab, annual_rate: 1, recovery: linear", "a linear recovery takes time"),
        ("facilities: fab, annual_rate: 1, recovery_days: 3", "no effect with recovery: step"),
        ("facilities: fab, annual_rate: 1, radius_km: -5", "must be >= 0"),
        ("facilities: fab, annual_rate: 1, regularity: 0", "must be > 0"),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, words: str) -> None:
    refused(f"x: {{type: hazard, duration_days: 3, {rest}}}", words)
