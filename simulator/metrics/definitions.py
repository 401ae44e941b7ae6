"""Name, unit and meaning of every metric: the one table that summaries and reports share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """How to show one metric.

    Attributes
    ----------
    label
        Short name for people.
    unit
        ``%``, ``units``, ``H100e``, ``USD`` or ``days``.
    meaning
        Definition in one sentence.
    """

    label: str
    unit: str
    meaning: str


METRICS: Final[Mapping[str, MetricInfo]] = MappingProxyType(
    {
        "output_loss_pct": MetricInfo(
            "Output loss", "%", "AI chips lost over the horizon, in % of the run without shocks."
        ),
        "output_loss_units": MetricInfo(
            "Output loss, chips", "units", "Accelerators not finished within the horizon."
        ),
        "output_loss_h100e": MetricInfo(
            "Output loss, H100e", "H100e", "The same in H100-equivalents, by computing power."
        ),
        "output_loss_usd": MetricInfo(
            "Output loss, value", "USD", "The same, at the price of each accelerator."
        ),
        "peak_loss_pct": MetricInfo(
            "Peak loss", "%", "Largest shortfall of the 7-day mean below the run without shocks."
        ),
        "time_to_impact_days": MetricInfo(
            "Time to impact",
            "days",
            "From the start to the first day with output more than 1 % below normal.",
        ),
        "time_to_recover_days": MetricInfo(
            "Time to recover",
            "days",
            "From the impact to the first of 30 days in a row at most 1 % below normal.",
        ),
        "resilience_loss_days": MetricInfo(
            "Resilience loss",
            "days",
            "Shortfall added up in days of normal output, without credit for catching up.",
        ),
        "fab_starts_loss_pct": MetricInfo(
            "Loss of fab starts", "%", "Wafer starts lost at the fabs, in % of normal."
        ),
        "commissioned_loss_units": MetricInfo(
            "Compute not commissioned",
            "units",
            "Accelerators not taken into use at data centres within the horizon.",
        ),
        "commissioned_loss_pct": MetricInfo(
            "Loss of commissioned compute", "%", "The same, in % of the run without shocks."
        ),
        "baseline_units": MetricInfo(
            "Output without shocks", "units", "Accelerators finished in the run without shocks."
        ),
        "baseline_usd": MetricInfo(
            "Output without shocks, value", "USD", "The same, at the price of each accelerator."
        ),
    }
)

_YEAR: Final = re.compile(r"output_loss_pct_year(\d+)")


def metric_info(name: str) -> MetricInfo:
    """Look a metric up; years and countries are recognised, other names show as they are.

    Parameters
    ----------
    name
        Column of ``replications.parquet``, such as ``peak_loss_pct`` or ``delivered_loss_pct:JPN``.
    """
    if name in METRICS:
        return METRICS[name]
    year = _YEAR.fullmatch(name)
    if year:
        label = f"Output loss, year {year.group(1)}"
        return MetricInfo(
            label, "%", f"Output loss within year {year.group(1)}, in % of that year."
        )
    kind, _, country = name.partition(":")
    place = f", {country}" if country else ""
    if kind == "delivered_loss_pct":
        return MetricInfo(f"Deliveries lost{place}", "%", "Accelerators missing at data centres.")
    if kind == "delivered_loss_units":
        return MetricInfo(
            f"Deliveries lost{place}", "units", "Accelerators missing at data centres."
        )
    return MetricInfo(name, "", "")
