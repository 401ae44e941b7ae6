"""Losses of one replication, and the risk over all of them; free of the network."""

from __future__ import annotations

from simulator.metrics.loss import impact
from simulator.metrics.outcome import OutcomeSeries
from simulator.metrics.risk import (
    Summary,
    exceedance,
    exceedance_probability,
    summarise,
    wilson_interval,
)
from simulator.metrics.summary import summarise_replications

__all__ = [
    "OutcomeSeries",
    "Summary",
    "exceedance",
    "exceedance_probability",
    "impact",
    "summarise",
    "summarise_replications",
    "wilson_interval",
]
