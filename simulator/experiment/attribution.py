"""What a loss comes from: a ledger of first causes, leave-one-out, and Shapley shares."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from simulator.errors import UsageError
from simulator.experiment.attribution_work import (
    BY_ENTRY,
    EXACT,
    FEWEST,
    LEAVE_ONE_OUT,
    LEDGER,
    NOTHING_PCT,
    SHAPLEY,
    Tell,
    Traced,
    Work,
)
from simulator.experiment.in_turn import Workers
from simulator.metrics.attribution import Strata, contributions
from simulator.sampling.model import Model, prepare
from simulator.spec import Scenario, load_scenario

if TYPE_CHECKING:
    from simulator.metrics.outcome import FloatArray

METHODS = (LEDGER, LEAVE_ONE_OUT, SHAPLEY)
REPLICATIONS = 40
LEAST_SHARE = 0.001
SHARE_OF_RUN, LEAST_RUNS, MOST_RUNS = 0.065, 48, 520
"""Runs of parts of the scenario that come with a run: a share of its own; the ledger is as dear.

Limited, since what a loss comes from is known well before how large its tail is.
"""
ORDERS = 4
"""Orders in which entries come, for sampled shares: pairs of an order and its reverse."""
COLUMNS = (
    "method", "cause", "kind", "label", "material", "country", "loss_units", "loss_pct", "share",
    "lo95", "hi95", "replications",
)  # fmt: skip
BINDING = (
    "facility", "input", "country", "unit", "unit_days", "traced_units", "traced_share",
)  # fmt: skip


@dataclass(frozen=True)
class Attribution:
    """What the loss of a scenario comes from.

    Attributes
    ----------
    table
        One row per method and cause, the largest first; columns as in ``attribution.parquet``.
    binding
        Per facility and binding input: production lost, and lost output traced through it, means
        over the replications; empty if there was no ledger of whole replications.
    notes
        How it was worked out, and what was left out and why.
    """

    table: pd.DataFrame
    binding: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*BINDING]))
    notes: tuple[str, ...] = ()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The table for ``summary.json``: numbers that are not finite become None.

        Of the ledger only what has a thousandth of the loss or more; the rest is in the table.
        """
        return [
            {
                str(key): None if isinstance(value, float) and not np.isfinite(value) else value
                for key, value in row.items()
            }
            for row in self.table.to_dict("records")
            if row["method"] != LEDGER or not abs(row["share"]) < LEAST_SHARE
        ]


def attribute(
    scenario: Scenario | Model | str | Path,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    *,
    methods: Sequence[str] = METHODS,
    orders: int = ORDERS,
    stop: threading.Event | None = None,
    tell: Tell | None = None,
) -> Attribution:
    """Say what the output lost in a scenario comes from.

    Parameters
    ----------
    scenario
        A scenario, its name or path, or one that is prepared.
    replications
        How many futures to look at, the first of every run of this seed.
    seed
        Defaults to the scenario's own.
    methods
        Some of ``ledger``, ``leave_one_out`` and ``shapley``.
    orders
        Orders in which entries come, per replication, where Shapley shares are sampled; even.
    stop
        Set from elsewhere to end early, with the replications done by then.
    tell
        Called with the number of replications done, over all methods.

    Raises
    ------
    UsageError
        If a method is unknown, or a number out of range.
    InputError
        If the scenario is invalid.
    """
    for method in methods:
        if method not in METHODS:
            raise UsageError(f"method = {method}: must be one of {', '.join(METHODS)}")
    if replications < 1 or orders < 2 or orders % 2:
        raise UsageError("replications must be 1 or more, and orders an even number from 2")
    if not isinstance(scenario, Model):
        scenario = prepare(scenario if isinstance(scenario, Scenario) else load_scenario(scenario))
    work = Work(scenario, scenario.scenario.seed if seed is None else seed, orders, stop, tell)
    numbers = range(replications)
    rows: list[dict[str, Any]] = []
    binding = pd.DataFrame(columns=[*BINDING])
    if LEDGER in methods:
        traced = work.traced(numbers)
        rows += _ledger_rows(work, traced)
        binding = _binding(work, traced)
    if set(methods) - {LEDGER}:
        rows += work.entry_rows(methods, work.values(numbers, SHAPLEY in methods))
    return Attribution(_table(rows), binding, tuple(work.notes))


