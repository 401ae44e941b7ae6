"""The run without shocks: read off its plan where nothing can keep it from that.

Every stock starts at its planned level, so that a run without shocks does what is planned, but for
rounding. Where there is enough of everything, nothing varies from day to day, and every slot orders
by base stock, the baseline *is* its plan, whatever engine runs what the shocks change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.trajectory import Trajectory
from simulator.metrics.outcome import without_rounding
from simulator.network.network import BASE_STOCK

if TYPE_CHECKING:
    from simulator.experiment.observe import Observer
    from simulator.metrics.outcome import OutcomeSeries
    from simulator.network.network import Floats, Ints
    from simulator.network.plan import Plan
    from simulator.sampling.model import Pair
    from simulator.sampling.realisation import Realisation


def keeps_to_plan(real: Realisation) -> bool:
    """Whether a run of this realisation without shocks is its plan, up to a billionth."""
    network = real.network
    return (
        real.plan.can_be_kept
        and not real.daily_demand
        and not real.daily_transit
        and bool((network.slot_policy == BASE_STOCK).all())
        and bool((real.numbers.surge >= 1.0).all())
    )


def planned_outcome(real: Realisation, seen: Observer) -> OutcomeSeries | None:
    """Outcome of a realisation without shocks that keeps to its plan; None if it has to be run."""
    if not keeps_to_plan(real):
        return None
    plan, days = real.plan, real.network.horizon_days
    started, makers, _, slots = seen.rows
    today = slice(-plan.first_day, days - plan.first_day)
    used = [plan.rate(int(k), today) for k in slots]
    return seen.read(
        plan.starts[started], _finished(plan, makers), np.array(used).reshape(len(slots), days)
    )


def planned_run(real: Realisation) -> Trajectory | None:
    """Starts, output, capacity and use of a realisation that keeps to its plan; None otherwise."""
    if not keeps_to_plan(real):
        return None
    plan = real.plan
    return Trajectory(
        real.network,
        {
            ("facilities", "started"): plan.starts,
            ("facilities", "matured"): _finished(plan, np.arange(len(plan.starts))),
            ("facilities", "capacity_now"): plan.capacity * plan.schedule.makes[:, None],
            ("slots", "used"): plan.slot_rate,
        },
    )


def settled_run(found: Trajectory, baseline: Trajectory) -> Trajectory:
    """The same run, equal to its baseline where what that has differs by rounding only."""
    settled = {
        name: without_rounding(found[name], normal) for name, normal in baseline.series.items()
    }
    return Trajectory(found.network, {**found.series, **settled})


def baselines(
    reals: Sequence[Realisation],
    seen: Observer,
    run: Callable[[list[Realisation]], Iterable[OutcomeSeries]],
) -> list[OutcomeSeries]:
    """Outcomes of realisations without shocks; ``run`` is given those that have to be run."""
    planned = [planned_outcome(real, seen) for real in reals]
    rest = [real for real, known in zip(reals, planned, strict=True) if known is None]
    ran = iter(run(rest) if rest else ())
    return [next(ran) if known is None else known for known in planned]


def pair_of_outcomes(
    pair: Pair, seen: Observer, run: Callable[[Realisation], Trajectory]
) -> tuple[OutcomeSeries, OutcomeSeries]:
    """Outcomes of one replication without and with what happens, as every run has them."""
    (before,) = baselines([pair.baseline], seen, lambda reals: map(seen, map(run, reals)))
    return before, seen(run(pair.shocked)).settled(before)


def _finished(plan: Plan, makers: Ints) -> Floats:
    """What is finished each day: what was started the cycle time before."""
    zero, starts = plan.before_day_0()
    days = plan.network.horizon_days
    cycle = plan.numbers.cycle_days
    rows = [starts[f, zero - int(cycle[f]) : zero - int(cycle[f]) + days] for f in makers]
    return np.array(rows).reshape(len(makers), days)
