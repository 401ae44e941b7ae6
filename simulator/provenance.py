"""Facts that make a result repeatable: versions, cores, time, and the command to repeat it."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from simulator import __version__

PACKAGE = "paxsim"
SCHEMA_VERSION = 1
"""Version of the run folder's layout; raised when a reader of the old one would go wrong."""
LIBRARIES = ("numpy", "scipy", "simpy", "pandas", "pyarrow", "pydantic")
"""Libraries whose version can touch a result."""


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries a result depends on, without importing them."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def version_line() -> str:
    """One line for ``--version``: the package, then what its engines run on."""
    engines = ", ".join(f"{name} {number}" for name, number in versions().items())
    return f"{PACKAGE} {__version__} ({engines})"


def short(digest: str) -> str:
    """First eight characters of a checksum: enough to tell two runs apart in a folder's name."""
    return digest[:8]


def usable_cores() -> int:
    """Cores this process may use, which containers and job schedulers often restrict."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_bytes(root: Path = Path("/")) -> int | None:
    """Memory that this process may still take; None where the system does not say.

    The least of what the machine has left and what a container's limit leaves, where what is only
    cached of files counts as free; both are read below ``root``.
    """
    found = []
    try:
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
        facts = dict(line.split(":", 1) for line in lines)
        found.append(1024 * int(facts["MemAvailable"].split()[0]))
    except (OSError, KeyError, ValueError):
        pass
    try:
        group = root / "sys/fs/cgroup"
        most, used = (
            int((group / name).read_text(encoding="ascii"))
            for name in ("memory.max", "memory.current")
        )
        stat = (group / "memory.stat").read_text(encoding="ascii").split()
        cached = int(stat[stat.index("inactive_file") + 1])
        found.append(max(0, most - used + cached))
    except (OSError, ValueError):  # no such limit
        pass
    return min(found, default=None)


def now() -> str:
    """Present time as ISO text in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def command_line(words: Sequence[str]) -> str:
    """Join words to a command that a shell reads back as the same words."""
    return shlex.join(words)
