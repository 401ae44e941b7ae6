"""What each entry of a scenario touches: facilities, lanes, and the share of planned flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.report.briefing_words import distribution_words, percent
from simulator.shocks.effects import AT_ONCE, Control, Effect
from simulator.shocks.hazard import Hazard
from simulator.shocks.stockpile import Stockpile
from simulator.shocks.suspension import Suspension

if TYPE_CHECKING:
    from simulator.network.network import Network
    from simulator.sampling.model import Model
    from simulator.shocks.base import ShockType
    from simulator.shocks.scene import Scene

_ON_LANES = (Control.LIMIT, Control.DELAY, Control.SHARE, Control.STANDBY, Control.PRIORITY)
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
    scenes = model.base_scenes()
    for key, entry in model.entries.items():
        if isinstance(entry, Hazard):
            effects[key] = tuple(_one_event(entry, scenes[key]))
    keys = sorted(model.entries, key=lambda key: (not key.startswith("shocks."), key))
    return tuple(_touched(model, key, effects[key]) for key in keys)


def _touched(model: Model, key: str, effects: tuple[Effect, ...]) -> Touched:
    section, name = key.split(".", 1)
    entry, network = model.entries[key], model.network
    inside = [e for e in effects if e.start < network.horizon_days and (e.end is None or e.end > 0)]
    lanes: set[int] = set()
    facilities: set[int] = set()
    for effect in inside:
        lanes |= set(lanes_of(network, effect))
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
        _said(entry) or tuple(_how(inside, network.horizon_days)),
        len(facilities),
        len(lanes),
        _flows(model, lanes, day),
    )


def _said(entry: ShockType) -> tuple[str, ...]:
    """What an entry does whose effects at base values do not say it; nothing for all others."""
    if isinstance(entry, Stockpile) and entry.facilities is not None and entry.release:
        bought = ("reserve filled",) if entry.units is not None else ()
        return (*bought, f"reserve open to its customers from {entry.release}")
    if isinstance(entry, Suspension):
        return ("through what it suspends",)
    if not isinstance(entry, Hazard):
        return ()
    where = f"; less up to {entry.radius_km:g} km away" if entry.radius_km > 0 else ""
    lost, days = entry.severity.base, distribution_words(entry.duration_days)
    return (f"an event takes {percent(lost)} of capacity{where}; days: {days}",)


def _one_event(entry: Hazard, scene: Scene) -> Iterator[Effect]:
    """As if all that an event may hit were hit when the first may come."""
    first = max(scene.day(entry.from_), 0) if entry.from_ is not None else 0
    places, near = entry.at_risk(scene)
    for f in (*places, *near):
        hub = scene.network.kinds[f] == "hub"
        yield Effect(Control.HANDLING if hub else Control.CAPACITY, f, first, first + 1, 0.0)


def lanes_of(network: Network, effect: Effect) -> Iterable[int]:
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
            yield first + (f", in the end {_range(at_last)} of plan" if later else "")
        elif control is Control.DELAY:
            yield f"{high:g} days longer on the way"
        elif control in (Control.SHARE, Control.STANDBY):
            yield "new shares" if control is Control.SHARE else "new standby shares"
        elif control is Control.PRIORITY:
            yield "served after all others"
        elif control is Control.PROGRESS:
            yield "work in process stands still"
        elif control in AT_ONCE:
            yield _AT_ONCE_WORDS[control]
        else:
            what = _FACTOR_WORDS[control]
            yield f"{what} x {low:.3g}" if low < 1.0 else f"{what} x {high:.3g}"


def _range(shares: list[float]) -> str:
    low, high = percent(min(shares)), percent(max(shares))
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


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
