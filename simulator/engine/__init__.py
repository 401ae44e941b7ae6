"""Engines: deterministic functions from a realisation to a trajectory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine.log import EventLog, LogEntry
from simulator.engine.trajectory import Trajectory
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.sampling.realisation import Realisation

ENGINES = ("auto", "block", "scalar", "simpy")
"""``simpy`` is the definition, ``scalar`` its compiled twin, ``block`` the same for many runs at a
time; ``auto`` takes the fastest for what is asked."""

__all__ = ["ENGINES", "EventLog", "LogEntry", "Trajectory", "simulate"]


def simulate(
    realisation: Realisation,
    *,
    engine: str = "auto",
    record: str = "outcome",
    log: EventLog | None = None,
) -> Trajectory:
    """Run one realisation to its horizon.

    Parameters
    ----------
    realisation
        Sampled numbers, plan and controls; the result depends on nothing else.
    engine
        Which engine; all give the same series, bit for bit. Every series of a single run is not
        for blocks: ``block`` then takes the scalar kernel.
    record
        ``outcome`` for what metrics need, ``all`` for every series.
    log
        Where to write down what happens.

    Raises
    ------
    UsageError
        If the engine or the record is unknown.
    """
    if engine not in ENGINES:
        raise UsageError(f"engine = {engine}: must be one of {', '.join(ENGINES)}")
    if record not in ("outcome", "all"):
        raise UsageError(f"record = {record}: must be outcome or all")
    everything = record == "all"
    if engine in ("block", "scalar") and log is not None:
        raise UsageError(f"engine = {engine}: only the simpy engine keeps an event log")
    if engine == "simpy" or log is not None:
        from simulator.engine import simpy_engine

        return simpy_engine.run(realisation, everything=everything, log=log)
    from simulator.engine import kernel

    if engine == "block" and not everything:
        return kernel.run_many([realisation])[0]
    return kernel.run(realisation, everything=everything)
