"""Scenario files: a network, a period, what happens in it, and what is done about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema, model_validator

from simulator.errors import InputError, Problem
from simulator.spec.assemble import raise_all
from simulator.spec.composition import EXTENDS, VARIANTS, Source, compose
from simulator.spec.dataset import Dataset
from simulator.spec.distributions import Distribution
from simulator.spec.document import Document, undotted
from simulator.spec.messages import did_you_mean
from simulator.spec.network_field import resolve_network
from simulator.spec.overrides import apply_overrides
from simulator.spec.parameters import apply_parameters
from simulator.spec.record import Date, Id, Location, Record, Text, Whole, broken, plain
from simulator.spec.selection import Finding, country_findings, selector_findings
from simulator.spec.selectors import CountrySet, Selector
from simulator.spec.shock import Shock, parse_shock
from simulator.spec.tables import Ids
from simulator.spec.yaml_io import dump_yaml, parse_yaml, read_text

DEFAULT_SEED = 20251009
DEFAULT_REPLICATIONS = 1000
_FIRST, _LAST = date(1990, 1, 1), date(2100, 12, 31)


def _mapping(value: object) -> object:
    # a key whose entries are all commented out holds nothing
    return {} if value is None else value


Entries = Annotated[dict[str, object], BeforeValidator(_mapping)]


class ScenarioFile(Record):
    """Keys of a scenario file; the network and the entries are validated on their own."""

    name: Id | None = Field(None, description="Name; the file's name by default.")
    question: str = Field("", description="The question that the scenario answers.")
    network: Annotated[object, WithJsonSchema({"x-ref": "Network"})] = Field(
        "alliance", description="Name of a packaged network, a folder of CSV tables, or tables."
    )
    start: Date = Field(description="First day of the runs.")
    horizon_days: Whole = Field(ge=1, le=36525, description="Length of a run [days].")
    seed: Whole = Field(DEFAULT_SEED, ge=0, le=2**63 - 1, description="Seed of all draws.")
    replications: Whole = Field(
        DEFAULT_REPLICATIONS, ge=1, le=10_000_000, description="Number of runs by default."
    )
    outcome: Ids | None = Field(None, description="Materials whose output is measured.")
    parameters: Entries = Field(default={}, description="Numbers of the tables to replace.")
    uncertainty: Literal["full", "none"] = Field(
        "full", description="none keeps all numbers of the tables at their base values."
    )
    shocks: Entries = Field(default={}, description="What happens, by name.")
    measures: Entries = Field(default={}, description="What is done about it, by name.")
    notes: str = Field("", description="Free text.")
    extends: Text | None = Field(
        None, description="Another scenario, by name or path, that this file changes."
    )
    variants: Entries = Field(default={}, description="Named changes of this file.")

    @model_validator(mode="after")
    def _in_our_time(self) -> ScenarioFile:
        if not _FIRST <= self.start <= _LAST:
            raise broken("start", self.start, f"must be between {_FIRST} and {_LAST}")
        return self


@dataclass(frozen=True)
class Scenario:
    """A validated scenario with its network.

    Attributes
    ----------
    name, question
        What it is called and what it answers.
    dataset
        The network, with ``parameters`` applied.
    start, horizon_days
        First day and length of the runs.
    seed, replications
        Defaults of a study.
    outcome
        Materials whose output is measured; ``None`` leaves the choice to the network.
    uncertainty
        ``"full"``, or ``"none"`` to keep all numbers of the tables at their base values.
    parameters
        Numbers that replace those of the tables, by ``table.key.field``.
    shocks, measures
        Entries by name, sorted.
    network
        The network as given: a packaged name, or the tables before ``parameters``.
    path
        File it was read from.
    """

    name: str
    question: str
    dataset: Dataset
    start: date
    horizon_days: int
    seed: int = DEFAULT_SEED
    replications: int = DEFAULT_REPLICATIONS
    outcome: tuple[str, ...] | None = None
    uncertainty: Literal["full", "none"] = "full"
    parameters: Mapping[str, Distribution] = field(default_factory=dict)
    shocks: Mapping[str, Shock] = field(default_factory=dict)
    measures: Mapping[str, Shock] = field(default_factory=dict)
    notes: str = ""
    network: str | Dataset = "alliance"
    path: Path | None = field(default=None, compare=False)
    document: Document | None = field(default=None, compare=False, repr=False)

    def __repr__(self) -> str:  # the fields hold every table of the network
        entries = len(self.shocks) + len(self.measures)
        days = f"{self.horizon_days:,} days from {self.start}"
        return f"<Scenario {self.name}: {days}, {entries} shocks and measures>"

    def to_yaml(self) -> str:
        """Write the scenario with all values explicit; the text loads to an equal scenario.

        A packaged network stays a name. Tables from a folder or from the file itself are written
        out, so that the text stands on its own.
        """
        tables = self.network if isinstance(self.network, str) else _tables(self.network)
        return dump_yaml(self._content(tables))

    def _content(self, network: object) -> dict[str, object]:
        content: dict[str, object] = {
            "name": self.name,
            "question": self.question,
            "network": network,
            "start": self.start,
            "horizon_days": self.horizon_days,
            "seed": self.seed,
            "replications": self.replications,
            "outcome": None if self.outcome is None else list(self.outcome),
            "uncertainty": self.uncertainty,
            "parameters": {name: plain(value) for name, value in self.parameters.items()},
            "shocks": {name: entry.plain() for name, entry in self.shocks.items()},
            "measures": {name: entry.plain() for name, entry in self.measures.items()},
            "notes": self.notes,
        }
        return {key: value for key, value in content.items() if value not in (None, "", {})}

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the resolved YAML, in which tables stand by their own checksum."""
        network = self.network if isinstance(self.network, str) else self.network.checksum
        return hashlib.sha256(dump_yaml(self._content(network)).encode()).hexdigest()

    def problem(
        self, path: str | Sequence[str | int], value: object, rule: str, remedy: str = ""
    ) -> Problem:
        """Describe something wrong in the scenario, with file, line and column where known.

        Parameters
        ----------
        path
            Place in the file, such as ``"shocks.october.until"``.
        value, rule, remedy
            As in `Problem`.
        """
        parts = tuple(path.split(".")) if isinstance(path, str) else tuple(path)
        document = self.document or Document(None, "")
        found = document.problem(parts, value, rule, remedy)
        return found if self.document else Problem(found.path, value, rule, remedy)

    def located(self, problem: Problem) -> Problem:
        """Give a problem of an entry, found after validation, its file, line and column.

        Its path is as `Problem` writes it; short forms of selectors in the file are followed.
        """
        if problem.file or self.document is None:
            return problem
        parts = undotted(problem.path)
        path = self.document.fit(parts[:2], parts[2:])
        found = self.document.problem(path, problem.value, problem.rule, problem.remedy)
        return replace(found, path=problem.path)


