"""The base of all shock and measure types: typed parameters, and one method that gives effects."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from simulator.spec import CountrySet, Selector, Shock

if TYPE_CHECKING:
    from simulator.shocks.effects import Effect
    from simulator.shocks.scene import Scene, Spell


class ShockType(Shock):
    """What a scenario entry of one ``type`` takes, and what it does.

    To add a type, subclass this with ``type="..."``, declare typed parameters, and give `effects`.
    Nothing else in the package needs to know.
    """

    #: Whether a suspension may name entries of this type.
    suspendable: ClassVar[bool] = False

    @abstractmethod
    def effects(self, scene: Scene) -> Iterable[Effect]:
        """Effects of this entry in one replication.

        Parameters
        ----------
        scene
            Network, plan, calendar and the entry's own draws.

        Raises
        ------
        InputError
            If a selector matches nothing in this network.
        """

    def spells(self, scene: Scene) -> Mapping[str, Iterable[Spell]]:
        """Spells that this entry puts on others, by their names; only suspensions have any."""
        return {}

    @abstractmethod
    def window(self) -> tuple[date | None, date | None]:
        """First and last date of the entry as written, for calendars and figures."""

    @abstractmethod
    def label(self) -> str:
        """A few words that say what happens, for calendars and figures."""


def names(selected: Selector | CountrySet, limit: int = 3) -> str:
    """Write a selector for people, shortened."""
    if isinstance(selected, CountrySet):
        return ", ".join(selected.names)
    terms = [
        ", ".join("/".join(values) for values in term.conditions().values())
        for term in selected.terms
    ]
    more = f" and {len(terms) - limit} more" if len(terms) > limit else ""
    return ", ".join(terms[:limit]) + more
