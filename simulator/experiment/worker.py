"""What runs inside a worker process: prepare once, then take chunks of replication numbers."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from simulator.experiment.replication import Job, Replicate, Replication, in_batches

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

_EXIT_ORPHANED = 1


class _Worker:
    """The prepared job of a process; set by `begin`, which the pool calls before any chunk."""

    replicate: Replicate
    stop: Event


def begin(job: Job, stop: Event) -> None:
    """Prepare this process. Ctrl-C is the main process's business: it sets ``stop``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _Worker.replicate = job.start()
    _Worker.stop = stop
    gc.freeze()


def compute(numbers: Sequence[int]) -> tuple[list[Replication], float]:
    """Run a chunk, and say how many seconds it took.

    A request to stop ends it after the batch now running.
    """
    clock, results = time.perf_counter(), list[Replication]()
    for batch in in_batches(_Worker.replicate, numbers):
        results += batch
        if _Worker.stop.is_set():
            break
    return results, time.perf_counter() - clock


def _leave_with_parent() -> None:
    # A main process that was killed cannot end its workers, and an idle worker would wait for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(_EXIT_ORPHANED)
