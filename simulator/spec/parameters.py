"""``parameters``: replace numbers of the tables by others, or by distributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from simulator.errors import Problem
from simulator.spec.assemble import dataset_of
from simulator.spec.dataset import Dataset, RowPlace, sort_rows
from simulator.spec.distributions import Distribution
from simulator.spec.document import Document, Place
from simulator.spec.messages import did_you_mean
from simulator.spec.numbers import parse_number
from simulator.spec.references import Index, Spoiled, check_references
from simulator.spec.tables import TABLES, AnyRow, SlotRow, number_fields, real_fields

_TABLES = ("materials", "facilities", "recipes", "lanes", "demand", "slots")


@dataclass(frozen=True)
class _Name:
    """``table.key.field``, taken apart; ids contain no dots."""

    table: str
    key: str
    field: str


def apply_parameters(
    dataset: Dataset, parameters: Mapping[str, object], document: Document
) -> tuple[Dataset, dict[str, Distribution], list[Problem]]:
    """Give a dataset with some numbers replaced.

    Parameters
    ----------
    dataset
        A sound dataset.
    parameters
        Numbers as written in the file by ``table.key.field``.
    document
        The scenario file, for places.

    Returns
    -------
    tuple
        The new dataset, the numbers, and what is wrong with them.
    """
    problems: list[Problem] = []
    numbers: dict[str, Distribution] = {}
    changes: dict[tuple[str, str], dict[str, object]] = {}
    places: dict[tuple[str, str], dict[str, Place]] = {}
    for text in sorted(parameters):
        name = _find(dataset, text)
        if not isinstance(name, _Name):
            problems.append(document.problem(("parameters", text), parameters[text], *name))
            continue
        try:
            numbers[text] = parse_number(parameters[text])
        except ValidationError as error:
            problems += document.problems(error, ("parameters", text))
            continue
        row = name.table, name.key
        plain = name.field in real_fields(TABLES[name.table])
        changes.setdefault(row, {})[name.field] = parameters[text] if plain else numbers[text]
        place = document.place(("parameters", text))
        places.setdefault(row, {})[name.field] = place._replace(file=place.file or document.file)
    changed, found = _changed(dataset, changes, places, document)
    problems += found
    if not problems and changes:
        problems += _recheck(dataset, changed, document)
    return changed, numbers, problems


def _find(dataset: Dataset, text: str) -> _Name | tuple[str, str]:
    """Take a name apart, or give the rule it breaks and the remedy."""
    table, _, rest = text.partition(".")
    key, dot, field = rest.rpartition(".")
    form = "write table.key.field, such as recipes.n5/tool_spares.criticality"
    if table not in _TABLES:
        return f"unknown table; {did_you_mean(table, _TABLES, 'known tables')}", form
    if not dot:
        return "must name a table, a key and a field", form
    keys = {row.key for row in dataset.rows(table)}
    if table == "slots":
        keys |= _slot_keys(dataset)
    if key not in keys:
        return f"unknown key {key!r} in {table}; {did_you_mean(key, keys)}", ""
    model = TABLES[table]
    fields = number_fields(model) | real_fields(model)
    if field in fields:
        return _Name(table, key, field)
    if field in model.model_fields:
        return f"{field} is not a number", f"numbers of {table}: {', '.join(sorted(fields))}"
    return f"unknown field {field!r}; {did_you_mean(field, fields, 'numbers')}", ""


def _slot_keys(dataset: Dataset) -> set[str]:
    index = Index(dataset, Spoiled())
    return {f"{row.id}/{name}" for row in dataset.facilities for name in index.inputs(row)}


def _changed(
    dataset: Dataset,
    changes: Mapping[tuple[str, str], Mapping[str, object]],
    places: Mapping[tuple[str, str], Mapping[str, Place]],
    document: Document,
) -> tuple[Dataset, list[Problem]]:
    problems: list[Problem] = []
    tables: dict[str, list[tuple[AnyRow, RowPlace]]] = {}
    pending = dict(changes)
    for table in TABLES:
        pairs: list[tuple[AnyRow, RowPlace]] = []
        for i, row in enumerate(dataset.rows(table)):
            place = dataset.place(table, i)
            new = pending.pop((table, row.key), None)
            if new is not None:
                cells = {**place.cells, **places[table, row.key]}
                row = _with(row, new, (table, row.key), document, problems)
                place = place._replace(cells=cells)
            pairs.append((row, place))
        tables[table] = pairs
    for (table, key), new in pending.items():  # only slots may have no row yet
        facility, _, material = key.partition("/")
        blank = SlotRow(facility=facility, material=material)
        row = _with(blank, new, (table, key), document, problems)
        tables[table].append((row, RowPlace(document.file, None, places[table, key])))
    rows = {table: sort_rows(pairs) for table, pairs in tables.items()}
    return dataset_of(dataset.name, rows), problems


def _with(
    row: AnyRow,
    new: Mapping[str, object],
    where: tuple[str, str],
    document: Document,
    problems: list[Problem],
) -> AnyRow:
    values = {name: getattr(row, name) for name in row.model_fields_set | set(new)}
    try:
        changed: AnyRow = type(row).model_validate({**values, **new})
    except ValidationError as error:
        for item in error.errors(include_url=False):
            field = str(item["loc"][0]) if item["loc"] else next(iter(new))
            path = ("parameters", f"{where[0]}.{where[1]}.{field}")
            rule, remedy = str(item["ctx"]["rule"]), str(item["ctx"]["remedy"])
            if rule == "must be a number" and isinstance(item["input"], Mapping):
                remedy = "this field takes no distribution"
            problems.append(document.problem(path, item["input"], rule, remedy))
        return row
    return changed


def _recheck(before: Dataset, after: Dataset, document: Document) -> list[Problem]:
    """Check the tables again; what is new is due to the parameters."""
    known = {(p.path, p.rule) for p in check_references(before, Spoiled(), graded=False)}
    found = check_references(after, Spoiled(), graded=False)
    return [problem for problem in found if (problem.path, problem.rule) not in known]
