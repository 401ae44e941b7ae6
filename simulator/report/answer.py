"""The answer in two sentences, made from the numbers of ``summary.json`` alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from simulator.report.wording import (
    NEGLIGIBLE_PCT,
    SPACE,
    day_and_month,
    ends,
    interval,
    is_refused,
    quantity,
    share,
)


def answer(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """Say in two sentences how much is lost, how surely, when it starts and when it ends.

    Parameters
    ----------
    summary
        Content of ``summary.json``: every number comes from here.
    manifest
        Content of ``manifest.json``: only whether there are shocks and measures is read.

    Returns
    -------
    str
        Two sentences of plain text, with no-break spaces before units.
    """
    runs = int(summary["replications"])
    loss = summary.get("metrics", {}).get("output_loss_pct")
    if not runs or loss is None or loss["mean"] is None:
        failed = int(summary.get("failed", 0))
        return (
            "No replication finished, so there is no answer. "
            f"{failed:,} failed; the replications file says why."
        )
    if _nothing_lost(summary):
        return f"{_no_loss(summary, manifest)} {_no_loss_certainty(summary)}"
    return f"{_how_much(summary, manifest)} {_when(summary)}"


def _nothing_lost(summary: Mapping[str, Any]) -> bool:
    loss, peak = (summary["metrics"].get(name) for name in ("output_loss_pct", "peak_loss_pct"))
    sizes = [loss[key] for key in ("mean", "p05", "cvar95", "cvar99") if loss.get(key) is not None]
    if peak is not None:
        sizes += [peak[key] for key in ("mean", "cvar99") if peak.get(key) is not None]
    return all(abs(size) < NEGLIGIBLE_PCT for size in sizes)


def _period(summary: Mapping[str, Any]) -> str:
    start = date.fromisoformat(str(summary["start_date"])[:10])
    last = start + timedelta(days=int(summary["horizon_days"]) - 1)
    return f"between {day_and_month(start)} and {day_and_month(last)}"


def _cause(manifest: Mapping[str, Any]) -> str:
    kinds = {str(entry.get("kind", "shock")) for entry in manifest.get("timeline", ())}
    if kinds == {"measure"}:
        return "the measures"
    return "the shocks, with the measures taken," if "measure" in kinds else "the shocks"


def _no_loss(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    runs = int(summary["replications"])
    which = "the single run" if runs == 1 else f"all {runs:,} runs"
    if not manifest.get("timeline"):
        return (
            f"Nothing happens in this scenario: in {which} AI-chip output {_period(summary)} "
            "follows its plan."
        )
    return (
        f"No AI-chip output is lost: {_period(summary)} {_cause(manifest)} "
        f"leave it as it would be without them in {which}."
    )


def _no_loss_certainty(summary: Mapping[str, Any]) -> str:
    runs = int(summary["replications"])
    odds = summary.get("probabilities")
    if runs == 1 or not odds:
        return f"How sure that is cannot be said from {runs:,} run{'' if runs == 1 else 's'} alone."
    threshold, high = odds[0]["output_loss_above_pct"], odds[0]["ci95"][1]
    return (
        f"From {runs:,} runs, the probability of losing more than {threshold:g}{SPACE}% is "
        f"below {share(high)} (95{SPACE}% confidence)."
    )


def _how_much(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    metrics, runs = summary["metrics"], int(summary["replications"])
    loss = metrics["output_loss_pct"]
    sign = -1 if loss["mean"] < 0 else 1
    cause = _cause(manifest)
    does = "cost" if sign > 0 else "add"
    start = f"{cause[0].upper()}{cause[1:]} {does} {quantity(sign * loss['mean'], '%')}"
    start += f" {'of' if sign > 0 else 'to'} AI-chip output"
    where = f"{_period(summary)}{_absolute(metrics, sign)}"
    if runs == 1:
        return f"{start} {where}, in a single run and so without a measure of uncertainty."
    low, high = sorted(sign * end for end in loss["mean_ci95"])
    certainty = f"on average (95{SPACE}% interval {interval(low, high, '%')})"
    return f"{start} {certainty} {where}; {_worst(loss, runs)}."


def _absolute(metrics: Mapping[str, Any], sign: int) -> str:
    parts = []
    for name in ("output_loss_units", "output_loss_usd"):
        record = metrics.get(name)
        if record is not None and record["mean"]:
            parts.append(quantity(sign * record["mean"], record["unit"]))
    return f", that is {' or '.join(parts)}" if parts else ""


def _worst(loss: Mapping[str, Any], runs: int) -> str:
    if is_refused(loss, "cvar95"):
        return f"{runs:,} runs are not enough to say how bad the worst 5{SPACE}% of cases are"
    level, bounds = quantity(loss["cvar95"], "%"), ends(loss["cvar95_ci95"], "%")
    return f"in the worst 5{SPACE}% of cases the loss averages {level} ({bounds})"


def _when(summary: Mapping[str, Any]) -> str:
    impact = summary["metrics"].get("time_to_impact_days")
    if impact is None or impact["n"] == impact["censored"]:
        return f"On no day does output fall more than 1{SPACE}% below normal."
    hit = impact["n"] - impact["censored"]
    start = f"Output first falls more than 1{SPACE}% below normal "
    if impact["n"] == 1:
        start += f"after {quantity(impact['mean'], 'days')}"
    elif impact["p50"] is None:
        start += f"after {quantity(impact['mean'], 'days')} on average"
    else:
        start += f"after {quantity(impact['p50'], 'days')} at the median"
        first, last = impact["p05"], impact["p95"]
        if first is not None and last is not None and first != last:
            start += f" (5 to 95{SPACE}% range {interval(first, last, 'days')})"
    if impact["censored"]:
        start += f", in the {share(hit / impact['n'])} of runs where it does"
    return f"{start}, {_and_back(summary['metrics'].get('time_to_recover_days'))}."


def _and_back(record: Mapping[str, Any] | None) -> str:
    if record is None or not record["n"]:
        return "and the time to recover was not measured"
    runs, late = int(record["n"]), int(record["censored"])
    if late == runs:
        cases = "" if runs == 1 else " in any of them"
        return f"and it is not back to normal{cases} by the end of the period"
    if record["p50"] is None:
        return (
            f"and is not back to normal by the end of the period in {share(late / runs)} of cases"
        )
    typical = " at the median" if runs > 1 else ""
    back = f"and is back to normal {quantity(record['p50'], 'days')} later{typical}"
    if not late:
        return back
    return f"{back}, though in {share(late / runs)} of cases not by the end of the period"
