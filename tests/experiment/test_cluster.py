"""Dask, with real processes: same bytes, also when a worker is killed on the way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import simulator
from simulator.errors import UsageError
from simulator.experiment.cluster import Dask

pytest.importorskip("distributed")
SAME = ("replications.parquet", "bands.parquet", "summary.json")
COUNT, PATIENCE = 600, 600
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


def run(
    folder: Path, *words: object, verb: str = "run", name: str = "stop.yaml"
) -> subprocess.Popen[str]:
    root = str(Path(simulator.__file__).parents[1])
    return subprocess.Popen(
        [*PAXSIM, verb, *([name] if name else []), *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    (folder / "stop.yaml").write_text(SCENARIO, encoding="utf-8")
    process = run(folder, "-n", COUNT, "-w", 1, "-o", "alone")
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    return folder


@pytest.fixture
def here(tmp_path: Path, alone: Path) -> Path:
    shutil.copytree(alone, tmp_path, dirs_exist_ok=True)
    return tmp_path


def assert_same(here: Path) -> None:
    for name in SAME:
        assert (here / "out" / name).read_bytes() == (here / "alone" / name).read_bytes(), name


@pytest.mark.slow
def test_a_local_cluster_gives_the_same_bytes(here: Path) -> None:
    process = run(here, "-n", COUNT, "--cluster", "local:2", "-o", "out")
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert_same(here)


Cluster = tuple[str, list["subprocess.Popen[bytes]"]]


@contextmanager
def cluster_of(count: int, folder: Path, code: Path) -> Iterator[Cluster]:
    """A scheduler and workers, each a process that starts in ``folder`` and finds ``code``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"

    def start(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *words, "--no-dashboard"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(code)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    started = [start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port))]
    time.sleep(2)
    worker = ("distributed.cli.dask_worker", address, "--nthreads", "1")
    workers = [start(*worker, "--local-directory", str(folder)) for _ in range(count)]
    try:
        yield address, workers
    finally:
        for process in [*workers, *started]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "elsewhere").mkdir()
    root = Path(simulator.__file__).parents[1]
    with cluster_of(2, tmp_path / "elsewhere", root) as cluster:
        yield cluster


def wait_for(path: Path, pattern: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not any(path.glob(pattern)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_worker_that_is_killed_takes_nothing_with_it(here: Path, scheduler: Cluster) -> None:
    address, workers = scheduler
    process = run(here, "-n", COUNT, "--cluster", address, "-o", "out", "--engine", "scalar")
    wait_for(here / "out" / ".parts", "plan.json", process)
    time.sleep(1.5)
    os.killpg(workers[0].pid, signal.SIGKILL)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert_same(here)


@pytest.mark.slow
def test_a_killed_client_resumes_on_the_cluster(here: Path, scheduler: Cluster) -> None:
    address, _ = scheduler
    process = run(here, "-n", COUNT, "--cluster", address, "-o", "out", "--engine", "simpy")
    wait_for(here / "out" / ".parts", "part-*", process)
    process.kill()
    process.communicate()
    assert not (here / "out" / "manifest.json").exists()
    resumed = run(here, "--resume", "out", "--cluster", address, name="")
    _, errors = resumed.communicate(timeout=PATIENCE)
    assert resumed.returncode == 0, errors
    assert_same(here)


@pytest.mark.slow
def test_a_study_survives_its_workers_and_its_client(here: Path, scheduler: Cluster) -> None:
    address, workers = scheduler
    (here / "study.yaml").write_text(
        "scenarios: stop.yaml\nreplications: 150\nlevers:\n  shocks.stop.severity: [0.3, 0.6, 1]\n",
        encoding="utf-8",
    )
    words = ("--engine", "simpy", "--cluster", address, "-o", "out")
    process = run(here, *words, verb="sweep", name="study.yaml")
    wait_for(here / "out" / ".parts", "part-*", process)
    process.kill()
    process.communicate()
    resumed = run(here, *words, "--resume", verb="sweep", name="study.yaml")
    time.sleep(6)
    os.killpg(workers[0].pid, signal.SIGKILL)
    _, errors = resumed.communicate(timeout=PATIENCE)
    assert resumed.returncode == 0, errors
    whole = run(here, "-w", 2, "-o", "whole", verb="sweep", name="study.yaml")
    _, errors = whole.communicate(timeout=PATIENCE)
    assert whole.returncode == 0, errors
    for name in ("replications.parquet", "cells.csv"):
        assert (here / "out" / name).read_bytes() == (here / "whole" / name).read_bytes(), name


@pytest.mark.slow
def test_code_and_tables_travel_to_a_worker_that_has_neither(here: Path, tmp_path: Path) -> None:
    elsewhere, other = tmp_path / "elsewhere", tmp_path / "other"
    elsewhere.mkdir()
    (other / "simulator").mkdir(parents=True)  # an older paxsim, say, which cannot do the work
    (other / "simulator" / "__init__.py").write_text("__version__ = '0.0.1'\n", encoding="utf-8")
    with cluster_of(1, elsewhere, other) as (address, _):
        process = run(here, "-n", COUNT, "--cluster", address, "-o", "out")
        wait_for(here / "out" / ".parts", "plan.json", process)
        (here / "stop.yaml").unlink()
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert any(elsewhere.rglob("paxsim-*/simulator/__init__.py")), "the worker was given the code"
    assert_same(here)


OWN_TYPE = """
from collections.abc import Iterator
from contextlib import contextmanager
from simulator.shocks import Outage
from simulator.shocks.effects import Effect
from simulator.shocks.scene import Scene
from helper import HOURS

class Strike(Outage, type="strike"):
    def effects(self, scene: Scene) -> Iterator[Effect]:
        assert HOURS == 8
        yield from super().effects(scene)
"""
OWN_SCRIPT = """
import sys
from pathlib import Path
import own_types
from simulator.experiment.monte_carlo import make_study

if __name__ == "__main__":
    tables = [
        make_study("strike.yaml", 200, 5, cluster=cluster).compute().replications.to_csv()
        for cluster in ("", sys.argv[1])
    ]
    assert tables[0] == tables[1]
    assert ",failed," not in tables[0]
    print("the same")
"""


@pytest.mark.slow
def test_a_type_of_the_users_own_travels_with_the_task(here: Path, scheduler: Cluster) -> None:
    own = here / "own"
    own.mkdir()
    (own / "own_types.py").write_text(OWN_TYPE, encoding="utf-8")
    (own / "helper.py").write_text("HOURS = 8\n", encoding="utf-8")
    (own / "script.py").write_text(OWN_SCRIPT, encoding="utf-8")
    strike = SCENARIO.replace("type: outage", "type: strike")
    (here / "strike.yaml").write_text(strike, encoding="utf-8")
    root = Path(simulator.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, str(own / "script.py"), scheduler[0]],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "the same\n"


@pytest.mark.parametrize("address", ["local", "local:0", "local:x", "host"])
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="write local:4"):
        Dask(address)
