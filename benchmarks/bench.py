"""Measure paxsim: every measurement in a process of its own, results as JSON and as a page.

Run as ``make bench``, or ``python -m benchmarks.bench [--quick]``. Times are processor time where
nothing else is said, and ratios are of measurements made turn by turn in one process.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS, PAGE = HERE / "results.json", HERE.parent / "docs" / "performance.md"


def plan(quick: bool) -> list[tuple[str, str, tuple[int, ...]]]:
    """Name of each measurement, the function that makes it, and its arguments."""
    few = 2 if quick else 5
    return [
        ("engines", "engines", (few,)),
        ("parts", "parts", (3 * few,)),
        ("threads", "threads", (64 if quick else 320,)),
        *((f"facilities x{n}", "growth", (n,)) for n in (4, 16, 64)),
        *((f"days {days}", "horizon", (days,)) for days in (365, 1096, 3653)),
        ("first use", "first_use", (200,)),
        ("compiling", "compiling", (16,)),
        ("study", "study", (500 if quick else 10_000,)),
        ("chain", "chain", (10, 1096)),
        ("stockpyl", "stockpyl", (10, 100)),
        ("supplynetpy", "supplynetpy", (10, 365)),
    ]


def measure(function: str, given: tuple[int, ...]) -> Any:
    """Make one measurement in a fresh process; a failure is a result too."""
    words = [sys.executable, "-m", "benchmarks.bench", "--measure", function, *map(str, given)]
    done = subprocess.run(words, cwd=HERE.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["ended without a word"]
        return {"failed": lines[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        from benchmarks import measures

        function, *numbers = given.measure
        print(json.dumps(getattr(measures, function)(*map(int, numbers))))
        return
    from benchmarks.page import write

    results: dict[str, Any] = {"machine": machine()}
    for name, function, numbers in plan(given.quick):
        print(f"{name} ...", file=sys.stderr, flush=True)
        results[name] = measure(function, numbers)
        print(f"  {json.dumps(results[name])}", file=sys.stderr, flush=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    text = write(results)
    PAGE.write_text(text)
    print(text)


def machine() -> dict[str, Any]:
    from importlib.metadata import version

    from simulator.provenance import usable_cores

    names = ("simpy", "numba", "numpy", "scipy")
    return {
        "cores": usable_cores(),
        "python": platform.python_version(),
        **{name: version(name) for name in names},
    }


if __name__ == "__main__":
    main()
