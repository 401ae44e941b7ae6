"""Replications on many machines: Dask distributed as an executor (extra ``cluster``).

The scenario with its tables travels with the tasks, and so does code: the package where a worker
has it not, or not the same, and types of shocks that are the user's own. Nothing is read from the
disk of the client. Dask computes a task again whose worker died.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from simulator.errors import UsageError
from simulator.experiment.cluster_code import code_plugin
from simulator.experiment.packing import Packed, unpacked
from simulator.experiment.replication import Job, Replicate, Replication, batch_size, failure
from simulator.spec.shock import shock_types

LARGEST_TASK = 1000
TASK_SECONDS = 2.0
"""Tasks grow until they take so long, or have `LARGEST_TASK` replications."""
_WAITING_TASKS = 3
_KEPT_JOBS = 2

_prepared: dict[str, Replicate] = {}


class Dask:
    """Computes replications on a Dask cluster.

    Parameters
    ----------
    address
        ``local:4`` starts four processes here; anything else is the address of a scheduler, such as
        ``tcp://host:8786``.
    task
        Replications per task; None lets it grow with the speed of the job.

    Raises
    ------
    UsageError
        If Dask is not installed, the address is wrong, or nobody answers there.
    """

    def __init__(self, address: str, task: int | None = None) -> None:
        self.address, self.task = address, task
        local, _, count = address.partition(":")
        self.local = 0
        if local == "local":
            if not count.isdecimal() or not 1 <= int(count) <= 1024:
                raise UsageError(f"--cluster {address}: write local:4, with 1 to 1,024 workers")
            self.local = int(count)
        elif "://" not in address:
            raise UsageError(f"--cluster {address}: write local:4, or tcp://host:8786")
        try:
            _distributed()
        except ImportError:
            remedy = "install it: pip install 'paxsim[cluster]'"
            raise UsageError(f"--cluster {address}: needs Dask distributed: {remedy}") from None

    def run(
        self, job: Job, here: Replicate, numbers: Sequence[int], stop: threading.Event
    ) -> Iterator[list[Replication]]:
        """See `Executor.run`."""
        with self._client() as client:
            yield from _Tasks(client, job, numbers, self.task, batch_size(here)).results(stop)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        dask = _distributed()
        logging.getLogger("distributed").setLevel(logging.ERROR)
        if self.local:
            quiet = {"distributed.worker.profile.enabled": False}  # it costs a tenth of the time
            with (
                import_module("dask").config.set(quiet),
                dask.LocalCluster(
                    n_workers=self.local, threads_per_worker=1, dashboard_address=":0"
                ) as cluster,
                dask.Client(cluster) as client,
            ):
                yield client
            return
        try:
            client = dask.Client(self.address, timeout="10s")
        except (OSError, ValueError) as error:
            raise UsageError(f"--cluster {self.address}: no scheduler answers: {error}") from error
        with client:
            client.register_plugin(code_plugin())
            yield client


class _Tasks:
    """Tasks under way on a cluster."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401
        job: Job,
        numbers: Sequence[int],
        task: int | None,
        batch: int,
    ) -> None:
        blob = pickled(job)
        # As the result of a task, not scattered: Dask can make it again when its worker dies.
        self.client, self.payload = client, client.submit(bytes, blob)
        self.key = str(self.payload.key)
        self.batch = 1 if task else batch
        self.todo, self.size, self.grows = deque(numbers), task or batch, task is None
        self.running: dict[Any, list[int]] = {}

    def results(self, stop: threading.Event) -> Iterator[list[Replication]]:
        """Batches as they come in."""
        wait = _distributed().wait
        while self.running or self.todo:
            if stop.is_set():
                self.todo.clear()
            workers = max(1, sum(self.client.nthreads().values()))
            while self.todo and len(self.running) < _WAITING_TASKS * workers:
                self._submit([self.todo.popleft() for _ in range(self._next(workers))])
            if not self.running:
                return
            try:
                finished = wait(list(self.running), timeout=0.5, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                continue
            for future in finished:
                yield from self._taken(future, self.running.pop(future))

    def _next(self, workers: int) -> int:
        # Towards the end tasks get smaller again: no worker is left alone with a long one.
        left = len(self.todo)
        fair = max(1, left // (2 * workers * self.batch)) * self.batch
        return min(self.size, fair if self.grows else left, left)

    def _submit(self, chunk: list[int]) -> None:
        future = self.client.submit(compute_task, self.payload, self.key, chunk, pure=False)
        self.running[future] = chunk

    def _taken(self, future: Any, chunk: list[int]) -> Iterator[list[Replication]]:  # noqa: ANN401
        error = future.exception()
        if error is None:
            packed, seconds = future.result()
            if self.grows and len(chunk) == self.size and seconds < TASK_SECONDS / 2:
                self.size = max(self.size, min(2 * self.size, self._largest))
            yield unpacked(packed)
        elif len(chunk) > 1:  # one of them ends its worker: find out which
            for number in chunk:
                self._submit([number])
        else:
            yield [Replication(chunk[0], error=failure(error))]

    @property
    def _largest(self) -> int:
        return LARGEST_TASK // self.batch * self.batch


def _distributed() -> Any:  # noqa: ANN401
    # Dask has annotations in part only, so that strict types cannot be had of it.
    return import_module("distributed")


def pickled(job: Job) -> bytes:
    """A job with all that it needs: types that are not of this package travel by value."""
    cloudpickle: Any = import_module("cloudpickle")
    modules = _own_modules()
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        content: bytes = cloudpickle.dumps(job)
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)
    return content


def _own_modules() -> list[Any]:
    """Modules with types of shocks from outside the package, and those that lie beside them."""
    package = __name__.partition(".")[0]
    names = {kind.__module__ for kind in shock_types().values()}
    outside = {name for name in names if name.partition(".")[0] not in (package, "__main__")}
    folders = {_folder(sys.modules[name]) for name in outside if name in sys.modules}
    return [
        module
        for name, module in list(sys.modules.items())
        if name in outside or (name != "__main__" and _folder(module) in folders - {None})
    ]


def _folder(module: Any) -> Path | None:  # noqa: ANN401
    file = getattr(module, "__file__", None)
    return Path(file).parent if file else None


def compute_task(blob: bytes, key: str, numbers: Sequence[int]) -> tuple[Packed, float]:
    """Run a chunk in a worker, and say how many seconds it took; jobs are prepared once there."""
    import pickle
    import time

    from simulator.experiment.packing import packed
    from simulator.experiment.replication import in_batches

    if key not in _prepared:
        while len(_prepared) >= _KEPT_JOBS:
            _prepared.pop(next(iter(_prepared)))
        job: Job = pickle.loads(blob)
        _prepared[key] = job.start()
    clock = time.perf_counter()
    results = [result for batch in in_batches(_prepared[key], numbers) for result in batch]
    return packed(results), time.perf_counter() - clock
