"""The base of all shocks and measures, their registry, and what their modules need to be written.

A type is a subclass with a name; its fields are what a scenario file may say::

    class Outage(Shock, type="outage"):
        facilities: FacilitySelector = described("facilities that stop")
        severity: Fraction = described("share of capacity lost", default=1.0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from pydantic import Field, model_validator

from simulator.spec.messages import did_you_mean
from simulator.spec.numbers import Positive
from simulator.spec.record import Record, broken

_REGISTRY: dict[str, type[Shock]] = {}
_Method = TypeVar("_Method", bound=Callable[..., object])


class Shock(Record):
    """Something that happens to the network, or something somebody does about it.

    Attributes
    ----------
    note
        Free text.
    cost_usd
        What a measure costs over the horizon in USD; comparisons say what is saved for it.
    """

    #: Name of the type in files; set by ``class Outage(Shock, type="outage")``.
    type: ClassVar[str] = ""

    note: str = ""
    cost_usd: Positive | None = None

    # "Any" is the type that object.__init_subclass__ passes on
    def __init_subclass__(cls, *, type: str = "", **kwargs: Any) -> None:  # noqa: ANN401
        """Register the subclass under its type; without a type it is a base of others."""
        super().__init_subclass__(**kwargs)
        if not type:
            return
        known = _REGISTRY.get(type)
        if known is not None and (known.__module__, known.__qualname__) != (
            cls.__module__,
            cls.__qualname__,
        ):
            raise TypeError(f"the type {type!r} is registered already, by {known.__qualname__}")
        cls.type = type
        _REGISTRY[type] = cls

    def plain(self, full: bool = True) -> object:
        """Give the entry as a user would write it, with all values explicit."""
        written = super().plain(full)
        fields = written if isinstance(written, dict) else {}
        if not self.note:
            fields.pop("note", None)
        if self.cost_usd is None:
            fields.pop("cost_usd", None)
        return {"type": self.type, **fields}


def shock_types() -> Mapping[str, type[Shock]]:
    """Registered types of shocks and measures by name, sorted."""
    return MappingProxyType(dict(sorted(_REGISTRY.items())))


def parse_shock(entry: object) -> Shock:
    """Validate an entry of a scenario file by the class that its ``type`` names.

    Raises
    ------
    pydantic.ValidationError
        With everything that is wrong with the entry.
    """
    if isinstance(entry, Shock):
        return entry
    if not isinstance(entry, Mapping):
        raise broken("", entry, "must be a mapping with the key 'type'")
    if "type" not in entry:
        known = ", ".join(shock_types())
        raise broken("type", None, "must be given", f"one of: {known}" if known else "")
    name = entry["type"]
    kind = _REGISTRY.get(name) if isinstance(name, str) else None
    if kind is None:
        hint = did_you_mean(name, _REGISTRY, "known types")
        raise broken("type", name, f"unknown type; {hint}")
    return kind.model_validate({key: value for key, value in entry.items() if key != "type"})


def described(
    text: str = "",
    *,
    default: object = ...,
    unit: str = "",
    alias: str | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    not_empty: bool = False,
) -> Any:  # noqa: ANN401  (a field of any type)
    """Describe a field of a shock.

    Parameters
    ----------
    text
        What it means, for the manual and for editors.
    default
        Value where none is given; without it the field must be given.
    unit
        Its unit, such as ``"days"``.
    alias
        Key in files where it cannot be a Python name, such as ``from``.
    at_least, at_most
        Limits of plain numbers; fields of the `Number` kinds carry their own.
    not_empty
        Whether a list must have an entry.
    """
    limits: dict[str, Any] = {
        "ge": at_least,
        "le": at_most,
        "min_length": 1 if not_empty else None,
        "alias": alias,
    }
    given = {name: value for name, value in limits.items() if value is not None}
    return Field(default, description=f"{text} [{unit}]" if unit else text, **given)


def model_check(method: _Method) -> _Method:
    """Mark a method that checks an entry as a whole: it raises `broken` errors or returns self."""
    marked: Any = model_validator(mode="after")(method)
    checked: _Method = marked
    return checked


def in_order(start: date | None, end: date | None, field: str = "until") -> None:
    """Check that a period does not end before it starts.

    Parameters
    ----------
    start, end
        First and last date; ``None`` where open.
    field
        Key of the end, for the message.
    """
    if start is not None and end is not None and end < start:
        raise broken(field, end, f"must not be before the start ({start})")
