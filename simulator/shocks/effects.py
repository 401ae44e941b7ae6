"""What shocks and measures do to the engine's controls, and how several of them combine.

A shock yields `Effect` windows; `combine` turns all windows of a replication into `ChangePoints`,
one value per control, target and day on which it changes. Where windows meet on one target,
capacity, handling, demand, cover and progress multiply, limits take the minimum, delays and
priority classes add.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Control(IntEnum):
    """The engine's only inputs over time (``docs/model.md``, section 4); targets are numbers."""

    CAPACITY = 0
    """Facility: multiplies capacity."""
    LIMIT = 1
    """Lane: at most value x planned rate leaves per day; infinite means no limit."""
    HANDLING = 2
    """Hub: multiplies handling capacity."""
    DELAY = 3
    """Lane: whole days added to the transit of what leaves from now on."""
    PROGRESS = 4
    """Facility: 0 freezes work in process for the day, 1 lets it go on."""
    DEMAND = 5
    """Sink: multiplies demand."""
    COVER = 6
    """Slot: multiplies the target cover."""
    STOCK_ADD = 7
    """Slot: units added at once."""
    STOCK_KEEP = 8
    """Slot: share of the stock kept at once."""
    FINISHED_ADD = 9
    """Facility: units added to finished goods at once (a stockpile buys)."""
    FINISHED_KEEP = 10
    """Facility: share of finished goods kept at once."""
    PROCESS_KEEP = 11
    """Facility: share of work in process kept at once."""
    SHARE = 12
    """Lane: new share; negative means as planned."""
    STANDBY = 13
    """Lane: new standby share; negative means as planned."""
    PRIORITY = 14
    """Lane: classes by which it is served later than planned."""


NEUTRAL = {
    Control.CAPACITY: 1.0,
    Control.LIMIT: np.inf,
    Control.HANDLING: 1.0,
    Control.DELAY: 0.0,
    Control.PROGRESS: 1.0,
    Control.DEMAND: 1.0,
    Control.COVER: 1.0,
    Control.STOCK_ADD: 0.0,
    Control.STOCK_KEEP: 1.0,
    Control.FINISHED_ADD: 0.0,
    Control.FINISHED_KEEP: 1.0,
    Control.PROCESS_KEEP: 1.0,
    Control.SHARE: -1.0,
    Control.STANDBY: -1.0,
    Control.PRIORITY: 0.0,
}
"""Value of each control when nothing happens."""

AT_ONCE = frozenset(
    (
        Control.STOCK_ADD,
        Control.STOCK_KEEP,
        Control.FINISHED_ADD,
        Control.FINISHED_KEEP,
        Control.PROCESS_KEEP,
    )
)
"""Controls that act on one day and leave no state behind."""

_ADDED = frozenset((Control.DELAY, Control.STOCK_ADD, Control.FINISHED_ADD, Control.PRIORITY))
_REPLACED = frozenset((Control.SHARE, Control.STANDBY))


@dataclass(frozen=True, slots=True)
class Effect:
    """One control set on one target from ``start`` up to, not including, ``end``.

    Attributes
    ----------
    control, target
        What is set, on which facility, slot or lane number.
    start, end
        Days from the scenario's start; ``end`` None lasts to the horizon. A window may begin before
        day 0.
    values
        One value for the whole window, or one per day of it, for recoveries and ramps.

    A control that acts at once does so on ``start`` with a single value, and on every day of the
    window with one value per day.
    """

    control: Control
    target: int
    start: int
    end: int | None
    values: float | tuple[float, ...]


@dataclass(frozen=True)
class ChangePoints:
    """Combined control values by day, sorted by day, control and target."""

    day: npt.NDArray[np.int64]
    control: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.day)

    def of(self, control: Control) -> dict[int, list[tuple[int, float]]]:
        """Changes of one control as ``{target: [(day, value), ...]}``."""
        found: dict[int, list[tuple[int, float]]] = {}
        for i in np.flatnonzero(self.control == control):
            found.setdefault(int(self.target[i]), []).append(
                (int(self.day[i]), float(self.value[i]))
            )
        return found


def combine(effects: Iterable[Effect], horizon_days: int) -> ChangePoints:
    """Work out the combined value of every control before the engine starts.

    Effects are combined in the order given; callers sort shocks by name, so that the order of
    entries in a scenario file does not matter, to the last bit.
    """
    grouped: dict[tuple[Control, int], list[Effect]] = {}
    for effect in effects:
        grouped.setdefault((effect.control, effect.target), []).append(effect)
    rows: list[tuple[int, int, int, float]] = []
    known: dict[object, list[tuple[int, float]]] = {}  # a shock often does the same to many
    for (control, target), windows in grouped.items():
        key = (control, *((window.start, window.end, window.values) for window in windows))
        changes = known.get(key)
        if changes is None:
            path = _path(control, windows, horizon_days)
            changes = known[key] = _changes(control, path)
        number = int(control)
        rows.extend([(day, number, target, value) for day, value in changes])
    rows.sort()
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return ChangePoints(
        day=np.array(columns[0], np.int64),
        control=np.array(columns[1], np.int64),
        target=np.array(columns[2], np.int64),
        value=np.array(columns[3], np.float64),
    )


def _path(
    control: Control, windows: Sequence[Effect], horizon_days: int
) -> npt.NDArray[np.float64]:
    path = np.full(horizon_days, NEUTRAL[control])
    for window in windows:
        end = horizon_days if window.end is None else min(window.end, horizon_days)
        if control in AT_ONCE and isinstance(window.values, float | int):
            end = min(window.start + 1, horizon_days)
        begin = max(window.start, 0)
        if begin >= end:
            continue
        values: npt.NDArray[np.float64] | float = (
            window.values
            if isinstance(window.values, float | int)
            else np.asarray(window.values)[begin - window.start : end - window.start]
        )
        part = path[begin:end]
        if control is Control.LIMIT:
            path[begin:end] = np.minimum(part, values)
        elif control in _ADDED:
            path[begin:end] = part + values
        elif control in _REPLACED:
            path[begin:end] = values
        else:
            path[begin:end] = part * values
    return path


def _changes(control: Control, path: npt.NDArray[np.float64]) -> list[tuple[int, float]]:
    neutral = NEUTRAL[control]
    if control in AT_ONCE:
        days = np.flatnonzero(path != neutral)
    else:
        days = np.flatnonzero(path != np.concatenate(([neutral], path[:-1])))
    return [(int(day), float(path[day])) for day in days]
