"""What lets restricted goods move: approval and processing, by state of the regime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeVar

from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene, Spell, cut
from simulator.spec import (
    Days,
    Distribution,
    Fraction,
    Record,
    broken,
    described,
    model_check,
    parse_number,
)
from simulator.spec.record import Location

Regime = Literal["new", "eased", "hostile", "general"]
_Kind = TypeVar("_Kind")


class Licence(NamedTuple):
    """Share of the planned flow that is approved, and days until the first approved goods move."""

    approval: Distribution
    processing_days: Distribution


class Terms(NamedTuple):
    """A licence in one replication: fraction of the plan that moves, and days until it does."""

    fraction: float
    wait_days: int


def _beta(a: float, b: float) -> Distribution:
    return parse_number({"distribution": "beta", "a": a, "b": b})


def _lognormal(median: float, p95: float) -> Distribution:
    return parse_number({"distribution": "lognormal", "median": median, "p95": p95})


REGIMES: Mapping[str, Licence] = MappingProxyType(
    {
        # first 90 days of a new Chinese regime: P11 (13.5 to 25 % approved in 2025), P15 (45
        # working days by statute, longer for 40 % of firms)
        "new": Licence(_beta(2.5, 9), _lognormal(52.8, 166.2)),
        # P12 (60 % approved by the end of June 2025), P15
        "eased": Licence(_beta(6, 4), _lognormal(52.8, 166.2)),
        # targeted country or defence-linked: P13 (5 of 180), P17 (watch list: no time limit)
        "hostile": Licence(_beta(1, 24), _lognormal(179.6, 669.2)),
        # general licences since December 2025: P14; nothing to wait for per shipment
        "general": Licence(_beta(19, 1), parse_number(0.0)),
    }
)
"""Licences by state of the regime, from priors P11 to P17 of the policy facts."""


class LicenceTerms(Record):
    """A licence, given by its numbers or by the state of the regime."""

    regime: Regime | None = described(
        "state of the regime, instead of approval and processing_days", default=None
    )
    approval: Fraction | None = described("share of planned flow approved", default=None)
    processing_days: Days | None = described(
        "days until the first approved goods move", default=None, unit="days"
    )

    @property
    def licence(self) -> Licence | None:
        """The licence meant; None where none is given."""
        if self.regime is not None:
            return REGIMES[self.regime]
        if self.approval is None or self.processing_days is None:
            return None
        return Licence(self.approval, self.processing_days)

    def walk(self, kind: type[_Kind]) -> Iterator[tuple[Location, _Kind]]:
        """Yield parts as any record does, and the numbers that the regime stands for."""
        yield from super().walk(kind)
        if self.regime is not None:
            for name, number in REGIMES[self.regime]._asdict().items():
                if isinstance(number, kind):
                    yield (name,), number


class GivenLicence(LicenceTerms):
    """A licence that must be given."""

    @model_check
    def _complete(self) -> GivenLicence:
        check_licence(self)
        return self


def check_licence(terms: LicenceTerms, *, needed: str = "") -> None:
    """Check that a licence is given once: by its regime, or by both its numbers.

    Parameters
    ----------
    terms
        The fields.
    needed
        Why it must be given, for messages, such as ``"with mechanism: licence"``.
    """
    for field in ("approval", "processing_days"):
        number = getattr(terms, field)
        if terms.regime is not None and number is not None:
            rule = f"has no effect with regime: {terms.regime}"
            raise broken(field, number.plain(), rule, "give either the regime or the numbers")
        if terms.regime is None and number is None:
            rule = f"must be given {needed}".rstrip()
            raise broken(field, None, rule, f"or a regime: {', '.join(REGIMES)}")


def terms_of(scene: Scene, place: str, licence: Licence) -> Terms:
    """A licence's numbers in this replication.

    Parameters
    ----------
    scene
        The entry's scene.
    place
        Path of the licence within the entry, ending in a dot, or empty.
    licence
        Its distributions.
    """
    return Terms(
        scene.value(f"{place}approval", licence.approval),
        scene.days(f"{place}processing_days", licence.processing_days),
    )


def limits(
    scene: Scene, lanes: Iterable[tuple[int, Terms]], start: int, end: int | None
) -> Iterator[Effect]:
    """Limits of restricted lanes from ``start`` to ``end``, with the suspensions of the entry.

    Nothing moves until the wait has passed, then the fraction does; so too after each suspension.
    """
    spells = scene.spells.get(scene.name, ())
    pieces = tuple(cut(start, end, spells, scene.horizon_days))
    windows: dict[Terms, list[tuple[int, int, float]]] = {}  # the same for many lanes
    for lane, own in lanes:
        if own not in windows:
            windows[own] = [*_windows(pieces, own)]
        for begin, finish, fraction in windows[own]:
            yield Effect(Control.LIMIT, lane, begin, finish, fraction)


def _windows(
    pieces: Iterable[tuple[int, int, Spell | None]], own: Terms
) -> Iterator[tuple[int, int, float]]:
    """Days from and to which a fraction may move."""
    for begin, finish, spell in pieces:
        fraction, wait = own if spell is None else (spell.approval, spell.processing_days)
        moving = min(begin + wait, finish)
        if begin < moving:
            yield begin, moving, 0.0
        if moving < finish:
            yield moving, finish, fraction
