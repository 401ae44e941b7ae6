"""Profiles: a value that follows dated knots, straight between them and constant outside."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from simulator.spec.record import Date, Location, Real, Record, broken, broken_all, plain

_FORM = "write dates and values, such as {2025-10-01: 1, 2026-01-01: 1.07}"
_Found = list[tuple[Location, object, str, str]]


class Profile(Record):
    """A piecewise linear function of the date.

    Attributes
    ----------
    knots
        (date, value) in ascending order of date; values are >= 0.
    """

    knots: tuple[tuple[Date, Real], ...] = Field(min_length=1)

    def at(self, when: date) -> float:
        """Value on a date; before the first and after the last knot it stays as there."""
        dates = [knot for knot, _ in self.knots]
        place = bisect_right(dates, when)
        if place == 0:
            return self.knots[0][1]
        start, low = self.knots[place - 1]
        if place == len(dates):
            return low
        end, high = self.knots[place]
        return low + (high - low) * ((when - start).days / (end - start).days)

    def plain(self, full: bool = False) -> object:
        """Give the mapping of dates to values."""
        return {when.isoformat(): plain(value) for when, value in self.knots}

    @model_validator(mode="after")
    def _ascend(self) -> Profile:
        dates = [when for when, _ in self.knots]
        if any(later <= earlier for earlier, later in pairwise(dates)):
            raise broken("knots", dates, "dates must ascend")
        return self


def parse_profile(value: object) -> Profile:
    """Read a profile from a mapping of dates to values, or from ``date:value;date:value``.

    Raises
    ------
    pydantic.ValidationError
        With every knot that is wrong.
    """
    if isinstance(value, Profile):
        return value
    found: _Found = []
    knots: list[tuple[date, float]] = []
    for key, given in _pairs(value):
        when, amount = _date(key), _amount(given)
        if when is None:
            found.append(((str(key),), key, "must be a date", "write it as 2025-10-01"))
        elif amount is None:
            found.append(((str(key),), given, "must be a number >= 0", ""))
        elif knots and when <= knots[-1][0]:
            rule = f"dates must ascend, but {knots[-1][0]} stands before it"
            found.append(((str(key),), key, rule, ""))
        else:
            knots.append((when, amount))
    if found:
        raise broken_all(found)
    if not knots:
        raise broken("", value, "must have at least one date and value", _FORM)
    return Profile(knots=tuple(knots))


def _pairs(value: object) -> Iterable[tuple[object, object]]:
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, str) and ":" in value:
        parts = [part.partition(":") for part in value.split(";") if part.strip()]
        return [(key.strip(), amount.strip()) for key, _, amount in parts]
    raise broken("", value, "must be a mapping of dates to values", _FORM)


def _date(key: object) -> date | None:
    if type(key) is date:
        return key
    try:
        return date.fromisoformat(key) if isinstance(key, str) and len(key) == 10 else None
    except ValueError:
        return None


def _amount(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = float(value)
    except ValueError:
        return None
    return amount if math.isfinite(amount) and amount >= 0 else None


#: A profile as files give it.
ProfileField = Annotated[
    Profile,
    BeforeValidator(parse_profile),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0},
            "description": "dates and values; straight lines between them",
        }
    ),
]