@dataclass(frozen=True)
class ScenarioInfo:
    """What a list of scenarios shows."""

    name: str
    question: str
    horizon_days: int
    path: Path


def parse_scenario(
    text: str,
    *,
    file: str = "scenario",
    folder: Path | None = None,
    overrides: Mapping[str, str] | Sequence[str] = (),
    path: Path | None = None,
    variant: str | None = None,
) -> Scenario:
    """Validate the text of a scenario file.

    Parameters
    ----------
    text
        YAML.
    file
        Name of the file in messages.
    folder
        Where a network's folder is looked for; the current one by default.
    overrides
        See `load_scenario`.
    path
        Where the text came from.
    variant
        Name of one of the file's ``variants``.

    Raises
    ------
    InputError
        With every problem in the file and in the tables.
    """
    document = compose(parse_yaml(text, file), Source(folder or Path(), path), variant)
    return scenario_of(document, folder=folder, overrides=overrides, path=path)


def scenario_of(
    document: Document,
    *,
    folder: Path | None = None,
    overrides: Mapping[str, str] | Sequence[str] = (),
    path: Path | None = None,
) -> Scenario:
    """Validate a composed scenario file, into which the overrides are put; see `parse_scenario`."""
    problems = apply_overrides(document, overrides, ScenarioFile.keys())
    problems += _too_late(document)
    raw = document.data
    if not isinstance(raw, dict):
        remedy = "write keys such as network, start and horizon_days"
        raise InputError((document.problem((), raw, "must be a mapping of keys", remedy),))
    header = _header(document, problems)
    network, dataset, found = resolve_network(document, folder or Path())
    problems += found
    shocks, measures = _entries(document, problems)
    parameters: dict[str, Distribution] = {}
    if dataset is not None and not found:
        given = raw.get("parameters") or {}
        if isinstance(given, dict):
            dataset, parameters, wrong = apply_parameters(dataset, given, document)
            problems += wrong
        for section, entries in (("shocks", shocks), ("measures", measures)):
            for name, entry in entries.items():
                problems += _check_entry(document, dataset, (section, name), entry)
        if header is not None:
            problems += _check_outcome(document, dataset, header)
    raise_all(problems)
    assert header is not None
    assert dataset is not None
    return Scenario(
        name=header.name or (path.stem if path else "scenario"),
        question=header.question or document.comment,
        dataset=dataset,
        start=header.start,
        horizon_days=header.horizon_days,
        seed=header.seed,
        replications=header.replications,
        outcome=header.outcome,
        uncertainty=header.uncertainty,
        parameters=parameters,
        shocks=shocks,
        measures=measures,
        notes=header.notes,
        network=network,
        path=path,
        document=document,
    )


