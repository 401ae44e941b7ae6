"""Measurements, each made in a process of its own; printed as JSON by ``bench.py``."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from statistics import median
from typing import Any

Numbers = dict[str, Any]
ALLIANCE = "china-october-2025"


def cpu(work: Callable[[], object]) -> float:
    """Seconds of processor time: other programs on the machine disturb it least."""
    clock = time.process_time()
    work()
    return time.process_time() - clock


def spread(values: Iterable[float]) -> dict[str, float]:
    found = sorted(values)
    return {"median": median(found), "min": found[0], "max": found[-1]}


def prepared(name: str = ALLIANCE, engine: str = "block", days: int = 0) -> Any:
    from simulator.experiment.replicate import ScenarioJob
    from simulator.spec import load_scenario

    loaded = load_scenario(name, [f"horizon_days={days}"] if days else ())
    return ScenarioJob(loaded, loaded.seed, engine).start()


def engines(rounds: int) -> Numbers:
    """Three engines on the same runs, turn by turn: their ratios are of the same minutes."""
    from simulator.compiling import COLUMNS
    from simulator.engine import kernel, simpy_engine
    from simulator.experiment.observe import observer
    from simulator.network.room import Room

    replicate, room = prepared(), Room()
    model = replicate.model
    wanted = observer(model.network).rows
    seconds: dict[str, list[float]] = {"simpy": [], "scalar": [], "block": []}
    for r in range(rounds + 1):
        numbers = range(COLUMNS * r, COLUMNS * (r + 1))
        side_by_side = [pair.shocked for pair in model.realise_many(numbers, room=room)]
        reals = [model.realise(number).shocked for number in numbers]
        block = cpu(lambda reals=side_by_side: kernel.run_rows(reals, wanted)) / COLUMNS  # type: ignore[misc]
        scalar = cpu(lambda reals=reals: [kernel.run(real) for real in reals]) / len(reals)  # type: ignore[misc]
        if r == 0:
            continue  # compiled or loaded only now
        seconds["block"].append(block)
        seconds["scalar"].append(scalar)
        seconds["simpy"].append(cpu(lambda real=reals[0]: simpy_engine.run(real)))  # type: ignore[misc]
    days, count = model.network.horizon_days, len(model.network.facility_ids)
    return {
        "facilities": count,
        "lanes": len(model.network.lanes),
        "days": days,
        "ms_per_run": {name: spread(1e3 * s for s in found) for name, found in seconds.items()},
        "simpy_us_per_facility_day": median(seconds["simpy"]) / days / count * 1e6,
        "ratio_to_simpy": {
            name: spread(a / b for a, b in zip(seconds["simpy"], seconds[name], strict=True))
            for name in ("scalar", "block")
        },
    }


def parts(batches: int) -> Numbers:
    """Where the time of a paired replication goes, in blocks."""
    from simulator.engine import kernel
    from simulator.network.room import lent_room

    replicate = prepared()
    size = replicate.batch_size
    replicate.batch(range(size))
    seen = {"sampling_and_plan": 0.0, "plan": 0.0, "engine": 0.0}
    run_rows, plan = kernel.run_rows, sys.modules["simulator.network.planning"]
    realise, explode = replicate.model.realise_many, plan.explode  # type: ignore[attr-defined]

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            clock = time.process_time()
            found = work(*given, **named)
            seen[name] += time.process_time() - clock
            return found

        return call

    kernel.run_rows = timed("engine", run_rows)
    replicate.model.realise_many = timed("sampling_and_plan", realise)
    plan.explode = timed("plan", explode)  # type: ignore[attr-defined]
    whole = [
        cpu(lambda b=b: replicate.batch(range(b * size, b * size + size))) / size  # type: ignore[misc]
        for b in range(1, batches + 1)
    ]
    count = batches * size
    each = {name: 1e3 * value / count for name, value in seen.items()}
    total = 1e3 * sum(whole) / batches
    rest = total - each["sampling_and_plan"] - each["engine"]
    with lent_room(replicate.model.network) as room:
        plans = room.nbytes
    return {
        "ms_per_pair": spread(1e3 * s for s in whole),
        "ms": {
            "sampling and shocks": each["sampling_and_plan"] - each["plan"],
            "plans": each["plan"],
            "the run with shocks": each["engine"],
            "outcome, metrics and series": rest,
        },
        "plans_mb": plans / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def threads(count: int) -> Numbers:
    """Replications a second of wall time on one and two threads, and in two processes."""
    from simulator.experiment.executors import Processes, Serial
    from simulator.experiment.threads import Threads

    replicate = prepared()
    replicate.batch(range(8))
    stop, rates = threading.Event(), {}
    for name, executor in (
        ("1 thread", Serial()), ("2 threads", Threads(2)), ("2 processes", Processes(2)),
    ):  # fmt: skip
        clock, before, load = time.perf_counter(), time.process_time(), os.getloadavg()[0]
        done = sum(len(b) for b in executor.run(replicate.job, replicate, range(count), stop))
        seconds = time.perf_counter() - clock
        rates[name] = {
            "per_second": done / seconds,
            "cores_had": (time.process_time() - before) / seconds,
            "load_before": load,
        }
    return rates


def growth(times: int, days: int = 1096) -> Numbers:
    """Cost of a pair against the size of a network."""
    from benchmarks.networks import branching, scenario
    from simulator.experiment.replicate import ScenarioJob

    made = scenario(branching(times), days)
    replicate = ScenarioJob(made, 1, "block").start()
    size = replicate.batch_size
    replicate.batch(range(size))
    each = [
        cpu(lambda b=b: replicate.batch(range(b * size, b * size + size))) / size  # type: ignore[misc]
        for b in range(1, 4)
    ]
    network = replicate.model.network
    return {
        "facilities": len(network.facility_ids),
        "lanes": len(network.lanes),
        "days": days,
        "ms_per_pair": spread(1e3 * s for s in each),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def horizon(days: int) -> Numbers:
    """Cost of a pair of the alliance network against the number of days."""
    replicate = prepared(days=days)
    size = replicate.batch_size
    replicate.batch(range(size))
    each = [
        cpu(lambda b=b: replicate.batch(range(b * size, b * size + size))) / size  # type: ignore[misc]
        for b in range(1, 4)
    ]
    return {"days": days, "ms_per_pair": spread(1e3 * s for s in each)}


def first_use(count: int) -> Numbers:
    """Seconds from the command to the report: nothing compiled yet, once more, and by phase."""
    found: Numbers = {}
    with tempfile.TemporaryDirectory() as home:
        settings = {**os.environ, "XDG_CACHE_HOME": home}
        for name in ("cold", "warm"):
            start = "from simulator.cli import main; main()"
            words = ["-c", start, "run", ALLIANCE, "-n", str(count), "--no-progress"]
            clock, before = time.perf_counter(), os.times()
            subprocess.run(
                [sys.executable, *words, "-o", f"{home}/{name}"], check=True, env=settings,
                capture_output=True,
            )  # fmt: skip
            after = os.times()
            used = after.children_user + after.children_system
            used -= before.children_user + before.children_system
            found[name] = {"wall_s": time.perf_counter() - clock, "cpu_s": used}
        words = ["run", ALLIANCE, "-n", str(count), "--no-progress", "-o", f"{home}/phases"]
        timed = subprocess.run(
            [sys.executable, "-m", "benchmarks.phases", str(time.time()), *words], check=True,
            env=settings, capture_output=True, text=True,
        )  # fmt: skip
        found["phases"] = json.loads(timed.stdout.strip().splitlines()[-1])
    return {"replications": count, **found}


def compiling(count: int) -> Numbers:
    """Seconds that each kernel takes to compile in a first small run."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CACHE_HOME"] = home  # before the first kernel is imported
        from numba.core import event

        began: list[float] = []

        class Clock(event.Listener):  # type: ignore[misc]
            def on_start(self, happening: Any) -> None:
                began.append(time.perf_counter())

            def on_end(self, happening: Any) -> None:
                took = time.perf_counter() - began.pop()
                if not began:  # a part compiles within its kernel, and is counted there
                    name = happening.data["dispatcher"].py_func.__name__
                    found[name] = found.get(name, 0.0) + took

        event.register("numba:compile", Clock())
        from simulator.cli import main

        words = ["run", ALLIANCE, "-n", str(count), "--no-progress", "-o", f"{home}/run"]
        words += ["--workers", "1"]  # else another process compiles some
        with contextlib.redirect_stdout(sys.stderr):
            main(words, standalone_mode=False)
    return {"seconds": {name: took for name, took in found.items() if took >= 0.5}}


