"""Sensitivity: closed forms, agreement with scipy, and the mixing of two samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from simulator.errors import StuckError, UsageError
from simulator.experiment.input_groups import EVENTS, PARAMETERS, REST
from simulator.experiment.saltelli import ScenarioOutcome
from simulator.experiment.sensitivity import sensitivity
from simulator.metrics.given_data import equal_bins, given_data
from simulator.sampling.mixed import MixedStreams, second_seed
from simulator.sampling.model import prepare
from simulator.sampling.streams import EVENT, PARAMETER, Streams
from simulator.spec import Scenario
from simulator.spec.distributions import Uniform
from tests.networks import scenario

ANGLE = Uniform(low=-math.pi, high=math.pi)
TABLES = """
    materials:
      - {id: ore, layer: minerals, unit: t}
      - {id: chip, layer: ai_infrastructure, unit: unit, price_usd_per_unit: 5, h100e_per_unit: 1}
    facilities:
      - {id: pit, kind: mine, country: AUS, output: ore, capacity_per_day: 20}
      - {id: works, kind: fab, country: TWN, output: chip, recipe: chip, capacity_per_day: 20}
      - {id: site, kind: datacenter, country: USA}
    recipes:
      - {recipe: chip, input: ore, quantity: 1, grade: C, source_id: a,
         cover_days: {distribution: uniform, low: 1, high: 9}}
    sources:
      - {id: a, title: A, publisher: B, date: "2025", url: "https://example.org"}
    lanes:
      - {customer: works, material: ore, supplier: pit, share: 1, transit_days: 1}
      - {customer: site, material: chip, supplier: works, share: 1, transit_days: 1}
    demand:
      - {sink: site, material: chip, units_per_day: 10}
"""
STOP = """
    shocks:
      stop:
        type: outage
        facilities: pit
        from: 2026-01-11
        duration_days: {distribution: uniform, low: 10, high: 20}
