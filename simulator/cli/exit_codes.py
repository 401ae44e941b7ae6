"""What the exit code of ``paxsim`` says."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes, the same for every verb.

    An output folder that may not or cannot be written (it exists, the disk is full, permission is
    missing) counts as usage: another ``-o`` is the remedy.
    """

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    INPUT_INVALID = 3
    STUCK = 4
    INTERRUPTED = 130
