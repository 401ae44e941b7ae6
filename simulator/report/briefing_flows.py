"""What each entry of a scenario touches: facilities, lanes, and the share of planned flows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.report.briefing_words import percent
from simulator.shocks.effects import AT_ONCE, Control

if TYPE_CHECKING:
    from simulator.network.network import Network
    from simulator.sampling.model import Model
    from simulator.shocks.effects import Effect

_ON_LANES = (Control.LIMIT, Control.DELAY, Control.SHARE, Control.STANDBY)
_ON_SLOTS = (Control.DEMAND, Control.COVER, Control.STOCK_ADD, Control.STOCK_KEEP)


@dataclass(frozen=True)
class Touched:
    """What one entry acts on, at base values and as if nothing suspended it.

    Attributes
    ----------
    name, kind, type, label
        The entry.
    how
        What it does, such as ``"lanes limited to 22 % of plan"``.
    facilities, lanes
        How many facilities it acts on itself (for a stock: its owner), and over how many lanes
        goods to or from what it acts on go.
    flows
        Material, and the share of its planned flow on those lanes, on the first day it acts.
    """

    name: str
    kind: str
    type: str
    label: str
    how: tuple[str, ...]
    facilities: int
    lanes: int
    flows: tuple[tuple[str, float], ...]


def touched(model: Model) -> tuple[Touched, ...]:
    """What each entry touches, shocks first."""
    effects = model.base_effects(suspended=False)
    keys = sorted(model.entries, key=lambda key: (not key.startswith("shocks."), key))
    return tuple(_touched(model, key, effects[key]) for key in keys)


def _touched(model: Model, key: str, effects: tuple[Effect, ...]) -> Touched:
    section, name = key.split(".", 1)
    entry, network = model.entries[key], model.network
    inside = [e for e in effects if e.start < network.horizon_days and (e.end is None or e.end > 0)]
    lanes: set[int] = set()
    facilities: set[int] = set()
    for effect in inside:
        lanes |= set(_lanes(network, effect))
        if effect.control in _ON_SLOTS:
            facilities.add(int(network.slot_facility[effect.target]))
        elif effect.control not in _ON_LANES:
            facilities.add(effect.target)
    day = min((max(effect.start, 0) for effect in inside), default=0)
    return Touched(
        name,
        section.removesuffix("s"),
        entry.type,
        entry.label(),
        tuple(_how(inside, network.horizon_days)),
        len(facilities),
        len(lanes),
        _flows(model, lanes, day),
    )


def _lanes(network: Network, effect: Effect) -> Iterable[int]:
    """Lanes that goods to or from the target of an effect take."""
    if effect.control in _ON_LANES:
        return (effect.target,)
    if effect.control in _ON_SLOTS:
        return network.lanes_into(effect.target)
    if effect.control is Control.HANDLING:
        return (i for i in network.lanes if effect.target in network.lane_hubs[i])
    return network.out_lanes[effect.target]


def _flows(model: Model, lanes: set[int], day: int) -> tuple[tuple[str, float], ...]:
    network, rate = model.network, model.plan.planned_lane_rate[:, day]
    material = network.slot_material[network.lane_slot]
    total = np.bincount(material, rate, len(network.material_ids))
    chosen = sorted(lanes)
    part = np.bincount(material[chosen], rate[chosen], len(network.material_ids))
    found = [
        (network.material_ids[m], float(part[m] / total[m])) for m in np.flatnonzero(part > 0.0)
    ]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _how(effects: list[Effect], horizon_days: int) -> Iterable[str]:
    """What happens at the targets, control by control, with the strongest value."""
    for control in sorted({effect.control for effect in effects}):
        values = [v for e in effects if e.control is control for v in (_least(e), _most(e))]
        low, high = min(values), max(values)
        if control is Control.LIMIT:
            if low == np.inf:
                continue
            own = [e for e in effects if e.control is control]
            at_last = [_least(e) for e in own if e.end is None or e.end >= horizon_days]
            first = "lanes closed" if low <= 0 else f"lanes limited to {percent(low)} of plan"
            later = at_last and min(at_last) > low
            yield first + (f", in the end {percent(min(at_last))} of plan" if later else "")
        elif control is Control.DELAY:
            yield f"{high:g} days longer on the way"
        elif control in (Control.SHARE, Control.STANDBY):
            yield "new shares" if control is Control.SHARE else "new standby shares"
        elif control is Control.PROGRESS:
            yield "work in process stands still"
        elif control in AT_ONCE:
            yield _AT_ONCE_WORDS[control]
        else:
            what = _FACTOR_WORDS[control]
            yield f"{what} x {low:.3g}" if low < 1.0 else f"{what} x {high:.3g}"


def _least(effect: Effect) -> float:
    return float(np.min(effect.values))


def _most(effect: Effect) -> float:
    return float(np.max(effect.values))


_FACTOR_WORDS = {
    Control.CAPACITY: "capacity",
    Control.HANDLING: "handling capacity",
    Control.DEMAND: "demand",
    Control.COVER: "target cover",
}
_AT_ONCE_WORDS = {
    Control.STOCK_ADD: "stock added",
    Control.STOCK_KEEP: "stock lost",
    Control.FINISHED_ADD: "reserve filled",
    Control.FINISHED_KEEP: "finished goods lost",
    Control.PROCESS_KEEP: "work in process scrapped",
}
