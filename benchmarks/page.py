"""Writes docs/performance.md from the results of ``bench.py``."""

from __future__ import annotations

from typing import Any

from simulator.compiling import COLUMNS

Results = dict[str, Any]
BUSY = "not judged: other programs had the cores"


def write(results: Results) -> str:
    parts = [_head(results), _engines(results), _pair(results), _goals(results),
             _short_run(results), _compiling(results), _growth(results)]  # fmt: skip
    parts += [_others(results)]
    return "\n\n".join(parts) + "\n"


def _head(results: Results) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in results["machine"].items())
    return (
        "# Performance\n\n"
        "This page is written by `make bench` (benchmarks/bench.py) from benchmarks/results.json; "
        "do not edit it.\n"
        "Times are processor time of one core unless wall time is said; medians, with the least "
        "and the most\nin brackets. Ratios come from measurements made turn by turn in one "
        f"process.\n\n{facts}."
    )


def _engines(results: Results) -> str:
    found = results["engines"]
    if "failed" in found:
        return f"## Engines\n\nNot measured: {found['failed']}"
    rows = [
        (
            name,
            _between(found["ms_per_run"][name], 1),
            "1" if name == "simpy" else _between(found["ratio_to_simpy"][name], 0),
        )
        for name in ("simpy", "scalar", "block")
    ]
    size = f"{found['facilities']} facilities, {found['lanes']:,} lanes, {found['days']:,} days"
    return (
        f"## Engines\n\nOne run of the alliance network ({size}). SimPy with the collector calmed: "
        f"{found['simpy_us_per_facility_day']:.1f} µs per facility-day.\n\n"
        + _table(("engine", "ms per run", "times SimPy"), rows)
    )


def _pair(results: Results) -> str:
    found = results["parts"]
    if "failed" in found:
        return f"## A paired replication\n\nNot measured: {found['failed']}"
    total = found["ms_per_pair"]["median"]
    rows = [(name, f"{ms:.1f}", f"{100 * ms / total:.0f} %") for name, ms in found["ms"].items()]
    return (
        "## A paired replication in blocks, and where its time goes\n\n"
        f"{_between(found['ms_per_pair'], 1)} ms; peak memory of the process "
        f"{found['peak_mb']:.0f} MB.\n\n"
        + _table(("part", "ms", "share"), rows)
        + "\n\nThe run without shocks is read off its plan (docs/model.md). "
        f"A block of {COLUMNS} runs waits for memory more than for sums: its plans are "
        f"{found['plans_mb']:.0f} MB, written once and read once, a thing and day at a time; its "
        "state, read and written every day, is more than the second level of a cache holds. Sums "
        "are vector instructions throughout, in passes over all things, so that several are under "
        "way at a time."
    )


def _goals(results: Results) -> str:
    rows: list[tuple[str, ...]] = []
    engines, use, study = results["engines"], results["first use"], results["study"]
    threads = results["threads"]
    if "failed" not in engines:
        for name, goal in (("block", 1000), ("scalar", 300)):
            ratio = engines["ratio_to_simpy"][name]["median"]
            rows.append((f"{name} engine against SimPy", f">= {goal:,} x", f"{ratio:,.0f} x",
                         _reached(ratio / goal)))  # fmt: skip
    if "failed" not in study:
        count, seconds, memory = study["replications"], study["wall_s"], study["peak_mb"]
        rows.append((f"{count:,} replications, warm (wall time)", f"< {count * 0.006:,.0f} s",
                     f"{seconds:,.0f} s", _reached(count * 0.006 / seconds)))  # fmt: skip
        rows.append((f"{count:,} replications, memory", "< 4,096 MB", f"{memory:,.0f} MB",
                     _reached(4096 / memory)))  # fmt: skip
    if "failed" not in threads:
        had = threads["2 threads"]["cores_had"]
        gain = threads["2 threads"]["per_second"] / threads["1 thread"]["per_second"]
        rows.append(("two threads against one (wall time)", ">= 1.7 x",
                     f"{gain:.2f} x, with {threads['2 threads']['cores_had']:.2f} cores to be had",
                     _reached(gain / 1.7) if had >= 1.5 else BUSY))  # fmt: skip
    if "failed" not in use:
        for name, goal in (("warm", 3), ("cold", 15)):
            took = use[name]
            rows.append((f"200 replications, {name} (wall time)", f"< {goal} s",
                         f"{took['wall_s']:.1f} s ({took['cpu_s']:.1f} s of processor time)",
                         _reached(goal / took["wall_s"])))  # fmt: skip
    chain, others = results["chain"], (("stockpyl", 20, 50_000), ("supplynetpy", 5, 5_000))
    for name, simpy, block in others:
        found = results[name]
        if "failed" in found or "failed" in chain:
            rows.append((f"chain against {name}", "", found.get("failed", ""), "not measured"))
            continue
        for engine, goal in (("simpy", simpy), ("block", block)):
            ratio = found["median"] / chain[engine]["median"]
            rows.append((f"chain, {engine} engine against {name}", f">= {goal:,} x",
                         f"{ratio:,.0f} x", _reached(ratio / goal)))  # fmt: skip
    return "## Goals\n\n" + _table(("what", "goal", "found", ""), rows)


