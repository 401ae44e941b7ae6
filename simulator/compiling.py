"""How kernels are compiled: no fastmath, no reference counts, a cache that follows the sources."""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from llvmlite.binding import set_option
from numba import njit
from numba.core import config
from numba.core.codegen import get_host_cpu_features
from numba.core.compiler import CompilerBase, DefaultPassBuilder

# A loop over the columns of a block must still be a loop when vector instructions are made of it.
set_option("paxsim", "-unroll-full-max-count=1")

COLUMNS = 16
"""Runs side by side in a block: two vectors, so that finding a thing costs less than its sums."""
LINE_BYTES = 64
"""Length of a line of the cache, and of the longest vector."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Apart(CompilerBase):
    """Numba's compiler, told that no two arrays of a kernel overlap.

    It could not know, and would compare their addresses before every short loop, or not use vector
    instructions at all.
    """

    def define_pipelines(self) -> list[Any]:
        """Compile as usual, with one flag more."""
        self.state.flags.noalias = True
        builder: Any = DefaultPassBuilder
        return [builder.define_nopython_pipeline(self.state)]


_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
    "pipeline_class": _Apart,
}
"""Divisions follow IEEE rules as in NumPy: the rules guard theirs, and checks would cost a branch
each. Without numba's run time: a kernel allocates nothing, and counting references to its arrays
would take longer than its arithmetic."""
_INSIDE: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""What only kernels call needs no way in for Python, which takes a third of compiling."""


def _prefer_longest_vectors() -> None:
    """Use vectors of 512 bits where there are any: LLVM shuns them for the sake of older machines.

    A seventh of a block's time. Nothing changes if the user has chosen a processor, or where numba
    has compiled something before.
    """
    settings: Any = config
    known: Any = get_host_cpu_features
    features: str = known()
    if settings.CPU_NAME is None and settings.CPU_FEATURES is None and "+avx512f" in features:
        settings.CPU_FEATURES = f"{features},-prefer-256-bit"


_prefer_longest_vectors()


def step(function: _Function) -> _Function:
    """Compile a part of the day, to be inlined where it is used.

    LLVM inlines it: numba would go through the rules anew wherever one is used, and take two thirds
    longer.
    """
    compiled: Any = njit(forceinline=True, **_INSIDE)(function)
    return cast(_Function, compiled)


def phase(function: _Function) -> _Function:
    """Compile a long pass of the day over all things, as a function of its own.

    Little is done for each, so that the processor has several under way at a time, and keeps in its
    registers where their numbers lie. A call costs as much as a dozen things: passes over few of
    them are steps.
    """
    compiled: Any = njit(**_INSIDE)(function)
    return cast(_Function, compiled)


def kernel(function: _Function) -> _Function:
    """Compile a whole kernel and cache it on disk."""
    with _cache_of_these_sources():
        compiled: _Function = njit(cache=True, **_OPTIONS)(function)
    return compiled


def aligned(*shape: int, value: float = 0.0) -> npt.NDArray[np.float64]:
    """Memory that begins with a line of the cache, so that no vector lies across two of them."""
    count = math.prod(shape)
    raw = np.zeros(count + LINE_BYTES // 8)
    address: int = raw.__array_interface__["data"][0]
    first = (-address % LINE_BYTES) // 8
    found: npt.NDArray[np.float64] = raw[first : first + count].reshape(shape)
    if value != 0.0:
        found.fill(value)
    return found


def is_cached(kernel: str = "") -> bool:
    """Whether a kernel of these very sources has been compiled on this machine before."""
    return any(cache_folder().rglob(f"*{kernel}*.nbc"))


def cache_folder() -> Path:
    """Folder of compiled kernels of these sources, created when first needed."""
    digest = _digest()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for parent in (home, Path(tempfile.gettempdir())):
        folder = parent / "paxsim" / f"kernel-{digest}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="paxsim-"))


@contextmanager
def _cache_of_these_sources() -> Iterator[None]:
    # numba looks at the date of the file that holds the kernel only; the kernel is inlined from
    # others.
    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(cache_folder())
    try:
        yield
    finally:
        settings.CACHE_DIR = before


def _digest() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    package = Path(__file__).parent
    for kernels in (
        "compiling.py",
        "vectors.py",
        "engine/**/*.py",
        "network/**/*.py",
        "shocks/**/*.py",
        "metrics/attribution_[st]*.py",
    ):
        for path in sorted(package.glob(kernels)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
