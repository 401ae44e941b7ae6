"""A realisation: everything an engine needs to know about one replication, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from simulator.network.covers import targets_with_cover
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
    targets
        Slot number to base stock per day, where a control changes its cover.
    daily_demand
        Slot number to demand per day, where demand varies from day to day.
    daily_transit
        Lane number to transit days per day of dispatch, where transit varies.
    """

    network: Network
    numbers: Numbers
    plan: Plan
    changes: ChangePoints
    targets: Mapping[int, Floats] = field(default_factory=dict)
    daily_demand: Mapping[int, Floats] = field(default_factory=dict)
    daily_transit: Mapping[int, Ints] = field(default_factory=dict)

    @cached_property
    def slot_target(self) -> Floats:
        """(slots, days) base stock, with the cover control worked in."""
        if not self.targets:
            return self.plan.slot_target
        target = self.plan.slot_target.copy()
        for slot, changed in self.targets.items():
            target[slot] = changed
        return target


def realisation(
    network: Network,
    numbers: Numbers,
    plan: Plan,
    changes: ChangePoints,
    daily_demand: Mapping[int, Floats] | None = None,
    daily_transit: Mapping[int, Ints] | None = None,
) -> Realisation:
    """Put a realisation together; covers that change over time change the slot targets here."""
    (targets,) = _targets([plan], [changes])
    return Realisation(
        network, numbers, plan, changes, targets, daily_demand or {}, daily_transit or {}
    )


def disturbed(calm: Sequence[Realisation], changes: Sequence[ChangePoints]) -> list[Realisation]:
    """The same replications with change-points."""
    targets = _targets([one.plan for one in calm], changes)
    return [
        replace(one, changes=own, targets=other)
        for one, own, other in zip(calm, changes, targets, strict=True)
    ]


def _targets(plans: Sequence[Plan], changes: Sequence[ChangePoints]) -> list[dict[int, Floats]]:
    """Base stocks by slot where a control changes its cover, of all plans of a block at once."""
    asked: dict[tuple[int, int], dict[int, Floats]] = {}
    for n, (plan, own) in enumerate(zip(plans, changes, strict=True)):
        for slot, steps in own.of(Control.COVER).items():
            multiplier = np.ones(plan.network.horizon_days)
            for day, value in steps:
                multiplier[day:] = value
            asked.setdefault((id(plan.block), slot), {})[n] = multiplier
    found: list[dict[int, Floats]] = [{} for _ in plans]
    for (_, slot), rows in asked.items():
        targets = targets_with_cover([plans[n] for n in rows], slot, np.array(list(rows.values())))
        for n, target in zip(rows, targets, strict=True):
            found[n][slot] = target
    return found