def study(count: int) -> Numbers:
    """Seconds and memory of a large run from a warm cache, from the command to the report."""
    with tempfile.TemporaryDirectory() as home:
        start = "from simulator.cli import main; main()"
        words = ["-c", start, "run", ALLIANCE, "-n", str(count), "--no-progress"]
        clock = time.perf_counter()
        subprocess.run(
            [sys.executable, *words, "-o", f"{home}/run"], check=True, capture_output=True
        )
        seconds = time.perf_counter() - clock
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"replications": count, "wall_s": seconds, "peak_mb": most / 1024}


def chain(nodes: int, days: int) -> Numbers:
    """A serial chain by our engines: microseconds per node and period."""
    from benchmarks.networks import scenario, serial
    from simulator.engine import kernel, simpy_engine
    from simulator.experiment.observe import observer
    from simulator.sampling.model import prepare
    from simulator.shocks.effects import combine

    model = prepare(scenario(serial(nodes), days))
    real = model.realise(0).baseline
    reals = [replace(real, changes=combine((), days)) for _ in range(4 * kernel.COLUMNS)]
    wanted = observer(model.network).rows
    kernel.run_rows(reals, wanted), kernel.run(real)
    each = {
        "simpy": [cpu(lambda: simpy_engine.run(real)) for _ in range(3)],
        "scalar": [cpu(lambda: [kernel.run(real) for _ in range(20)]) / 20 for _ in range(3)],
        "block": [cpu(lambda: kernel.run_rows(reals, wanted)) / len(reals) for _ in range(3)],
    }
    return {name: spread(1e6 * s / nodes / days for s in found) for name, found in each.items()}


