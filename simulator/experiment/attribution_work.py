"""The work behind an attribution: replications traced, coalitions run, rows made of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.compiling import COLUMNS
from simulator.engine import kernel
from simulator.experiment.coalitions import Coalition, Coalitions, Future, Values
from simulator.experiment.in_turn import Workers, each, in_groups, one_by_one
from simulator.experiment.observe import observer
from simulator.metrics.attribution import (
    Contribution,
    Strata,
    added,
    chosen_by_loss,
    contributions,
    prefixes,
    shapley,
    shapley_sampled,
    shared_out,
    subsets,
)
from simulator.metrics.attribution_ledger import Tracer, share_by_entry
from simulator.metrics.attribution_rows import Named, Names, first_causes, touched
from simulator.network.room import lent_room

if TYPE_CHECKING:
    from simulator.metrics.outcome import FloatArray
    from simulator.sampling.model import Model, Pair
    from simulator.sampling.streams import Streams

LEDGER, LEAVE_ONE_OUT, SHAPLEY = "ledger", "leave_one_out", "shapley"
BY_ENTRY = "ledger_by_entry"
"""The ledger's first causes by the entry of the scenario that set what was binding."""
EXACT = 6
"""Up to so many entries that change anything, Shapley shares are exact."""
FEWEST = 8
"""Replications of a run that leave-one-out and Shapley look at, or they say nothing."""
FEWEST_TRACED, MOST_TRACED, ONE_IN = 4, 26, 150
"""Replications of a run that are traced: one in so many, within limits."""
NOTHING_PCT = 1e-7
"""A loss below this is none."""

Tell = Callable[[int], object]


@dataclass
class Traced:
    """What the ledger has of one replication."""

    loss: float
    baseline: float
    causes: dict[Named, float]
    by_entry: dict[str, float]
    unit_days: FloatArray
    traced: FloatArray
    capacity: FloatArray

    def amount(self, cause: Named | str) -> float:
        """Units lost by a first cause, or by an entry."""
        if isinstance(cause, Named):
            return self.causes.get(cause, 0.0)
        return self.by_entry.get(cause, 0.0)


