"""A back-test: the forecast of an episode beside what was observed, with its scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.backtest.episodes import EPISODES, Episode, episode
from simulator.backtest.forecast import (
    Forecast,
    OnProgress,
    forecast,
    months_of,
    with_lumpiness,
)
from simulator.backtest.history import History, load_history
from simulator.backtest.priors import Priors, indices, month_of, months_between, priors_for
from simulator.backtest.scores import (
    ROUNDING,
    Shape,
    covers,
    crps,
    naive_forecasts,
    quantiles,
    shape,
)
from simulator.errors import UsageError, invalid
from simulator.network.network import Floats

if TYPE_CHECKING:
    import pandas as pd

SEED = 20251009
REPLICATIONS = 200
LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
Value = float | int | bool | str | None
_NAIVE = {
    "level": "the level before",
    "persistence": "persistence",
    "seasonal": "the same month a year before",
}
"""Naive forecasts that could have been made on the same day."""
_LOSSES = {"output_loss_pct": "AI chips", "fab_starts_loss_pct": "fab starts"}


@dataclass(frozen=True, eq=False)
class Result:
    """One episode, forecast and observed.

    Attributes
    ----------
    episode, priors
        What was forecast, from what.
    members
        (replications, months) index of the flow as customs would count it.
    flows
        The same without the lumpiness of single months: what the model itself says.
    losses
        By metric, loss of AI chips and of fab starts per replication, in %.
    observed
        Index by month, 1 for the level before; of all months known.
    rows
        One record per observed month, see `frame`.
    """

    episode: Episode
    priors: Priors
    members: Floats
    flows: Floats
    losses: dict[str, Floats]
    observed: dict[str, float]
    history: History

    @property
    def months(self) -> list[str]:
        """Months that are forecast; not all of them were observed."""
        return months_of(self.episode)

    @cached_property
    def rows(self) -> list[dict[str, Value]]:
        """One record per observed month."""
        return list(self._rows())

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per observed month.

        Columns: ``episode``, ``month``, ``value``, ``unit``, ``grade``, ``source_id``, ``index``
        (1: the level before), ``p05`` to ``p95`` and ``mean`` of the forecast, ``model_p05`` and
        ``model_p95`` without the lumpiness of single months, ``covered``, ``covered_model``,
        ``crps``, and the naive forecasts ``level``, ``persistence``, ``seasonal``
        and ``last_month``.
        """
        import pandas as pd

        return pd.DataFrame(self.rows)

    @cached_property
    def scores(self) -> dict[str, Value]:
        """Scores of the episode by name; see the page on validation for what they are."""
        rows = self.rows
        found: dict[str, Value] = {
            "episode": self.episode.name,
            "case": self.episode.case.name,
            "replications": len(self.members),
            "months": len(rows),
            "covered": sum(bool(row["covered"]) for row in rows),
            "covered_model": sum(bool(row["covered_model"]) for row in rows),
            "band_width": _mean(_number(row["p95"]) - _number(row["p05"]) for row in rows),
        }
        for name in ("level", "persistence", "seasonal", "last_month"):
            pairs = [
                (_number(r["crps"]), abs(_number(r["index"]) - _number(r[name]))) for r in rows
            ]
            pairs = [(ours, theirs) for ours, theirs in pairs if np.isfinite(theirs)]
            if name == "level":
                found["crps"] = _mean(ours for ours, _ in pairs)
            elif name != "persistence":
                found[f"{name}_months"] = len(pairs)
                found[f"crps_where_{name}"] = _mean(ours for ours, _ in pairs)
            found[f"crps_{name}"] = _mean(theirs for _, theirs in pairs)
        for name, (value, low, middle, high) in self.shapes.items():
            found |= {
                name: value, f"{name}_p05": low, f"{name}_p50": middle, f"{name}_p95": high,
            }  # fmt: skip
        for name, values in self.losses.items():
            found |= {
                f"{name}_p50": float(np.median(values)),
                f"{name}_p95": float(np.quantile(values, 0.95)),
                f"{name}_above_half": float(np.mean(values > 0.5)),
            }
        return found

    @cached_property
    def shapes(self) -> dict[str, tuple[float, float, float, float]]:
        """Each trait of the flow: observed, and 5, 50 and 95 % quantiles of the forecast."""
        at = [n for n, month in enumerate(self.months) if month in self.observed]
        start = month_of(self.episode.case)
        since = [months_between(start, self.months[n]) for n in at]
        seen = shape([self.observed[self.months[n]] for n in at], since)
        members = [shape(list(path), since) for path in self.members[:, at]]
        found = {}
        for name in (one.name for one in fields(Shape)):
            value = getattr(seen, name)
            if not np.isnan(value):
                drawn = np.array([getattr(one, name) for one in members])
                low, middle, high = quantiles(drawn, (0.05, 0.5, 0.95))
                found[name] = (value, low, middle, high)
        return found

    @cached_property
    def failures(self) -> tuple[str, ...]:
        """Everything that came out otherwise, in words; empty if the forecast held throughout."""
        return tuple(self._failures())

    def _rows(self) -> Iterable[dict[str, Value]]:
        known = self.history.series(self.episode.series)
        months = [month for month in self.months if month in known]
        naive = naive_forecasts(self.observed, self.episode.base_until, months)
        for n, month in enumerate(months):
            at = self.months.index(month)
            drawn, flow, seen = self.members[:, at], self.flows[:, at], self.observed[month]
            low, high = quantiles(flow, (0.05, 0.95))
            yield {
                "episode": self.episode.name,
                "month": month,
                "value": known[month].value,
                "unit": known[month].unit,
                "grade": known[month].grade,
                "source_id": known[month].source_id,
                "index": seen,
                **dict(zip(LEVELS, quantiles(drawn, tuple(LEVELS.values())), strict=True)),
                "mean": float(drawn.mean()),
                "model_p05": low,
                "model_p95": high,
                "covered": covers(drawn, seen),
                "covered_model": covers(flow, seen),
                "crps": crps(drawn, seen),
                **{name: values[n] for name, values in naive.items()},
            }

    def _failures(self) -> Iterable[str]:
        for row in self.rows:
            if not row["covered"]:
                index, low, high = (_number(row[name]) for name in ("index", "p05", "p95"))
                yield (
                    f"{row['month']}: {_percent(index)} of the level before, outside "
                    f"{_percent(low)} to {_percent(high)}"
                )
        for name, words in _NAIVE.items():
            naive = _number(self.scores[f"crps_{name}"])
            ours = _number(self.scores.get(f"crps_where_{name}", self.scores["crps"]))
            if ours >= naive:
                yield f"no better than {words}: CRPS {ours:.2f} against {naive:.2f}"
        for name, words in _LOSSES.items():
            share = _number(self.scores[f"{name}_above_half"])
            if share > 0.5:
                yield (
                    f"{words}: more than 0.5 % lost in {_percent(share)} of replications, while "
                    "none is known"
                )
        for name, (value, low, _, high) in self.shapes.items():
            if not low - ROUNDING <= value <= high + ROUNDING:
                shown = _percent if name in ("peak_before", "depth") else _count
                yield (
                    f"{name.replace('_', ' ')} {shown(value)}, forecast {shown(low)} to "
                    f"{shown(high)}"
                )


