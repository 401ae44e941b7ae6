"""A realisation: everything an engine needs to know about one replication, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simulator.network.network import Floats, Ints, Network, Numbers
from simulator.network.plan import Plan
from simulator.shocks.effects import ChangePoints, Control


@dataclass(frozen=True)
class Realisation:
    """One replication's sampled numbers, their plan, and the controls over time.

    Attributes
    ----------
    network, numbers, plan
        Topology, sampled table numbers and the planned profiles that follow from them.
    changes
        Combined change-points of all controls.
    slot_target
        (slots, days) base stock, with the cover control worked in.
    daily_demand
        Slot number to demand per day, where demand varies from day to day.
    daily_transit
        Lane number to transit days per day of dispatch, where transit varies.
    """

    network: Network
    numbers: Numbers
    plan: Plan
    changes: ChangePoints
    slot_target: Floats
    daily_demand: Mapping[int, Floats] = field(default_factory=dict)
    daily_transit: Mapping[int, Ints] = field(default_factory=dict)


def realisation(
    network: Network,
    numbers: Numbers,
    plan: Plan,
    changes: ChangePoints,
    daily_demand: Mapping[int, Floats] | None = None,
    daily_transit: Mapping[int, Ints] | None = None,
) -> Realisation:
    """Put a realisation together; covers that change over time change the slot targets here."""
    target = plan.slot_target
    covers = changes.of(Control.COVER)
    if covers:
        target = target.copy()
    for slot, steps in covers.items():
        multiplier = np.ones(network.horizon_days)
        for day, value in steps:
            multiplier[day:] = value
        target[slot] = plan.target_with_cover(slot, numbers, multiplier)
    return Realisation(
        network, numbers, plan, changes, target, daily_demand or {}, daily_transit or {}
    )
