"""The same bytes, whoever computes: threads, processes, a Dask cluster, in any portions.

Tables and series are written after sorting and compared as bytes. All workers are real processes.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from simulator.experiment.executors import Executor, Processes, Serial
from simulator.experiment.replicate import ScenarioJob
from simulator.experiment.replication import Replication
from simulator.experiment.rows import rows_of
from simulator.experiment.store import write_parquet
from simulator.experiment.sweep_job import SweepJob
from simulator.experiment.threads import Threads
from simulator.spec import Scenario, parse_scenario

SCENARIO = """\
network:
  materials:
    - {id: ore, layer: minerals, unit: t}
    - {id: chip, layer: ai_infrastructure, unit: unit, price_usd_per_unit: 5, h100e_per_unit: 1}
  facilities:
    - {id: mine, kind: mine, country: CHN, output: ore, utilisation: 0.8}
    - {id: other, kind: mine, country: AUS, output: ore,
       utilisation: {distribution: uniform, low: 0.7, high: 0.9}}
    - {id: works, kind: plant, country: TWN, output: chip, recipe: chips, utilisation: 0.9,
       cycle_days: {distribution: uniform, low: 3, high: 9}}
    - {id: site, kind: datacenter, country: USA}
  recipes:
    - {recipe: chips, input: ore, quantity: {distribution: uniform, low: 1, high: 2},
       cover_days: 10}
  lanes:
    - {customer: works, material: ore, supplier: mine, share: 0.6, transit_days: 5}
    - {customer: works, material: ore, supplier: other, share: 0.4,
       transit_days: {distribution: uniform, low: 2, high: 20}}
    - {customer: site, material: chip, supplier: works, share: 1, transit_days: 1}
  demand:
    - {sink: site, material: chip, units_per_day: {distribution: uniform, low: 5, high: 15}}
start: 2026-01-01
horizon_days: 120
shocks:
  stop: {type: outage, facilities: mine, from: 2026-02-01,
         duration_days: {distribution: uniform, low: 10, high: 60}}
