"""From raw tables of any origin to a checked `Dataset`, with all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from pydantic import ValidationError

from simulator.errors import InputError, Problem
from simulator.spec.countries import iso_countries
from simulator.spec.csv_io import RawTable
from simulator.spec.dataset import Dataset, RowPlace, sort_key, sort_rows
from simulator.spec.document import Place
from simulator.spec.references import Check, Spoiled, check_references
from simulator.spec.tables import TABLES, AnyRow, Country

Locate = Callable[[str, int, ValidationError], list[Problem]]


def assemble(
    name: str,
    tables: Mapping[str, RawTable],
    *,
    graded: bool = False,
    locate: Locate | None = None,
    extra: Sequence[Check] = (),
) -> tuple[Dataset, list[Problem]]:
    """Validate and cross-check tables.

    Parameters
    ----------
    name
        Name of the dataset.
    tables
        Raw tables by name.
    graded
        Whether each row must name a source and a grade.
    locate
        Turns the errors of a row, by table and index, into problems.
    extra
        Further checks across the tables.

    Returns
    -------
    tuple
        The dataset of all rows that could be read, and all problems.
    """
    problems: list[Problem] = []
    good: dict[str, list[tuple[AnyRow, RowPlace]]] = {}
    bad: dict[str, frozenset[tuple[object, ...]]] = {}
    for table, raw in tables.items():
        problems += raw.problems
        rows, lost = _validated(table, raw, problems, locate)
        good[table] = sort_rows(rows)
        bad[table] = lost
    dataset = dataset_of(name, good)
    spoiled = Spoiled(bad)
    return dataset, [*problems, *check_references(dataset, spoiled, graded, extra)]


def dataset_of(name: str, rows: Mapping[str, list[tuple[AnyRow, RowPlace]]]) -> Dataset:
    """Put rows, sorted by key, into a dataset; countries are completed from the packaged list."""
    places = {table: tuple(place for _, place in pairs) for table, pairs in rows.items()}
    content: dict[str, tuple[AnyRow, ...]] = {
        table: tuple(row for row, _ in pairs) for table, pairs in rows.items()
    }
    own = [row for row in content.get("countries", ()) if isinstance(row, Country)]
    codes = {row.code for row in own}
    listed = [row for row in iso_countries().values() if row.code not in codes]
    # own rows keep their place as they come first in the list of places
    content["countries"] = tuple(sorted([*own, *listed], key=sort_key)) if own else tuple(listed)
    if own:
        by_code = dict(zip((row.code for row in own), places["countries"], strict=True))
        blank = RowPlace("", None, {})
        places["countries"] = tuple(by_code.get(row.key, blank) for row in content["countries"])
    return Dataset(name=name, places=places, **content)  # type: ignore[arg-type]


def raise_all(problems: Iterable[Problem]) -> None:
    """Raise one `InputError` with all problems, if there are any."""
    found = tuple({repr(problem): problem for problem in problems}.values())
    if found:
        raise InputError(found)


def _validated(
    table: str, raw: RawTable, problems: list[Problem], locate: Locate | None
) -> tuple[list[tuple[AnyRow, RowPlace]], frozenset[tuple[object, ...]]]:
    model = TABLES[table]
    rows: list[tuple[AnyRow, RowPlace]] = []
    lost: set[tuple[object, ...]] = set()
    if raw.doubtful:
        lost.add((None,) * len(model.identity))
    for index, (values, place) in enumerate(raw.rows):
        try:
            row: AnyRow = model.model_validate(values)
        except ValidationError as error:
            explain = locate or _locator(raw)
            problems += explain(table, index, error)
            lost.add(_raw_key(model.identity, values))
            continue
        if raw.doubtful or index in raw.spoiled:
            lost.add(_raw_key(model.identity, values))
        else:
            rows.append((row, place))
    return rows, frozenset(lost)


def _raw_key(identity: tuple[str, ...], values: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(v if isinstance(v := values.get(name), str) else None for name in identity)


def _locator(raw: RawTable) -> Locate:
    def explain(table: str, index: int, error: ValidationError) -> list[Problem]:
        found: list[Problem] = []
        values, place = raw.rows[index]
        for item in error.errors(include_url=False):
            loc = item["loc"]
            name = str(loc[0]) if loc else ""
            if item["input"] is None and name in raw.absent:
                continue
            key = "/".join(str(values.get(part, "?")) for part in TABLES[table].identity)
            path = ".".join([f"{table}.{key}", *(str(part) for part in loc)])
            cell = place.cells.get(name, Place(None))
            context = item.get("ctx", {})
            rule, remedy = str(context.get("rule", item["msg"])), str(context.get("remedy", ""))
            found.append(
                Problem(path, item["input"], rule, remedy, place.file, place.line, cell.column)
            )
        return found

    return explain
