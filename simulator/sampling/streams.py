"""Named, counter-based random streams: replication k takes entry k of every stream.

The key of a Philox generator is the hash of (seed, thing, purpose); the counter is the replication.
So a draw depends on nothing but its name and its number: not on the order of entries, on other
shocks, on the number of workers or on how many replications there are.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from simulator.network.network import Floats

if TYPE_CHECKING:
    from simulator.spec import Distribution

PARAMETER, EVENT = "parameter", "event"
"""What we do not know, and what may happen: two kinds of purpose, so that either can be frozen."""

_BLOCK = 1024
VALUES = 256
"""Inverses are worked out for so many replications at once: one by one they cost ten times more."""


def stream_key(seed: int, thing: str, purpose: str) -> int:
    """128-bit Philox key of a stream: the hash of its name."""
    name = f"{seed}|{thing}|{purpose}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=16).digest(), "little")


class Streams:
    """Uniform draws of one seed, by name.

    Parameters
    ----------
    seed
        Any integer; the only seed there is.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._blocks: dict[tuple[str, str], tuple[int, Floats]] = {}
        self._values: dict[tuple[str, str], tuple[int, Distribution, Floats]] = {}

    def value(self, thing: str, purpose: str, replication: int, number: Distribution) -> float:
        """Entry ``replication`` of the stream, turned into a value of ``number``."""
        block, entry = divmod(replication, VALUES)
        known = self._values.get((thing, purpose))
        if known is None or known[0] != block or known[1] is not number:
            values = self.values(thing, purpose, block, number)
            known = (block, number, values)
            self._values[thing, purpose] = known
        return float(known[2][entry])

    def values(self, thing: str, purpose: str, block: int, number: Distribution) -> Floats:
        """Entries of the stream as values of ``number``, `VALUES` of them from ``block`` on."""
        return number.ppf(self.uniforms(thing, purpose, block * VALUES, VALUES))

    def uniform(self, thing: str, purpose: str, replication: int) -> float:
        """Entry ``replication`` of the stream (thing, purpose), in [0, 1)."""
        block, entry = divmod(replication, _BLOCK)
        known = self._blocks.get((thing, purpose))
        if known is None or known[0] != block:
            known = (block, self.uniforms(thing, purpose, block * _BLOCK, _BLOCK))
            self._blocks[thing, purpose] = known
        return float(known[1][entry])

    def uniforms(self, thing: str, purpose: str, first: int, count: int) -> Floats:
        """Entries ``first`` to ``first + count`` of a stream; ``first`` a multiple of four."""
        # One Philox block holds four entries, so the counter of entry k is k // 4.
        generator = np.random.Philox(key=stream_key(self.seed, thing, purpose), counter=first // 4)
        return np.random.Generator(generator).random(count)

    def daily(self, thing: str, purpose: str, replication: int, days: int) -> Floats:
        """Entries (replication, 0 .. days - 1) of a stream with one draw a day."""
        counter = np.array([0, replication + 1, 0, 0], np.uint64)
        generator = np.random.Philox(key=stream_key(self.seed, thing, purpose), counter=counter)
        return np.random.Generator(generator).random(days)