def run(
    name: str,
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    history: History | None = None,
    workers: int = 1,
    on_progress: OnProgress | None = None,
) -> Result:
    """Back-test one episode.

    Parameters
    ----------
    name
        One of ``EPISODES``, such as ``"gallium-2023"``.
    replications, seed
        Of the forecast; the same seed gives the same result anywhere.
    history
        What was observed; the packaged history by default.
    workers
        Processes to share the replications.
    on_progress
        Called with replications done and in all.

    Raises
    ------
    UsageError
        If there is no such episode, or fewer than two replications are asked for.
    """
    return run_episodes(
        [name], replications=replications, seed=seed, history=history, workers=workers,
        on_progress=on_progress,
    )[0]  # fmt: skip


def run_episodes(
    names: Sequence[str] = (),
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    history: History | None = None,
    workers: int = 1,
    on_progress: OnProgress | None = None,
) -> list[Result]:
    """Back-test several episodes (default all); those of one case share its runs.

    See `run` for the parameters; ``on_progress`` counts over all cases.
    """
    if replications < 2:
        raise UsageError(f"replications = {replications}: must be 2 or more")
    known = load_history() if history is None else history
    chosen = [episode(name) for name in names] or list(EPISODES)
    cases = list({one.case.name: one.case for one in chosen}.values())
    results: dict[str, Result] = {}
    for n, case in enumerate(cases):
        own = [one for one in chosen if one.case is case]
        priors = priors_for(case, known)
        found = forecast(
            case, own, priors, replications=replications, seed=seed, workers=workers,
            on_progress=_shifted(on_progress, n * replications, len(cases) * replications),
        )  # fmt: skip
        for one in own:
            results[one.name] = _result(one, priors, found, known, seed)
    return [results[one.name] for one in chosen]


def _result(one: Episode, priors: Priors, found: Forecast, history: History, seed: int) -> Result:
    flows = found.flows[one.name]
    observed = indices(history, one)
    if not any(month in observed for month in months_of(one)):
        rule = f"must hold a month of {one.series} from {one.first} to {one.last}"
        raise invalid("monthly.csv", None, rule, "there is nothing to score")
    return Result(
        episode=one,
        priors=priors,
        members=with_lumpiness(flows, one, priors.lumpiness, seed),
        flows=flows,
        losses=dict(found.losses),
        observed=observed,
        history=history,
    )


def _shifted(on_progress: OnProgress | None, done: int, total: int) -> OnProgress | None:
    if on_progress is None:
        return None
    return lambda more, _: on_progress(done + more, total)


def _number(value: Value) -> float:
    return float("nan") if value is None else float(value)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return float(np.mean(found)) if found else None


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _count(value: float) -> str:
    return f"{value:.0f}" if np.isfinite(value) else "never"
