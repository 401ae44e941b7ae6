"""Replications on many machines: Dask distributed as an executor (extra ``cluster``).

The scenario with its tables travels with the tasks, and so does the package where a worker has it
not, or another version of it; nothing is read from the disk of the client. Dask computes a task
again whose worker died.
"""

from __future__ import annotations

import io
import logging
import pickle
import threading
import zipfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from simulator import __version__
from simulator.errors import UsageError
from simulator.experiment.replication import Job, Replicate, Replication, failure, in_batches

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
            yield from _Tasks(client, job, numbers, self.task).results(stop)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        dask = _distributed()
        logging.getLogger("distributed").setLevel(logging.ERROR)
        if self.local:
            with (
                dask.LocalCluster(
                    n_workers=self.local, threads_per_worker=1, dashboard_address=None
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
            client.register_plugin(_code_plugin())
            yield client


class _Tasks:
    """Tasks under way on a cluster."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401
        job: Job,
        numbers: Sequence[int],
        task: int | None,
    ) -> None:
        blob = pickle.dumps(job)
        # As the result of a task, not scattered: Dask can make it again when its worker dies.
        self.client, self.payload = client, client.submit(bytes, blob)
        self.key = str(self.payload.key)
        self.todo, self.size, self.grows = deque(numbers), task or 1, task is None
        self.running: dict[Any, list[int]] = {}

    def results(self, stop: threading.Event) -> Iterator[list[Replication]]:
        """Batches as they come in."""
        wait = _distributed().wait
        while self.running or self.todo:
            if stop.is_set():
                self.todo.clear()
            workers = max(1, sum(self.client.nthreads().values()))
            while self.todo and len(self.running) < _WAITING_TASKS * workers:
                fair = max(1, len(self.todo) // (2 * workers)) if self.grows else self.size
                count = min(self.size, fair, len(self.todo))
                self._submit([self.todo.popleft() for _ in range(count)])
            if not self.running:
                return
            try:
                finished = wait(list(self.running), timeout=0.5, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                continue
            for future in finished:
                yield from self._taken(future, self.running.pop(future))

    def _submit(self, chunk: list[int]) -> None:
        future = self.client.submit(compute_task, self.payload, self.key, chunk, pure=False)
        self.running[future] = chunk

    def _taken(self, future: Any, chunk: list[int]) -> Iterator[list[Replication]]:  # noqa: ANN401
        error = future.exception()
        if error is None:
            batch, seconds = future.result()
            if self.grows and len(chunk) == self.size and seconds < TASK_SECONDS / 2:
                self.size = min(2 * self.size, LARGEST_TASK)
            yield batch
        elif len(chunk) > 1:  # one of them ends its worker: find out which
            for number in chunk:
                self._submit([number])
        else:
            yield [Replication(chunk[0], error=failure(error))]


def _distributed() -> Any:  # noqa: ANN401
    # Dask has annotations in part only, so that strict types cannot be had of it.
    return import_module("distributed")


def compute_task(blob: bytes, key: str, numbers: Sequence[int]) -> tuple[list[Replication], float]:
    """Run a chunk in a worker, and say how many seconds it took; jobs are prepared once there."""
    import time

    if key not in _prepared:
        while len(_prepared) >= _KEPT_JOBS:
            _prepared.pop(next(iter(_prepared)))
        job: Job = pickle.loads(blob)
        _prepared[key] = job.start()
    clock = time.perf_counter()
    results = [result for batch in in_batches(_prepared[key], numbers) for result in batch]
    return results, time.perf_counter() - clock


def _code_plugin() -> Any:  # noqa: ANN401
    """A plugin, sent by value, that gives a worker this package if it has not got the same."""
    package = Path(__file__).parents[1]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, f"simulator/{path.relative_to(package)}")
    code, version = content.getvalue(), __version__

    def setup(self: object, worker: Any) -> None:  # noqa: ANN401
        import importlib
        import importlib.util
        import io
        import pathlib
        import sys
        import zipfile

        if importlib.util.find_spec("simulator") is not None:
            there = importlib.import_module("simulator")
            if there.__version__ == version:
                return
            for name in [n for n in sys.modules if n.partition(".")[0] == "simulator"]:
                del sys.modules[name]
        folder = pathlib.Path(worker.local_directory) / "paxsim-code"
        zipfile.ZipFile(io.BytesIO(code)).extractall(folder)
        sys.path.insert(0, str(folder))

    # Made here, in no module of the package, so that it is pickled by value.
    kind = type(
        "PaxsimCode", (_distributed().WorkerPlugin,), {"setup": setup, "__module__": "__main__"}
    )
    setup.__module__ = "__main__"
    plugin: Any = kind
    plugin.name = "paxsim-code"
    return plugin()
