"""Material that reaches its users beside their lanes, day by day: recycled, or replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from simulator.errors import invalid
from simulator.shocks.base import names
from simulator.shocks.effects import Control, Effect
from simulator.shocks.scene import Scene
from simulator.spec import FacilitySelector, MaterialSelector


def users(scene: Scene, facilities: FacilitySelector, materials: MaterialSelector) -> list[int]:
    """Slots of the facilities for the materials, of an entry that calls them so.

    Raises
    ------
    InputError
        If none of the facilities uses the materials.
    """
    chosen = scene.facilities("facilities", facilities, None)
    found = list(scene.slots(chosen, scene.materials("materials", materials)))
    if not found:
        rule, remedy = "none of the facilities uses these materials", "select what they use"
        raise invalid(f"{scene.name}.materials", names(materials), rule, remedy)
    return found


def daily_additions(
    scene: Scene,
    slots: Iterable[int],
    window: tuple[int, int | None],
    fraction: float,
    ramp_days: int,
) -> Iterator[Effect]:
    """A fraction of each slot's planned use added every day, climbing evenly over a ramp.

    Parameters
    ----------
    scene
        The entry's scene.
    slots
        Slots that get it.
    window
        First day, and the day on which it ends (None: the horizon).
    fraction
        Share of planned use in the end.
    ramp_days
        Days until then.
    """
    start, end = window
    last = scene.horizon_days if end is None else min(end, scene.horizon_days)
    begin = max(start, 0)
    if begin >= last or fraction <= 0.0:
        return
    climb = np.minimum((np.arange(begin, last) - start + 1) / max(ramp_days, 1), 1.0)
    for slot in slots:
        units = fraction * climb * scene.plan.slot_rate[slot, begin:last]
        yield Effect(Control.STOCK_ADD, slot, begin, last, tuple(units.tolist()))
