"""The rows of a network's tables, one model per table; field names are the column names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from simulator.spec.distributions import Constant, Distribution
from simulator.spec.expressions import Expression, ExpressionKind, parse_expression
from simulator.spec.numbers import (
    Days,
    DaysFromOne,
    Fraction,
    NonNegative,
    Positive,
    PositiveFraction,
    Unlimited,
    WholeDays,
    WholeDaysFromOne,
)
from simulator.spec.profiles import Profile, ProfileField
from simulator.spec.record import Date, Id, Real, Record, Text, Whole, broken

Kind = Literal[
    "mine", "refinery", "plant", "fab", "packaging", "power", "stockpile", "hub", "datacenter",
    "market",
]  # fmt: skip
Layer = Literal["energy", "minerals", "semiconductors", "ai_infrastructure", "logistics"]

_ZERO = Constant(value=0.0)
_ONE = Constant(value=1.0)


def _parts(value: object) -> object:
    # a cell or a plain text holds several entries separated by ";"
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    return tuple(value) if isinstance(value, list) else value


def _whole_parts(value: object) -> object:
    parts = _parts(value)
    if isinstance(value, str) and isinstance(parts, tuple):
        return tuple(int(part) if part.isdecimal() else part for part in parts)
    return parts


Ids = Annotated[tuple[Id, ...], BeforeValidator(_parts, json_schema_input_type=str | list[str])]
WholeList = Annotated[
    tuple[Annotated[Whole, Field(ge=1)], ...],
    BeforeValidator(_whole_parts, json_schema_input_type=str | list[int]),
]


class Row(Record):
    """Base of all rows: where the numbers come from, and how sure they are.

    Attributes
    ----------
    source_id
        Ids of the sources, separated by ``;``.
    grade
        A (measured or official), B (reported), C (estimate).
    """

    model_config = ConfigDict(validate_default=False)  # there are thousands of rows

    #: Fields that together identify a row.
    identity: ClassVar[tuple[str, ...]] = ("id",)

    source_id: str = ""
    grade: Literal["A", "B", "C"] | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """Identity of the row within its table, such as ``customer/material/supplier``."""
        return "/".join(str(getattr(self, name)) for name in self.identity)

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources."""
        return tuple(part.strip() for part in self.source_id.split(";") if part.strip())

    def plain(self, full: bool = False) -> object:
        """Give the row as a mapping; where it comes from stands last."""
        written = super().plain(full)
        if isinstance(written, dict):
            for name in ("source_id", "grade", "note"):
                if name in written:
                    written[name] = written.pop(name)
        return written


class Material(Row):
    """Anything that flows; quantities are in its ``unit``."""

    id: Id
    name: str = ""
    layer: Layer
    unit: Text
    mass_kg_per_unit: Real = Field(default=0.0, ge=0)
    price_usd_per_unit: Real = Field(default=0.0, ge=0)
    h100e_per_unit: Real | None = Field(default=None, gt=0)


class Facility(Row):
    """A place that makes, moves, stores or uses material; capacity is in units of output per day.

    A hub's capacity is in tonnes handled per day. ``utilisation`` gives capacity as planned starts
    over utilisation.
    """

    id: Id
    name: str = ""
    operator: str = ""
    kind: Kind
    country: Text
    lat: Real | None = Field(default=None, ge=-90, le=90)
    lon: Real | None = Field(default=None, ge=-180, le=180)
    output: Id | None = None
    recipe: Id | None = None
    capacity_per_day: NonNegative | None = None
    utilisation: PositiveFraction | None = None
    capacity_profile: ProfileField | None = None
    start_date: Date | None = None
    ramp_days: Real = Field(default=0.0, ge=0)
    cycle_days: WholeDays = _ZERO
    finished_cover_days: Days = _ZERO
    stock_at_start: NonNegative | None = None
    layer: Layer | None = None


class RecipeInput(Row):
    """One input of a recipe: its quantity per good unit of output, and how much hangs on it."""

    identity: ClassVar[tuple[str, ...]] = ("recipe", "input")

    recipe: Id
    input: Id
    quantity: Positive
    criticality: Fraction = _ONE
    onset_days: Days = _ZERO
    cover_days: Days = _ZERO
    purpose: Literal["output", "growth"] = "output"


class Lane(Row):
    """One supplier to one customer for one material, with its share of the customer's need."""

    identity: ClassVar[tuple[str, ...]] = ("customer", "material", "supplier")

    customer: Id
    material: Id
    supplier: Id
    share: Fraction | None = None
    share_profile: ProfileField | None = None
    standby_share: Fraction = _ZERO
    transit_days: WholeDaysFromOne
    route: Ids = ()
    leg_days: WholeList | None = None
    priority: Whole = Field(default=1, ge=0)
    qualification_days: DaysFromOne = Constant(value=30.0)
    standby_trigger_days: Days | None = None
    transit_noise: NonNegative | None = None

    @property
    def shares_nothing(self) -> bool:
        """Whether neither a share nor a standby share is given."""
        none = self.share is None and self.share_profile is None
        return none and self.standby_share.bounds[1] <= 0

    def share_at(self, when: date) -> float:
        """Planned share on a date, at base values; 0 where only a standby share is given."""
        if self.share_profile is not None:
            return self.share_profile.at(when)
        return 0.0 if self.share is None else self.share.base


