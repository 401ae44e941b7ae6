"""Which number cites which source: every number of a dataset with its place, grade and sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.spec.dataset import Dataset
from simulator.spec.distributions import Constant, Distribution, Pert
from simulator.spec.profiles import Profile
from simulator.spec.record import Record, plain
from simulator.spec.tables import TABLES, Row, number_fields, profile_fields, real_fields


@dataclass(frozen=True)
class Citation:
    """One number of a table, and where it comes from.

    Attributes
    ----------
    table, key, field
        Which number; ``field`` is empty where a row has no number of its own (a membership).
    value
        The number as text: ``0.9``, ``0.9 (0.8 to 0.97)``, or a profile.
    grade, sources, note
        As the row says.
    file, line
        Where the row stands.
    """

    table: str
    key: str
    field: str
    value: str
    grade: str
    sources: tuple[str, ...]
    note: str
    file: str
    line: int | None


def citations(dataset: Dataset) -> Iterator[Citation]:
    """Give every number of the tables, and every row without numbers that cites a source.

    Yields
    ------
    Citation
        By table, row and field.
    """
    for table, model in TABLES.items():
        if not issubclass(model, Row):
            continue
        names = numeric_fields(model)
        for i, row in enumerate(dataset.rows(table)):
            assert isinstance(row, Row)
            file, line = dataset.where(table, i)
            given = [name for name in names if _is_given(row, name)]
            for name in given or [""]:
                value = number_text(getattr(row, name)) if name else ""
                grade = row.grade or ""
                yield Citation(
                    table, row.key, name, value, grade, row.sources, row.note, file, line
                )


def count_numbers(dataset: Dataset) -> tuple[int, int]:
    """Count the numbers of the tables, and those that lack a grade or a source that exists."""
    known = {row.id for row in dataset.sources}
    numbers = [item for item in citations(dataset) if item.field]
    sound = sum(
        bool(item.grade and item.sources and known.issuperset(item.sources)) for item in numbers
    )
    return len(numbers), len(numbers) - sound


def numeric_fields(model: type[Record]) -> list[str]:
    """Names of the fields that hold numbers or profiles, in order of definition."""
    chosen = number_fields(model) | real_fields(model) | profile_fields(model)
    return [name for name in model.model_fields if name in chosen]


def number_text(value: object) -> str:
    """Write a field for people: a number with its range, a profile, a list, or text."""
    if value is None:
        return ""
    if isinstance(value, Pert):
        return f"{value.mode:.6g} ({value.low:.6g} to {value.high:.6g})"
    if isinstance(value, Constant):
        return f"{value.value:.6g}"
    if isinstance(value, Distribution):
        return str(value.plain())
    if isinstance(value, Profile):
        return ";".join(f"{when}:{amount:.6g}" for when, amount in value.knots)
    if isinstance(value, tuple):
        return ";".join(str(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(plain(value))


def _is_given(row: Row, name: str) -> bool:
    # what a file leaves out is a default of the model, not a number of the data
    value = getattr(row, name)
    return value is not None and name in row.model_fields_set
