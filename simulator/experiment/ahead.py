"""Compile the kernels of a first run in two processes.

Compiling holds a lock, so that threads would wait for one another. So a second process compiles the
explosion of plans and what a run needs last, fills the cache of kernels, and ends; meanwhile the
first one compiles the block kernel, which takes longest, on arrays that hold no plan yet.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from simulator.compiling import is_cached
from simulator.provenance import usable_cores

LATE = ("explode", "simulate_days", "sweep")
"""Kernels of the second process: of plans, of recorded runs and of the ledger."""
BLOCK = "simulate_block"
CHAIN = """
name: ahead
start: 2026-01-01
horizon_days: 20
network:
  materials: [{id: ore, layer: minerals, unit: t}, {id: chip, layer: semiconductors, unit: pieces}]
  facilities:
    - {id: mine, kind: mine, country: AUS, output: ore, utilisation: 0.9}
    - {id: fab, kind: fab, country: TWN, output: chip, recipe: chip, utilisation: 0.8}
    - {id: buyer, kind: market, country: USA}
  recipes: [{recipe: chip, input: ore, quantity: 2, cover_days: 5}]
  lanes:
    - {customer: fab, material: ore, supplier: mine, share: 1, transit_days: 2}
    - {customer: buyer, material: chip, supplier: fab, share: 1, transit_days: 3}
  demand: [{sink: buyer, material: chip, units_per_day: 10, cover_days: 2}]
shocks:
  outage: {type: outage, facilities: [mine], from: 2026-01-03, duration_days: 5}
"""
"""Any scenario will do: a kernel is compiled for kinds of arrays, whatever is in them."""


@contextmanager
def compiling_ahead(
    workers: int | None = None, *, block: bool = True
) -> Iterator[Callable[[threading.Event], None]]:
    """Compile what is not cached: the kernels of `LATE` beside what runs inside, the other first.

    Parameters
    ----------
    workers
        With a single one, nothing runs beside.
    block
        Whether the block kernel will be needed.

    Yields
    ------
    Callable
        Waits until they are compiled, or until an event asks to stop.
    """
    helper = None
    if (workers or usable_cores()) > 1 and not all(map(is_cached, LATE)):
        quiet = subprocess.DEVNULL
        try:  # in a session of its own, so that Ctrl-C does not reach it
            helper = subprocess.Popen(
                [sys.executable, "-m", __name__], stdin=quiet, stdout=quiet, stderr=quiet,
                start_new_session=True,
            )  # fmt: skip
        except OSError:  # whoever needs the kernels compiles them
            helper = None

    def wait(stop: threading.Event) -> None:
        while helper is not None and helper.poll() is None and not stop.wait(0.1):
            pass

    try:
        if helper is not None and block and not is_cached(BLOCK):
            compile_block()
        yield wait
    finally:
        if helper is not None:
            helper.terminate()
            helper.wait()


def compile_late() -> None:
    """Compile the kernels of `LATE`, or load them from the cache."""
    from simulator.experiment.attribution_work import Work
    from simulator.sampling.model import prepare
    from simulator.spec import parse_scenario

    Work(prepare(parse_scenario(CHAIN)), 1, 2, workers=1).traced([0])


def compile_block() -> None:
    """Compile the block kernel, or load it from the cache, without a plan and for no day."""
    from simulator.engine import kernel
    from simulator.network.build import build_network
    from simulator.network.planning import unplanned
    from simulator.sampling.realisation import realisation
    from simulator.shocks.effects import combine
    from simulator.spec import parse_scenario

    scenario = parse_scenario(CHAIN)
    network = build_network(scenario.dataset, scenario.start, 0, scenario.outcome)
    plan, nothing = unplanned(network), np.zeros(0, np.int64)
    real = realisation(network, network.numbers, plan, combine((), 0))
    kernel.run_rows([real], (nothing, nothing, nothing, nothing))


if __name__ == "__main__":
    gc.disable()  # nearly all that a compiler makes lives until this process ends
    compile_late()
