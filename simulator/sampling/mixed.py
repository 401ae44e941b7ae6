"""Streams of two seeds mixed by name: some things take their draws from the second one.

This is what variance-based sensitivity needs: the same future with one group of inputs drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from simulator.sampling.streams import Streams, stream_key

if TYPE_CHECKING:
    from simulator.network.network import Floats
    from simulator.spec import Distribution

Takes: TypeAlias = Callable[[str, str], bool]
"""Whether a stream, by its thing and purpose, is taken from the second seed."""


class MixedStreams(Streams):
    """Streams of ``first``, but for those that ``takes`` says come from ``second``.

    Parameters
    ----------
    first, second
        Streams of two seeds.
    takes
        Which come from ``second``.
    """

    def __init__(self, first: Streams, second: Streams, takes: Takes) -> None:
        super().__init__(first.seed)
        self._first, self._second, self._takes = first, second, takes

    def value(self, thing: str, purpose: str, replication: int, number: Distribution) -> float:
        """See `Streams.value`."""
        return self._of(thing, purpose).value(thing, purpose, replication, number)

    def uniform(self, thing: str, purpose: str, replication: int) -> float:
        """See `Streams.uniform`."""
        return self._of(thing, purpose).uniform(thing, purpose, replication)

    def uniforms(self, thing: str, purpose: str, first: int, count: int) -> Floats:
        """See `Streams.uniforms`."""
        return self._of(thing, purpose).uniforms(thing, purpose, first, count)

    def daily(self, thing: str, purpose: str, replication: int, days: int) -> Floats:
        """See `Streams.daily`."""
        return self._of(thing, purpose).daily(thing, purpose, replication, days)

    def _of(self, thing: str, purpose: str) -> Streams:
        return self._second if self._takes(thing, purpose) else self._first


def second_seed(seed: int) -> int:
    """Seed of an independent second sample, the same for all runs of ``seed``."""
    return stream_key(seed, "second sample", "design") % 2**63
