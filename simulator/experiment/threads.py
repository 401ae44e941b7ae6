"""Replications on several threads of this process, for engines that let go of the interpreter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from simulator.experiment.replication import Job, Replicate, Replication, in_parts
from simulator.network.room import largest_room
from simulator.provenance import available_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

SHARE_OF_MEMORY = 0.8
"""Share of the memory that is left which threads may fill with plans."""
_log = logging.getLogger(__name__)


@runtime_checkable
class Forking(Protocol):
    """A `Replicate` whose work can be shared among threads."""

    @property
    def batch_size(self) -> int:
        """Replications in a batch."""

    def fork(self) -> Callable[[Sequence[int]], list[Replication]]:
        """What one thread computes batches with."""


def shares_threads(replicate: object) -> bool:
    """Whether the work can be shared among threads and is worth it."""
    return isinstance(replicate, Forking) and replicate.batch_size > 1


def that_fit(threads: int) -> int:
    """As many of so many threads as there is memory for, going by the largest room for plans."""
    each, left = largest_room(), available_bytes()
    if not each or left is None:
        return threads
    fit = max(1, min(threads, 1 + int(SHARE_OF_MEMORY * left / each)))  # one has its room already
    if fit < threads:
        _log.warning(
            "using %d of %d cores: each takes %.1f GB of memory for plans (--workers overrules)",
            fit, threads, each / 1e9,
        )  # fmt: skip
    return fit


class Threads:
    """Several threads, each with room of its own; they start at once and share all that is fixed.

    Parameters
    ----------
    workers
        Number of threads.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(
        self, job: Job, here: Replicate, numbers: Sequence[int], stop: threading.Event
    ) -> Iterator[list[Replication]]:
        """See `simulator.experiment.executors.Executor.run`."""
        shared: object = here
        assert isinstance(shared, Forking)
        own = threading.local()

        def compute(batch: Sequence[int]) -> list[Replication]:
            if not hasattr(own, "run"):
                own.run = shared.fork()
            found: list[Replication] = own.run(batch)
            return found

        todo = in_parts(shared, numbers)
        running: set[Future[list[Replication]]] = set()
        with ThreadPoolExecutor(self.workers) as pool:
            while True:
                while len(running) < self.workers + 1 and not stop.is_set():
                    batch = next(todo, None)
                    if batch is None:
                        break
                    running.add(pool.submit(compute, batch))
                if not running:
                    return
                # Waking up now and then lets Ctrl-C through.
                done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for task in done:
                    yield task.result()