def stockpyl(nodes: int, days: int) -> Numbers:
    """The chain in stockpyl: base stock, the same lead times."""
    from stockpyl.sim import simulation  # type: ignore[import-not-found]
    from stockpyl.supply_chain_network import serial_system  # type: ignore[import-not-found]

    each = []
    for _ in range(3):
        network = serial_system(
            num_nodes=nodes, node_order_in_system=list(range(nodes, 0, -1)), local_holding_cost=1,
            stockout_cost=10, demand_type="D", demand_list=10, policy_type="BS",
            base_stock_level=60, shipment_lead_time=3,
        )  # fmt: skip
        work = lambda net=network: simulation(net, days, rand_seed=1, progress_bar=False)  # type: ignore[misc]  # noqa: E731
        each.append(1e6 * cpu(work) / nodes / days)
    return spread(each)


def supplynetpy(nodes: int, days: int) -> Numbers:
    """The chain in SupplyNetPy: a periodic order of the mean demand, the same lead times."""
    from SupplyNetPy import Components as Parts  # type: ignore[import-not-found]

    each = []
    for _ in range(3):
        sites: list[Numbers] = [{"ID": "S", "name": "S", "node_type": "infinite_supplier"}]
        links: list[Numbers] = []
        for n in range(nodes):
            sites.append(
                {
                    "ID": f"D{n}", "name": f"D{n}", "node_type": "distributor", "capacity": 1000,
                    "initial_level": 60, "inventory_holding_cost": 1,
                    "replenishment_policy": Parts.PeriodicReplenishment,
                    "policy_param": {"T": 1, "Q": 10}, "product_buy_price": 1,
                    "product_sell_price": 2,
                }
            )  # fmt: skip
            source = f"D{n - 1}" if n else "S"
            links.append(
                {"ID": f"L{n}", "source": source, "sink": f"D{n}", "cost": 1,
                 "lead_time": lambda: 3}
            )  # fmt: skip
        wants = [
            {"ID": "C", "name": "C", "order_arrival_model": lambda: 1,
             "order_quantity_model": lambda: 10, "demand_node": f"D{nodes - 1}"}
        ]  # fmt: skip
        network = Parts.create_sc_net(sites, links, wants)
        work = lambda net=network: Parts.simulate_sc_net(net, days, logging=False)  # type: ignore[misc]  # noqa: E731
        each.append(1e6 * cpu(work) / nodes / days)
    return spread(each)
