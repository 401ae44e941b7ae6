"""Priors of an episode from all other cases, by one rule for each; the case itself is never read.

The rules, with x(m) the index of a series in month m (1: the mean of the months before), and m
counted from the month of effect:

- *wait*, days from effect to the first approved goods: lognormal with mean and standard deviation
  of the logarithms of the first approvals.
- *first*, share of the planned flow that moves from there to day 90: beta by the moments of the
  mean x of those of the months 0 to 2 that begin no earlier than the month of the first approval.
- *later*, share after day 90: beta by the moments of the mean x of the months 3 to 11.
- *lumpiness*: standard deviation of log x within the months 3 to 11, root mean square over series.
- *length* of a ban or an outage: lognormal as for the wait.

Few cases make the spread uncertain too: each is widened so that the middle nine tenths are those of
the next observation after n of a normal variable (Student's t with n - 1 degrees, and 1 + 1/n; Hahn
& Meeker 1991, Statistical Intervals). A beta is never wider than a + b = 1, the size of Jeffreys'
prior.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.backtest.episodes import EPISODES, Case, Episode
from simulator.backtest.history import History
from simulator.errors import invalid

NEW_REGIME_DAYS = 90
"""How long a regime counts as new (policy facts, P11)."""
SMALLEST_SIZE = 1.0
"""Least a + b of a beta prior."""
NOTICE_DAYS = 7
"""A shorter notice leaves no time to hoard."""
HOARDING = {"distribution": "pert", "low": 1.0, "mode": 1.2, "high": 1.5}
"""Multiple of target covers during a notice: an analyst-estimate, as in china-october-2025. In no
two cases was there both a notice and a series, so leaving one out leaves no evidence."""

_Z95 = 1.6448536269514722


@dataclass(frozen=True)
class Prior:
    """A prior, and what it rests on.

    Attributes
    ----------
    name
        One of wait, first, later, length, hoarding.
    number
        Distribution as scenario files write it.
    values
        Observations that it is made from, by where they come from; empty for an estimate of ours.
    """

    name: str
    number: dict[str, object]
    values: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Priors:
    """Everything a forecast of a case assumes.

    Attributes
    ----------
    numbers
        Priors by name.
    lumpiness
        Standard deviation of the logarithm of single months around the flow of the regime.
    """

    numbers: dict[str, Prior]
    lumpiness: float


def priors_for(case: Case, history: History) -> Priors:
    """Priors of a case from all others.

    Parameters
    ----------
    case
        Left out: its rows may be missing, or anything at all.
    history
        What is known of all cases.

    Raises
    ------
    InputError
        If the others tell nothing.
    """
    known = history.without(case.name)
    lumps, numbers = _lumpiness(known), dict[str, Prior]()
    if case.kind == "licence":
        numbers["wait"] = _lognormal("wait", _facts(known, "first_approval"))
        numbers["first"] = _beta("first", _shares(known, 0))
        numbers["later"] = _beta("later", _shares(known, 1))
        if (case.effective - case.announced).days >= NOTICE_DAYS:
            numbers["hoarding"] = Prior("hoarding", dict(HOARDING))
    else:
        numbers["length"] = _lognormal("length", _facts(known, case.kind))
    return Priors(numbers, 0.0 if case.kind == "outage" else lumps)


def indices(history: History, one: Episode) -> dict[str, float]:
    """Series of an episode as an index by month; 1 is the mean of the months before.

    Raises
    ------
    InputError
        If nothing is known of the level before.
    """
    months = history.series(one.series)
    before = [row.value for month, row in months.items() if month <= one.base_until]
    if not before or not sum(before) > 0.0:
        rule = f"must hold a month of {one.series} up to {one.base_until}"
        raise invalid("monthly.csv", None, rule, "the index needs a level before")
    base = float(np.mean(before))
    return {month: row.value / base for month, row in months.items()}


def months_between(first: str, second: str) -> int:
    """Months from one to the other, both such as ``2023-08``."""
    (year, month), (later_year, later_month) = (map(int, m.split("-")) for m in (first, second))
    return 12 * (later_year - year) + later_month - month


def month_of(case: Case) -> str:
    """Calendar month of the effect."""
    return f"{case.effective:%Y-%m}"


def _facts(history: History, kind: str) -> list[tuple[str, float]]:
    return [(row.case, row.value) for row in history.facts_of(kind)]


def _shares(history: History, part: int) -> list[tuple[str, float]]:
    """Mean index by series: of the first quarter once goods move (0), and after it (1)."""
    found = []
    for one, by_month in _licensed(history):
        moving = 0
        if part == 0:
            waits = [r.value for r in history.facts_of("first_approval") if r.case == one.case.name]
            first = min(waits, default=0.0) + (one.case.effective.day - 1)
            moving = int(first // 30)  # month of the first approval
        span = range(moving, 3) if part == 0 else range(3, 12)
        values = [x for m, x in by_month.items() if m in span]
        if values:
            found.append((one.series, float(np.mean(values))))
    return found


def _lumpiness(history: History) -> float:
    variances = []
    for _, by_month in _licensed(history):
        logs = [math.log(x) for m, x in by_month.items() if 3 <= m < 12 and x > 0.0]
        if len(logs) > 2:
            variances.append(float(np.var(logs, ddof=1)))
    if not variances:
        raise invalid("monthly.csv", None, "must hold a series of another licence", "add one")
    return math.sqrt(float(np.mean(variances)))


def _licensed(history: History) -> Iterable[tuple[Episode, dict[int, float]]]:
    """Episodes of licences that history knows of, with their index by month since effect."""
    for one in EPISODES:
        if one.case.kind != "licence" or one.is_part or not history.series(one.series):
            continue
        start = month_of(one.case)
        index = indices(history, one)
        yield (
            one,
            {months_between(start, month): x for month, x in index.items() if month <= one.last},
        )


def _lognormal(name: str, values: Sequence[tuple[str, float]]) -> Prior:
    mean, spread = _moments(name, np.log([_positive(name, value) for _, value in values]))
    median, p95 = math.exp(mean), math.exp(mean + _Z95 * spread)
    number = {"distribution": "lognormal", "median": round(median, 1), "p95": round(p95, 1)}
    return Prior(name, dict(number), tuple(values))


def _beta(name: str, values: Sequence[tuple[str, float]]) -> Prior:
    mean, spread = _moments(name, np.clip([value for _, value in values], 0.01, 1.0))
    mean = min(mean, 0.99)
    size = max(mean * (1.0 - mean) / max(spread, 0.01) ** 2 - 1.0, SMALLEST_SIZE)
    a, b = mean * size, (1.0 - mean) * size
    return Prior(name, {"distribution": "beta", "a": round(a, 4), "b": round(b, 4)}, tuple(values))


def _moments(name: str, values: object) -> tuple[float, float]:
    from scipy.stats import t

    found = np.asarray(values, dtype=np.float64)
    if found.size < 2:
        rule = f"other cases must give at least two values for {name!r}, not {found.size}"
        raise invalid("evidence.csv and monthly.csv", None, rule, "add a case")
    widening = float(t.ppf(0.95, found.size - 1)) / _Z95 * math.sqrt(1.0 + 1.0 / found.size)
    return float(found.mean()), float(found.std(ddof=1)) * widening


def _positive(name: str, value: float) -> float:
    if not value > 0.0:
        raise invalid(f"evidence.csv: {name}", value, "must be above 0 days")
    return value