"""
COUNT = 1003
"""No multiple of any chunk or block."""
SEED = 7
CHUNKS = (1, 7, 64, 1000)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return parse_scenario(SCENARIO)


def computed(executor: Executor, job: Any, numbers: Sequence[int]) -> list[Replication]:
    found: dict[int, Replication] = {}
    for batch in executor.run(job, job.start(), numbers, threading.Event()):
        for result in batch:
            assert result.number not in found, "each comes once"
            assert not result.error
            found[result.number] = result
    assert sorted(found) == sorted(numbers)
    return [found[number] for number in sorted(found)]


def as_bytes(results: Sequence[Replication]) -> bytes:
    file = io.BytesIO()
    write_parquet(rows_of(results).frame(), file)
    series = [result.series for result in results if result.series is not None]
    return file.getvalue() + (np.stack(series).tobytes() if series else b"")


@pytest.fixture(scope="module")
def alone(scenario: Scenario) -> bytes:
    return as_bytes(computed(Serial(), ScenarioJob(scenario, SEED, "block"), range(COUNT)))


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_threads_give_the_same_bytes(scenario: Scenario, alone: bytes, workers: int) -> None:
    job = ScenarioJob(scenario, SEED, "block")
    assert as_bytes(computed(Threads(workers), job, range(COUNT))) == alone


def test_the_first_replications_stay_when_their_number_is_doubled(scenario: Scenario) -> None:
    job = ScenarioJob(scenario, SEED, "block")
    some = as_bytes(computed(Serial(), job, range(200)))
    more = computed(Threads(2), job, range(400))
    assert as_bytes(more[:200]) == some
    rest = computed(Serial(), job, range(200, 400))
    assert as_bytes(more[200:]) == as_bytes(rest)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workers", "chunk"), [*((2, chunk) for chunk in CHUNKS), (1, None), (2, None), (4, None)]
)
def test_processes_give_the_same_bytes(
    scenario: Scenario, alone: bytes, workers: int, chunk: int | None
) -> None:
    job = ScenarioJob(scenario, SEED, "block")
    assert as_bytes(computed(Processes(workers, chunk), job, range(COUNT))) == alone


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["simpy", "scalar"])
def test_processes_with_another_engine_give_the_same_bytes(scenario: Scenario, engine: str) -> None:
    numbers = range(60)
    alone = as_bytes(computed(Serial(), ScenarioJob(scenario, SEED, "block"), numbers))
    job = ScenarioJob(scenario, SEED, engine)
    assert as_bytes(computed(Processes(2, 7), job, numbers)) == alone


@pytest.fixture(scope="module")
def clusters() -> Iterator[dict[int, str]]:
    """Addresses of clusters of 1, 2 and 4 worker processes."""
    distributed = pytest.importorskip("distributed")
    started = {
        count: distributed.LocalCluster(
            n_workers=count, threads_per_worker=1, dashboard_address=":0"
        )
        for count in (1, 2, 4)
    }
    yield {count: cluster.scheduler_address for count, cluster in started.items()}
    for cluster in started.values():
        cluster.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of Dask
def test_a_dask_cluster_gives_the_same_bytes(
    scenario: Scenario, alone: bytes, clusters: dict[int, str]
) -> None:
    from simulator.experiment.cluster import Dask

    job = ScenarioJob(scenario, SEED, "block")
    portions = [*((2, task) for task in CHUNKS), (1, None), (2, None), (4, None)]
    for workers, task in portions:
        found = computed(Dask(clusters[workers], task), job, range(COUNT))
        assert as_bytes(found) == alone, (workers, task)


def study(scenario: Scenario) -> SweepJob:
    """Cells of two bases: some differ in their shock only, others in their horizon."""
    texts = [
        SCENARIO.replace("high: 60", f"high: {high}").replace("120", str(days))
        for days in (120, 90)
        for high in (20, 40, 60)
    ]
    return SweepJob(tuple(parse_scenario(text) for text in texts), 203, SEED, "block", draws=True)


def test_cells_that_share_a_baseline_have_the_rows_of_a_run_of_their_own(
    scenario: Scenario,
) -> None:
    job = study(scenario)
    assert job.groups == ((0, 1, 2), (3, 4, 5))
    numbers = list(job.order(lambda _: range(job.count)))
    assert sorted(numbers) == list(range(6 * job.count))
    rows = computed(Serial(), job, numbers)
    for cell, own in enumerate(job.scenarios):
        run = computed(Serial(), ScenarioJob(own, SEED, "block", draws=True), range(job.count))
        mine = rows[cell * job.count : (cell + 1) * job.count]
        own_rows = [Replication(row.number % job.count, values=row.values) for row in mine]
        run_rows = [Replication(one.number, values=one.values) for one in run]
        assert as_bytes(own_rows) == as_bytes(run_rows)


@pytest.mark.parametrize("executor", [Threads(2), Threads(4)])
def test_a_study_has_the_same_rows_from_threads(scenario: Scenario, executor: Executor) -> None:
    job = study(scenario)
    alone = as_bytes(computed(Serial(), job, range(6 * job.count)))
    assert as_bytes(computed(executor, job, list(job.order(lambda _: range(job.count))))) == alone


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_study_has_the_same_rows_from_processes_and_dask(
    scenario: Scenario, clusters: dict[int, str]
) -> None:
    from simulator.experiment.cluster import Dask

    job = study(scenario)
    numbers = list(job.order(lambda _: range(job.count)))
    alone = as_bytes(computed(Serial(), job, numbers))
    executors: list[Executor] = [Processes(2, 64), Processes(2), Dask(clusters[2], 7)]
    for executor in [*executors, Dask(clusters[4])]:
        assert as_bytes(computed(executor, job, numbers)) == alone
