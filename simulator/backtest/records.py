"""Back-tests as plain records: what files and pages are made from, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simulator.backtest.episodes import EPISODES
from simulator.backtest.history import load_sources
from simulator.backtest.priors import Priors
from simulator.backtest.result import SEED, Result
from simulator.provenance import PACKAGE, command_line, versions

Record = dict[str, Any]
DIGITS = 4
"""Significant digits that are kept: libraries differ in the last ones."""


def to_record(results: Sequence[Result], *, seed: int = SEED) -> Record:
    """Everything about some back-tests as JSON could hold it.

    Infinite numbers (a flow that never came back) become the text ``never``, missing ones None.
    """
    count = len(results[0].members) if results else 0
    names = [one.episode.name for one in results]
    if names == [one.name for one in EPISODES]:
        names = []
    used = [str(row["source_id"]) for one in results for row in one.rows]
    used += [source for one in results for source in one.episode.case.source_ids]
    used += [source for one in results for source in _prior_sources(one)]
    sources = load_sources()
    return {
        "package": PACKAGE,
        "versions": versions(),
        "command": command_line(["paxsim", "backtest", *names, "-n", str(count)]),
        "seed": seed,
        "replications": count,
        "episodes": [_episode(one) for one in results],
        "sources": [
            dict(sources[name])
            for name in sorted({part for text in used for part in text.split(";")})
            if name in sources
        ],
    }


def prior_rows(priors: Priors) -> list[Record]:
    """Priors as records, in the order in which they were made."""
    return [
        {
            "name": prior.name,
            "number": _plain(prior.number),
            "values": [{"from": name, "value": _rounded(value)} for name, value in prior.values],
        }
        for prior in priors.numbers.values()
    ]


def _episode(result: Result) -> Record:
    one, case = result.episode, result.episode.case
    return {
        "name": one.name,
        "title": one.title,
        "case": case.name,
        "kind": case.kind,
        "announced": case.announced.isoformat(),
        "effective": case.effective.isoformat(),
        "base_until": one.base_until,
        "known_limits": one.known_limits,
        "priors": prior_rows(result.priors),
        "lumpiness": _rounded(result.priors.lumpiness),
        "months": [_plain(row) for row in result.rows],
        "scores": _plain(result.scores),
        "failures": list(result.failures),
    }


def _prior_sources(result: Result) -> Iterable[str]:
    cases = {name for prior in result.priors.numbers.values() for name, _ in prior.values}
    return (row.source_id for row in result.history.facts if row.case in cases)


def _plain(row: Mapping[str, Any]) -> Record:
    return {name: _rounded(value) for name, value in row.items()}


def _rounded(value: object) -> object:
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "never"
    return float(f"{value:.{DIGITS}g}")