def _short_run(results: Results) -> str:
    """Wall time of a short run by phase."""
    title = "## A short run, and where its time goes"
    found = results["first use"]
    if "failed" in found:
        return f"{title}\n\nNot measured: {found['failed']}"
    phases = found["phases"]
    total = sum(phases.values())
    rows = [(name, f"{took:.1f}", f"{100 * took / total:.0f} %") for name, took in phases.items()]
    return (
        f"{title}\n\n{found['replications']} replications from a warm cache, {total:.1f} s of wall "
        "time from the command to the report, in a run of its own.\n\n"
        + _table(("phase", "s", "share"), rows)
        + "\n\nReplications, early signs and causes work on all cores; the rest has one."
    )


def _compiling(results: Results) -> str:
    found = results["compiling"]
    if "failed" in found:
        return f"## What compiles on the first start\n\nNot measured: {found['failed']}"
    rows = [(f"`{name}`", f"{seconds:.1f}") for name, seconds in found["seconds"].items()]
    total = sum(found["seconds"].values())
    return (
        "## What compiles on the first start\n\n"
        f"{total:.0f} s of processor time, once per version of the sources; the command says that "
        "it is compiling. What a run needs last (`simulate_days`, `sweep`) is compiled in a second "
        "process beside the rest.\n\n" + _table(("kernel", "s"), rows)
    )


def _growth(results: Results) -> str:
    rows = []
    for name, found in results.items():
        if name.startswith("facilities x") and "failed" not in found:
            ms = found["ms_per_pair"]
            per = 1e6 * ms["median"] / found["facilities"] / found["days"]
            rows.append((f"{found['facilities']:,}", f"{found['lanes']:,}", f"{found['days']:,}",
                         _between(ms, 1), f"{per:.0f}", f"{found['peak_mb']:.0f}"))  # fmt: skip
    days = [
        (f"{found['days']:,}", _between(found["ms_per_pair"], 1),
         f"{1e3 * found['ms_per_pair']['median'] / found['days']:.0f}")
        for name, found in results.items()
        if name.startswith("days ") and "failed" not in found
    ]  # fmt: skip
    head = ("facilities", "lanes", "days", "ms per pair", "ns per facility-day", "peak MB")
    return (
        "## Growth\n\nCopies of a chain of five stages, parameters uncertain, in blocks:\n\n"
        + _table(head, rows)
        + "\n\nThe alliance network over different horizons:\n\n"
        + _table(("days", "ms per pair", "µs per day"), days)
    )


def _others(results: Results) -> str:
    rows = []
    for name in ("simpy", "scalar", "block"):
        if "failed" not in results["chain"]:
            rows.append((f"paxsim, {name}", _between(results["chain"][name], 3)))
    for name in ("stockpyl", "supplynetpy"):
        found = results[name]
        rows.append((name, found["failed"] if "failed" in found else _between(found, 0)))
    return (
        "## The same serial chain in other libraries\n\nTen nodes, lead times of three days, "
        "constant demand; each library by its own ordering policy.\n\n"
        + _table(("library", "µs per node and period"), rows)
    )


def _between(found: dict[str, float], digits: int) -> str:
    low, high = (f"{found[key]:,.{digits}f}" for key in ("min", "max"))
    return f"{found['median']:,.{digits}f} ({low} to {high})"


def _reached(share: float) -> str:
    return "reached" if share >= 1 else f"missed: {1 / share:.2f} times off"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
