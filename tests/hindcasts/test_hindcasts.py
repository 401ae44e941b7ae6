"""Hindcasts: what hardly hurt in reality must hardly hurt in the model, and what must hurt, does.

Each scenario beside this file says in its opening comment which medians over the replications it
expects, as ``# expect: output_loss_pct < 0.5``.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.engine import simulate
from simulator.experiment.observe import observe
from simulator.metrics.loss import impact
from simulator.sampling import prepare
from simulator.spec import load_scenario

SCENARIOS = sorted(Path(__file__).parent.glob("*.yaml"))
REPLICATIONS = 40
EXPECT = re.compile(r"^# expect: (\w+) ([<>]) ([\d.]+)$", re.MULTILINE)
WITHOUT_LOSS = {("output_loss_pct", "<", 0.5), ("fab_starts_loss_pct", "<", 2.0)}


def expectations(path: Path) -> list[tuple[str, str, float]]:
    found = EXPECT.findall(path.read_text(encoding="utf-8"))
    return [(metric, sign, float(bound)) for metric, sign, bound in found]


@cache
def medians(path: Path) -> dict[str, float]:
    """Median of every metric over the replications; each is a pair of runs, as in any study."""
    model = prepare(load_scenario(path))
    rows = []
    for number in range(REPLICATIONS):
        pair = model.realise(number)
        calm, hit = (
            observe(model.network, simulate(real, engine="scalar"))
            for real in (pair.baseline, pair.shocked)
        )
        rows.append(impact(calm, hit))
    return {name: float(np.median([row[name] for row in rows])) for name in rows[0]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "metric", "sign", "bound"),
    [(path, *expected) for path in SCENARIOS for expected in expectations(path)],
    ids=lambda value: value.stem if isinstance(value, Path) else str(value),
)
def test_the_median_loss_is_as_it_was(path: Path, metric: str, sign: str, bound: float) -> None:
    found = medians(path)[metric]
    assert found < bound if sign == "<" else found > bound, f"median {metric} is {found:.3g}"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_hindcast_is_of_the_alliance_and_says_what_it_expects(path: Path) -> None:
    assert load_scenario(path).dataset.name == "alliance"
    assert expectations(path)


def test_three_shocks_without_loss_and_one_with_a_large_loss_are_told() -> None:
    expected = [set(expectations(path)) for path in SCENARIOS]
    assert sum(found >= WITHOUT_LOSS for found in expected) >= 3
    assert any(
        metric == "output_loss_pct" and sign == ">" and bound >= 5.0
        for found in expected
        for metric, sign, bound in found
    )
