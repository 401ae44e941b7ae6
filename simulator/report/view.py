"""What the report says, section by section, as plain text ready for a template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from simulator.metrics.definitions import metric_info
from simulator.report.run_folder import RunFolder
from simulator.report.tables import country_rows
from simulator.report.wording import (
    NOTHING,
    SPACE,
    TOO_FEW,
    UNKNOWN,
    cell_unit,
    day_and_month,
    ends,
    is_refused,
    quantity,
    share,
    spread,
    typical,
)

_LOSSES: Final = (
    "output_loss_pct",
    "output_loss_units",
    "output_loss_h100e",
    "output_loss_usd",
    "peak_loss_pct",
    "resilience_loss_days",
    "fab_starts_loss_pct",
)
LIMITS: Final = (
    "Both runs of a pair, with and without shocks, are model runs. The loss is what the shocks do "
    "to the modelled network, not a forecast of what chip makers will report.",
    "The intervals say how well this many replications pin down the result of these assumptions. "
    "They do not say how good the assumptions are.",
    "Nothing that the scenario does not name is decided during a run: no new policy, no deal, no "
    "redesign of a product, no bidding for scarce goods. Prices are fixed; dollars are units at "
    "the price in the tables.",
    "The network holds the facilities that are publicly known. Stocks, shares and capacities that "
    "companies do not publish are estimates, graded as such in the tables.",
    "Each facility has one output; products that are mined together travel as shares of one "
    "concentrate. A sea route is blocked by closing a hub on it.",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and its interval or qualifier in small print.

    Attributes
    ----------
    main, small
        As they are printed.
    of, small_of
        Where their numbers are found, as ``docs/report.md`` says; empty for what is no result.
    links
        Titles and addresses to print in place of ``main``.
    """

    main: str
    small: str = ""
    of: str = ""
    small_of: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its heading, what that means, and its cells."""

    head: str
    cells: tuple[Cell, ...]
    meaning: str = ""
    head_of: str = ""


def notices(run: RunFolder) -> Iterator[str]:
    """Say what the reader must know before trusting any number."""
    done, failed = int(run.summary["replications"]), int(run.summary.get("failed", 0))
    planned = int(run.manifest.get("replications", done + failed))
    if run.manifest.get("status") == "interrupted":
        yield (
            f"The run was interrupted: {done:,} of {planned:,} replications finished. They are the "
            "same as in a complete run, so the numbers are right, only less certain."
        )
    if failed:
        yield (
            f"{failed:,} of {done + failed:,} replications failed and are not in the numbers; "
            "replications.parquet holds the reason for each. If failures are not random, the "
            "numbers are biased."
        )
    note = run.summary.get("metrics", {}).get("output_loss_pct", {}).get("note")
    if note:
        yield f"Few replications: {note}."


def tiles(summary: Mapping[str, Any]) -> Iterator[tuple[str, Cell]]:
    """Four numbers for the eye, each with its uncertainty."""
    metrics = summary.get("metrics", {})
    loss = metrics.get("output_loss_pct")
    if loss is None:
        return
    at = "summary:metrics/output_loss_pct"
    yield "Mean loss of output", _with_interval(loss, "mean", "mean_ci95", at)
    yield "Mean of the worst 5\u00a0%", _with_interval(loss, "cvar95", "cvar95_ci95", at)
    for name, label in (
        ("time_to_impact_days", "Time to impact, median"),
        ("time_to_recover_days", "Time to recover, median"),
    ):
        record = metrics.get(name)
        if record is not None:
            yield label, _typical_time(name, record)


def loss_rows(summary: Mapping[str, Any]) -> list[Row]:
    """Rows of the loss table: mean, median, range, VaR and CVaR with intervals."""
    metrics = summary.get("metrics", {})
    years = sorted(name for name in metrics if name.startswith("output_loss_pct_year"))
    names = [*_LOSSES[:4], *(years if len(years) > 1 else ()), *_LOSSES[4:]]
    return [_loss_row(name, metrics[name]) for name in names if name in metrics]


def odds_rows(summary: Mapping[str, Any]) -> list[Row]:
    """Probability of losing more than each threshold, with its interval."""
    rows = []
    for place, odds in enumerate(summary.get("probabilities", ())):
        at = f"summary:probabilities/{place}"
        low, high = odds["ci95"]
        rows.append(
            Row(
                f"more than {odds['output_loss_above_pct']:g}{SPACE}%",
                (
                    Cell(share(odds["probability"]), of=f"{at}/probability"),
                    Cell(f"{share(low)} to {share(high)}", of=f"{at}/ci95"),
                ),
                head_of=f"{at}/output_loss_above_pct",
            )
        )
    return rows


def time_rows(summary: Mapping[str, Any]) -> list[Row]:
    """When output is hit and when it is back, with what was never observed."""
    found = summary.get("metrics", {})
    rows = []
    for name in ("time_to_impact_days", "time_to_recover_days"):
        record = found.get(name)
        if record is None:
            continue
        info = metric_info(name)
        unseen = "no impact" if name == "time_to_impact_days" else "not back by the end"
        portion = share(record["censored"] / record["n"]) if record["n"] else "no run was hit"
        at = f"summary:metrics/{name}"
        cells = (
            Cell(typical(record, "p50", name), of=f"{at}/p50"),
            Cell(spread(record, name), of=f"{at}/p05 {at}/p95"),
            _mean_time(name, record),
            Cell(portion, unseen if record["n"] else "", of=f"{at}/censored÷{at}/n"),
        )
        rows.append(Row(info.label, cells, info.meaning))
    return rows


def timeline_rows(run: RunFolder) -> list[Row]:
    """Shocks and measures with their dates, in the order they begin."""
    rows = []
    for entry in sorted(run.timeline, key=lambda e: (str(e["from_date"] or ""), str(e["name"]))):
        begin, until = entry["from_date"], entry.get("until_date")
        rows.append(
            Row(
                str(entry.get("label") or entry["name"]),
                (
                    Cell(str(entry.get("kind", "shock"))),
                    Cell("the start" if begin is None else _day(begin)),
                    Cell("open end" if until is None else _day(until)),
                ),
                f"{entry['name']}, {str(entry.get('type', '')).replace('_', ' ')}",
            )
        )
    return rows


def country_table(run: RunFolder) -> list[Row]:
    """Deliveries lost per country, the worst first."""
    names = run.country_names
    rows = []
    for code, records in country_rows(run.summary):
        percent, units = records["delivered_loss_pct"], records.get("delivered_loss_units")
        at = f"summary:countries/{code}"
        pct = f"{at}/delivered_loss_pct"
        cells = (
            _with_interval(percent, "mean", "mean_ci95", pct),
            Cell(spread(percent, "delivered_loss_pct"), of=f"{pct}/p05 {pct}/p95"),
            _with_interval(percent, "cvar95", "cvar95_ci95", pct),
            Cell(NOTHING)
            if units is None
            else _with_interval(units, "mean", "mean_ci95", f"{at}/delivered_loss_units"),
        )
        rows.append(Row(names.get(code, code), cells, code if code in names else ""))
    return rows


def period(run: RunFolder) -> str:
    """First and last day of the horizon in words."""
    last = run.start + timedelta(days=int(run.summary["horizon_days"]) - 1)
    return f"{day_and_month(run.start)} to {day_and_month(last)}"


def provenance(run: RunFolder) -> list[tuple[str, str]]:
    """Everything that makes the result repeatable."""
    manifest = run.manifest
    engines = ", ".join(f"{k} {v}" for k, v in manifest.get("engine_versions", {}).items())
    counts = dict(manifest.get("network", {}))
    known = [str(counts.pop("name"))] if "name" in counts else []
    network = ", ".join([*known, *(f"{count:,} {what}" for what, count in counts.items())])
    facts = [
        ("Scenario", manifest.get("scenario")),
        ("Package", f"{manifest.get('package', 'paxsim')} {manifest.get('version', '')}"),
        ("Engine", f"{manifest.get('engine', '')} ({engines})" if engines else ""),
        ("Seed", manifest.get("seed")),
        ("Replications", f"{int(run.summary['replications']):,} finished"),
        ("Horizon", f"{int(run.summary['horizon_days']):,} days, {period(run)}"),
        ("Counted as AI chips", ", ".join(map(str, manifest.get("outcome", ())))),
        ("Network", network),
        *((f"Checksum, {k}", v) for k, v in manifest.get("checksums", {}).items()),
        ("Started", manifest.get("started")),
        ("Took", _took(manifest)),
    ]
    return [(name, str(value)) for name, value in facts if value not in (None, "")]


def _loss_row(name: str, record: Mapping[str, Any]) -> Row:
    info, at = metric_info(name), f"summary:metrics/{name}"
    cells = (
        _with_interval(record, "mean", "mean_ci95", at),
        Cell(typical(record, "p50", name), of=f"{at}/p50"),
        Cell(spread(record, name), of=f"{at}/p05 {at}/p95"),
        _with_interval(record, "var95", "var95_ci95", at),
        _with_interval(record, "cvar95", "cvar95_ci95", at),
    )
    return Row(info.label, cells, "" if "_year" in name else info.meaning)


def _with_interval(record: Mapping[str, Any], value: str, bounds: str, at: str) -> Cell:
    unit, pair = cell_unit(record), record.get(bounds) or (None, None)
    small = ends(pair, unit) if any(end is not None for end in pair) else ""
    missing = TOO_FEW if is_refused(record, value) else UNKNOWN
    main = quantity(record[value], unit, beyond=missing)
    return Cell(main, small, of=f"{at}/{value}", small_of=f"{at}/{bounds}")


def _typical_time(name: str, record: Mapping[str, Any]) -> Cell:
    main, at = typical(record, "p50", name), f"summary:metrics/{name}"
    if not record["n"] or record["n"] == record["censored"]:
        return Cell(main, of=f"{at}/p50")
    small = f"nine in ten: {spread(record, name)}"
    return Cell(main, small, of=f"{at}/p50", small_of=f"{at}/p05 {at}/p95")


def _mean_time(name: str, record: Mapping[str, Any]) -> Cell:
    if record["mean"] is None:
        return Cell(NOTHING)
    small = ""
    if record["censored"]:
        small = "of those hit" if name == "time_to_impact_days" else "at least: counted to the end"
    return Cell(quantity(record["mean"], "days"), small, of=f"summary:metrics/{name}/mean")


def _took(manifest: Mapping[str, Any]) -> str:
    seconds = manifest.get("duration_seconds")
    if seconds is None:
        return ""
    return f"{float(seconds):,.0f} s with {manifest.get('workers', '?')} workers"


def _day(value: object) -> str:
    return day_and_month(date.fromisoformat(str(value)[:10]))
