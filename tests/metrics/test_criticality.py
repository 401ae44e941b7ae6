"""Hand-computed cases of exposure, rank and time to survive."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.metrics.criticality import (
    ranks,
    ranks_within,
    risk_exposure_index,
    static_exposure,
    supply_shares,
    time_to_survive,
)
from simulator.network.network import Network
from tests.networks import model

# A plant of two inputs: one that it cannot do without and one whose lack wears it down slowly.
TWO_INPUTS = """
materials:
  - {id: ore, layer: minerals, unit: t}
  - {id: parts, layer: minerals, unit: t}
  - {id: metal, layer: minerals, unit: t}
facilities:
  - {id: mine, kind: mine, country: AUS, output: ore, capacity_per_day: 10}
  - {id: shop, kind: mine, country: JPN, output: parts, capacity_per_day: 10}
  - {id: plant, kind: plant, country: JPN, output: metal, recipe: metal, capacity_per_day: 10}
  - {id: market, kind: market, country: USA}
recipes:
  - {recipe: metal, input: ore, quantity: 1, criticality: 0.8}
  - {recipe: metal, input: parts, quantity: 1, criticality: 0.5, onset_days: 90}
lanes:
  - {customer: plant, material: ore, supplier: mine, share: 1, transit_days: 1}
  - {customer: plant, material: parts, supplier: shop, share: 1, transit_days: 1}
  - {customer: market, material: metal, supplier: plant, share: 1, transit_days: 1}
demand:
  - {sink: market, material: metal, units_per_day: 10}
"""


def exposure(network: Network, removed: list[str], cut: list[str] | None = None) -> float:
    gone = np.array([[name in removed] for name in network.facility_ids])
    shut = np.array([[name in (cut or [])] for name in network.lane_ids])
    share = np.ones(len(network.lanes))
    (found,) = static_exposure(network, share, np.full(len(gone), 10.0), gone, shut)
    return float(found)


def test_time_to_survive_counts_from_the_removal_to_the_first_day_below_99_percent() -> None:
    normal, actual = np.full(50, 100.0), np.full(50, 100.0)
    actual[30] = 99.0  # exactly 1 % is not more than 1 %
    assert time_to_survive(normal, actual) == math.inf
    actual[40] = 98.9
    assert time_to_survive(normal, actual) == 40
    assert time_to_survive(normal, actual, removed_on=15) == 25


def test_risk_exposure_is_loss_over_the_largest_and_a_gain_is_no_loss() -> None:
    assert risk_exposure_index([10.0, 40.0, -5.0, 0.0]).tolist() == [0.25, 1.0, 0.0, 0.0]
    assert risk_exposure_index([0.0, -1.0]).tolist() == [0.0, 0.0]
    assert risk_exposure_index([]).tolist() == []


def test_ranks_go_by_loss_then_by_how_soon_and_equals_share_one() -> None:
    found = ranks([5.0, 9.0, 5.0, 0.0, 0.0], [20.0, 30.0, 10.0, math.inf, math.inf])
    assert found.tolist() == [3, 1, 2, 4, 4]


def test_ranks_within_groups_do_not_see_other_groups() -> None:
    rank, index = ranks_within(["a", "b", "a", "b"], [1.0, 8.0, 2.0, 4.0], [1.0] * 4)
    assert rank.tolist() == [2, 1, 1, 2]
    assert index.tolist() == [0.5, 1.0, 1.0, 0.5]


def test_exposure_is_what_the_partially_binding_leontief_function_loses_for_good() -> None:
    network = model(TWO_INPUTS, "outcome: [metal]").network
    assert exposure(network, ["mine"]) == pytest.approx(0.8)
    assert exposure(network, ["shop"]) == pytest.approx(0.5)
    # lack of one input at once and wear by the other multiply: 1 - 0.2 * 0.5
    assert exposure(network, ["mine", "shop"]) == pytest.approx(0.9)
    assert exposure(network, ["plant"]) == 1.0
    assert exposure(network, []) == 0.0


def test_a_cut_lane_exposes_like_its_supplier_and_a_lane_past_the_outcome_does_not() -> None:
    network = model(TWO_INPUTS, "outcome: [metal]").network
    assert exposure(network, [], ["plant/ore/mine"]) == pytest.approx(0.8)
    assert exposure(network, [], ["market/metal/plant"]) == 0.0


def test_supply_share_is_of_the_material_and_the_largest_of_several() -> None:
    output, planned = ["ore", "ore", "metal", ""], [30.0, 10.0, 5.0, 0.0]
    assert supply_shares(output, planned, [0]) == 0.75
    assert supply_shares(output, planned, [1, 2]) == 1.0
    assert math.isnan(supply_shares(output, planned, [3]))
