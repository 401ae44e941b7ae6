"""Kernels that are compiled ahead are those that a run needs later."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from simulator.engine.kernel.block import simulate_block
from simulator.engine.kernel.scalar import simulate_days
from simulator.experiment import ahead
from simulator.experiment.attribution_work import Work
from simulator.experiment.batches import Pairs
from simulator.metrics.attribution_sweep import sweep
from simulator.network.explode import explode
from simulator.sampling.model import prepare
from simulator.spec import load_scenario


def test_the_alliance_network_needs_no_other_kernels_than_those_compiled_ahead() -> None:
    kernels: tuple[Any, ...] = (explode, simulate_days, sweep, simulate_block)
    ahead.compile_late()
    ahead.compile_block()
    before = [list(kernel.signatures) for kernel in kernels]
    model = prepare(load_scenario("china-october-2025"))
    Work(model, 1, 2).traced([0])
    Pairs(model, 1)([0, 1])
    assert [list(kernel.signatures) for kernel in kernels] == before


@pytest.mark.parametrize(("cached", "workers"), [(True, 2), (False, 1)])
def test_nothing_is_started_where_nothing_is_left_to_do_or_nobody_to_do_it(
    cached: bool, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "is_cached", lambda _: cached)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("started a process"))
    with ahead.compiling_ahead(workers) as ready:
        ready(threading.Event())


def test_who_waits_waits_until_it_is_done_or_until_asked_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def sleeper(_: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(real([sys.executable, "-c", "import time; time.sleep(600)"], **options))
        return started[-1]

    monkeypatch.setattr(ahead, "is_cached", lambda _: False)
    monkeypatch.setattr(subprocess, "Popen", sleeper)
    monkeypatch.setattr(ahead, "compile_block", lambda: None)
    stop = threading.Event()
    with ahead.compiling_ahead(2) as ready:
        threading.Timer(0.3, stop.set).start()
        ready(stop)
        assert started[0].poll() is None
    assert started[0].poll() is not None  # gone with the block that it was for


def test_a_helper_that_cannot_start_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise OSError("no process")

    monkeypatch.setattr(ahead, "is_cached", lambda _: False)
    monkeypatch.setattr(subprocess, "Popen", refused)
    with ahead.compiling_ahead(2) as ready:
        ready(threading.Event())
