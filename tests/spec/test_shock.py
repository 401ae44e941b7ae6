"""The base of shocks: registry, fields, checks, and the schema made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

import simulator.shocks  # noqa: F401  (registers the types)
from simulator.spec import (
    Date,
    Days,
    FacilitySelector,
    Fraction,
    Record,
    Shock,
    described,
    in_order,
    model_check,
    number,
    scenario_schema,
    shock_types,
)
from simulator.spec.shock import _REGISTRY, parse_shock
from simulator.spec.yaml_io import parse_yaml

VALID = sorted((Path(__file__).resolve().parents[1] / "corpus" / "valid").glob("*.yaml"))


class Branch(Record):
    """A part of an entry."""

    probability: Fraction = described("how likely", default=0.5)


@pytest.fixture
def flood() -> Iterator[type[Shock]]:
    class Flood(Shock, type="flood"):
        """Water."""

        facilities: FacilitySelector = described("which")
        start: Date = described("first day", alias="from")
        until: Date | None = described("last day", default=None)
        severity: Fraction = described("share lost", default=1.0)
        days: Days = described("length", default=3, unit="days")
        then: Mapping[str, Branch] = described("what follows", default={})

        @model_check
        def _dates(self) -> Flood:
            in_order(self.start, self.until)
            return self

    yield Flood
    del _REGISTRY["flood"]


def test_a_subclass_with_a_type_is_registered(flood: type[Shock]) -> None:
    assert shock_types()["flood"] is flood
    assert list(shock_types()) == sorted(shock_types())


def test_a_type_cannot_be_registered_twice(flood: type[Shock]) -> None:
    with pytest.raises(TypeError, match="registered already"):

        class Other(Shock, type="flood"):
            pass


def test_an_entry_is_read_by_the_class_of_its_type(flood: type[Shock]) -> None:
    entry = parse_shock({"type": "flood", "facilities": "a", "from": "2025-10-01"})
    assert isinstance(entry, flood)
    assert entry.severity == number(1)  # type: ignore[attr-defined]
    assert entry.plain() == {
        "type": "flood",
        "facilities": ["a"],
        "from": date(2025, 10, 1),
        "severity": 1,
        "days": 3,
        "then": {},
    }
    assert parse_shock(entry.plain()) == entry


def test_uncertain_numbers_within_parts_are_found(flood: type[Shock]) -> None:
    spread = {"distribution": "uniform", "low": 0, "high": 1}
    entry = parse_shock(
        {
            "type": "flood",
            "facilities": "a",
            "from": "2025-10-01",
            "severity": spread,
            "then": {"dry": {"probability": spread}, "wet": {}},
        }
    )
    assert [path for path, _ in entry.numbers()] == ["severity", "then.dry.probability"]


@pytest.mark.parametrize(
    ("change", "loc", "rule"),
    [
        ({"until": "2025-09-30"}, ("until",), "must not be before the start"),
        ({"from": 5}, ("from",), "must be a date"),
        ({"severity": 2}, ("severity",), "must be between 0 and 1"),
        ({"sevrity": 1}, ("sevrity",), "did you mean 'severity'"),
        ({"then": {"dry": {"p": 1}}}, ("then", "dry", "p"), "unknown key; known keys: probability"),
        ({"type": "flod"}, ("type",), "did you mean 'flood'"),
    ],
)
def test_what_is_wrong_with_an_entry_has_its_place(
    flood: type[Shock], change: dict[str, object], loc: tuple[str, ...], rule: str
) -> None:
    entry = {"type": "flood", "facilities": "a", "from": "2025-10-01", **change}
    with pytest.raises(ValidationError) as caught:
        parse_shock(entry)
    (error,) = caught.value.errors()
    assert error["loc"] == loc
    assert rule in error["msg"]


def test_entries_are_frozen(flood: type[Shock]) -> None:
    entry = parse_shock({"type": "flood", "facilities": "a", "from": "2025-10-01"})
    with pytest.raises(ValidationError):
        entry.note = "x"  # type: ignore[misc]


def _as_json(value: object) -> object:
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def test_the_schema_holds_all_types_and_is_valid_json() -> None:
    schema = scenario_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    assert "x-ref" not in text
    for name in shock_types():
        assert f'"const": "{name}"' in text
    assert schema["else"]["required"] == ["start", "horizon_days"]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_the_schema_takes_every_valid_file(path: Path) -> None:
    document = parse_yaml(path.read_text(), path.name)
    jsonschema.Draft202012Validator(scenario_schema()).validate(_as_json(document.data))


@pytest.mark.parametrize(
    "name", ["header-unknown-key", "row-unknown-key", "shock-unknown-type", "header-horizon-zero"]
)
def test_the_schema_refuses_what_the_reader_refuses(name: str) -> None:
    path = VALID[0].parent.parent / "invalid" / f"{name}.yaml"
    document = parse_yaml(path.read_text(), path.name)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(scenario_schema()).validate(_as_json(document.data))
