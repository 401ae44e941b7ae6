"""The forecast of a case: its scenario under the priors, and the flows of every replication."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulator import shocks  # noqa: F401  (registers the types that a scenario may name)
from simulator.backtest.episodes import Case, Episode
from simulator.backtest.priors import NEW_REGIME_DAYS, Priors
from simulator.engine import Trajectory
from simulator.engine import simulate as run_engine
from simulator.errors import StuckError
from simulator.experiment.executors import Executor, Processes, Serial
from simulator.experiment.observe import observe
from simulator.experiment.replication import Replication, failure, origin_of
from simulator.metrics.loss import impact
from simulator.network.network import Floats, Network
from simulator.sampling.model import Model, prepare
from simulator.sampling.streams import EVENT, Streams
from simulator.spec import parse_number, parse_scenario

MEAN_MONTH_DAYS = 365.25 / 12
BAN_LENGTHS = 20
"""A ban ends on a date of the scenario, so its length takes so many values, equally likely."""
LOSSES = ("output_loss_pct", "fab_starts_loss_pct")

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Forecast:
    """What the model says about a case.

    Attributes
    ----------
    flows
        By episode: (replications, months) index of the flow, months in order from the first one.
    losses
        By metric: loss per replication, in % of the run without the event.
    """

    flows: Mapping[str, Floats]
    losses: Mapping[str, Floats]


@dataclass(frozen=True)
class CaseJob:
    """Replications of a case for some of its episodes; small, so that it can travel."""

    case: Case
    episodes: tuple[Episode, ...]
    priors: Priors
    seed: int

    def start(self) -> CaseReplicate:
        """Build the networks."""
        return CaseReplicate(self)


class CaseReplicate:
    """Runs any replication of a case; a number gives the same result anywhere."""

    def __init__(self, job: CaseJob) -> None:
        self.job = job
        self._scenarios = documents(job.case, job.priors, job.seed)
        self._model: tuple[int, Model] | None = None

    @property
    def scenarios(self) -> int:
        """How many there are."""
        return len(self._scenarios)

    def __call__(self, number: int) -> Replication:
        """Run one replication; whatever goes wrong in it becomes its ``error``."""
        try:
            return Replication(number, values=self.values(number))
        except Exception as error:
            return Replication(number, error=failure(error), origin=origin_of(error))

    def values(self, number: int) -> dict[str, float | bool]:
        """Index of every month of every episode (``name:month``), and the losses."""
        which = number % len(self._scenarios)
        if self._model is None or self._model[0] != which:
            # one at a time: they are large
            self._model = which, prepare(parse_scenario(self._scenarios[which]))
        model = self._model[1]
        pair = model.realise(number, self.job.seed)
        shocked = run_engine(pair.shocked, record="all")
        found: dict[str, float | bool] = {}
        for one in self.job.episodes:
            daily = flow(shocked, one)
            found |= {
                f"{one.name}:{month}": value for month, value in monthly_index(daily, one).items()
            }
        calm = observe(model.network, run_engine(pair.baseline))
        losses = impact(calm, observe(model.network, shocked))
        return found | {name: float(losses[name]) for name in LOSSES}


def forecast(
    case: Case,
    episodes: Sequence[Episode],
    priors: Priors,
    *,
    replications: int,
    seed: int,
    workers: int = 1,
    on_progress: OnProgress | None = None,
) -> Forecast:
    """Run a case's scenario and collect its monthly flows.

    Raises
    ------
    StuckError
        If a replication fails.
    """
    job = CaseJob(case, tuple(episodes), priors, seed)
    executor: Executor = Processes(workers) if workers > 1 else Serial()
    rows: dict[int, Mapping[str, float | bool]] = {}
    here, stop = job.start(), threading.Event()
    # those of one scenario come one after the other, so that it is prepared once
    numbers = sorted(range(replications), key=lambda number: (number % here.scenarios, number))
    for batch in executor.run(job, here, numbers, stop):
        for one in batch:
            if one.error:
                text = f"{case.name}: replication {one.number}: {one.error} ({one.origin})"
                raise StuckError(text)
            rows[one.number] = one.values
        if on_progress is not None:
            on_progress(len(rows), replications)
    table = {name: np.array([rows[k][name] for k in sorted(rows)], float) for name in rows[0]}
    return Forecast(
        {
            one.name: np.column_stack([table[f"{one.name}:{m}"] for m in months_of(one)])
            for one in episodes
        },
        {name: table[name] for name in LOSSES},
    )


def documents(case: Case, priors: Priors, seed: int) -> list[str]:
    """Scenario files of a case, as JSON; replications take them in turn."""
    return [
        json.dumps(
            {
                "name": f"backtest-{case.name}",
                "network": "alliance",
                "start": case.start.isoformat(),
                "horizon_days": case.horizon_days,
                "seed": seed,
                "parameters": dict(case.parameters),
                "shocks": entries,
            }
        )
        for entries in _entries(case, priors)
    ]


def _entries(case: Case, priors: Priors) -> list[dict[str, object]]:
    numbers = {name: prior.number for name, prior in priors.numbers.items()}
    if case.kind == "outage":
        # half the time to full output at a stand, half of it on the way back
        half = numbers["length"] | {
            key: round(float(str(numbers["length"][key])) / 2, 2) for key in ("median", "p95")
        }
        entry = {
            "type": "outage", "facilities": list(case.facilities),
            "from": case.effective.isoformat(), "duration_days": half,
            "recovery": "linear", "recovery_days": half,
        }  # fmt: skip
        return [{"event": entry}]
    rule: dict[str, object] = {
        "type": "export_restriction", "by": case.by, "materials": list(case.materials),
        "to": case.to,
    }  # fmt: skip
    if case.kind == "ban":
        length = parse_number(dict(numbers["length"]))
        points = (np.arange(BAN_LENGTHS) + 0.5) / BAN_LENGTHS
        ends = [_after(case.effective, math.ceil(days)) for days in length.ppf(points)]
        began = case.effective.isoformat()
        return [{"event": rule | {"mechanism": "ban", "from": began, "until": end}} for end in ends]
    settled = _after(case.effective, NEW_REGIME_DAYS)
    new = rule | {
        "announced": case.announced.isoformat(), "from": case.effective.isoformat(),
        "until": settled, "mechanism": "licence", "approval": numbers["first"],
        "processing_days": numbers["wait"],
    }  # fmt: skip
    if "hoarding" in numbers:
        new["hoarding"] = numbers["hoarding"]
    later = rule | {"from": settled, "mechanism": "quota", "quota": numbers["later"]}
    return [{"new": new, "settled": later}]


def _after(day: date, days: int) -> str:
    # beyond all runs is as good as never
    return (day + timedelta(days=min(days, 3650))).isoformat()


def flow(run: Trajectory, one: Episode) -> Floats:
    """Daily flow of a run that an episode's series counts, in the material's unit."""
    network = run.network
    if one.at == "made":
        makers = [network.facility_index[name] for name in one.case.facilities]
        return np.asarray(run["facilities", "started"][makers].sum(axis=0))
    series = run["lanes", "given" if one.at == "leaves" else "arrived"]
    return np.asarray(series[_lanes(network, one)].sum(axis=0))


def _lanes(network: Network, one: Episode) -> list[int]:
    wanted = {network.material_index[name] for name in one.materials}
    found = []
    for lane in network.lanes:
        slot = int(network.lane_slot[lane])
        seller = network.countries[network.lane_supplier[lane]]
        buyer = network.countries[network.slot_facility[slot]]
        goes = buyer != seller if one.to == "all" else buyer == one.to
        if int(network.slot_material[slot]) in wanted and seller == one.case.by and goes:
            found.append(lane)
    return found


def months_of(one: Episode) -> list[str]:
    """Months from the first to the last that are scored."""
    year, month = map(int, one.first.split("-"))
    found = []
    while (name := f"{year}-{month:02d}") <= one.last:
        found.append(name)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def monthly_index(daily: Floats, one: Episode) -> dict[str, float]:
    """Flow of each scored month over that of a mean month before the announcement.

    Parameters
    ----------
    daily
        Flow of every day of the run, in any unit.
    one
        Whose months. What is made counts as a mean a day, as its series does.
    """
    case = one.case
    days = [case.start + timedelta(days=n) for n in range(case.horizon_days)]
    before = float(np.mean(daily[: (case.announced - case.start).days]))
    names = np.array([f"{day:%Y-%m}" for day in days])
    found = {}
    for month in months_of(one):
        chosen = daily[names == month]
        length = len(chosen) if one.at == "made" else MEAN_MONTH_DAYS
        found[month] = float(chosen.sum() / length / before)
    return found


def with_lumpiness(flows: Floats, one: Episode, lumpiness: float, seed: int) -> Floats:
    """The same flows as customs would count them: single months are lumpier than a flow.

    Parameters
    ----------
    flows
        (replications, months) index.
    lumpiness
        Standard deviation of the logarithm; the factor has mean 1.
    """
    if lumpiness == 0.0:
        return flows
    from scipy.special import ndtri

    streams = Streams(seed)
    factors = [
        np.exp(
            lumpiness
            * ndtri(streams.uniforms(f"backtest.{one.name}.{month}", EVENT, 0, len(flows)))
            - lumpiness**2 / 2
        )
        for month in months_of(one)
    ]
    return np.asarray(flows * np.column_stack(factors))
