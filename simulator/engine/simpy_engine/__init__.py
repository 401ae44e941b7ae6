"""The SimPy engine: the definition of the model, readable and traceable."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import simpy

from simulator.engine.simpy_engine.build import Chain
from simulator.engine.simpy_engine.changes import change_process
from simulator.engine.simpy_engine.recorder import Recorder
from simulator.engine.trajectory import Trajectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.engine.log import EventLog
    from simulator.engine.simpy_engine.facilities import Facility
    from simulator.engine.simpy_engine.hub import Hub
    from simulator.sampling.realisation import Realisation


def run(
    real: Realisation,
    *,
    everything: bool = False,
    log: EventLog | None = None,
    order: Sequence[int] | None = None,
) -> Trajectory:
    """Simulate one realisation day by day.

    Parameters
    ----------
    real
        What to simulate.
    everything
        Record every series instead of those that the outcome needs.
    log
        Where to write down what happens, if anywhere.
    order
        Facility numbers in the order in which their processes are created. It changes nothing;
        tests use it to show that.
    """
    env = simpy.Environment(initial_time=0)
    chain = Chain(env, real, log)
    recorder = Recorder(chain, everything)
    if len(real.changes):
        env.process(change_process(chain))
    env.process(chain.carrier.life())
    actors: dict[int, Facility | Hub] = {**chain.facilities, **chain.hubs}
    for number in actors if order is None else order:
        env.process(actors[number].life())
    env.process(recorder.life())
    with _calm_collector():
        env.run(until=real.network.horizon_days)
    return Trajectory(real.network, recorder.arrays())


@contextmanager
def _calm_collector() -> Iterator[None]:
    """Keep the garbage collector off the objects of a run: it costs half of the time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
