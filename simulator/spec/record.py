"""The base of all validated models: frozen, no unknown keys, errors in plain English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Self, TypeVar

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    Strict,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from simulator.spec.messages import translate

if TYPE_CHECKING:
    from simulator.spec.distributions import Distribution

Location = tuple[str | int, ...]
Kind = TypeVar("Kind")


def broken(field: str | Location, value: object, rule: str, remedy: str = "") -> ValidationError:
    """Build the error that a validator raises for one of its fields.

    Parameters
    ----------
    field
        Name of the field, a path within the model, or ``""`` for the model as a whole.
    value
        What was given there.
    rule
        What must hold.
    remedy
        What the user can do.
    """
    loc: Location = field if isinstance(field, tuple) else ((field,) if field else ())
    return broken_all([(loc, value, rule, remedy)])


def broken_all(found: Iterable[tuple[Location, object, str, str]]) -> ValidationError:
    """Build the error for several (location, value, rule, remedy) at once."""
    lines = [
        InitErrorDetails(
            type=PydanticCustomError("paxsim", "{rule}", {"rule": rule, "remedy": remedy}),
            loc=loc,
            input=plain(value),
        )
        for loc, value, rule, remedy in found
    ]
    return ValidationError.from_exception_data("input", lines)


def explained(error: ValidationError, keys: Iterable[str]) -> ValidationError:
    """Rewrite the errors of one model in plain English, knowing the keys it has."""
    known = list(keys)
    found: list[tuple[Location, object, str, str]] = []
    items = error.errors(include_url=False)
    for item in items:
        if item["type"] == "too_short" and _fails_within(items, item["loc"]):
            continue  # entries that failed are not missing
        # only a direct child is an unknown key of this very model
        rule, remedy = translate(item, known if len(item["loc"]) == 1 else ())
        absent = item["type"] == "missing"
        found.append((item["loc"], None if absent else item["input"], rule, remedy))
    return broken_all(found)


def _fails_within(items: Iterable[ErrorDetails], loc: Location) -> bool:
    depth = len(loc)
    return any(len(item["loc"]) > depth and item["loc"][:depth] == loc for item in items)


class Record(BaseModel):
    """Base of the models of tables, scenario files and shocks: frozen, and without unknown keys."""

    # defaults are checked too, so that a number's may be written bare
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, validate_default=True
    )

    @model_validator(mode="wrap")
    @classmethod
    def _explain(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise explained(error, cls.keys()) from None

    @classmethod
    def keys(cls) -> list[str]:
        """Names of the keys as users write them."""
        return [info.alias or name for name, info in cls.model_fields.items()]

    def plain(self, full: bool = False) -> object:
        """Give what a user would write in YAML.

        Parameters
        ----------
        full
            Whether fields at their default are written too.
        """
        written: dict[str, object] = {}
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            usual = not info.is_required() and (not full or value is None)
            if not (usual and value == info.default):
                written[info.alias or name] = plain(value)
        return written

    def walk(self, kind: type[Kind]) -> Iterator[tuple[Location, Kind]]:
        """Yield (location, part) for every part of a kind within, in order of definition."""
        for name, info in type(self).model_fields.items():
            yield from _walk((info.alias or name,), getattr(self, name), kind)

    def numbers(self) -> Iterator[tuple[str, Distribution]]:
        """Yield (path, number) for every uncertain number within, in order of definition.

        Yields
        ------
        tuple
            Dotted path of the field (list entries by index) and its distribution.
        """
        from simulator.spec.distributions import Distribution

        for loc, number in self.walk(Distribution):  # type: ignore[type-abstract]
            if number.uncertain:
                yield ".".join(str(part) for part in loc), number


def plain(value: object) -> object:
    """Turn a field's value into plain YAML data (mappings, lists, text, numbers, dates)."""
    if isinstance(value, Record):
        return value.plain()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _walk(loc: Location, value: object, kind: type[Kind]) -> Iterator[tuple[Location, Kind]]:
    if isinstance(value, kind):
        yield loc, value
    elif isinstance(value, Record):
        for inner, found in value.walk(kind):
            yield (*loc, *inner), found
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _walk((*loc, index), item, kind)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk((*loc, str(key)), item, kind)


def _iso_date(value: object) -> date:
    if type(value) is date:
        return value
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise broken("", value, f"must be a date: {error}") from None
    raise broken("", value, "must be a date", "write it as 2025-10-01")


def _not_a_bool(value: object) -> object:
    # pydantic takes true for 1 and "3" for 3; a file that says so is more likely wrong
    if isinstance(value, bool | str):
        raise broken("", value, "must be a whole number")
    return value


#: A calendar date, written 2025-10-01.
Date = Annotated[date, BeforeValidator(_iso_date)]
#: A finite number; no text and no true or false.
Real = Annotated[float, Strict(), AllowInfNan(False)]
#: A whole number; 3.0 is taken, text and true or false are not.
Whole = Annotated[int, BeforeValidator(_not_a_bool)]
#: An identifier: letters, digits, ``_`` and ``-``.
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)]
#: Text that is not empty.
Text = Annotated[str, StringConstraints(min_length=1)]
