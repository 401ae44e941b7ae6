"""Where replications are computed: in this process, or in several, with the same result."""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import signal
import sys
import threading
import types
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from simulator.experiment import worker
from simulator.experiment.replication import (
    Job,
    Replicate,
    Replication,
    batch_size,
    failure,
    in_batches,
)

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

_log = logging.getLogger(__name__)

CHUNK_SECONDS = 0.5
"""Chunks grow until they take so long: Ctrl-C, progress and a lost worker then cost little."""
LARGEST_CHUNK = 256
LONE_DEATHS_IN_A_ROW = 3
"""So many replications in a row that end their process mean that processes are the trouble."""
DIED = "WorkerDied: its process ended without a result (killed, or out of memory)"

_Batch = list[Replication]
_Task = Future[tuple[_Batch, float]]


class Executor(Protocol):
    """Computes replications in any order; each is yielded once."""

    def run(
        self, job: Job, here: Replicate, numbers: Sequence[int], stop: threading.Event
    ) -> Iterator[_Batch]:
        """Compute ``numbers`` until done or ``stop`` is set.

        Parameters
        ----------
        job
            What a worker starts from.
        here
            The job, already started in this process.
        numbers
            Replications to compute.
        stop
            Set by the caller to end early; replications under way are still yielded.
        """


class Serial:
    """One replication after the other in this process: for debugging, and for short runs."""

    def run(
        self, job: Job, here: Replicate, numbers: Sequence[int], stop: threading.Event
    ) -> Iterator[_Batch]:
        """See `Executor.run`."""
        if stop.is_set():
            return
        for batch in in_batches(here, numbers):
            yield batch
            if stop.is_set():
                return


class Processes:
    """Several processes, each of which prepares the job once.

    A worker that dies takes nothing with it but its chunk, which is computed again, one replication
    at a time in a process of its own; one that ends its process again is recorded as failed.

    Parameters
    ----------
    workers
        Number of processes.
    chunk
        Replications per task; None lets it grow with the speed of the job.
    """

    def __init__(self, workers: int, chunk: int | None = None) -> None:
        self.workers = workers
        self.chunk = chunk

    def run(
        self, job: Job, here: Replicate, numbers: Sequence[int], stop: threading.Event
    ) -> Iterator[_Batch]:
        """See `Executor.run`."""
        todo, deaths = deque(numbers), 0
        while todo and deaths < LONE_DEATHS_IN_A_ROW and not stop.is_set():
            suspects: list[int] = []
            with _Pool(job, self.workers, self.chunk, batch_size(here)) as pool:
                yield from pool.work(todo, suspects, stop)
            if suspects:
                _log.warning("a worker process died; computing %s again", _listed(suspects))
            while suspects and deaths < LONE_DEATHS_IN_A_ROW and not stop.is_set():
                batch = _alone(job, suspects.pop(0), stop)
                deaths = deaths + 1 if any(r.error == DIED for r in batch) else 0
                yield batch
            todo.extend(suspects)
        if todo and not stop.is_set():
            _log.warning("worker processes keep dying; going on in this process")
            yield from Serial().run(job, here, list(todo), stop)


def why_not_processes(job: Job) -> str:
    """Say why workers cannot be used for a job; empty if they can.

    Workers import modules, not ``__main__``, so a class of the running script or notebook (say, a
    shock type of one's own) cannot reach them. And some machines offer no semaphores.
    """
    remedy = "put its classes into a module of their own to use several"
    try:
        if b"__main__" in pickle.dumps(job):
            return f"the scenario needs a class that is defined in the running script; {remedy}"
        multiprocessing.get_context("spawn").Event()
    except (OSError, ImportError) as error:
        return f"this machine cannot synchronise processes ({error})"
    except Exception as error:
        return f"the scenario cannot be sent to another process ({error}); {remedy}"
    return ""


def _alone(job: Job, number: int, stop: threading.Event) -> _Batch:
    suspects: list[int] = []
    with _Pool(job, 1) as pool:
        batches = list(pool.work(deque([number]), suspects, stop))
    if suspects:
        _log.warning("replication %d ended its process again; recorded as failed", number)
        return [Replication(number, error=DIED)]
    return [result for batch in batches for result in batch]


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:5])
    return f"replications {shown}" + (" and more" if len(numbers) > 5 else "")


class _Pool:
    """A process pool for one job that is left clean whatever happens."""

    def __init__(self, job: Job, workers: int, chunk: int | None = None, batch: int = 1) -> None:
        context = multiprocessing.get_context("spawn")
        self.workers = workers
        self.size, self.batch = chunk or batch, batch
        self.grows = chunk is None
        self.flag: Event = context.Event()
        self.before = set(multiprocessing.active_children())
        self.pool = ProcessPoolExecutor(
            workers, mp_context=context, initializer=worker.begin, initargs=(job, self.flag)
        )

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.flag.set()
            for process in set(multiprocessing.active_children()) - self.before:
                process.terminate()
        self.pool.shutdown(wait=True, cancel_futures=True)

    def work(
        self, todo: deque[int], suspects: list[int], stop: threading.Event
    ) -> Iterator[_Batch]:
        """Take numbers from ``todo``; when a worker dies, those under way become ``suspects``."""
        running: dict[_Task, list[int]] = {}
        while running or (todo and not suspects):
            if stop.is_set():
                self.flag.set()
                todo.clear()
            # Few tasks wait in the pool: a dead worker makes suspects of all of them.
            while todo and not suspects and len(running) < self.workers + 1:
                chunk = [todo.popleft() for _ in range(self._size(len(todo)))]
                try:
                    running[self._submit(chunk)] = chunk
                except BrokenProcessPool:
                    suspects.extend(chunk)
            finished, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for task in finished:
                chunk = running.pop(task)
                try:
                    batch, seconds = task.result()
                except BrokenProcessPool:
                    suspects.extend(chunk)
                except Exception as error:
                    yield [Replication(number, error=failure(error)) for number in chunk]
                else:
                    self._learn(len(chunk), seconds)
                    yield batch
        suspects.sort()

    def _size(self, left: int) -> int:
        # Towards the end chunks get smaller again: no worker is left alone with a long one.
        fair = max(1, left // (2 * self.workers * self.batch)) * self.batch
        return min(self.size, fair if self.grows else left, left)

    def _learn(self, count: int, seconds: float) -> None:
        if self.grows and count == self.size and seconds < CHUNK_SECONDS / 2:
            self.size = min(2 * self.size, LARGEST_CHUNK)

    def _submit(self, chunk: Sequence[int]) -> _Task:
        with _no_interrupt_inherited(), _main_not_imported():
            return self.pool.submit(worker.compute, chunk)


@contextmanager
def _no_interrupt_inherited() -> Iterator[None]:
    # Ctrl-C reaches the whole process group, also a worker that has not yet come to ignore it.
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _main_not_imported() -> Iterator[None]:
    # A spawned worker imports the script it was started from, which would start the study once more
    # in a script without ``if __name__ == "__main__"``. Ours need nothing from it (see can_travel).
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
