"""The reference of the scenario language, from the models that read the files."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import simulator.shocks as shocks
from manual.columns import COLUMNS, COMMON
from manual.markdown import docstring, table
from simulator.spec import Distribution, scenario_schema, shock_types
from simulator.spec.distributions import DISTRIBUTIONS
from simulator.spec.numbers import Within
from simulator.spec.scenario import ScenarioFile
from simulator.spec.selectors import Term
from simulator.spec.tables import REQUIRED_TABLES, TABLES

INTRODUCTION: Final = """\
# Reference of the scenario language

Made from the models that read the files: all keys, all types of shocks and measures, all columns
of the tables. [Scenario files](scenario-files.md) is the way in; `paxsim schema` gives the same
as a JSON Schema, with which an editor completes and checks a file.

In the tables, *number* means a bare number or a [distribution](#numbers), within the limits
given; *required* stands where there is no default, and a default of *none* means that the key may
be left out.
"""

NAMES: Final = {
    "Number": "[number](#numbers)",
    "Network": "name, folder or [tables](#tables-of-a-network)",
    "FacilitySelector": "[selector](#selectors) of facilities",
    "LaneSelector": "[selector](#selectors) of lanes",
    "MaterialSelector": "[selector](#selectors) of materials",
    "CountrySet": "[countries](#selectors)",
}
"""What people call the definitions of the schema."""

SELECTORS: Final = """\
A selector is an id, an id with wildcards (`hb_*`), a mapping of the keys below, all of which must
hold, or a list of these, any of which may. `except` takes matches out again: `{any: [{kind:
mine}], except: [mine_baotou]}`. Countries are ISO 3166 alpha-3 codes, names of alliances, or
`all`.
"""

Schema = Mapping[str, Any]


def language_page() -> str:
    """The page, as Markdown."""
    schema = scenario_schema()
    definitions: Schema = schema["$defs"]
    parts = [
        INTRODUCTION,
        "## Keys of a file",
        _fields(ScenarioFile, schema),
        "## Shocks and measures",
        "Every entry has a `type`, and may have a `note` and, for a measure, `cost_usd`: what it"
        " costs over the horizon, for comparisons.",
    ]
    nested: dict[str, None] = {}
    for name, kind in shock_types().items():
        own = definitions[kind.__name__]
        parts += [f"### {name}", docstring(kind.__doc__, "yaml"), _fields(kind, own)]
        nested |= dict.fromkeys(_nested(own, definitions))
    parts += ["## Parts of entries"]
    for name in nested:
        model = part_models()[name]
        parts += [f"### {name}", docstring(model.__doc__), _fields(model, definitions[name])]
    parts += [
        "## Selectors",
        SELECTORS,
        _columns("selectors", Term, definitions["Term"]["anyOf"][-1]),
    ]
    return "\n\n".join([*parts, *_numbers(definitions), *_tables(definitions)]) + "\n"


def part_models() -> dict[str, type[BaseModel]]:
    """Models that stand within entries, by name."""
    modules = (shocks.export_restriction, shocks.reach, shocks.suspension)
    found = [value for module in modules for value in vars(module).values()]
    return {
        value.__name__: value
        for value in found
        if isinstance(value, type) and issubclass(value, BaseModel)
    }


def _nested(schema: Schema, definitions: Schema) -> list[str]:
    """Names of the models within a model, at any depth, in order."""
    found: list[str] = []
    for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema, default=str)):
        if name not in NAMES and name not in found:
            found += [name, *_nested(definitions[name], definitions)]
    return found


def _numbers(definitions: Schema) -> list[str]:
    parts = [
        "## Numbers",
        "Instead of any number, a mapping with the key `distribution` and these keys. `minimum` and"
        " `maximum` clamp any of them.",
    ]
    for name, kind in DISTRIBUTIONS.items():
        own = _fields(kind, definitions[kind.__name__], leave_out=_CLAMPS)
        parts += [f"### {name}", docstring(kind.__doc__), own]
    return parts


_CLAMPS: Final = ("distribution", "minimum", "maximum")


def _tables(definitions: Schema) -> list[str]:
    parts = [
        "## Tables of a network",
        "As CSV files of these names in a folder, or inline as lists of mappings."
        f" Required: {', '.join(f'`{name}`' for name in REQUIRED_TABLES)}. In CSV an uncertain"
        " number `X` stands in columns `X`, `X_low` and `X_high`. All but sources and"
        " countries also have `source_id` (ids of sources, separated by `;`), `grade` (A measured"
        " or official, B reported, C estimate) and `note`. A value *by date* is a mapping such as"
        " `{2025-10-01: 1, 2026-01-01: 1.07}`, in CSV `2025-10-01:1;2026-01-01:1.07`: straight"
        " between dates and constant outside. [The model](model.md) says what each number does.",
    ]
    for name, kind in TABLES.items():
        own = _columns(name, kind, definitions[kind.__name__])
        parts += [f"### {name}", docstring(kind.__doc__), own]
    return parts


def _columns(name: str, model: type[BaseModel], schema: Schema) -> str:
    return _fields(model, schema, leave_out=COMMON, about=COLUMNS[name])


def _fields(
    model: type[BaseModel],
    schema: Schema,
    leave_out: tuple[str, ...] = ("type", "note", "cost_usd"),
    about: Mapping[str, tuple[str, str]] | None = None,
) -> str:
    """A table of the fields of a model; units and meanings are its own, or those given."""
    rows: list[tuple[str, ...]] = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key in leave_out or key not in schema["properties"]:
            continue
        unit, meaning = about[key] if about else _with_unit(field.description or "")
        kind = _kind(schema["properties"][key])
        kind += _limits([field.annotation, *field.metadata])
        default = "required" if field.is_required() else _default(field.get_default())
        rows.append((f"`{key}`", kind, unit, default, meaning))
    if not rows:
        return "It has no keys."
    return _without_empty(("key", "value", "unit", "default", "meaning"), rows)


def _limits(annotation: Iterable[object]) -> str:
    """Limits of a number, at any depth of an annotation."""
    for part in annotation:
        if isinstance(part, Within):
            return "" if part.low == -math.inf else f" {part.rule.removeprefix('must be ')}"
        if found := _limits(get_args(part)):
            return found
    return ""


def _without_empty(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    kept = [i for i in range(len(header)) if any(row[i] for row in rows)]
    return table([header[i] for i in kept], [[row[i] for i in kept] for row in rows])


def _with_unit(description: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?) \[(\w+)\](\.?)", description, flags=re.DOTALL)
    return (found[2], found[1] + found[3]) if found else ("", description)


def _default(value: object) -> str:
    if value is PydanticUndefined or value is None or value in ("", (), {}):
        return "none"
    plain = value.plain() if isinstance(value, Distribution) else value
    plain = plain.plain() if hasattr(plain, "plain") else plain
    if isinstance(plain, bool):
        return f"`{str(plain).lower()}`"
    return f"`{plain:g}`" if isinstance(plain, float) else f"`{plain}`"


def _kind(schema: Schema) -> str:
    """A type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return NAMES.get(name, f"[{name}](#{name.lower()})")
    if "anyOf" in schema:
        kinds = dict.fromkeys(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
        first, *others = kinds
        return f"{first}; or a list" if others == [f"list of {first}"] else " or ".join(kinds)
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"mapping of names to {_kind(inner)}" if isinstance(inner, dict) else "mapping"
    words = {"string": "text", "integer": "whole number", "boolean": "`true` or `false`"}
    limits = [
        f"{sign} {schema[key]:,}"
        for key, sign in (("minimum", ">="), ("exclusiveMinimum", ">"), ("maximum", "<="))
        if key in schema and abs(schema[key]) < 1e15
    ]
    word = "date" if schema.get("format") == "date" else words.get(kind, kind)
    return " ".join([word, " and ".join(limits)]).strip()
