"""On a serial chain a longer outage never raises what is delivered in total."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import simulate
from simulator.sampling import Model
from simulator.shocks import Control, Effect
from tests.networks import model, with_effects

DAYS = 120


@dataclass(frozen=True)
class Stage:
    """A maker: slack over the plan, cycle time, finished cover; cover and transit of its input."""

    slack: float
    cycle: int
    finished: int
    cover: int
    transit: int


stages = st.builds(
    Stage,
    slack=st.sampled_from([1.0, 1.1, 1.5, 3.0]),
    cycle=st.integers(0, 8),
    finished=st.integers(0, 5),
    cover=st.integers(0, 10),
    transit=st.integers(1, 9),
)


def chain(line: list[Stage], sink_cover: int, unmet: str, surge: float) -> Model:
    """Makers in a line, the first a mine, and a market that uses 10 a day."""
    rows: dict[str, list[str]] = {"materials": [], "facilities": [], "recipes": [], "lanes": []}
    slots = []
    for n, stage in enumerate(line):
        kind = "mine" if n == 0 else "plant"
        recipe = f", recipe: r{n}" if n else ""
        rows["materials"].append(f"{{id: m{n}, layer: minerals, unit: t}}")
        rows["facilities"].append(
            f"{{id: f{n}, kind: {kind}, country: AUS, output: m{n}{recipe},"
            f" capacity_per_day: {10 * stage.slack}, cycle_days: {stage.cycle},"
            f" finished_cover_days: {stage.finished}}}"
        )
        if n:
            rows["recipes"].append(
                f"{{recipe: r{n}, input: m{n - 1}, quantity: 1, cover_days: {stage.cover}}}"
            )
        customer = f"f{n + 1}" if n + 1 < len(line) else "market"
        rows["lanes"].append(
            f"{{customer: {customer}, material: m{n}, supplier: f{n}, share: 1,"
            f" transit_days: {stage.transit}}}"
        )
        slots.append(f"{{facility: {customer}, material: m{n}, surge: {surge}}}")
    rows["facilities"].append("{id: market, kind: market, country: USA}")
    rows["slots"] = slots
    rows["demand"] = [
        f"{{sink: market, material: m{len(line) - 1}, units_per_day: 10, cover_days: {sink_cover},"
        f" unmet: {unmet}}}"
    ]
    tables = {name: "\n".join(f"  - {row}" for row in found) for name, found in rows.items()}
    return model("\n".join(f"{name}:\n{found}" for name, found in tables.items()), days=DAYS)


def delivered(ready: Model, engine: str, stage: int, days: int) -> float:
    f = ready.network.facility_index[f"f{stage}"]
    real = with_effects(ready, [Effect(Control.CAPACITY, f, 10, 10 + days, 0.0)])
    return float(np.sum(simulate(real, engine=engine)["slots", "used"][-1]))


@settings(max_examples=30)
@given(
    line=st.lists(stages, min_size=1, max_size=5),
    sink_cover=st.integers(0, 10),
    unmet=st.sampled_from(["lost", "kept"]),
    surge=st.sampled_from([1.0, 1.5, 4.0]),
    place=st.integers(0, 4),
    days=st.integers(0, 60),
    more=st.integers(1, 30),
)
def test_a_longer_outage_never_raises_the_total_delivered(
    engine: str,
    line: list[Stage],
    sink_cover: int,
    unmet: str,
    surge: float,
    place: int,
    days: int,
    more: int,
) -> None:
    ready = chain(line, sink_cover, unmet, surge)
    stage = place % len(line)
    short = delivered(ready, engine, stage, days)
    long = delivered(ready, engine, stage, days + more)
    assert long <= short + 1e-9 * 10 * DAYS
