"""What the removal of every part of the chain costs, one at a time: the dynamic N-1 sweep.

All removals share one network at base numbers and one baseline, so they are the columns of blocks
of the compiled engine. The longest removals run first: what they do not touch, shorter ones are
taken not to touch either, and what no lanes link to the outcome is not run at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from simulator.engine import kernel
from simulator.errors import UsageError
from simulator.experiment.observe import Observer, observer
from simulator.experiment.removals import WHATS, Removal, connected, removals
from simulator.metrics.criticality import (
    ranks_within,
    static_exposure,
    supply_shares,
    time_to_survive,
)
from simulator.metrics.loss import peak_loss_pct, time_to_recover
from simulator.provenance import usable_cores
from simulator.sampling.model import Model, prepare
from simulator.sampling.realisation import realisation
from simulator.shocks.effects import Effect, combine

if TYPE_CHECKING:
    from simulator.metrics.outcome import FloatArray, OutcomeSeries
    from simulator.sampling.realisation import Realisation
    from simulator.spec import Scenario

DAYS: Final = (30, 90, 180, 365)
RECOVERY_DAYS: Final = 365
"""So long a run goes on after the end of the longest removal."""
NOTHING: Final = 1e-9
"""Share of the baseline up to which a difference is rounding."""
SIMULATED, APART, UNTOUCHED = (
    "simulated",
    "not connected to the outcome",
    "a longer one has no effect",
)
"""What a row rests on."""
COLUMNS: Final = (
    "what", "id", "label", "layer", "country", "material", "days", "loss_units", "loss_pct",
    "loss_usd", "peak_loss_pct", "commissioned_loss_pct", "time_to_survive_days",
    "survival_gap_days", "time_to_recover_days", "recover_censored", "rank", "exposure_share",
    "supply_share", "risk_exposure_index", "basis",
)  # fmt: skip


@dataclass(frozen=True)
class Criticality:
    """Result of a sweep.

    Attributes
    ----------
    scenario
        Whose network was swept: at base numbers, without its shocks.
    days, recovery_days
        Lengths of the removals, and how long runs go on after the longest.
    table
        A row per removal and length, `COLUMNS`, by kind, length and rank.
    runs
        How many runs it took; removals of the same facilities share one.
    """

    scenario: Scenario
    days: tuple[int, ...]
    recovery_days: int
    table: pd.DataFrame
    runs: int


@dataclass(frozen=True)
class _Found:
    """What one run of a removal came to."""

    loss_units: float = 0.0
    loss_pct: float = 0.0
    loss_usd: float = 0.0
    peak_loss_pct: float = 0.0
    commissioned_loss_pct: float = 0.0
    time_to_survive_days: float = np.inf
    time_to_recover_days: float = np.nan
    recover_censored: bool = False
    touched: bool = field(default=False, kw_only=True)


def criticality(
    scenario: Scenario,
    days: Sequence[int] = DAYS,
    *,
    whats: Sequence[str] = WHATS,
    recovery_days: int = RECOVERY_DAYS,
    measures: bool = False,
    workers: int | None = None,
) -> Criticality:
    """Remove every part of a scenario's network in turn from its first day on.

    Runs start in the planned steady state, so they need no time to warm up.

    Parameters
    ----------
    scenario
        Network, start and outcome; its horizon, shocks and replications do not matter.
    days
        Lengths of the removals.
    whats
        What to remove, of `WHATS`.
    recovery_days
        How long runs go on after the end of the longest removal.
    measures
        Whether the scenario's measures are in place, in the baseline as well.
    workers
        Threads; they never change a result.

    Raises
    ------
    UsageError
        If there is nothing to remove or a length is not positive.
    InputError
        If the network cannot be planned.
    """
    lengths = tuple(sorted(set(days), reverse=True))
    if not lengths or lengths[-1] < 1:
        raise UsageError(f"days = {', '.join(map(str, days))}: must be whole numbers from 1")
    unknown = sorted(set(whats) - set(WHATS))
    if unknown or not whats:
        raise UsageError(f"what = {', '.join(unknown)}: must be of {', '.join(WHATS)}")
    calm = replace(
        scenario,
        horizon_days=lengths[0] + recovery_days,
        uncertainty="none",
        shocks={},
        measures=scenario.measures if measures else {},
        document=None,
    )
    sweep = _Sweep(prepare(calm), workers or usable_cores())
    chosen = removals(sweep.model.network, whats)
    found = sweep.run(chosen, lengths)
    table = _table(sweep.model, chosen, lengths, found)
    return Criticality(scenario, tuple(sorted(lengths)), recovery_days, table, sweep.runs)


_Key = tuple[bool, tuple[int, ...], int]


class _Sweep:
    """Runs removals in blocks, each set of facilities and length once."""

    def __init__(self, model: Model, workers: int) -> None:
        self.model, self.workers = model, workers
        self.seen: Observer = observer(model.network)
        self.runs = 0
        self._held = [effect for found in model.base_effects().values() for effect in found]
        self.baseline = self._outcomes([self._real([])])[0]

    def run(
        self, chosen: Sequence[Removal], lengths: Sequence[int]
    ) -> dict[tuple[Removal, int], tuple[_Found, str]]:
        """What each removal costs, and what that rests on; lengths from the longest on."""
        network = self.model.network
        able = {r: connected(network, r) for r in chosen}
        first = {_key(r, lengths[0]): r for r in chosen if able[r]}
        done = self._all(first, lengths[0])
        rest = {
            days: {_key(r, days): r for key, r in first.items() if done[key].touched}
            for days in lengths[1:]
        }
        for days, wanted in rest.items():
            done |= self._all(wanted, days)
        self.runs = len(done)
        result = {}
        for removal in chosen:
            for days in lengths:
                if not able[removal]:
                    result[removal, days] = _Found(), APART
                elif (key := _key(removal, days)) in done:
                    result[removal, days] = done[key], SIMULATED
                else:
                    result[removal, days] = _Found(), UNTOUCHED
        return result

    def _all(self, wanted: dict[_Key, Removal], days: int) -> dict[_Key, _Found]:
        keys = list(wanted)
        blocks = [keys[n : n + kernel.COLUMNS] for n in range(0, len(keys), kernel.COLUMNS)]
        done: dict[_Key, _Found] = {}
        with ThreadPoolExecutor(max(1, min(self.workers, len(blocks)))) as pool:
            tasks = [pool.submit(self._block, block, wanted, days) for block in blocks]
            for task in as_completed(tasks):
                done |= task.result()
        return done

    def _block(
        self, keys: Sequence[_Key], wanted: dict[_Key, Removal], days: int
    ) -> dict[_Key, _Found]:
        network = self.model.network
        reals = [self._real(wanted[key].effects(network, 0, days)) for key in keys]
        found = [self._found(outcome) for outcome in self._outcomes(reals)]
        return dict(zip(keys, found, strict=True))

    def _real(self, effects: Sequence[Effect]) -> Realisation:
        network = self.model.network
        changes = combine([*self._held, *effects], network.horizon_days)
        return realisation(network, network.numbers, self.model.plan, changes)

    def _outcomes(self, reals: list[Realisation]) -> list[OutcomeSeries]:
        return [self.seen.take(found) for found in kernel.run_rows(reals, self.seen.rows)]

    def _found(self, outcome: OutcomeSeries) -> _Found:
        before = self.baseline
        normal, actual = before.units, outcome.units
        touched = _differs(normal, actual) or _differs(before.delivered, outcome.delivered)
        if not touched:
            return _Found()
        lost = (before.output - outcome.output).sum(axis=1)
        units = _without_rounding(float(lost.sum()), float(normal.sum()))
        due, came = before.delivered.sum(axis=0), outcome.delivered.sum(axis=0)
        missing = _without_rounding(float((due - came).sum()), float(due.sum()))
        recovered, censored = time_to_recover(normal, actual)
        value = float(before.output.sum(axis=1) @ before.price_usd)
        return _Found(
            units,
            100.0 * units / float(normal.sum()) if normal.any() else 0.0,
            _without_rounding(float(lost @ before.price_usd), value),
            peak_loss_pct(normal, actual),
            100.0 * missing / float(due.sum()) if due.any() else 0.0,
            time_to_survive(normal, actual),
            recovered,
            censored,
            touched=True,
        )


def _without_rounding(lost: float, of: float) -> float:
    return 0.0 if abs(lost) <= NOTHING * of else lost


def _differs(normal: FloatArray, actual: FloatArray) -> bool:
    most = float(normal.max(initial=0.0))
    return bool(np.abs(actual - normal).max(initial=0.0) > NOTHING * most)


def _key(removal: Removal, days: int) -> _Key:
    return removal.at_hub, removal.facilities, days


def _table(
    model: Model,
    chosen: Sequence[Removal],
    lengths: Sequence[int],
    found: dict[tuple[Removal, int], tuple[_Found, str]],
) -> pd.DataFrame:
    exposure, supply = _exposures(model, chosen)
    rows = []
    for days in sorted(lengths):
        for n, removal in enumerate(chosen):
            one, basis = found[removal, days]
            rows.append(
                {
                    **{name: getattr(removal, name) for name in COLUMNS[:6]},
                    "days": days,
                    **{name: getattr(one, name) for name in _Found.__dataclass_fields__},
                    "survival_gap_days": one.time_to_survive_days - days,
                    "exposure_share": exposure[n],
                    "supply_share": supply[n],
                    "basis": basis,
                }
            )
    table = pd.DataFrame(rows)
    groups = list(zip(table["what"], table["days"], strict=True))
    rank, index = ranks_within(groups, table["loss_units"], table["time_to_survive_days"])
    table["rank"], table["risk_exposure_index"] = rank, index
    table["order"] = table["what"].map(WHATS.index)
    table = table.sort_values(["order", "days", "rank", "id"], kind="stable")
    return table[list(COLUMNS)].reset_index(drop=True)


def _exposures(model: Model, chosen: Sequence[Removal]) -> tuple[list[float], list[float]]:
    """Static exposure and share of supply of each removal, at mean plans over the run."""
    network, plan = model.network, model.plan
    planned = plan.sales.mean(axis=1)
    removed = np.zeros((len(network.facilities), len(chosen)), np.bool_)
    cut = np.zeros((len(network.lanes), len(chosen)), np.bool_)
    for n, removal in enumerate(chosen):
        cut[list(removal.lanes(network)), n] = True
        if not removal.at_hub:
            removed[list(removal.facilities), n] = True
    exposure = static_exposure(network, plan.lane_share.mean(axis=1), planned, removed, cut)
    made = [network.material_ids[m] if m >= 0 else "" for m in network.output]
    supply = [
        np.nan if removal.at_hub else supply_shares(made, planned.tolist(), removal.facilities)
        for removal in chosen
    ]
    return exposure.tolist(), supply
