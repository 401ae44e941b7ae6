"""The compiled engine: the same rules on the same arrays, hundreds of times faster than SimPy."""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

import numpy as np

from simulator.engine.kernel import columns as col
from simulator.engine.kernel.block import simulate_block
from simulator.engine.kernel.block_layout import Profiles, block_arrays, chosen, fits_a_block
from simulator.engine.kernel.block_steps import BLOCK
from simulator.engine.kernel.layout import Given, Shape, State
from simulator.engine.kernel.scalar import simulate_days
from simulator.engine.trajectory import Trajectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.network.network import Network
    from simulator.sampling.realisation import Realisation

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

_threads = local()
_shapes: WeakKeyDictionary[Network, Shape] = WeakKeyDictionary()


def run_many(reals: Sequence[Realisation]) -> list[Trajectory]:
    """Simulate realisations of one network, in blocks where they allow it; in the order given."""
    done: list[Trajectory] = []
    for first in range(0, len(reals), BLOCK):
        block = list(reals[first : first + BLOCK])
        if fits_a_block(block):
            done += _run_block(block)
        else:
            done += [run(real) for real in block]
    return done


def _run_block(reals: list[Realisation]) -> list[Trajectory]:
    network, wanted = reals[0].network, len(reals)
    shape = _shape(network)
    full = reals + [reals[-1]] * (BLOCK - wanted)
    f, k, days = len(shape.role), len(network.slots), network.horizon_days
    room = getattr(_threads, "profiles", None)
    if room is None or _threads.network() is not network:
        room = _threads.profiles = Profiles(f, k, len(network.lanes), days)
        _threads.network = ref(network)
    common, numbers, changes, facility, slot, lane, flow, here, scratch = block_arrays(full, shape)
    outcome = (*(np.zeros((days, f, BLOCK)) for _ in range(3)), np.zeros((days, k, BLOCK)))
    simulate_block(
        shape.arrays(), common, numbers, room.fill(full, chosen(common)), changes, facility, slot,
        lane, flow, here, scratch, outcome,
    )  # fmt: skip
    return [
        Trajectory(
            network, {name: table[:, :, b].T for name, table in zip(OUTCOME, outcome, strict=True)}
        )
        for b in range(wanted)
    ]


def _shape(network: Network) -> Shape:
    shape = _shapes.get(network)
    if shape is None:
        shape = _shapes[network] = Shape.of(network)
    return shape


def run(real: Realisation, *, everything: bool = False) -> Trajectory:
    """Simulate one realisation; the same series as the SimPy engine, bit for bit."""
    network = real.network
    shape = _shape(network)
    given = Given.of(real)
    state = State.of(real, shape, given)
    days, counts = network.horizon_days, {"facilities": len(shape.role), "slots": len(state.slot)}
    outcome = {name: np.empty((days, counts[name[0]])) for name in OUTCOME}
    kept = {
        kind: np.empty((days if everything else 0, *table.shape))
        for kind, table in zip(
            ("facilities", "slots", "lanes"), (state.facility, state.slot, state.lane), strict=True
        )
    }
    simulate_days(
        shape.arrays(),
        given.arrays(),
        state.arrays(),
        tuple(outcome.values()),
        tuple(kept.values()),
    )
    series = {name: table.T for name, table in outcome.items()}
    if everything:
        kept["hubs"] = kept["facilities"]
        series |= {name: kept[name[0]][:, :, column].T for name, column in REST.items()}
    return Trajectory(network, series)
