"""The ledger of one replication: what its lost output is traced back to.

Two recorded runs of one future, without and with what happens, are compared day by day; the sweep
of ``attribution_sweep`` finds the first causes. Here its arrays are laid out, and read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics import attribution_trace as cause
from simulator.metrics.attribution_sweep import sweep
from simulator.network.network import SINKS
from simulator.shocks.effects import NEUTRAL, Control

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.engine.trajectory import Trajectory
    from simulator.network.network import Floats, Ints, Network
    from simulator.sampling.realisation import Realisation

Arrays = tuple[Any, ...]
_BOTH = (
    ("facilities", "started"),
    ("facilities", "matured"),
    ("facilities", "capacity_now"),
    ("slots", "used"),
    ("facilities", "finished"),
    ("facilities", "process_total"),
    ("slots", "on_hand"),
    ("slots", "in_transit"),
    ("lanes", "asked"),
    ("lanes", "given"),
    ("lanes", "arrived"),
    ("hubs", "waiting_t"),
)
_SHOCKED = (("facilities", "unfilled"), ("slots", "health"))
_CONTROLS = {
    Control.CAPACITY: cause.CAPACITY_FACTOR,
    Control.LIMIT: cause.LIMIT_FACTOR,
    Control.DELAY: cause.DELAY_DAYS,
    Control.DEMAND: cause.DEMAND_FACTOR,
    Control.COVER: cause.COVER_FACTOR,
    Control.PROGRESS: cause.FROZEN,
    Control.PROCESS_KEEP: cause.FROZEN,
}
ROUNDING = 1e-9
"""A loss below this share of the baseline is rounding, and has no cause to be traced."""


@dataclass(frozen=True)
class Ledger:
    """First causes of the lost output of one replication, in units of it.

    Attributes
    ----------
    loss, baseline_units
        Output lost over the horizon, net of what was caught up, and output without shocks.
    facility, lane, slot
        First causes by kind (as in ``attribution_trace``), thing and day. Together they sum to the
        loss.
    unit_days
        Production lost while each input slot was binding, in units of the facility's own output.
    traced
        Lost output that was traced through each input slot.
    capacity_unit_days
        Production lost while each facility's own capacity was binding.
    """

    loss: float
    baseline_units: float
    facility: Floats
    lane: Floats
    slot: Floats
    unit_days: Floats
    traced: Floats
    capacity_unit_days: Floats


class Tracer:
    """Traces replications of one network; its memory is used again for each.

    Parameters
    ----------
    network
        What the runs are of.
    makers
        Facilities whose output is the outcome.
    """

    def __init__(self, network: Network, makers: Ints) -> None:
        self.network, self.makers = network, makers
        self._shape = _shape(network)
        f, k, i = len(network.facilities), len(network.slots), len(network.lanes)
        days = network.horizon_days
        self._found = (
            np.zeros((5, f, days)), np.zeros((4, i, days)), np.zeros((2, k, days)),
            np.zeros(k), np.zeros(k), np.zeros(f),
        )  # fmt: skip
        self._carried = (
            np.zeros((f, days)), np.zeros((f, days)), np.zeros((i, days)),
            *(np.zeros(n) for n in (f, f, f, k, k, k, k, f, f, f, k, k, k, f, f)),
        )  # fmt: skip

    def __call__(
        self, calm: Realisation, shocked: Realisation, before: Trajectory, after: Trajectory
    ) -> Ledger:
        """Trace one replication; the result holds until the next one is traced.

        Parameters
        ----------
        calm, shocked
            The two realisations of one future.
        before, after
            Every series of their runs.
        """
        b = tuple(np.asarray(before[name]).T for name in _BOTH)
        s = tuple(np.asarray(after[name]).T for name in (*_BOTH, *_SHOCKED))
        for table in (*self._found, *self._carried):
            table.fill(0.0)
        gap = (b[1] - s[1])[:, self.makers]
        loss, baseline = float(gap.sum()), float(b[1][:, self.makers].sum())
        self._start(gap, loss, baseline)
        under_way = (s[9] - b[9]).sum(axis=0) - (s[10] - b[10]).sum(axis=0)
        unused = np.where(self.network.slot_purpose == 1, (b[3] - s[3]).sum(axis=0), 0.0)
        sweep(
            self._shape, self._ways(shocked), self._numbers(shocked), _controls(shocked), b, s,
            (*self._carried, under_way, unused), self._found,
        )  # fmt: skip
        return Ledger(loss, baseline, *self._found)

    def _start(self, gap: Floats, loss: float, baseline: float) -> None:
        """Lost output by maker and day, whose sum is the loss.

        What a maker catches up pays for what it lost, and what one makes more pays for others,
        in proportion. If all of them together make more, the gain is booked where it is made.
        """
        lost, facility = self._carried[0], self._found[0]
        net = gap.sum(axis=0)
        if abs(loss) <= ROUNDING * max(baseline, 1e-300):
            if len(self.makers):
                facility[cause.OTHER, self.makers[0], 0] += loss
            return
        signed = np.maximum(net, 0.0) if loss > 0.0 else np.minimum(net, 0.0)
        signed = signed * (loss / signed.sum())
        if loss < 0.0:
            facility[cause.MORE, self.makers, 0] += signed
            return
        short = np.maximum(gap, 0.0)
        total = short.sum(axis=0)
        some = total > 0.0
        lost[self.makers[some]] = (short[:, some] * (signed[some] / total[some])).T

    def _ways(self, real: Realisation) -> Arrays:
        network, plan = self.network, real.plan
        legs = plan.legs
        hub_start = np.cumsum([0, *(len(h) for h in network.lane_hubs)]).astype(np.int64)
        hubs = np.array([h for hubs in network.lane_hubs for h in hubs], np.int64)
        ahead = np.array(
            [sum(days[n + 1 :]) for days in legs for n in range(len(days) - 1)], np.int64
        )
        total = np.array([sum(days) for days in legs], np.int64)
        delays = _paths(real, Control.DELAY)
        special = sorted({*delays, *real.daily_transit})
        row = np.full(len(network.lanes), -1, np.int64)
        row[special] = np.arange(len(special))
        usual = np.zeros((len(special), network.horizon_days), np.int64)
        for n, lane in enumerate(special):
            usual[n] = real.daily_transit.get(lane, total[lane])
            total[lane] = max(int(usual[n].max()) + int(delays.get(lane, np.zeros(1)).max()), 1)
        late = usual.copy()
        for lane, path in delays.items():
            late[row[lane]] += path.astype(np.int64)
        return hub_start, hubs, ahead, total, row, usual, late

    def _numbers(self, real: Realisation) -> Arrays:
        numbers, plan, network = real.numbers, real.plan, self.network
        tools = np.zeros(len(network.facilities), np.int64)
        tools[network.slot_facility[network.slot_purpose == 1]] = 1
        return (
            numbers.cycle_days, numbers.need_per_unit, numbers.criticality, numbers.onset_days,
            tools, np.ascontiguousarray(plan.finished_target),
            np.ascontiguousarray(plan.planned_lane_rate).T,
            plan.finished + plan.process_total,
        )  # fmt: skip


def _shape(network: Network) -> Arrays:
    roles = {"stockpile": cause.STOCKPILE, "hub": cause.HUB, **dict.fromkeys(SINKS, cause.SINK)}
    out = [lane for lanes in network.out_lanes for lane in lanes]
    return (
        np.array([roles.get(kind, cause.MAKER) for kind in network.kinds], np.int64),
        network.slot_start, network.slot_facility, network.slot_purpose, network.lane_start,
        network.lane_slot, network.lane_supplier,
        np.cumsum([0, *map(len, network.out_lanes)]).astype(np.int64), np.array(out, np.int64),
    )  # fmt: skip


def _paths(real: Realisation, control: Control) -> dict[int, Floats]:
    """Daily values of a control by target."""
    found: dict[int, Floats] = {}
    for target, steps in real.changes.of(control).items():
        path = np.full(real.network.horizon_days, NEUTRAL[control])
        for day, value in steps:
            path[day:] = value
        found[target] = path
    return found


def _controls(real: Realisation) -> Arrays:
    network = real.network
    most = max(len(network.facilities), len(network.slots), len(network.lanes))
    row = np.full((6, most), -1, np.int64)
    paths: list[Floats] = []
    for control, which in _CONTROLS.items():
        for target, path in _paths(real, control).items():
            row[which, target] = len(paths)
            paths.append(path)
    table = np.array(paths) if paths else np.zeros((0, network.horizon_days))
    return row, table


def share_by_entry(
    ledger: Ledger, effects: Mapping[str, tuple[Any, ...]], horizon_days: int
) -> dict[str, float]:
    """Lost output by the entry of the scenario whose control was the first cause.

    Where several set the same control of the same thing, the strictest limit counts, and other
    controls count by how far they are from neutral. What no entry set is under the empty name.
    """
    found = dict.fromkeys((*effects, ""), 0.0)
    for amounts, controls in _with_controls(ledger):
        for target in np.flatnonzero(amounts.any(axis=1)):
            strength = _strength(effects, controls, int(target), horizon_days)
            total = sum(strength.values(), np.zeros(horizon_days))
            acting = np.flatnonzero(total)
            if not len(acting):
                found[""] += float(amounts[target].sum())
                continue
            # A queue outlasts the closure that made it: the last day on which something was set.
            last = acting[
                np.maximum(np.searchsorted(acting, np.arange(horizon_days), "right"), 1) - 1
            ]
            for key, own in strength.items():
                found[key] += float(amounts[target] @ (own[last] / total[last]))
    return found


def _with_controls(ledger: Ledger) -> list[tuple[Floats, tuple[Control, ...]]]:
    facility, lane, slot = ledger.facility, ledger.lane, ledger.slot
    return [
        (facility[cause.CAPACITY], (Control.CAPACITY,)),
        (facility[cause.PROCESS], (Control.PROGRESS, Control.PROCESS_KEEP)),
        (facility[cause.HANDLING], (Control.HANDLING,)),
        (facility[cause.MORE], (Control.CAPACITY,)),
        (facility[cause.OTHER], (Control.FINISHED_KEEP, Control.FINISHED_ADD)),
        (lane[cause.LIMITED], (Control.LIMIT,)),
        (lane[cause.DELAYED], (Control.DELAY,)),
        (lane[cause.SHARED], (Control.SHARE, Control.STANDBY)),
        (lane[cause.LOST], ()),
        (slot[cause.DEMANDED], (Control.DEMAND,)),
        (slot[cause.COVERED], (Control.COVER,)),
    ]


def _strength(
    effects: Mapping[str, tuple[Any, ...]], controls: tuple[Control, ...], target: int, days: int
) -> dict[str, Floats]:
    """How much each entry turns some controls of a target, by day."""
    found: dict[str, Floats] = {}
    for key, own in effects.items():
        for effect in own:
            if effect.target != target or effect.control not in controls:
                continue
            end = days if effect.end is None else min(effect.end, days)
            begin = max(effect.start, 0)
            if begin >= end:
                continue
            values = effect.values
            if not isinstance(values, float | int):
                values = np.asarray(values)[begin - effect.start : end - effect.start]
            path = found.setdefault(key, np.zeros(days))
            path[begin:end] = np.maximum(path[begin:end], _distance(effect.control, values))
    if Control.LIMIT in controls and found:
        strictest = np.max(list(found.values()), axis=0)
        found = {k: np.where((own == strictest) & (own > 0), 1.0, 0.0) for k, own in found.items()}
    return found


def _distance(control: Control, values: Floats | float) -> Floats | float:
    """How far a control is from neutral; stricter limits are further."""
    if control is Control.LIMIT:
        return np.asarray(1.0 / (1e-6 + np.minimum(values, 1e9)))
    if control in (Control.SHARE, Control.STANDBY):
        return np.ones_like(values)
    return np.abs(np.asarray(values) - NEUTRAL[control])