"""


@dataclass(frozen=True)
class Ishigami:
    """Sobol indices are known: 0.3139, 0.4424, 0 alone; 0.5576, 0.4424, 0.2437 in total."""

    broken: int = -1

    def sampled(self) -> Ishigami:
        return self

    def group(self, thing: str, purpose: str) -> str:
        return thing

    def __call__(self, number: int, streams: Streams) -> tuple[float, dict[str, float]]:
        if number == self.broken:
            raise ZeroDivisionError("by nothing")
        x, y, z = (streams.value(name, PARAMETER, number, ANGLE) for name in "xyz")
        value = math.sin(x) + 7 * math.sin(y) ** 2 + 0.1 * z**4 * math.sin(x)
        return value, {"x": x, "y": y, "z": z}


@pytest.fixture
def stop() -> Scenario:
    return scenario(TABLES, STOP)


def by_name(table: pd.DataFrame, column: str) -> dict[str, float]:
    return dict(zip(table["group"], table[column], strict=True))


def test_indices_of_the_ishigami_function_agree_with_the_closed_form() -> None:
    found = sensitivity(Ishigami(), 8192, 1, workers=1)
    first = by_name(found.groups, "first_order")
    total = by_name(found.groups, "total")
    # three standard errors of 8192 points are 0.03
    assert [first[n] for n in "xyz"] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert [total[n] for n in "xyz"] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    for name, value in zip("xyz", (0.5576, 0.4424, 0.2437), strict=True):
        row = found.groups[found.groups["group"] == name].iloc[0]
        assert row["total_low"] - 0.02 <= value <= row["total_high"] + 0.02
    assert found.sd**2 == pytest.approx(13.8446, rel=0.05)
    assert found.runs == 5 * 8192
    single = found.inputs.set_index("input")
    assert single.loc["x", "first_order"] == pytest.approx(0.3139, abs=0.03)
    assert single.loc["y", "first_order"] == pytest.approx(0.4424, abs=0.03)
    assert single["above_noise"].to_dict() == {"x": True, "y": True, "z": False}
    assert single.loc["z", "pawn"] < single.loc["x", "pawn"]


def test_groups_that_matter_less_are_counted_together() -> None:
    found = sensitivity(Ishigami(), 512, 1, most_groups=1, workers=1)
    assert set(found.groups["group"]) == {"y", REST} or set(found.groups["group"]) == {"x", REST}
    assert by_name(found.groups, "inputs")[REST] == 2
    assert found.groups["total"].sum() == pytest.approx(1.0, abs=0.15)


def test_a_failed_run_is_named_and_refused() -> None:
    with pytest.raises(StuckError, match=r"runs failed \(points 3\b.*ZeroDivisionError"):
        sensitivity(Ishigami(broken=3), 8, 1, workers=1)


def test_the_number_of_points_is_a_power_of_two() -> None:
    with pytest.raises(UsageError, match="must be a power of 2"):
        sensitivity(Ishigami(), 100, 1)


def test_events_and_parameters_of_a_scenario_are_told_apart(stop: Scenario) -> None:
    found = sensitivity(ScenarioOutcome(stop, "output_loss_units", "field"), 256, 3, workers=1)
    total = by_name(found.groups, "total")
    assert set(total) == {"shocks.stop", "recipes.cover_days"}
    # Days lost are the length of the outage less the cover: variances 100/12 and 64/12.
    assert total["shocks.stop"] == pytest.approx(100 / 164, abs=0.12)
    assert total["recipes.cover_days"] == pytest.approx(64 / 164, abs=0.12)
    shares = by_name(found.shares, "total")
    assert shares[EVENTS] == pytest.approx(total["shocks.stop"])
    assert shares[PARAMETERS] == pytest.approx(total["recipes.cover_days"])


def test_workers_never_change_an_index(stop: Scenario) -> None:
    job = ScenarioOutcome(stop, "output_loss_units")
    one, two = (sensitivity(job, 64, 3, workers=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one.groups, two.groups)
    pd.testing.assert_frame_equal(one.inputs, two.inputs)


def test_an_unknown_metric_is_refused(stop: Scenario) -> None:
    with pytest.raises(UsageError, match=r"--metric loss: is no metric; there are .*output_loss"):
        sensitivity(ScenarioOutcome(stop, "loss"), 4, 3, workers=1)


def test_an_outcome_without_spread_is_refused() -> None:
    with pytest.raises(StuckError, match="there is nothing to explain"):
        sensitivity(ScenarioOutcome(scenario(TABLES), "output_loss_units"), 4, 3, workers=1)


def test_mixed_streams_take_one_group_from_the_second_sample(stop: Scenario) -> None:
    model = prepare(stop)
    first, second = Streams(7), Streams(second_seed(7))
    mixed = MixedStreams(first, second, lambda _, purpose: purpose == PARAMETER)
    name, event = "recipes.chip/ore.cover_days", "shocks.stop.duration_days"
    for number in (0, 1, 130):
        a, b, ab = (model.realise(number, streams=s).draws for s in (first, second, mixed))
        assert ab[name] == b[name] != a[name]
        assert ab[event] == a[event] != b[event]
    assert mixed.uniform("x", EVENT, 3) == first.uniform("x", EVENT, 3)
    np.testing.assert_array_equal(
        mixed.daily("x", PARAMETER, 3, 9), second.daily("x", PARAMETER, 3, 9)
    )


def test_bins_hold_equal_values_together_and_what_was_not_drawn_apart() -> None:
    values = np.tile([1.0, 2.0, np.nan], 100)
    assert equal_bins(values).tolist() == [0, 1, 2] * 100
    counts = np.bincount(equal_bins(np.random.default_rng(1).random(1000)))
    assert counts.size == 20
    assert set(counts) == {50}


def test_an_input_without_influence_is_seldom_called_important() -> None:
    generator = np.random.default_rng(3)
    outcome = generator.lognormal(size=400)
    p_values = [given_data(generator.random(400), outcome).p_value for _ in range(400)]
    # nominal 5 %; 400 repeats have a standard error of 1.1 points, F is approximate here
    assert np.mean(np.array(p_values) < 0.05) < 0.09
