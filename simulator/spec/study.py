"""Study files: scenarios x levers x replications, checked like scenario files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from simulator.errors import Problem
from simulator.spec.assemble import raise_all
from simulator.spec.distributions import Distribution, Uniform
from simulator.spec.document import Document
from simulator.spec.load import find_scenario, split_variant
from simulator.spec.numbers import parse_number
from simulator.spec.record import Id, Real, Record, Text, Whole, broken, plain
from simulator.spec.scenario import DEFAULT_REPLICATIONS, DEFAULT_SEED, Entries
from simulator.spec.yaml_io import dump_yaml, parse_yaml, read_text

MOST_CELLS = 100_000
_FIXED = ("seed", "replications", "name", "extends", "variants")
_FORM = "write a list of values, {low: 0, high: 1, levels: 5}, or a distribution"


def _some(value: object) -> object:
    return [value] if isinstance(value, str) else value


class RangeFile(Record):
    """A lever given by its range."""

    low: Real
    high: Real
    levels: Whole | None = Field(None, ge=2, le=1000, description="Steps in a grid.")

    @model_validator(mode="after")
    def _in_order(self) -> RangeFile:
        if self.low >= self.high:
            raise broken("high", self.high, f"must be > low ({self.low:g})")
        return self


class StudyFile(Record):
    """Keys of a study file; levers are validated on their own."""

    name: Id | None = Field(None, description="Name; the file's name by default.")
    question: str = Field("", description="The question that the study answers.")
    scenarios: Annotated[tuple[Text, ...], BeforeValidator(_some)] = Field(
        min_length=1, description="Names or files of scenarios, also file.yaml#variant."
    )
    set: Entries = Field(default={}, description="Values set in every cell, by dotted path.")
    levers: Entries = Field(default={}, description="What differs between cells, by dotted path.")
    design: Literal["grid", "list", "random", "lhs", "sobol"] = Field(
        "grid", description="How values of the levers are combined."
    )
    cells: Whole | None = Field(
        None, ge=1, le=MOST_CELLS, description="Design points of random, lhs and sobol."
    )
    points: tuple[dict[str, object], ...] = Field(
        (), description="Design points of a list: values by dotted path."
    )
    replications: Whole = Field(
        DEFAULT_REPLICATIONS, ge=1, le=10_000_000, description="Replications of every cell."
    )
    seed: Whole = Field(DEFAULT_SEED, ge=0, le=2**63 - 1, description="Seed of all draws.")
    notes: str = Field("", description="Free text.")

    @model_validator(mode="after")
    def _fits_its_design(self) -> StudyFile:
        sampled = self.design in ("random", "lhs", "sobol")
        if sampled and self.cells is None:
            raise broken("cells", None, f"must be given for a {self.design} design", "cells: 64")
        if not sampled and self.cells is not None:
            raise broken("cells", self.cells, f"has no effect on a {self.design}", "remove it")
        if self.design == "sobol" and self.cells is not None and self.cells & (self.cells - 1):
            lower = 1 << (self.cells.bit_length() - 1)
            rule = f"must be a power of 2 for sobol, such as {lower} or {2 * lower}"
            raise broken("cells", self.cells, rule)
        if (self.design == "list") != bool(self.points):
            remedy = "points: [{horizon_days: 365}, {horizon_days: 730}]"
            raise broken("points", None, "must be given for a list, and for a list only", remedy)
        if self.design == "list" and self.levers:
            raise broken("levers", None, "has no effect on a list", "write the values as points")
        if sampled and not self.levers:
            raise broken("levers", None, f"must be given for a {self.design} design", _FORM)
        return self


@dataclass(frozen=True)
class Lever:
    """What one lever may be: some values, or a distribution (with steps for a grid)."""

    values: tuple[object, ...] = ()
    number: Distribution | None = None
    levels: int | None = None


@dataclass(frozen=True)
class StudySpec:
    """A validated study file.

    Attributes
    ----------
    name, question, design, replications, seed
        As in the file.
    scenarios
        Names, or paths that can be opened from the current folder.
    common
        Values set in every cell, by dotted path.
    levers
        By dotted path, sorted.
    cells
        Design points of a sampled design.
    points
        Design points of a list.
    document
        The file, for messages about its scenarios.
    """

    name: str
    question: str
    scenarios: tuple[str, ...]
    common: Mapping[str, object]
    levers: Mapping[str, Lever]
    design: str
    cells: int
    points: tuple[Mapping[str, object], ...]
    replications: int
    seed: int
    document: Document

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's content."""
        text = json.dumps(self.document.data, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_yaml(self) -> str:
        """Write the file's content, without its comments."""
        data = self.document.data
        return dump_yaml(data if isinstance(data, dict) else {})


def load_study(path: Path) -> StudySpec:
    """Read and check a study file.

    Raises
    ------
    InputError
        With every problem found in it; its scenarios are checked when they are loaded.
    """
    document = parse_yaml(read_text(path, str(path)), str(path))
    problems: list[Problem] = []
    try:
        file = StudyFile.model_validate(document.data)
    except ValidationError as error:
        problems += document.problems(error)
        raise_all(problems)
        raise AssertionError from error
    levers = {name: _lever(document, name, file, problems) for name in sorted(file.levers)}
    for index, point in enumerate(file.points):
        problems += _fixed(document, ("points", index), point)
    problems += _fixed(document, ("set",), file.set) + _fixed(document, ("levers",), levers)
    scenarios = [
        _scenario(document, path.parent, index, name, problems)
        for index, name in enumerate(file.scenarios)
    ]
    raise_all(problems)
    return StudySpec(
        name=file.name or path.stem,
        question=file.question or document.comment,
        scenarios=tuple(scenarios),
        common=dict(sorted(file.set.items())),
        levers={name: lever for name, lever in levers.items() if lever is not None},
        design=file.design,
        cells=file.cells or 0,
        points=file.points,
        replications=file.replications,
        seed=file.seed,
        document=document,
    )


def _lever(document: Document, name: str, file: StudyFile, problems: list[Problem]) -> Lever | None:
    given, where = file.levers[name], ("levers", name)
    if isinstance(given, list):
        if not given:
            problems.append(document.problem(where, given, "must have a value", _FORM))
        return Lever(values=tuple(given))
    if not isinstance(given, dict):
        problems.append(document.problem(where, given, "is a single value", _FORM))
        return None
    try:
        if "distribution" in given:
            lever = Lever(number=parse_number(given))
        else:
            ends = RangeFile.model_validate(given)
            lever = Lever(number=Uniform(low=ends.low, high=ends.high), levels=ends.levels)
    except ValidationError as error:
        problems += document.problems(error, where)
        return None
    if file.design == "grid" and lever.levels is None:
        rule = "must be a list of values or have levels in a grid"
        problems.append(document.problem(where, plain(given), rule, "levels: 5"))
    if file.design != "grid" and lever.levels is not None:
        rule = f"has no effect on a {file.design} design"
        problems.append(document.problem((*where, "levels"), lever.levels, rule, "remove it"))
    return lever


def _fixed(
    document: Document, where: tuple[str | int, ...], paths: Mapping[str, object]
) -> list[Problem]:
    rule = "is that of the whole study, so that its cells share their random numbers"
    return [
        document.problem((*where, path), None, rule, "give seed and replications at the top")
        for path in paths
        if path in _FIXED
    ]


def _scenario(
    document: Document, folder: Path, index: int, name: str, problems: list[Problem]
) -> str:
    """A scenario as it can be opened from here: files are looked for beside the study first."""
    stem, variant = split_variant(name, folder)
    beside = folder / str(stem)
    if beside.is_file():
        return f"{beside}#{variant}" if variant else str(beside)
    try:
        path, _ = find_scenario(str(stem))
        if path.is_file():
            return name
        rule = "no such scenario file beside the study"
    except Exception as error:
        rule = str(error).partition(": ")[2]
    problems.append(document.problem(("scenarios", index), name, rule))
    return name
