"""What one replication draws, and the two runs it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.sampling.streams import EVENT

if TYPE_CHECKING:
    from simulator.network.network import Floats
    from simulator.sampling.realisation import Realisation
    from simulator.sampling.streams import Streams
    from simulator.spec import Distribution


class Drawn(Mapping[str, float]):
    """Numbers of the tables drawn in one replication: thousands, which few want by name.

    Parameters
    ----------
    names, numbers
        In the same order.
    """

    def __init__(self, names: Sequence[str], numbers: Floats) -> None:
        self.names, self.numbers = names, numbers

    def __getitem__(self, name: str) -> float:
        """One of them."""
        try:
            return float(self.numbers[self.names.index(name)])
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        """Names in order."""
        return iter(self.names)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.names)

    def __or__(self, other: Mapping[str, float]) -> dict[str, float]:
        """All of them and others by name."""
        return {**dict(zip(self.names, self.numbers.tolist(), strict=True)), **other}


@dataclass(frozen=True)
class Pair:
    """The two runs of one replication: the same draws without and with shocks and measures.

    Attributes
    ----------
    baseline, shocked
        Share numbers, plan and daily noise; only the changes differ.
    parameters
        Numbers of the tables that were drawn, by name.
    events
        What shocks and measures drew.
    """

    baseline: Realisation
    shocked: Realisation
    parameters: Drawn
    events: Mapping[str, float]

    @property
    def draws(self) -> dict[str, float]:
        """Every value drawn, by name."""
        return self.parameters | self.events


@dataclass
class EntryDraw:
    """Draws of one scenario entry: its numbers and events come from streams of its own name."""

    streams: Streams | None
    entry: str
    replication: int
    seen: dict[str, float] = field(default_factory=dict)
    given: Mapping[str, float] = field(default_factory=dict)

    def value(self, path: str, number: Distribution, *, recorded: bool = True) -> float:
        """Value of an uncertain number of the entry; its base value without streams."""
        if not number.uncertain or self.streams is None:
            return number.base
        drawn = self.streams.value(f"{self.entry}.{path}", EVENT, self.replication, number)
        if recorded:
            self.seen[f"{self.entry}.{path}"] = drawn
        return drawn

    def uniform(self, purpose: str, *, recorded: bool = True) -> float:
        """Uniform of an event of the entry."""
        if self.streams is None:
            return self.given.get(f"{self.entry}:{purpose}", 0.5)
        drawn = self.streams.uniform(f"{self.entry}:{purpose}", EVENT, self.replication)
        if recorded:
            self.seen[f"{self.entry}:{purpose}"] = drawn
        return drawn

    def note(self, purpose: str, value: float) -> None:
        """Keep something that follows from draws beside them."""
        self.seen[f"{self.entry}:{purpose}"] = value
