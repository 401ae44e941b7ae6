"""Numbers in files, bare or as a distribution, and the field types that keep them within limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import core_schema

from simulator.spec.distributions import DISTRIBUTIONS, Constant, Distribution
from simulator.spec.messages import did_you_mean
from simulator.spec.record import broken

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

_FORM = "write a number, or a mapping such as {distribution: pert, low: 1, mode: 2, high: 4}"


def parse_number(value: object) -> Distribution:
    """Read a number as files give it: bare, or a mapping with the key ``distribution``.

    Parameters
    ----------
    value
        A number, a mapping, or a `Distribution` already.

    Raises
    ------
    pydantic.ValidationError
        With every rule that the value breaks.
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return _constant(float(value))
        except OverflowError:
            raise broken("", "a very long number", "must be below 1e308") from None
    if not isinstance(value, Mapping):
        raise broken("", value, "must be a number", _FORM)
    if "distribution" not in value:
        raise broken("", dict(value), "a number's mapping needs the key 'distribution'", _FORM)
    name = value["distribution"]
    kind = DISTRIBUTIONS.get(name) if isinstance(name, str) else None
    if kind is None:
        hint = did_you_mean(name, DISTRIBUTIONS, "known distributions")
        raise broken("distribution", name, f"unknown distribution; {hint}")
    return kind.model_validate(dict(value))


def number(value: float) -> Distribution:
    """Make a known number, such as the default of a field."""
    return _constant(float(value))


@lru_cache(maxsize=4096)
def _constant(value: float) -> Constant:
    if math.isnan(value):
        raise broken("", value, "must be a number")
    return Constant.model_construct(value=value)


@dataclass(frozen=True)
class Within:
    """Limits of a number field; a distribution must stay within them wherever it is drawn.

    Attributes
    ----------
    low, high
        Smallest and largest value allowed.
    open_low
        Whether ``low`` itself is not allowed.
    infinite
        Whether infinity is allowed.
    whole
        Whether a constant must be a whole number (drawn values are rounded later).
    """

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    infinite: bool = False
    whole: bool = False

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Check the limits after the field itself is read."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def check(self, number: Distribution) -> Distribution:
        """Give the number back, or raise with the limit broken and the remedy."""
        low, high = number.bounds
        if isinstance(number, Constant):
            if math.isinf(number.value) and not self.infinite:
                raise broken("", number.value, "must be a finite number")
            if self._misses(low) or high > self.high:
                raise broken("", number.base, self.rule)
            if self.whole and not number.base.is_integer():
                raise broken("", number.base, "must be a whole number of days")
            return number
        atom = number.discrete or number.minimum == low
        touches = self.open_low and low == self.low and (atom or not low < high)
        if low < self.low or touches:
            raise broken("", number.plain(), *self._explain(number, low, "low"))
        if high > self.high:
            raise broken("", number.plain(), *self._explain(number, high, "high"))
        return number

    @property
    def rule(self) -> str:
        """The limits in words."""
        if self.high < math.inf and not self.open_low:
            return f"must be between {self.low:g} and {self.high:g}"
        lower = f"must be {'>' if self.open_low else '>='} {self.low:g}"
        return lower if self.high == math.inf else f"{lower} and <= {self.high:g}"

    def _misses(self, value: float) -> bool:
        return value < self.low or (self.open_low and value == self.low)

    def _explain(self, number: Distribution, reach: float, end: str) -> tuple[str, str]:
        way = "down" if end == "low" else "up"
        rule = f"{self.rule}, but this {number.distribution} distribution goes {way} to {reach:g}"
        if end == "high":
            return rule, f"add `maximum: {self.high:g}`"
        if self.open_low:
            return rule, f"add a `minimum` above {self.low:g}"
        return rule, f"add `minimum: {self.low:g}`"


_Any = Annotated[Distribution, PlainValidator(parse_number), WithJsonSchema({"x-ref": "Number"})]
#: Any finite number or distribution.
Number = Annotated[_Any, Within()]
#: A number >= 0.
NonNegative = Annotated[_Any, Within(0.0)]
#: A number > 0.
Positive = Annotated[_Any, Within(0.0, open_low=True)]
#: A number between 0 and 1.
Fraction = Annotated[_Any, Within(0.0, 1.0)]
#: A number > 0 and <= 1.
PositiveFraction = Annotated[_Any, Within(0.0, 1.0, open_low=True)]
#: A duration in days, >= 0; the engine rounds it to whole days.
Days = Annotated[_Any, Within(0.0)]
#: A duration in whole days, >= 0.
WholeDays = Annotated[_Any, Within(0.0, whole=True)]
#: A duration in days, >= 1.
DaysFromOne = Annotated[_Any, Within(1.0)]
#: A duration in whole days, >= 1.
WholeDaysFromOne = Annotated[_Any, Within(1.0, whole=True)]
#: A factor >= 0 on something that is 1 as planned.
Multiplier = Annotated[_Any, Within(0.0)]
#: A number > 0 that may be infinite.
Unlimited = Annotated[_Any, Within(0.0, open_low=True, infinite=True)]
