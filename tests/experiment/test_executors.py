from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from simulator.experiment import threads
from simulator.experiment.executors import (
    CHUNK_SECONDS,
    DIED,
    LARGEST_CHUNK,
    Executor,
    Processes,
    Serial,
    why_not_processes,
)
from simulator.experiment.replication import Replication
from simulator.provenance import available_bytes


def results(executor: Executor, job: Any, count: int) -> dict[int, Replication]:
    found: dict[int, Replication] = {}
    for batch in executor.run(job, job.start(), range(count), threading.Event()):
        for result in batch:
            assert result.number not in found, "each replication comes once"
            found[result.number] = result
    return found


@pytest.mark.parametrize("executor", [Serial(), Processes(1), Processes(2), Processes(3, 7)])
def test_every_executor_gives_the_same_replications(executor: Executor, jobs: ModuleType) -> None:
    found = results(executor, jobs.Job(fails=(3,)), 10)
    assert sorted(found) == list(range(10))
    for number in set(found) - {3}:
        expected = jobs.replication(number)
        assert found[number].values == expected.values
        assert (found[number].series == expected.series).all()
    assert found[3].error == "ValueError: bad luck"


def test_a_killed_worker_costs_time_but_no_replication(
    jobs: ModuleType, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = jobs.Job(kills=(4,), once=True, memory=str(tmp_path))
    with caplog.at_level(logging.WARNING):
        found = results(Processes(2, 2), job, 10)
    assert sorted(found) == list(range(10))
    assert not any(result.error for result in found.values())
    assert "a worker process died" in caplog.text


def test_a_replication_that_always_kills_its_worker_is_recorded_as_failed(jobs: ModuleType) -> None:
    found = results(Processes(2, 2), jobs.Job(kills=(4,)), 10)
    assert sorted(found) == list(range(10))
    assert {number: result.error for number, result in found.items() if result.error} == {4: DIED}


def test_workers_that_all_die_at_the_start_leave_the_work_to_this_process(
    jobs: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = results(Processes(2, 2), jobs.Dead(main=os.getpid()), 8)
    assert sorted(found) == list(range(8))
    assert "going on in this process" in caplog.text
    assert sum(result.error == DIED for result in found.values()) == 3


@pytest.mark.parametrize("executor", [Serial(), Processes(2, 4)])
def test_a_request_to_stop_keeps_what_is_under_way(executor: Executor, jobs: ModuleType) -> None:
    job, stop = jobs.Job(seconds=0.02), threading.Event()
    found = []
    for batch in executor.run(job, job.start(), range(1000), stop):
        found += batch
        stop.set()
    assert 0 < len(found) < 30


def test_leaving_early_ends_the_workers(jobs: ModuleType) -> None:
    import multiprocessing

    job = jobs.Job(seconds=0.1)
    running = Processes(2).run(job, job.start(), range(1000), threading.Event())
    next(running)
    running.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_workers_leave_when_the_main_process_is_killed(environment: dict[str, str]) -> None:
    code = """
        import threading, sys, multiprocessing
        import paxsim_test_jobs as jobs
        from simulator.experiment.executors import Processes
        job = jobs.Job(seconds=0.05)
        for batch in Processes(2).run(job, job.start(), range(100000), threading.Event()):
            print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        workers = [int(word) for word in process.stdout.readline().split()]
        process.kill()
    assert workers
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(map(alive, workers)):
        time.sleep(0.05)
    assert not any(map(alive, workers))


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_script_without_a_main_guard_runs_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import threading
            import paxsim_test_jobs as jobs
            from simulator.experiment.executors import Processes
            print("started")
            job = jobs.Job()
            found = Processes(2).run(job, job.start(), range(4), threading.Event())
            print(sum(len(batch) for batch in found))
            """
        ),
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.split() == ["started", "4"]
    assert done.stderr == ""


def test_a_job_of_the_running_script_stays_in_this_process(
    jobs: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Local(jobs.Job):  # type: ignore[name-defined, misc]
        pass

    assert why_not_processes(jobs.Job()) == ""
    assert "cannot be sent to another process" in why_not_processes(Local())
    Local.__module__, Local.__qualname__ = "__main__", "Local"
    monkeypatch.setattr(sys.modules["__main__"], "Local", Local, raising=False)
    assert "defined in the running script" in why_not_processes(Local())


def test_chunks_grow_for_quick_jobs_and_shrink_towards_the_end(jobs: ModuleType) -> None:
    job = jobs.Job()
    batches = Processes(2).run(job, job.start(), range(2000), threading.Event())
    sizes = [len(batch) for batch in batches]
    assert sum(sizes) == 2000
    assert sizes[0] == 1
    assert 64 <= max(sizes) <= LARGEST_CHUNK
    assert sizes[-1] < max(sizes)
    slow = jobs.Job(seconds=CHUNK_SECONDS)
    batches = Processes(2).run(slow, slow.start(), range(8), threading.Event())
    assert [len(batch) for batch in batches] == [1] * 8


@pytest.mark.parametrize(
    ("room", "left", "fit"),
    [
        (10**9, 3 * 10**9, 3),  # one room is there, and 80 % of 3 GB hold two more
        (10**9, 10**8, 1),
        (10**9, 10**12, 8),
        (10**9, None, 8),
        (0, 10**8, 8),
    ],
)
def test_there_are_no_more_threads_than_memory_holds_rooms(
    room: int, left: int | None, fit: int, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(threads, "largest_room", lambda: room)
    monkeypatch.setattr(threads, "available_bytes", lambda: left)
    assert threads.that_fit(8) == fit
    assert (f"using {fit} of 8 cores" in caplog.text) == (fit < 8)


def test_the_memory_left_is_what_machine_and_container_leave(tmp_path: Path) -> None:
    assert available_bytes(tmp_path) is None
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    4000 kB\n")
    assert available_bytes(tmp_path) == 4000 * 1024
    group = tmp_path / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (group / "memory.current").write_text("2500000\n")
    (group / "memory.stat").write_text("anon 1\ninactive_file 400000\nactive_file 7\n")
    (group / "memory.max").write_text("max\n")
    assert available_bytes(tmp_path) == 4000 * 1024
    (group / "memory.max").write_text("3000000\n")
    assert available_bytes(tmp_path) == 900000
