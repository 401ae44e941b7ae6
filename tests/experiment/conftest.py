from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

import simulator

# Worker processes import jobs by name, and tests are no modules they could import.
JOBS = '''
"""Jobs with a known result and a chosen fault, for tests of what surrounds a simulation."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.experiment.replication import Replication, failure

DAYS = 30


@dataclass(frozen=True)
class Job:
    """``fails`` raise, ``kills`` end their process; ``once``: remembered in folder ``memory``."""

    fails: tuple[int, ...] = ()
    kills: tuple[int, ...] = ()
    once: bool = False
    memory: str = ""
    seconds: float = 0.0
    main: int = 0

    def start(self) -> Replicate:
        return Replicate(self)


@dataclass(frozen=True)
class Dead(Job):
    """Ends every process that starts it, but for the one named ``main``."""

    def start(self) -> Replicate:
        if os.getpid() != self.main:
            os._exit(3)
        return Replicate(self)


class Replicate:
    def __init__(self, job: Job) -> None:
        self.job = job

    def __call__(self, number: int) -> Replication:
        time.sleep(self.job.seconds)
        if number in self.job.kills and self.first_time(number):
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            if number in self.job.fails:
                raise ValueError("bad\\n  luck")
        except ValueError as error:
            return Replication(number, error=failure(error))
        return replication(number)

    def first_time(self, number: int) -> bool:
        if not self.job.once:
            return True
        mark = Path(self.job.memory) / str(number)
        if mark.exists():
            return False
        mark.touch()
        return True


def replication(number: int) -> Replication:
    values: dict[str, float | bool] = {"loss": number / 7, "censored": number % 2 == 0}
    values["draw:b"] = number * 0.5
    if number % 3 == 0:
        values["draw:a"] = float(number)
    series = np.full((2, 3, DAYS), float(number), np.float32)
    series[0] += np.arange(DAYS, dtype=np.float32)
    return Replication(number, values=values, series=series)
'''


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of jobs that workers can import too."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "paxsim_test_jobs.py").write_text(JOBS, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "paxsim_test_jobs", raising=False)
    import paxsim_test_jobs

    return paxsim_test_jobs


@pytest.fixture
def environment(jobs: ModuleType) -> dict[str, str]:
    """Environment of a subprocess that can import the jobs, and the package under test."""
    places = [Path(jobs.__file__ or "").parent, Path(simulator.__file__).parents[1]]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