class Demand(Row):
    """What a data centre or market uses of one material per day."""

    identity: ClassVar[tuple[str, ...]] = ("sink", "material")

    sink: Id
    material: Id
    units_per_day: NonNegative
    profile: ProfileField | None = None
    unmet: Literal["lost", "kept"] = "lost"
    cover_days: Days = _ZERO
    daily: NonNegative | None = None


class SlotRow(Row):
    """How one facility keeps the stock of one input, where it differs from the recipe's row."""

    identity: ClassVar[tuple[str, ...]] = ("facility", "material")

    facility: Id
    material: Id
    cover_days: Days | None = None
    policy: Literal["base_stock", "s_S", "R_S"] = "base_stock"
    reorder_cover_days: Days | None = None
    review_days: WholeDaysFromOne | None = None
    surge: Unlimited | None = None
    notice_days: DaysFromOne | None = None


class Source(Record):
    """A document that numbers come from."""

    identity: ClassVar[tuple[str, ...]] = ("id",)

    id: Text
    title: Text
    publisher: str = ""
    date: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """The source's id."""
        return self.id


class AllianceMember(Row):
    """Membership of one country in one alliance, from a date until a date."""

    identity: ClassVar[tuple[str, ...]] = ("alliance", "country", "from_date")

    alliance: Id
    country: Text
    from_date: Date | None = None
    until_date: Date | None = None

    @property
    def key(self) -> str:
        """Alliance and country, and the first day where given."""
        parts = (self.alliance, self.country, self.from_date)
        return "/".join(str(part) for part in parts if part is not None)

    def holds(self, on: date | None) -> bool:
        """Whether the country is a member on a date; ``None`` asks for any time."""
        if on is None:
            return True
        began = self.from_date is None or self.from_date <= on
        return began and (self.until_date is None or on <= self.until_date)

    @model_validator(mode="after")
    def _end_after_start(self) -> Self:
        start, end = self.from_date, self.until_date
        if start is not None and end is not None and end < start:
            raise broken("until_date", end, f"must not be before from_date ({start})")
        return self


class Country(Record):
    """A country by its ISO 3166 alpha-3 code, with a point to draw it at."""

    identity: ClassVar[tuple[str, ...]] = ("code",)

    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    name: Text
    lat: Real = Field(ge=-90, le=90)
    lon: Real = Field(ge=-180, le=180)

    @property
    def key(self) -> str:
        """The country's code."""
        return self.code


class Calibration(Row):
    """One comparison of the plan with a published figure; no run depends on it."""

    id: Id
    what: Text
    model_expression: ExpressionKind
    parameters: Text
    published: Real = Field(gt=0)
    unit: Text
    tolerance_pct: Real = Field(ge=0)
    independent: Literal["yes", "by-construction"]

    @property
    def expression(self) -> Expression:
        """What to read off the plan."""
        return parse_expression(self.model_expression, self.parameters)

    @model_validator(mode="after")
    def _parses(self) -> Self:
        parse_expression(self.model_expression, self.parameters)
        return self


AnyRow = Row | Source | Country

#: Row model by table, in the order in which tables are read and reported.
TABLES: Mapping[str, type[AnyRow]] = {
    "materials": Material,
    "facilities": Facility,
    "recipes": RecipeInput,
    "lanes": Lane,
    "demand": Demand,
    "slots": SlotRow,
    "sources": Source,
    "alliances": AllianceMember,
    "countries": Country,
    "calibration": Calibration,
}
#: Tables that a network cannot do without.
REQUIRED_TABLES = ("materials", "facilities", "lanes", "demand")


def holds(annotation: object, wanted: type) -> bool:
    """Whether a field's annotation contains a class, however nested."""
    kind = get_origin(annotation) or annotation
    if isinstance(kind, type) and issubclass(kind, wanted):
        return True
    return any(holds(part, wanted) for part in get_args(annotation))


def number_fields(model: type[Record]) -> frozenset[str]:
    """Names of the fields that take a number or a distribution."""
    fields = model.model_fields.items()
    return frozenset(name for name, info in fields if holds(info.annotation, Distribution))


def real_fields(model: type[Record]) -> frozenset[str]:
    """Names of the fields that take a plain number only."""
    fields = model.model_fields.items()
    found = frozenset(
        name
        for name, info in fields
        if holds(info.annotation, float) or holds(info.annotation, int)
    )
    listed = {name for name, info in fields if holds(info.annotation, tuple)}
    return found - number_fields(model) - profile_fields(model) - listed


def profile_fields(model: type[Record]) -> frozenset[str]:
    """Names of the fields that take a profile."""
    fields = model.model_fields.items()
    return frozenset(name for name, info in fields if holds(info.annotation, Profile))
