"""What is kept of one recorded replication for the tables of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.experiment.binding import Totals, bindings, makers, totals
from simulator.metrics.fill import first_short_days
from simulator.metrics.loss import time_to_impact
from simulator.network.network import OUTPUT

if TYPE_CHECKING:
    from simulator.experiment.recorded import Recorded
    from simulator.experiment.stages import Stages
    from simulator.network.network import Floats


@dataclass(frozen=True)
class Looked:
    """What is kept of one recorded replication.

    Attributes
    ----------
    hit
        (stages,) day on which each stage was first short; NaN where it never was.
    impact
        Day on which output was first 1 % below normal; NaN where it never was.
    filled, needed
        (stages,) totals over the run.
    normal, actual
        (starts, output, capacity; facilities) totals without and with shocks.
    bound
        What bound the facilities.
    """

    hit: Floats
    impact: float
    filled: Floats
    needed: Floats
    normal: Floats
    actual: Floats
    bound: Totals


def look_at(one: Recorded, stages: Stages) -> Looked:
    """Keep of a recorded replication what the tables need."""
    network = stages.network
    covered, need = stages.covered(one)
    output = np.isin(network.output, network.outcome)
    made = [run["facilities", "matured"][output].sum(axis=0) for run in (one.baseline, one.shocked)]
    return Looked(
        hit=first_short_days(covered, need),
        impact=time_to_impact(*made),
        filled=covered.sum(axis=1),
        needed=need.sum(axis=1),
        normal=_totals(one, shocked=False),
        actual=_totals(one, shocked=True),
        bound=totals(bindings(one), network),
    )


def _totals(one: Recorded, *, shocked: bool) -> Floats:
    run = one.shocked if shocked else one.baseline
    capacity = run["facilities", "capacity_now"]
    if shocked:
        capacity = capacity * slowest_health(one)
    series = (run["facilities", "started"], run["facilities", "matured"], capacity)
    return np.array([table.sum(axis=1) for table in series])


def slowest_health(one: Recorded) -> Floats:
    """Health of the input that has worn each facility most, (facilities, days); else 1."""
    network = one.pair.shocked.network
    health = np.ones((len(network.facilities), network.horizon_days))
    slow = (network.slot_purpose == OUTPUT) & (one.pair.shocked.numbers.onset_days > 0.0)
    able = set(makers(network))
    for k in np.flatnonzero(slow).tolist():
        f = int(network.slot_facility[k])
        if f in able:
            np.minimum(health[f], one.shocked["slots", "health"][k], out=health[f])
    return health
