"""JSON Schema of scenario files, for editors: all keys, all registered types, inline tables."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from simulator.spec.distributions import DISTRIBUTIONS
from simulator.spec.scenario import ScenarioFile
from simulator.spec.selectors import (
    CountrySet,
    FacilitySelector,
    LaneSelector,
    MaterialSelector,
    Selector,
    Term,
)
from simulator.spec.shock import shock_types
from simulator.spec.tables import REQUIRED_TABLES, TABLES

Schema = dict[str, Any]


def scenario_schema() -> Schema:
    """Give the JSON Schema (draft 2020-12) of scenario files with all registered shock types."""
    kinds = [*DISTRIBUTIONS.values(), *TABLES.values(), *shock_types().values()]
    models: list[type[BaseModel]] = [ScenarioFile, *kinds]
    refs, top = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_Generator
    )
    definitions: Schema = top["$defs"]
    definitions["Number"] = {
        "anyOf": [{"type": "number"}, *(_distribution(refs, name) for name in DISTRIBUTIONS)]
    }
    definitions["Network"] = _network(refs)
    for name, kind in shock_types().items():
        entry = definitions[_name(refs[kind, "validation"])]
        entry["properties"] = {"type": {"const": name}, **entry["properties"]}
        entry["required"] = ["type", *entry.get("required", [])]
    entries = {"oneOf": [refs[kind, "validation"] for kind in shock_types().values()]}
    for name in sorted(_SHORT & set(definitions)):
        definitions[name] = {"anyOf": [_term(name), *_lists(name), definitions[name]]}
    schema: Schema = {
        "$schema": GenerateJsonSchema.schema_dialect,
        **definitions.pop(_name(refs[ScenarioFile, "validation"])),
    }
    _compose(schema, entries)
    schema["properties"]["parameters"]["additionalProperties"] = {"$ref": "#/$defs/Number"}
    for key in ("parameters", "shocks", "measures", "variants"):
        schema["properties"][key]["type"] = ["object", "null"]
    schema["title"] = "paxsim scenario"
    schema["$defs"] = definitions
    finished = _finished(schema)
    return finished if isinstance(finished, dict) else {}


def _compose(schema: Schema, entries: Schema) -> None:
    """Let a file that extends another give parts of entries, and variants parts of anything."""
    part = {"type": ["object", "null"]}
    change = {"type": "object", "not": {"required": ["type"]}}
    partly = {"anyOf": [entries, change, {"type": "null"}]}
    required = schema.pop("required")
    schema["if"] = {"required": ["extends"]}
    schema["then"] = {"properties": _sections(partly)}
    schema["else"] = {"required": required, "properties": _sections(entries)}
    keys = {key: True for key in schema["properties"] if key not in ("extends", "variants")}
    schema["properties"]["variants"]["additionalProperties"] = {
        **part,
        "properties": {**keys, **_sections(partly)},
        "additionalProperties": False,
    }


def _sections(entries: Schema) -> Schema:
    return {key: {"additionalProperties": entries} for key in ("shocks", "measures")}


def _finished(node: object) -> object:
    """Point to the definitions made by hand, and write default numbers as users do."""
    if isinstance(node, list):
        return [_finished(item) for item in node]
    if not isinstance(node, dict):
        return node
    done = {key: _finished(value) for key, value in node.items() if key != "x-ref"}
    if "x-ref" in node:
        done["$ref"] = f"#/$defs/{node['x-ref']}"
    default = node.get("default")
    if isinstance(default, dict) and default.get("distribution") == "constant":
        done["default"] = default["value"]
    return done


#: Definitions of things that may be written short: one name, or a list of names and terms.
_SHORT = frozenset(
    kind.__name__
    for kind in (Selector, FacilitySelector, LaneSelector, MaterialSelector, CountrySet, Term)
)


def _term(name: str) -> Schema:
    if name in (Term.__name__, CountrySet.__name__):
        return {"type": "string"}
    # a mapping of conditions, perhaps with exceptions
    conditions = {key: True for key in (*Term.model_fields, "except")}
    term = {"type": "object", "properties": conditions, "additionalProperties": False}
    return {"anyOf": [{"type": "string"}, term]}


def _lists(name: str) -> list[Schema]:
    if name == Term.__name__:
        return []
    item = {"type": "string"} if name == CountrySet.__name__ else {"$ref": "#/$defs/Term"}
    return [{"type": "array", "items": item, "minItems": 1}]


class _Generator(GenerateJsonSchema):
    """Leaves the definitions that are added by hand in place."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012

    def sort(self, value: Any, parent_key: str | None = None) -> Any:  # noqa: ANN401
        """Keep the order of definition."""
        return value


def _name(ref: Schema) -> str:
    return str(ref["$ref"]).rpartition("/")[2]


def _distribution(refs: Any, name: str) -> Schema:  # noqa: ANN401
    ref: Schema = refs[DISTRIBUTIONS[name], "validation"]
    return {
        "allOf": [ref, {"required": ["distribution"]}],
    }


def _network(refs: Any) -> Schema:  # noqa: ANN401
    tables: Schema = {
        table: {"type": ["array", "null"], "items": refs[model, "validation"]}
        for table, model in TABLES.items()
    }
    inline: Schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, **tables},
        "required": list(REQUIRED_TABLES),
        "additionalProperties": False,
    }
    return {"anyOf": [{"type": "string"}, inline]}