def scenario_info(path: Path, shown: str) -> ScenarioInfo:
    """Read the name, question and horizon of a scenario file, without its network."""
    document = compose(parse_yaml(read_text(path, shown), shown), Source(path.parent, path))
    problems: list[Problem] = []
    header = _header(document, problems)
    raise_all(problems)
    assert header is not None
    question = header.question or document.comment
    return ScenarioInfo(header.name or path.stem, question, header.horizon_days, path)


def _header(document: Document, problems: list[Problem]) -> ScenarioFile | None:
    try:
        return ScenarioFile.model_validate(document.data)
    except ValidationError as error:
        problems += document.problems(error)
        return None


def _too_late(document: Document) -> list[Problem]:
    """Report overrides of keys that are worked in before overrides are."""
    raw = document.data if isinstance(document.data, dict) else {}
    return [
        document.problem((key,), None, "cannot be set", f"give it in the file, or {remedy}")
        for key, remedy in ((EXTENDS, "copy the file"), (VARIANTS, "name one as file.yaml#variant"))
        if key in raw
    ]


def _entries(
    document: Document, problems: list[Problem]
) -> tuple[dict[str, Shock], dict[str, Shock]]:
    found: dict[str, dict[str, Shock]] = {"shocks": {}, "measures": {}}
    taken: set[str] = set()
    for section, entries in found.items():
        given = document.at((section,))
        raw: dict[str, object] = given if isinstance(given, dict) else {}
        for name in sorted(raw):
            where: Location = (section, name)
            if name in taken:
                rule = "a shock has this name already"
                problems.append(document.problem(where, None, rule, "choose another"))
            taken.add(name)
            if not name or not all(c.isalnum() or c in "_-" for c in name):
                rule = "a name must have letters, digits, '_' and '-' only"
                problems.append(document.problem(where, None, rule, "such as october-2025"))
            try:
                entry = entries[name] = parse_shock(raw[name])
            except ValidationError as error:
                problems += document.problems(error, where)
                continue
            if section == "shocks" and entry.cost_usd is not None:
                cost: Location = (*where, "cost_usd")
                rule = "is what a measure costs, and this is a shock"
                problems.append(document.problem(cost, None, rule, "remove it"))
    return found["shocks"], found["measures"]


#: What a plain `Selector` selects, by the name of its field.
_TARGETS = {
    "facilities": "facilities",
    "hubs": "facilities",
    "lanes": "lanes",
    "materials": "materials",
}


def _check_entry(
    document: Document, dataset: Dataset, where: Location, entry: Shock
) -> list[Problem]:
    findings: list[tuple[Location, list[Finding]]] = []
    for loc, selector in entry.walk(Selector):
        target = selector.target or _TARGETS.get(str(loc[-1]), "")
        if target:
            findings.append((loc, selector_findings(dataset, selector, target)))
    for loc, countries in entry.walk(CountrySet):
        findings.append((loc, country_findings(dataset, countries, None)))
    return [
        document.problem(document.fit(where, (*loc, *inner)), value, rule, remedy)
        for loc, found in findings
        for inner, value, rule, remedy in found
    ]


def _check_outcome(document: Document, dataset: Dataset, header: ScenarioFile) -> list[Problem]:
    known = [row.id for row in dataset.materials]
    return [
        document.problem(("outcome", i), name, f"unknown material; {did_you_mean(name, known)}")
        for i, name in enumerate(header.outcome or ())
        if name not in known
    ]


def _tables(dataset: Dataset) -> dict[str, object]:
    tables = {table: rows for table, rows in dataset.plain().items() if rows}
    return {"name": dataset.name, **tables}
