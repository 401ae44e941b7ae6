"""Adding or removing an entry moves no draw of another, on the packaged network with every type."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.sampling import Model, prepare
from simulator.spec import Scenario, parse_scenario, shock_types

TEXT = """
name: all
network: alliance
start: 2025-10-01
horizon_days: 730
uncertainty: none
shocks:
  listed: {type: entity_ban, by: CHN, customers: [mag_us, mag_eu], from: 2026-06-22,
           regime: hostile}
  quakes: {type: hazard, facilities: {kind: fab, country: TWN}, annual_rate: 1, radius_km: 80,
           duration_days: {distribution: lognormal, median: 5, p95: 30}}
  quakes-too: {type: hazard, facilities: {kind: fab}, annual_rate: 1, duration_days: 3,
               severity: {distribution: beta, a: 2, b: 2}}
  sea: {type: chokepoint, hubs: {kind: hub, country: SGP}, from: 2026-01-15,
        detour_days: {distribution: pert, low: 9, mode: 12, high: 16}}
  cold: {type: energy_shortfall, countries: KOR, from: 2026-01-10, duration_days: 30,
         fraction: {distribution: uniform, low: 0, high: 0.2}}
  next: {type: export_restriction, by: CHN, materials: gallium_hp, announced: 2026-03-02,
         lag_days: {distribution: empirical, values: [0, 29, 30, 53]},
         mechanism: licence, regime: new}
  truce: {type: suspension, of: [next], from: 2026-05-01, until: 2026-09-01,
          then: {renewed: {probability: 0.5, days: {distribution: uniform, low: 90, high: 200}},
                 snapped_back: {probability: 0.5}}}
  fire: {type: outage, facilities: f18_n5, from: 2026-02-01,
         duration_days: {distribution: exponential, mean: 20}}
  port: {type: hub_closure, hubs: {kind: hub, country: SGP}, from: 2026-07-01,
         duration_days: {distribution: exponential, mean: 20}}
  boom: {type: demand_surge, sinks: {kind: datacenter}, from: 2026-01-01,
         factor: {distribution: uniform, low: 1, high: 1.2}}
measures:
  backup: {type: diversification, lanes: {material: gallium_hp, except: [{country: CHN}]},
           from: 2026-01-01, standby_share: {distribution: uniform, low: 0.2, high: 0.8}}
  covers: {type: inventory_policy, facilities: {kind: fab}, from: 2026-01-01,
           cover: {distribution: uniform, low: 1, high: 2}}
  allies: {type: priority, allies: pax, from: 2026-01-01,
           outsiders: {distribution: uniform, low: 0, high: 1}}
  swarf: {type: recycling, facilities: {material: ndfeb_magnet}, materials: dytb_oxide,
          from: 2026-07-01, fraction: {distribution: uniform, low: 0, high: 0.2}}
  less: {type: substitution, facilities: {kind: fab}, materials: helium, from: 2026-03-02,
         fraction: 0.3, delay_days: {distribution: pert, low: 90, mode: 180, high: 400}}
  kuantan: {type: capacity_addition, facilities: sep_lynas_hv, from: 2026-06-01, factor: 1.5,
            delay_days: {distribution: uniform, low: 0, high: 180}}
  reserve: {type: stockpile, holders: {kind: fab}, materials: helium, release: 2026-03-10,
            days_of_use: {distribution: uniform, low: 10, high: 60}}
"""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return parse_scenario(TEXT)


def draws(model: Model) -> list[dict[str, float]]:
    return [dict(model.realise(replication).draws) for replication in (0, 1, 1500)]


def test_every_type_is_there(scenario: Scenario) -> None:
    entries = {**scenario.shocks, **scenario.measures}.values()
    assert {entry.type for entry in entries} == set(shock_types())


def test_removing_an_entry_moves_no_draw_of_another(scenario: Scenario) -> None:
    whole = draws(prepare(scenario))
    for section in ("shocks", "measures"):
        entries = getattr(scenario, section)
        for gone in entries:
            if gone == "next":
                continue  # the truce is of this one
            rest = {name: entry for name, entry in entries.items() if name != gone}
            fewer = draws(prepare(replace(scenario, **{section: rest})))
            own = (f"{section}.{gone}.", f"{section}.{gone}:")
            kept = [{k: v for k, v in row.items() if not k.startswith(own)} for row in whole]
            assert fewer == kept, gone
