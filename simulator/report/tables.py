"""A summary as a tidy table for spreadsheets, and as aligned text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from simulator.metrics.definitions import metric_info
from simulator.report.wording import NOTHING, SPACE, cell_unit, ends, quantity, spread, typical

if TYPE_CHECKING:
    from pandas import DataFrame

_HEADER: Final = ("", "mean", "95 % interval", "median", "5 to 95 %", "CVaR 95", "95 % interval")
_TEXT_ROWS: Final = (
    "output_loss_pct",
    "output_loss_units",
    "output_loss_h100e",
    "output_loss_usd",
    "peak_loss_pct",
    "time_to_impact_days",
    "time_to_recover_days",
    "resilience_loss_days",
    "fab_starts_loss_pct",
)


def summary_frame(summary: Mapping[str, Any]) -> DataFrame:
    """Turn ``summary.json`` into the tidy table of ``summary.csv``.

    Parameters
    ----------
    summary
        Content of ``summary.json``.

    Returns
    -------
    DataFrame
        Columns ``metric``, ``statistic``, ``value`` and ``unit``. Ends of intervals are statistics
        of their own (``mean_ci95_low``, ``mean_ci95_high``); countries are metrics such as
        ``delivered_loss_pct:JPN``; what is not finite is missing.
    """
    import pandas as pd

    frame = pd.DataFrame(list(_rows(summary)), columns=["metric", "statistic", "value", "unit"])
    return frame.astype({"value": "float64"})


def summary_text(summary: Mapping[str, Any]) -> str:
    """Write the main numbers as plain aligned text, with what to keep in mind below.

    Parameters
    ----------
    summary
        Content of ``summary.json``.

    Returns
    -------
    str
        Lines without a newline at the end.
    """
    metrics = summary.get("metrics", {})
    rows = [_HEADER, *(_text_row(name, metrics[name]) for name in _TEXT_ROWS if name in metrics)]
    table = _aligned(rows) if len(rows) > 1 else ["No replication finished."]
    return "\n".join([_headline(summary), "", *table, *_remarks(summary)]).replace(SPACE, " ")


def country_rows(summary: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Countries with their deliveries lost, the worst mean percentage first, ties by code."""
    found = [
        (code, records)
        for code, records in summary.get("countries", {}).items()
        if records.get("delivered_loss_pct", {}).get("mean") is not None
    ]
    return sorted(found, key=lambda item: (-item[1]["delivered_loss_pct"]["mean"], item[0]))


def _rows(summary: Mapping[str, Any]) -> Iterator[tuple[str, str, float | None, str]]:
    records = dict(summary.get("metrics", {}))
    for code, kinds in summary.get("countries", {}).items():
        records |= {f"{kind}:{code}": record for kind, record in kinds.items()}
    for name, record in records.items():
        unit = str(record["unit"])
        for key, value in record.items():
            if isinstance(value, str):
                continue
            counts = key in ("n", "censored", "excluded", "tail_observations")
            yield from _cells(name, key, value, "runs" if counts else unit)
    for odds in summary.get("probabilities", ()):
        key = f"probability_above_{odds['output_loss_above_pct']:g}_pct"
        yield from _cells("output_loss_pct", key, odds["probability"], "probability")
        yield from _cells("output_loss_pct", f"{key}_ci95", odds["ci95"], "probability")


def _cells(
    metric: str, statistic: str, value: float | Sequence[float | None] | None, unit: str
) -> Iterator[tuple[str, str, float | None, str]]:
    if isinstance(value, Sequence):
        yield metric, f"{statistic}_low", value[0], unit
        yield metric, f"{statistic}_high", value[1], unit
    else:
        yield metric, statistic, value, unit


def _headline(summary: Mapping[str, Any]) -> str:
    runs, failed = int(summary["replications"]), int(summary.get("failed", 0))
    text = f"{summary['scenario']}: {runs:,} replication{'' if runs == 1 else 's'}"
    text += f" ({failed:,} failed)" if failed else ""
    return f"{text}, {int(summary['horizon_days']):,} days, seed {summary['seed']}"


def _text_row(name: str, record: Mapping[str, Any]) -> tuple[str, ...]:
    unit = cell_unit(record)
    return (
        metric_info(name).label,
        quantity(record["mean"], unit, beyond=NOTHING),
        ends(record["mean_ci95"], unit),
        typical(record, "p50", name),
        spread(record, name),
        typical(record, "cvar95", name),
        ends(record["cvar95_ci95"], unit),
    )


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _remarks(summary: Mapping[str, Any]) -> Iterator[str]:
    metrics = summary.get("metrics", {})
    remarks = []
    impact = metrics.get("time_to_impact_days")
    if impact is not None and impact["censored"]:
        remarks.append(f"No impact in {impact['censored']:,} of {impact['n']:,} runs.")
    back = metrics.get("time_to_recover_days")
    if back is not None and back["censored"]:
        remarks.append(
            f"Not recovered by the end in {back['censored']:,} of the {back['n']:,} runs with an "
            "impact; the mean counts them up to the end."
        )
    note = metrics.get("output_loss_pct", {}).get("note")
    if note:
        remarks.append(f"{note[0].upper()}{note[1:]}.")
    if remarks:
        yield ""
        yield from remarks
