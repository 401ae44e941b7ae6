"""The compiled engine: the same rules on the same arrays, hundreds of times faster than SimPy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from simulator.compiling import COLUMNS
from simulator.engine.kernel import columns as col
from simulator.engine.kernel.block_layout import fits_a_block
from simulator.engine.kernel.block_run import BlockRun, Outcome, Rows, run_apart
from simulator.engine.kernel.layout import Given, Shape, State
from simulator.engine.kernel.scalar import simulate_days
from simulator.engine.trajectory import Trajectory

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from simulator.network.network import Floats, Network
    from simulator.sampling.realisation import Realisation

__all__ = ["COLUMNS", "OUTCOME", "run", "run_many", "run_pairs", "run_rows"]

OUTCOME = (
    ("facilities", "started"),
    ("facilities", "matured"),
    ("facilities", "capacity_now"),
    ("slots", "used"),
)
"""Series that the kernel always writes, in the order in which it takes them."""
REST = {
    ("facilities", "finished"): col.FINISHED,
    ("facilities", "unfilled"): col.UNFILLED,
    ("facilities", "process_total"): col.PROCESS_TOTAL,
    ("slots", "on_hand"): col.ON_HAND,
    ("slots", "in_transit"): col.IN_TRANSIT,
    ("slots", "asked"): col.ASKED,
    ("slots", "backlog"): col.BACKLOG,
    ("slots", "health"): col.HEALTH,
    ("lanes", "asked"): col.LANE_ASKED,
    ("lanes", "given"): col.GIVEN,
    ("lanes", "arrived"): col.ARRIVED,
    ("hubs", "waiting_t"): col.WAITING_T,
    ("hubs", "released_t"): col.RELEASED_T,
}
"""The other series, and the column of the state that holds each."""

_shapes: WeakKeyDictionary[Network, Shape] = WeakKeyDictionary()


def run_many(reals: Sequence[Realisation]) -> list[Trajectory]:
    """Simulate realisations of one network, in blocks where they allow it; in the order given."""
    if not reals:
        return []
    network = reals[0].network
    facilities, slots = np.arange(len(network.facilities)), np.arange(len(network.slots))
    wanted = (facilities, facilities, facilities, slots)
    return [
        Trajectory(network, dict(zip(OUTCOME, found, strict=True)))
        for found in run_rows(reals, wanted)
    ]


def run_rows(reals: Sequence[Realisation], wanted: Rows) -> list[Outcome]:
    """Simulate realisations of one network, and keep some rows of each series of `OUTCOME`.

    Returns
    -------
    list of tuples
        For each realisation, (things, days) arrays of the wanted rows.
    """
    found: dict[int, Outcome] = {}
    for block in _blocks(reals):
        runs = BlockRun([reals[n] for n in block], _shape(reals[0].network), wanted)
        runs.advance(runs.days)
        found.update(zip(block, runs.outcome(), strict=True))
    return [found[n] if n in found else _alone(real, wanted) for n, real in enumerate(reals)]


def run_pairs(
    calm: Sequence[Realisation], shocked: Sequence[Realisation], wanted: Rows
) -> list[tuple[Outcome, Outcome]]:
    """Simulate pairs of realisations that differ in their change-points only; see `run_rows`.

    The days before a block's first change-point are simulated once.
    """
    found: dict[int, tuple[Outcome, Outcome]] = {}
    for block in _blocks(shocked):
        some = [shocked[n] for n in block]
        found.update(zip(block, run_apart(some, _shape(some[0].network), wanted), strict=True))
    return [
        found[n] if n in found else (_alone(before, wanted), _alone(after, wanted))
        for n, (before, after) in enumerate(zip(calm, shocked, strict=True))
    ]


def _blocks(reals: Sequence[Realisation]) -> list[list[int]]:
    """Numbers of those that fit a block, in blocks."""
    fit = [n for n, real in enumerate(reals) if fits_a_block(real, reals[0])]
    return [fit[first : first + COLUMNS] for first in range(0, len(fit), COLUMNS)]


def _alone(real: Realisation, wanted: Rows) -> Outcome:
    whole = run(real)
    return tuple(
        np.ascontiguousarray(whole[name][rows]) for name, rows in zip(OUTCOME, wanted, strict=True)
    )


def _shape(network: Network) -> Shape:
    shape = _shapes.get(network)
    if shape is None:
        shape = _shapes[network] = Shape.of(network)
    return shape


def run(
    real: Realisation,
    *,
    everything: bool = False,
    kinds: Collection[str] = (),
    record: dict[str, Floats] | None = None,
) -> Trajectory:
    """Simulate one realisation; the same series as the SimPy engine, bit for bit.

    Keeps the series of `OUTCOME`, and those of all ``kinds`` of things: ``facilities`` (with them,
    hubs), ``slots`` and ``lanes``; or everything. Their memory is put into ``record``, if given,
    and that of an earlier run of the same network which is there is used again: new memory costs as
    much as the run.
    """
    network = real.network
    shape = _shape(network)
    given = Given.of(real)
    state = State.of(real, shape, given)
    days, counts = network.horizon_days, {"facilities": len(shape.role), "slots": len(state.slot)}
    outcome = {name: np.empty((days, counts[name[0]])) for name in OUTCOME}
    kept = {} if record is None else record
    for kind, table, columns in (
        ("facilities", state.facility, col.FACILITY_RECORDED),
        ("slots", state.slot, col.SLOT_RECORDED),
        ("lanes", state.lane, col.LANE_RECORDED),
    ):
        if kind not in kept:
            count = days if everything or kind in kinds else 0
            kept[kind] = np.empty((count, len(table), columns))
    simulate_days(
        shape.arrays,
        given.arrays(),
        state.arrays(),
        tuple(outcome.values()),
        (kept["facilities"], kept["slots"], kept["lanes"]),
    )
    series = {name: table.T for name, table in outcome.items()}
    kept["hubs"] = kept["facilities"]
    series |= {
        name: kept[name[0]][:, :, column].T for name, column in REST.items() if len(kept[name[0]])
    }
    return Trajectory(network, series)