class Work:
    """The work on one scenario.

    Parameters
    ----------
    model, seed
        What to attribute.
    orders
        Orders in which entries come, per replication, where Shapley shares are sampled.
    stop
        Set from elsewhere to end early.
    tell
        Called with the number of replications done.
    workers
        Threads; they never change a result.

    Attributes
    ----------
    notes
        How it was worked out.
    """

    def __init__(
        self,
        model: Model,
        seed: int,
        orders: int,
        stop: threading.Event | None = None,
        tell: Tell | None = None,
        workers: Workers = None,
    ) -> None:
        self.model, self.seed, self.orders, self.workers = model, seed, orders, workers
        self.stop, self.tell = stop or threading.Event(), tell
        self.parts = Coalitions(model, seed, workers)
        self.names = Names(model.network)
        self.notes: list[str] = []
        self.done = 0
        self._own, self._counting = threading.local(), threading.Lock()

    def traced(self, numbers: Iterable[int]) -> list[Traced]:
        """Trace replications, until asked to stop; one at least."""
        groups = in_groups(list(numbers), self.workers, FEWEST_TRACED, COLUMNS)
        return [one for found in each(self._traced, groups, self.workers) for one in found]

    def _traced(self, numbers: Sequence[int]) -> list[Traced]:
        found: list[Traced] = []
        if self.done and self.stop.is_set():
            return found
        with lent_room(self.model.network) as room:
            pairs = self.model.realise_many(numbers, self.seed, room=room)
            for number, pair in zip(numbers, one_by_one(pairs), strict=True):
                if found and self.stop.is_set():
                    break
                found.append(self._trace(number, pair))
                self._count()
        return found

    def _trace(self, number: int, pair: Pair) -> Traced:
        network, own = self.model.network, self._own
        if not hasattr(own, "tracer"):  # memory that a thread uses again and again
            makers = [np.zeros(0, np.int64), *observer(network).makers]
            own.tracer, own.records = Tracer(network, np.concatenate(makers)), ({}, {})
        before, after = (
            kernel.run(real, everything=True, record=record)
            for real, record in zip((pair.baseline, pair.shocked), own.records, strict=True)
        )
        ledger = own.tracer(pair.baseline, pair.shocked, before, after)
        effects, _ = self.model.effects_by_entry(self.parts.streams, number, pair.baseline.plan)
        return Traced(
            ledger.loss,
            ledger.baseline_units,
            first_causes(self.names, ledger),
            share_by_entry(ledger, effects, network.horizon_days),
            ledger.unit_days.copy(),
            ledger.traced.copy(),
            ledger.capacity_unit_days.copy(),
        )

    def ledger_of_run(
        self, numbers: FloatArray, loss: FloatArray, pct: FloatArray
    ) -> list[dict[str, Any]]:
        """Rows of the ledger that add up to the mean loss of a run."""
        n, count = len(numbers), min(max(FEWEST_TRACED, len(numbers) // ONE_IN), MOST_TRACED)
        sizes = [np.where(sign * pct > NOTHING_PCT, sign * pct, 0.0) for sign in (1.0, -1.0)]
        total = sum(float(size.sum()) for size in sizes)
        picked: list[tuple[FloatArray, list[Traced]]] = []
        for size in sizes:
            if size.any():
                chosen = chosen_by_loss(size, max(1, round(count * float(size.sum()) / total)))
                picked.append((size, self.traced(int(numbers[k]) for k in chosen)))
        causes = sorted({c for _, own in picked for e in own for c in e.causes}, key=_order)
        entries, looked_at = [*sorted(self.model.entries), ""], sum(len(own) for _, own in picked)
        rows: list[dict[str, Any]] = []
        for method, wanted in ((LEDGER, causes), (BY_ENTRY, entries)) if causes else ():
            shares = []
            for size, own in picked:
                each = np.array([[e.amount(c) / e.loss for c in wanted] for e in own])
                units, per_cent = (float(some[size > 0.0].sum()) / n for some in (loss, pct))
                shares.append(shared_out(each, units, per_cent))
            rows += self.named(method, wanted, added(shares, float(loss.mean())), looked_at)
        self.notes.append(
            f"ledger: {looked_at:,} of {n:,} replications, picked in proportion to their loss"
        )
        return rows

    def values(self, numbers: Sequence[int], with_shapley: bool) -> list[Values]:
        """Losses of the coalitions that the methods need."""
        wanted = partial(self._wanted, with_shapley)
        found: list[Values] = []
        for values in self.parts.losses(numbers, wanted):
            found.append(values)
            self._count()
            if self.stop.is_set():
                break
        return found

    def _wanted(self, with_shapley: bool, future: Future) -> list[Coalition]:
        active = future.active()
        everyone = frozenset(active)
        one_less = [everyone, *(everyone - {key} for key in active)]
        if not with_shapley:
            return one_less
        if len(active) <= EXACT:
            return subsets(active)
        orders = self.orders_of(active, future.number)
        return [*dict.fromkeys((*one_less, *(part for o in orders for part in prefixes(o))))]

    def orders_of(self, active: Sequence[str], number: int) -> list[list[str]]:
        """Orders of coming in one replication, from streams of the entries' own names."""
        found: list[list[str]] = []
        streams: Streams = self.parts.streams
        for n in range(self.orders // 2):
            place = {
                key: streams.uniform(f"attribution.{key}", f"order {n}", number) for key in active
            }
            order = sorted(active, key=lambda key: (place[key], key))
            found += [order, order[::-1]]
        return found

    def entry_rows(
        self, methods: Sequence[str], found: Sequence[Values], strata: Strata | None = None
    ) -> list[dict[str, Any]]:
        """Rows of leave-one-out and of Shapley shares."""
        keys = sorted(self.model.entries)
        if not keys or not found:
            return []
        if strata is not None:
            strata = replace(strata, part=strata.part[: len(found)])
        loss = np.array([v.loss[frozenset(v.active)] for v in found])
        baseline = np.array([v.baseline_units for v in found])
        rows: list[dict[str, Any]] = []
        for method, share in ((LEAVE_ONE_OUT, _left_out), (SHAPLEY, self._shares)):
            if method not in methods:
                continue
            each = [share(v) for v in found]
            units = np.array([[own.get(key, 0.0) for key in keys] for own in each])
            rows += self.named(
                method, keys, contributions(units, loss, baseline, strata), len(found)
            )
        if SHAPLEY in methods:
            many = sum(len(v.active) > EXACT for v in found)
            how = (
                "exact"
                if not many
                else (f"sampled by {self.orders} orders in {many} of {len(found)} replications")
            )
            self.notes.append(f"shapley: {how}")
        return rows

    def _shares(self, values: Values) -> dict[str, float]:
        if not values.active:
            return {}
        if len(values.active) <= EXACT:
            return shapley(values.active, values.loss.__getitem__)
        orders = self.orders_of(values.active, values.number)
        return shapley_sampled(orders, values.loss.__getitem__)

    def named(
        self, method: str, causes: Sequence[Any], found: Sequence[Contribution], count: int
    ) -> list[dict[str, Any]]:
        """Rows of the table for causes of the ledger, or for entries by their keys."""
        return [
            {
                "method": method,
                **vars(cause if isinstance(cause, Named) else self._entry(cause)),
                **vars(contribution),
                "replications": count,
            }
            for cause, contribution in zip(causes, found, strict=True)
        ]

    def _entry(self, key: str) -> Named:
        """Names of an entry of the scenario; the empty key stands for none of them."""
        if not key:
            return Named("", "none", "nothing that the scenario sets", "", "")
        kind, _, name = key.partition(".")
        effects = self.model.base_effects(suspended=False)[key]
        label = self.model.entries[key].label()
        return Named(name, kind.removesuffix("s"), label, *touched(self.model.network, effects))

    def _count(self) -> None:
        with self._counting:
            self.done += 1
            if self.tell is not None:
                self.tell(self.done)


def _left_out(values: Values) -> dict[str, float]:
    everyone = frozenset(values.active)
    return {key: values.loss[everyone] - values.loss[everyone - {key}] for key in values.active}


def _order(named: Named) -> tuple[str, str]:
    return named.kind, named.cause
