"""What the spread of an outcome comes from: variance shares of groups, and of single inputs.

Two independent samples A and B of all inputs are drawn by two seeds. They double as a plain sample,
from which every single input is screened. Then each group in turn is taken from B while all else
stays as in A (Saltelli), which gives its first-order and total Sobol index, with events and
parameters as two groups of their own.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from simulator.errors import StuckError, UsageError
from simulator.experiment.input_groups import EVENTS, PARAMETERS, REST
from simulator.experiment.monte_carlo import OnProgress, Progress, choose_executor
from simulator.experiment.replication import DRAW, Replication
from simulator.experiment.saltelli import DesignJob, Sampled, SampledJob, Y
from simulator.metrics.given_data import given_data
from simulator.metrics.outcome import FloatArray
from simulator.sampling.streams import EVENT, PARAMETER

CONFIDENCE = 0.95
SIGNIFICANT = 0.05
_RESAMPLES = 400


@dataclass(frozen=True)
class Sensitivity:
    """Result of a sensitivity study.

    Attributes
    ----------
    groups
        One row per group: ``first_order`` and ``total`` with 95 % intervals, sorted by total.
    shares
        The same for all events and all parameters; empty where there is only one of the two.
    inputs
        One row per single input: estimates of `given_data`.
    mean, sd
        Of the outcome.
    runs
        Evaluations made.
    """

    groups: pd.DataFrame
    shares: pd.DataFrame
    inputs: pd.DataFrame
    mean: float
    sd: float
    runs: int


@dataclass
class _Work:
    """Who computes, and how far they are."""

    workers: int | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    on_progress: OnProgress | None = None
    total: int = 0
    done: int = 0

    def run(self, job: DesignJob, numbers: Sequence[int]) -> dict[int, Replication]:
        here, found = job.start(), dict[int, Replication]()

        def take(batch: Sequence[Replication]) -> None:
            found.update({result.number: result for result in batch})
            self.done += len(batch)
            if self.on_progress is not None:
                self.on_progress(Progress(self.done, 0, max(self.total, self.done)))

        # The second batch tells how long a point takes; the first may have to compile the engine.
        size, seconds = min(here.batch_size, len(numbers)), 0.0
        trials = numbers[: 2 * size]
        for first in range(0, len(trials), size):
            clock = time.perf_counter()
            take(here.batch(trials[first : first + size]))
            seconds = (time.perf_counter() - clock) / size
        rest = numbers[len(trials) :]
        executor, _ = choose_executor(job, len(rest), seconds, self.workers)
        for batch in executor.run(job, here, rest, self.stop) if rest else ():
            take(batch)
        if self.stop.is_set():
            raise KeyboardInterrupt
        failed = sorted(number for number, result in found.items() if result.error)
        if failed:
            points = sorted({number % job.count for number in failed})
            names = ", ".join(str(point) for point in points[:5])
            raise StuckError(
                f"{len(failed):,} of {len(found):,} runs failed (points {names}), which "
                f"indices cannot do without: {found[failed[0]].error}"
            )
        return found


def sensitivity(
    function: SampledJob,
    count: int,
    seed: int,
    *,
    most_groups: int = 12,
    workers: int | None = None,
    stop: threading.Event | None = None,
    on_progress: OnProgress | None = None,
) -> Sensitivity:
    """Screen all inputs, and give first-order and total Sobol indices of the groups that matter.

    Parameters
    ----------
    function
        A scenario's outcome, or any function of named uniforms.
    count
        Points of each of the two samples: a power of two. ``(groups + 4) * count`` runs are made.
    seed
        The only source of randomness.
    most_groups
        So many groups of parameters, those that matter most in the screening, get indices of their
        own; the others count together as one. All groups of events do.
    workers
        Never change a result.
    stop, on_progress
        As in `Study.compute`.

    Raises
    ------
    UsageError
        If ``count`` is no power of two, or the metric unknown.
    StuckError
        If a run fails, or the outcome does not vary.
    """
    if count < 2 or count & (count - 1):
        raise UsageError(f"-n {count}: must be a power of 2, such as 128 or 1024")
    work = _Work(workers, stop or threading.Event(), on_progress, total=(most_groups + 4) * count)
    plain = work.run(DesignJob(function, seed, count), range(2 * count))
    outcomes = np.array([plain[n].values[Y] for n in range(2 * count)], dtype=np.float64)
    if outcomes.min() == outcomes.max():
        raise StuckError(f"the outcome is {outcomes[0]:g} in all runs: there is nothing to explain")
    sampled = function.sampled()
    inputs = _screen([plain[n].values for n in range(2 * count)], outcomes, sampled)
    kept = _kept(inputs, most_groups)
    parameters = set(inputs.loc[inputs["purpose"] == PARAMETER, "group"])
    names = [*kept, *([REST] if parameters - set(kept) else [])]
    both = inputs["purpose"].nunique() > 1
    names += [EVENTS, PARAMETERS] if both else []
    job = DesignJob(function, seed, count, frozenset(kept), tuple(names))
    work.total = (len(job.matrices) + 2) * count
    mixed = work.run(job, range(2 * count, work.total))
    table = _indices(outcomes, mixed, job)
    table["inputs"] = [_size(name, inputs, kept) for name in table["group"]]
    whole = table["group"].isin((EVENTS, PARAMETERS))
    return Sensitivity(
        groups=table[~whole].sort_values("total", ascending=False).reset_index(drop=True),
        shares=table[whole].reset_index(drop=True),
        inputs=inputs,
        mean=float(outcomes.mean()),
        sd=float(outcomes.std(ddof=1)),
        runs=work.total,
    )


def _screen(
    rows: Sequence[dict[str, float | bool]], outcomes: FloatArray, sampled: Sampled
) -> pd.DataFrame:
    names = sorted({name for row in rows for name in row if name.startswith(DRAW)})
    found: list[dict[str, Any]] = []
    for name in names:
        values = np.array([row.get(name, math.nan) for row in rows], dtype=np.float64)
        thing = name.removeprefix(DRAW)
        event = thing.startswith(("shocks.", "measures."))
        purpose = EVENT if event else PARAMETER
        result = given_data(values, outcomes)
        found.append(
            {
                "input": thing,
                "group": sampled.group(thing, purpose),
                "purpose": purpose,
                "first_order": result.first_order,
                "pawn": result.pawn,
                "direction": result.direction,
                "p_value": result.p_value,
                # so many inputs are tried that some look important by chance (Bonferroni)
                "above_noise": result.p_value < SIGNIFICANT / len(names),
            }
        )
    table = pd.DataFrame(found, columns=_SCREENED)
    order = table.sort_values(["p_value", "first_order"], ascending=[True, False], kind="stable")
    return order.reset_index(drop=True)


_SCREENED = (
    "input", "group", "purpose", "first_order", "pawn", "direction", "p_value", "above_noise",
)  # fmt: skip


def _kept(inputs: pd.DataFrame, most: int) -> list[str]:
    events = sorted(set(inputs.loc[inputs["purpose"] == EVENT, "group"]))
    strength = (
        inputs[inputs["purpose"] == PARAMETER]
        .assign(strength=lambda t: -np.log10(np.maximum(t["p_value"], 1e-300)))
        .groupby("group")["strength"]
        .max()
        .sort_values(ascending=False, kind="stable")
    )
    return [*events, *strength.index[:most]]


def _indices(outcomes: FloatArray, mixed: dict[int, Replication], job: DesignJob) -> pd.DataFrame:
    from scipy.stats import sobol_indices

    count, groups = job.count, len(job.matrices)
    values = [mixed[n].values[Y] for n in range(2 * count, (groups + 2) * count)]
    a, b = outcomes[:count], outcomes[count:]
    ab = np.array(values, dtype=np.float64).reshape(groups, count)
    samples: Any = {"f_A": a[None], "f_B": b[None], "f_AB": ab[:, None]}
    found = sobol_indices(func=samples, n=count)
    table = pd.DataFrame({"group": job.matrices})
    spread = _resampled(a, b, ab)
    for at, (name, value) in enumerate(
        (("first_order", found.first_order), ("total", found.total_order))
    ):
        table[name] = np.asarray(value).ravel()
        table[f"{name}_low"], table[f"{name}_high"] = spread[at]
    return table


def _resampled(a: FloatArray, b: FloatArray, ab: FloatArray) -> list[FloatArray]:
    """Percentile intervals of first-order and total indices, the same in every run."""
    generator = np.random.default_rng(_RESAMPLES)
    first, total = [], []
    for _ in range(_RESAMPLES):
        at = generator.integers(0, a.size, a.size)
        both = np.concatenate([a[at], b[at]])
        variance = both.var() or math.inf
        first.append(((b[at] - both.mean()) * (ab[:, at] - a[at])).mean(axis=1) / variance)
        total.append(0.5 * ((a[at] - ab[:, at]) ** 2).mean(axis=1) / variance)
    ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    return [np.quantile(np.array(values), ends, axis=0) for values in (first, total)]


def _size(name: str, inputs: pd.DataFrame, kept: Sequence[str]) -> int:
    if name in (EVENTS, PARAMETERS):
        return int((inputs["purpose"] == (EVENT if name == EVENTS else PARAMETER)).sum())
    members = inputs["group"].where(inputs["group"].isin(kept), REST)
    return int((members == name).sum())
