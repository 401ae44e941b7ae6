"""Expressions of the calibration table: what to read off the plan of a network.

An expression is a kind with arguments, ``key=value`` pairs separated by ``;``, a list inside a
value separated by ``+``. A ratio holds two more expressions, their arguments separated by ``,``::

    share            material=ndpr_oxide;countries=CHN
    ratio            above=rate(material=hbm_stack);below=rate(facilities=hbm_*,per_unit=input:dram)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NoReturn

from simulator.spec.messages import did_you_mean
from simulator.spec.record import broken

ExpressionKind = Literal[
    "share", "supply_share", "use_share", "rate", "total", "units_per_unit", "ratio", "cover"
]

_WINDOW = ("day", "days", "scale")
_LANES = ("customers", "customer_countries")
_RATE = ("facilities", "material", "countries", "basis", "per_unit", *_WINDOW)
#: Arguments that each kind takes: those that it must have, and those that it may have.
KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "share": (("material",), ("countries", "facilities", "basis", *_WINDOW)),
        "supply_share": (("material",), (*_LANES, "suppliers", "supplier_countries", *_WINDOW)),
        "use_share": (("material",), (*_LANES, *_WINDOW)),
        "rate": ((), _RATE),
        "total": ((), _RATE),
        "units_per_unit": (("recipe", "input"), ("invert", "scale")),
        "ratio": (("above", "below"), ("scale",)),
        "cover": (("facility", "material"), ("scale",)),
    }
)
#: Of these, at least one must be given.
_SOME: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "share": ("countries", "facilities"),
        "supply_share": ("suppliers", "supplier_countries"),
        "use_share": _LANES,
        "rate": ("facilities", "material"),
        "total": ("facilities", "material"),
    }
)
_INNER = ("rate", "total")
_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"basis": ("starts", "sales", "capacity"), "invert": ("yes", "no")}
)
_CALL = re.compile(r"(\w+)\((.*)\)")


@dataclass(frozen=True)
class Expression:
    """One expression, checked for its arguments but not against a network.

    Attributes
    ----------
    kind
        One of `KINDS`.
    arguments
        Values by key, as written.
    inner
        The expressions of a ratio, by key.
    """

    kind: str
    arguments: Mapping[str, str]
    inner: Mapping[str, Expression]

    def text(self, key: str, default: str = "") -> str:
        """Value of an argument."""
        return self.arguments.get(key, default)

    def names(self, key: str) -> tuple[str, ...]:
        """Entries of a list; empty where the argument is not given."""
        return tuple(part.strip() for part in self.text(key).split("+") if part.strip())

    def number(self, key: str, default: float) -> float:
        """Value of a numeric argument."""
        return float(self.arguments.get(key, default))


def parse_expression(kind: str, text: str, separator: str = ";") -> Expression:
    """Parse the arguments of an expression.

    Parameters
    ----------
    kind
        One of `KINDS`.
    text
        The arguments as written.
    separator
        What stands between them.

    Raises
    ------
    pydantic.ValidationError
        With the first rule that the text breaks.
    """
    needed, optional = KINDS[kind]
    arguments: dict[str, str] = {}
    inner: dict[str, Expression] = {}
    for part in (part.strip() for part in text.split(separator)):
        if not part:
            continue
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not value:
            _fail(part, "must be key=value pairs", f"separate them by {separator!r}")
        if key not in needed and key not in optional:
            hint = did_you_mean(key, (*needed, *optional), "it takes")
            _fail(part, f"{kind} takes no argument {key}; {hint}")
        if key in arguments:
            _fail(part, f"{key} is given twice", "keep one of them")
        arguments[key] = value
        if key in ("above", "below"):
            inner[key] = _parse_inner(value)
        elif (check := _CHECKS.get(key)) is not None:
            check(key, value)
    _check_given(kind, arguments)
    return Expression(kind, MappingProxyType(arguments), MappingProxyType(inner))


def _parse_inner(value: str) -> Expression:
    call = _CALL.fullmatch(value)
    if call is None or call[1] not in _INNER:
        _fail(value, f"must be {' or '.join(f'{name}(...)' for name in _INNER)}")
    return parse_expression(call[1], call[2], ",")


def _check_given(kind: str, arguments: Mapping[str, str]) -> None:
    missing = [key for key in KINDS[kind][0] if key not in arguments]
    some = _SOME.get(kind, ())
    if missing:
        _fail(None, f"{kind} needs {' and '.join(missing)}")
    if some and not any(key in arguments for key in some):
        _fail(None, f"{kind} needs {' or '.join(some)}")


def _check_number(key: str, value: str) -> None:
    try:
        good = math.isfinite(float(value)) and (key == "scale" or float(value).is_integer())
    except ValueError:
        good = False
    if not good:
        _fail(f"{key}={value}", f"{key} must be a {'' if key == 'scale' else 'whole '}number")
    if float(value) < (1 if key == "days" else 0):
        _fail(f"{key}={value}", f"{key} must be >= {1 if key == 'days' else 0}")


def _check_word(key: str, value: str) -> None:
    if value not in _WORDS[key]:
        _fail(f"{key}={value}", f"{key} must be one of {', '.join(_WORDS[key])}")


def _fail(value: object, rule: str, remedy: str = "") -> NoReturn:
    raise broken("parameters", value, rule, remedy)


_CHECKS: Mapping[str, Callable[[str, str], None]] = {
    **dict.fromkeys(_WINDOW, _check_number),
    **dict.fromkeys(_WORDS, _check_word),
}
