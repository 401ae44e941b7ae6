"""The bottleneck of every facility on every day of a recorded run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics.bottleneck import CAPACITY, CATCHING_UP, Input, bottleneck, wanted
from simulator.network.network import GROWTH, SINKS
from simulator.shocks.effects import Control

if TYPE_CHECKING:
    from simulator.experiment.recorded import Recorded
    from simulator.network.network import Floats, Ints, Network

_NO_MAKERS = (*SINKS, "hub", "stockpile")


@dataclass(frozen=True)
class Binding:
    """Bottlenecks of one replication, (facilities, days) each.

    Attributes
    ----------
    cause
        Slot number of the binding input, or what `simulator.metrics.bottleneck` names.
    lost
        Units not started of what was wanted and is started without shocks.
    """

    cause: Ints
    lost: Floats


def makers(network: Network) -> tuple[int, ...]:
    """Facilities that make something."""
    return tuple(f for f in network.facilities if network.kinds[f] not in _NO_MAKERS)


def bindings(one: Recorded) -> Binding:
    """Find the bottleneck of every facility and day in the run with shocks."""
    real, run = one.pair.shocked, one.shocked
    network = real.network
    shape = (len(network.facilities), network.horizon_days)
    cause, lost = np.full(shape, -1, np.int64), np.zeros(shape)
    aim = aims(one)
    started, capacity = run["facilities", "started"], run["facilities", "capacity_now"]
    for f in makers(network):
        if np.array_equal(started[f], one.baseline["facilities", "started"][f]):
            continue
        cause[f], lost[f] = bottleneck(aim[f], started[f], capacity[f], _inputs(one, f))
    return Binding(cause, lost)


def aims(one: Recorded) -> Floats:
    """Production wanted, at most what is started without shocks."""
    plan, run, changes = one.pair.shocked.plan, one.shocked, one.pair.shocked.changes
    finished = _yesterday(run["facilities", "finished"], plan.finished)
    process = _yesterday(run["facilities", "process_total"], plan.process_total)
    for control, table in (
        (Control.FINISHED_KEEP, finished),
        (Control.PROCESS_KEEP, process),
    ):
        for f, steps in changes.of(control).items():
            for day, value in steps:
                table[f, day] *= value
    for f, steps in changes.of(Control.FINISHED_ADD).items():
        for day, value in steps:
            finished[f, day] += value
    unfilled = _yesterday(run["facilities", "unfilled"], np.zeros(len(finished)))
    asked = wanted(plan.finished_target, unfilled, finished, process)
    return np.asarray(np.minimum(asked, one.baseline["facilities", "started"]))


def _yesterday(evening: Floats, before: Floats) -> Floats:
    return np.concatenate((before[:, None], evening[:, :-1]), axis=1)


def _inputs(one: Recorded, f: int) -> list[Input]:
    network, numbers, run = one.pair.shocked.network, one.pair.shocked.numbers, one.shocked
    found = []
    for k in network.slots_of(f):
        need = float(numbers.need_per_unit[k])
        stock = run["slots", "on_hand"][k] + run["slots", "used"][k]
        tool = network.slot_purpose[k] == GROWTH
        slow = not tool and numbers.onset_days[k] > 0.0
        pending = run["slots", "backlog"][k] / need if tool and need > 0.0 else None
        if tool and pending is None:
            continue
        health = run["slots", "health"][k] if slow else None
        criticality = float(numbers.criticality[k])
        found.append(Input(k, need, criticality, stock, health, pending))
    return found


@dataclass(frozen=True)
class Totals:
    """Days on which each possible bottleneck bound, and units not started on them.

    Attributes
    ----------
    slot_days, slot_units
        (slots,) by binding input.
    other_days, other_units
        (capacity and catching up, facilities).
    """

    slot_days: Floats
    slot_units: Floats
    other_days: Floats
    other_units: Floats


OTHERS = (CAPACITY, CATCHING_UP)
"""Bottlenecks that are no input, in the order of `Totals`."""


def totals(binding: Binding, network: Network) -> Totals:
    """Add up the bottlenecks of a run."""
    slots, hit = len(network.slots), binding.cause >= 0
    where = binding.cause[hit]
    others = [binding.cause == cause for cause in OTHERS]
    return Totals(
        np.asarray(np.bincount(where, minlength=slots), np.float64),
        np.asarray(np.bincount(where, weights=binding.lost[hit], minlength=slots), np.float64),
        np.array([chosen.sum(axis=1) for chosen in others], np.float64),
        np.array([np.where(chosen, binding.lost, 0.0).sum(axis=1) for chosen in others]),
    )
