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
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from simulator.network.network import Floats


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

_Value = TypeVar("_Value", float, Floats)
_Window: TypeAlias = "tuple[int, int | None, float | tuple[float, ...]]"


class Effect(NamedTuple):
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
    windows: dict[tuple[Control, int], list[_Window]] = {}
    for effect in effects:
        windows.setdefault(effect[:2], []).append(effect[2:])
    alike: dict[tuple[Control, tuple[_Window, ...]], list[int]] = {}
    for (control, target), own in windows.items():  # a shock often does the same to many
        alike.setdefault((control, tuple(own)), []).append(target)
    days, controls, targets, values = list[int](), list[int](), list[int](), list[float]()
    for (control, same), found in alike.items():
        for day, value in _changes(control, same, horizon_days):
            days += [day] * len(found)
            controls += [int(control)] * len(found)
            targets += found
            values += [value] * len(found)
    order = np.lexsort((targets, controls, days))
    return ChangePoints(
        day=np.array(days, np.int64)[order],
        control=np.array(controls, np.int64)[order],
        target=np.array(targets, np.int64)[order],
        value=np.array(values, np.float64)[order],
    )


def _changes(
    control: Control, windows: Sequence[_Window], horizon_days: int
) -> list[tuple[int, float]]:
    """Days on which the combined value of some windows changes, or acts at once, and the value."""
    spans: list[tuple[int, int, float]] = []
    for window in windows:
        begin, last = _days(control, window, horizon_days)
        if isinstance(window[2], tuple):
            return _daily_changes(control, windows, horizon_days)
        spans.append((begin, last, float(window[2])))
    # Between the days on which windows begin and end nothing changes.
    found: list[tuple[int, float]] = []
    before = neutral = NEUTRAL[control]
    for day in sorted({day for begin, last, _ in spans for day in (begin, last)}):
        now = neutral
        for begin, last, value in spans:
            if begin <= day < last:
                now = float(_with(control, now, value))
        if day < horizon_days and now != before:
            found.append((day, now))
        before = neutral if control in AT_ONCE else now
    return found


def _daily_changes(
    control: Control, windows: Sequence[_Window], horizon_days: int
) -> list[tuple[int, float]]:
    """As `_changes`, where the value of some windows changes from day to day."""
    neutral = NEUTRAL[control]
    path = np.full(horizon_days, neutral)
    for window in windows:
        begin, last = _days(control, window, horizon_days)
        start, _, values = window
        if begin < last:
            own = values[begin - start : last - start] if isinstance(values, tuple) else values
            more = np.broadcast_to(np.asarray(own, np.float64), last - begin)
            path[begin:last] = _with(control, path[begin:last], more)
    before = neutral if control in AT_ONCE else np.concatenate(([neutral], path[:-1]))
    return [(int(day), float(path[day])) for day in np.flatnonzero(path != before)]


def _days(control: Control, window: _Window, horizon_days: int) -> tuple[int, int]:
    """First day of a window in the run, and the day on which it is over."""
    start, end, values = window
    if control in AT_ONCE and not isinstance(values, tuple):
        end = start + 1
    return max(start, 0), horizon_days if end is None else min(end, horizon_days)


def _with(control: Control, value: _Value, more: _Value) -> _Value:
    """Value of a control with another window on top, of one day or of many."""
    if control is Control.LIMIT:
        least: _Value = np.minimum(value, more)
        return least
    if control in _ADDED:
        return value + more
    return more if control in _REPLACED else value * more
