"""What a scenario means before it is run: calendar, what is touched, uncertain, and first hit.

Everything is worked out from the scenario, the network's plan and the effects of the entries at
their base values; nothing is simulated.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from simulator.report.briefing_cover import FirstEffect, first_effects
from simulator.report.briefing_flows import Touched, touched
from simulator.report.briefing_terms import (
    BranchOutcome,
    LicenceTerm,
    branch_outcomes,
    licence_terms,
)
from simulator.report.briefing_words import distribution_words, percent
from simulator.shocks.export_restriction import ExportRestriction
from simulator.shocks.hazard import Hazard
from simulator.shocks.suspension import Suspension, Tree
from simulator.spec import select_facilities
from simulator.units import date_of, human

if TYPE_CHECKING:
    from simulator.sampling.model import Model
    from simulator.shocks.base import ShockType

_WORDS = {
    "announced": "announced",
    "from": "begins",
    "until": "ends",
    "release": "released",
    "buy_from": "buying begins",
    "reach.from": "reaches foreign-made goods",
}
_YEAR = 365.25


@dataclass(frozen=True)
class Event:
    """A row of the calendar; ``when`` None is any day of the run."""

    when: date | None
    name: str
    kind: str
    what: str


@dataclass(frozen=True)
class Uncertain:
    """An uncertain number of an entry, in words."""

    name: str
    words: str


@dataclass(frozen=True)
class Branching:
    """What may follow, with probabilities: a title, and (share, words) per branch."""

    title: str
    branches: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Briefing:
    """A scenario explained.

    Attributes
    ----------
    name, question, network, period
        What it is.
    warnings
        Findings of the checks that do not stop a run.
    calendar, touched, licences, uncertain, tables, trees, outcomes
        See the classes; ``tables`` counts the uncertain numbers of the network by field.
    first_effects
        Stocks that run short first, by cover arithmetic at base values.
    first_unsuspended
        The same if nothing were suspended; empty where nothing is.
    """

    name: str
    question: str
    network: str
    period: str
    warnings: tuple[str, ...]
    calendar: tuple[Event, ...]
    touched: tuple[Touched, ...]
    licences: tuple[LicenceTerm, ...]
    uncertain: tuple[Uncertain, ...]
    tables: tuple[tuple[str, int, str], ...]
    trees: tuple[Branching, ...]
    outcomes: tuple[BranchOutcome, ...]
    first_effects: tuple[FirstEffect, ...]
    first_unsuspended: tuple[FirstEffect, ...]


def brief(model: Model) -> Briefing:
    """Explain a prepared scenario."""
    scenario = model.scenario
    last = date_of(scenario.horizon_days - 1, scenario.start)
    suspended = any(isinstance(entry, Suspension) for entry in model.entries.values())
    return Briefing(
        name=scenario.name,
        question=scenario.question,
        network=scenario.dataset.name,
        period=f"{scenario.start} to {last} ({scenario.horizon_days:,} days)",
        warnings=tuple(str(problem) for problem in model.warnings),
        calendar=_calendar(model),
        touched=touched(model),
        licences=tuple(licence_terms(model)),
        uncertain=tuple(_uncertain(model)),
        tables=_tables(model),
        trees=tuple(_trees(model)),
        outcomes=tuple(branch_outcomes(model)),
        first_effects=first_effects(model),
        first_unsuspended=first_effects(model, suspended=False) if suspended else (),
    )


def _calendar(model: Model) -> tuple[Event, ...]:
    found = chain.from_iterable(_events(key, entry) for key, entry in model.entries.items())
    inside = model.scenario.start, date_of(model.scenario.horizon_days, model.scenario.start)
    rows = [_marked(event, *inside) for event in found]
    return tuple(sorted(rows, key=lambda e: (e.when or date.max, e.kind, e.name, e.what)))


def _marked(event: Event, start: date, end: date) -> Event:
    if event.when is None or start <= event.when < end:
        return event
    where = "before the start" if event.when < start else "after the end"
    return Event(event.when, event.name, event.kind, f"{event.what} ({where})")


def _events(key: str, entry: ShockType) -> Iterator[Event]:
    section, name = key.split(".", 1)
    kind = section.removesuffix("s")
    label = entry.label()
    dated = False
    for loc, when in entry.walk(date):
        place = ".".join(str(part) for part in loc)
        dated = dated or place == "from"
        yield Event(when, name, kind, f"{_WORDS.get(place, place)}: {label}")
    begin, end = entry.window()
    if isinstance(entry, Hazard):
        yield Event(None, name, kind, f"may come at any time: {label}")
    elif isinstance(entry, ExportRestriction) and entry.lag_days is not None:
        words = f"begins about now (days after: {distribution_words(entry.lag_days)}): {label}"
        yield Event(begin, name, kind, words)
    elif not dated and begin is None:
        yield Event(None, name, kind, label)
    elif end is not None and not any(loc == ("until",) for loc, _ in entry.walk(date)):
        yield Event(end, name, kind, f"over, at base values: {label}")


def _uncertain(model: Model) -> Iterator[Uncertain]:
    for key, entry in model.entries.items():
        for path, number in entry.numbers():
            yield Uncertain(f"{key}.{path}", distribution_words(number))


def _tables(model: Model) -> tuple[tuple[str, int, str], ...]:
    if model.scenario.uncertainty == "none":
        return ()
    fields = Counter(item.field for item in model.network.uncertain)
    grades = Counter((item.field, item.grade or "-") for item in model.network.uncertain)
    return tuple(
        (
            field,
            count,
            ", ".join(f"{n} {grade}" for (f, grade), n in sorted(grades.items()) if f == field),
        )
        for field, count in sorted(fields.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _trees(model: Model) -> Iterator[Branching]:
    for key, entry in model.entries.items():
        name = key.split(".", 1)[1]
        if isinstance(entry, Suspension) and entry.then is not None:
            yield Branching(f"{name} ends on {entry.until}; then", tuple(_branches(entry.then)))
        elif isinstance(entry, Suspension):
            until = entry.until or "stays for good"
            after = f"ends on {until}; then" if entry.until else str(until)
            rows = (("100 %", "restrictions back as written"),) if entry.until else ()
            yield Branching(f"{name} {after}", rows)
        elif isinstance(entry, Hazard):
            yield _hazard(model, name, entry)


def _branches(tree: Tree) -> Iterator[tuple[str, str]]:
    again = tree.renewed.probability if tree.renewed is not None else 0.0
    for name, probability in tree.branches().items():
        words = _branch_words(tree, name)
        if name != "renewed" and 0.0 < again < 1.0:
            words += f"; {percent(probability / (1.0 - again))} of all ends, once not renewed"
        yield percent(probability), words


def _branch_words(tree: Tree, name: str) -> str:
    if name == "renewed" and tree.renewed is not None:
        days = distribution_words(tree.renewed.days)
        return f"renewed, then drawn again; days: {days}"
    if name == "eased" and tree.eased is not None:
        approval, wait = tree.eased.approval, tree.eased.processing_days
        share, days = distribution_words(approval), distribution_words(wait)
        return f"eased licences; share approved: {share}; days until goods move: {days}"
    if name == "lapsed" and tree.lapsed is not None:
        approval = tree.lapsed.approval
        return f"lapsed on paper, licences flow; share approved: {distribution_words(approval)}"
    return "snapped back: restrictions as written"


def _hazard(model: Model, name: str, entry: Hazard) -> Branching:
    scenario = model.scenario
    begin = max(entry.from_ or scenario.start, scenario.start)
    end = date_of(scenario.horizon_days, scenario.start)
    years = max(0, (min(entry.until or end, end) - begin).days) / _YEAR
    rate = entry.annual_rate.base
    if entry.per_facility:
        chosen = select_facilities(scenario.dataset, entry.facilities, entry.from_)
        rate *= len(chosen)
    rows = [(human(rate * years), "events expected in the run, at the base rate")]
    if entry.regularity.bounds == (1.0, 1.0):
        rows.append((percent(1.0 - math.exp(-rate * years)), "at least one"))
    return Branching(f"{name}: {entry.label()}", tuple(rows))
