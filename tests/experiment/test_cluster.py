"""Dask, with real processes: same bytes, also when a worker is killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulator
from simulator.errors import UsageError
from simulator.experiment.cluster import Dask

pytest.importorskip("distributed")
SAME = ("replications.parquet", "bands.parquet", "summary.json")
PAXSIM = [sys.executable, "-c", "from simulator.cli import main; main(prog_name='paxsim')"]
SCENARIO = """\
network:
  materials:
    - {id: chip, layer: ai_infrastructure, unit: unit, price_usd_per_unit: 5, h100e_per_unit: 1}
  facilities:
    - {id: works, kind: mine, country: TWN, output: chip, capacity_per_day: 12}
    - {id: site, kind: datacenter, country: USA}
  lanes:
    - {customer: site, material: chip, supplier: works, share: 1, transit_days: 1}
  demand:
    - {sink: site, material: chip, units_per_day: 10}
start: 2026-01-01
horizon_days: 2000
shocks:
  stop: {type: outage, facilities: works, from: 2026-02-01,
         duration_days: {distribution: uniform, low: 10, high: 40}}
"""


def run(folder: Path, *words: object) -> subprocess.Popen[str]:
    root = str(Path(simulator.__file__).parents[1])
    return subprocess.Popen(
        [*PAXSIM, "run", "stop.yaml", *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "stop.yaml").write_text(SCENARIO, encoding="utf-8")
    process = run(tmp_path, "-n", 1500, "-w", 1, "-o", "alone")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return tmp_path


def assert_same(here: Path) -> None:
    for name in SAME:
        assert (here / "out" / name).read_bytes() == (here / "alone" / name).read_bytes(), name


@pytest.mark.slow
def test_a_local_cluster_gives_the_same_bytes(here: Path) -> None:
    process = run(here, "-n", 1500, "--cluster", "local:2", "-o", "out")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert_same(here)


@pytest.fixture
def scheduler() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, root = f"tcp://127.0.0.1:{port}", str(Path(simulator.__file__).parents[1])

    def start(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *words, "--no-dashboard"],
            env={**os.environ, "PYTHONPATH": root},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    started = [start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port))]
    time.sleep(2)
    workers = [start("distributed.cli.dask_worker", address, "--nthreads", "1") for _ in range(2)]
    yield address, workers
    for process in [*workers, *started]:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_a_worker_that_is_killed_takes_nothing_with_it(
    here: Path, scheduler: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = scheduler
    process = run(here, "-n", 1500, "--cluster", address, "-o", "out", "--engine", "scalar")
    deadline = time.monotonic() + 60
    while not (here / "out" / ".parts" / "plan.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(1.5)
    os.killpg(workers[0].pid, signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert_same(here)


@pytest.mark.parametrize("address", ["local", "local:0", "local:x", "host"])
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="write local:4"):
        Dask(address)
