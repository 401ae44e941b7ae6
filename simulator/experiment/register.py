"""The register of a run: which replications were asked for, which are done, which failed and why.

A file of JSON lines that only grows. A part of results counts once its line is complete, so a
process that is killed leaves at most a line cut short, which is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from simulator.errors import OutputError
from simulator.provenance import now

REGISTER = "register.jsonl"
PENDING, PART, FAILED_CELL, DONE_CELL = "pending", "part", "failed", "done"


class Register:
    """Appends events to the register of a folder, and keeps other processes from doing so.

    Parameters
    ----------
    folder
        Where the register is, or will be.

    Raises
    ------
    OutputError
        If another process is writing to it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / REGISTER
        self._file: IO[bytes] = self.path.open("ab")
        if not _locked(self._file):
            self._file.close()
            raise OutputError(f"{folder}: another process is writing to this run: wait for its end")
        _drop_cut_line(self._file)

    def add(self, event: str, **facts: object) -> None:
        """Write one event, on the disk when this returns."""
        line = json.dumps({"event": event, "at": now(), **facts}, allow_nan=False) + "\n"
        self._file.write(line.encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let others write to it."""
        self._file.close()


def read_register(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Events of a register in order, also of one that is being written; none if there is none."""
    try:
        content = (folder / REGISTER).read_bytes()
    except FileNotFoundError:
        return
    for line in content.split(b"\n")[:-1]:
        yield json.loads(line)


def in_use(folder: Path) -> bool:
    """Whether a process is writing to the register of a folder."""
    try:
        with (folder / REGISTER).open("ab") as file:
            return not _locked(file)
    except OSError:
        return False


def _drop_cut_line(file: IO[bytes]) -> None:
    content = Path(file.name).read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        file.truncate(whole)


def _locked(file: IO[bytes]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows: two processes on one folder are then the user's own business
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
