"""The event log: what changed where, when and why, each thing once."""

from __future__ import annotations

import pytest

from simulator.engine import EventLog, simulate
from simulator.errors import UsageError
from tests.networks import model, on, serial

STOP = f"""
shocks:
  stop: {{type: outage, facilities: mine, from: {on(10)}, duration_days: 6}}
"""


def test_the_log_names_the_input_that_was_short_and_the_days_on_which_it_began_and_ended() -> None:
    log = EventLog()
    ready = model(serial(cover=3), STOP)
    simulate(ready.realise(0).shocked, engine="simpy", log=log)
    table = log.frame()
    plant = table[(table.facility == "plant") & table.what.str.startswith("makes")]
    # ore of days 10 to 15 is missing on days 11 to 16, three of which the cover bridges
    assert plant[["day", "what", "why"]].values.tolist() == [
        [14, "makes less", "short of ore"],
        [17, "makes as wanted", ""],
    ]
    market = table[table.facility == "market"]
    assert market.day.tolist() == [15, 18]
    assert market.why.tolist() == ["short of metal", ""]
    mine = table[(table.facility == "mine") & table.what.str.startswith("digs")]
    assert mine[["day", "why"]].values.tolist() == [[10, "capacity at 0 %"], [16, ""]]


def test_a_run_in_which_nothing_happens_has_an_empty_log() -> None:
    log = EventLog()
    simulate(model(serial()).realise(0).shocked, log=log)
    assert log.frame().empty


def test_a_log_does_not_change_the_run() -> None:
    real = model(serial(cover=3), STOP).realise(0).shocked
    with_log = simulate(real, record="all", log=EventLog())
    without = simulate(real, engine="simpy", record="all")
    for key, series in without.series.items():
        assert (with_log[key] == series).all()


def test_a_hub_that_holds_back_is_logged() -> None:
    tables = """
    materials: [{id: ore, layer: minerals, unit: t, mass_kg_per_unit: 1000}]
    facilities:
      - {id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 20}
      - {id: port, kind: hub, country: SGP, capacity_per_day: 20}
      - {id: market, kind: market, country: USA}
    lanes:
      - {customer: market, material: ore, supplier: mine, share: 1, transit_days: 4, route: port}
    demand: [{sink: market, material: ore, units_per_day: 10}]
    """
    rest = f"""
    shocks:
      strike: {{type: hub_closure, hubs: port, from: {on(10)}, duration_days: 3}}
    """
    log = EventLog()
    simulate(model(tables, rest).realise(0).shocked, log=log)
    table = log.frame()
    hub = table[table.facility == "port"]
    assert hub[["day", "why"]].values.tolist() == [
        [10, "100 % held back"],
        [13, "50 % held back"],
        [14, ""],
    ]


def test_unknown_engines_and_records_are_refused() -> None:
    real = model(serial()).realise(0).shocked
    with pytest.raises(UsageError, match="engine = warp: must be one of auto"):
        simulate(real, engine="warp")
    with pytest.raises(UsageError, match="record = some: must be outcome or all"):
        simulate(real, record="some")
