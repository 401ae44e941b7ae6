"""Where the wall time of one command goes: ``python -m benchmarks.phases BEGAN run SCENARIO ...``.

Prints seconds by phase as JSON on the last line of stdout. ``BEGAN`` is when the command was given,
as seconds since the epoch.
"""

from __future__ import annotations

import contextlib
import functools
import json
import sys
import time
from collections.abc import Callable
from typing import Any


def main() -> None:
    began, words = float(sys.argv[1]), sys.argv[2:]
    from simulator.cli import main as command
    from simulator.experiment.monte_carlo import Study
    from simulator.report import result

    found = {"start and imports": time.time() - began}
    parts: Any = result  # what is timed is no part of the interface
    _time(found, "network and first plan", parts, "make_study")
    _time(found, "replications, and their tables", Study, "compute")
    _time(found, "early signs and causes", parts, "_explained")
    _time(found, "report", parts, "write_report")
    with contextlib.redirect_stdout(sys.stderr):
        command(words, standalone_mode=False)
    found["the rest"] = time.time() - began - sum(found.values())
    print(json.dumps(found))


def _time(found: dict[str, float], phase: str, where: Any, name: str) -> None:
    """Time all calls of a function."""
    work: Callable[..., Any] = getattr(where, name)

    @functools.wraps(work)
    def timed(*given: Any, **named: Any) -> Any:
        clock = time.time()
        try:
            return work(*given, **named)
        finally:
            found[phase] = found.get(phase, 0.0) + time.time() - clock

    setattr(where, name, timed)


if __name__ == "__main__":
    main()