def attribute_run(
    model: Model, seed: int, done: pd.DataFrame, *, workers: Workers = None
) -> Attribution:
    """Attribute the loss of a finished run at a part of its cost; it adds up to its mean.

    The ledger looks at replications picked by their loss. The other methods take some with a loss
    and some without, if their runs are few enough; what is skipped is noted. How many there are
    depends on the scenario and on the number of replications only, so a result can be repeated.

    Parameters
    ----------
    model, seed
        What was run.
    done
        Rows of ``replications.parquet`` that are done.
    workers
        Threads; they never change a result.
    """
    work = Work(model, seed, 2, workers=workers)
    loss = done["output_loss_units"].to_numpy(float)
    pct, numbers = done["output_loss_pct"].to_numpy(float), done["replication"].to_numpy()
    rows = work.ledger_of_run(numbers, loss, pct)
    entries, n = len(model.entries), len(done)
    budget = min(max(LEAST_RUNS, round(SHARE_OF_RUN * 2 * n)), MOST_RUNS)
    plain, sampled = entries + 2, entries + 2 + 2 * entries
    full = 2**entries if entries <= EXACT else sampled
    enough = min(FEWEST, n)
    costs = ((LEAVE_ONE_OUT, plain), (SHAPLEY, full))
    methods = [method for method, runs in costs if budget // runs >= enough]
    if methods and n:
        count = min(n, budget // (full if SHAPLEY in methods else plain))
        chosen, strata = _stratify(loss, pct, count)
        rows += work.entry_rows(
            methods, work.values([int(k) for k in numbers[chosen]], SHAPLEY in methods), strata
        )
    for method, runs in costs:
        if method not in methods and entries:
            work.notes.append(
                f"{method}: skipped, {enough * runs:,} more runs for {n:,} replications; "
                "paxsim attribute works it out"
            )
    return Attribution(_table(rows), notes=tuple(work.notes))


def _stratify(loss: FloatArray, pct: FloatArray, count: int) -> tuple[list[int], Strata]:
    """The first replications with and without a loss, so that rare losses are not missed."""
    lost = np.abs(pct) > NOTHING_PCT
    some, none = np.flatnonzero(lost), np.flatnonzero(~lost)
    quiet = min(len(none), max(2, count // 4, count - len(some))) if len(some) else count
    parts = [some[: count - quiet], none[:quiet]]
    weight = [len(some) / len(loss), len(none) / len(loss)]
    kept = [n for n, own in enumerate(parts) if len(own)]
    return (
        [int(k) for n in kept for k in parts[n]],
        Strata(
            part=[place for place, n in enumerate(kept) for _ in parts[n]],
            weight=[weight[n] for n in kept],
            loss_units=float(loss.mean()),
            loss_pct=float(pct.mean()),
        ),
    )


def _ledger_rows(work: Work, traced: Sequence[Traced]) -> list[dict[str, Any]]:
    loss = np.array([one.loss for one in traced])
    baseline = np.array([one.baseline for one in traced])
    causes = sorted({c for one in traced for c in one.causes}, key=lambda c: (c.kind, c.cause))
    units = np.array([[one.causes.get(c, 0.0) for c in causes] for one in traced])
    rows = work.named(LEDGER, causes, contributions(units, loss, baseline), len(traced))
    entries = [*sorted(work.model.entries), ""]
    units = np.array([[one.by_entry.get(key, 0.0) for key in entries] for one in traced])
    return rows + work.named(BY_ENTRY, entries, contributions(units, loss, baseline), len(traced))


def _binding(work: Work, traced: Sequence[Traced]) -> pd.DataFrame:
    """Production lost by facility and what was binding there, the most traced first."""
    network = work.model.network
    units = {row.id: row.unit for row in network.dataset.materials}
    loss = float(np.mean([one.loss for one in traced]))
    days = np.mean([one.unit_days for one in traced], axis=0)
    through = np.mean([one.traced for one in traced], axis=0)
    limited = np.mean([one.capacity for one in traced], axis=0)
    found: list[dict[str, Any]] = []

    def add(f: int, what: str, lost: float, amount: float) -> None:
        found.append(
            {
                "facility": network.facility_ids[f],
                "input": what,
                "country": network.countries[f],
                "unit": units[network.material_ids[network.output[f]]],
                "unit_days": lost,
                "traced_units": amount,
                "traced_share": amount / loss if loss else 0.0,
            }
        )

    for k in np.flatnonzero((days > 0.0) | (through > 0.0)):
        f, material = int(network.slot_facility[k]), int(network.slot_material[k])
        add(f, network.material_ids[material], float(days[k]), float(through[k]))
    own = {name: 0.0 for name in network.facility_ids}
    for one in traced:
        for cause, amount in one.causes.items():
            if cause.cause.startswith("capacity:"):
                own[cause.cause.removeprefix("capacity:")] += amount / len(traced)
    for number in np.flatnonzero(limited > 0.0):
        name = network.facility_ids[number]
        add(int(number), "capacity", float(limited[number]), own[name])
    table = pd.DataFrame(found, columns=[*BINDING])
    return table.sort_values(
        ["traced_units", "unit_days", "facility", "input"], ascending=[False, False, True, True]
    ).reset_index(drop=True)


def _table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    place = {LEDGER: 0, BY_ENTRY: 1, LEAVE_ONE_OUT: 2, SHAPLEY: 3}
    ordered = sorted(
        rows, key=lambda r: (place[r["method"]], -abs(r["loss_units"]), r["kind"], r["cause"])
    )
    return pd.DataFrame(ordered, columns=[*COLUMNS])
