"""Stages of the chain as seen from its stocks: who holds which material, in which country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics.fill import filled
from simulator.network.network import DEMAND
from simulator.shocks.effects import NEUTRAL, Control

if TYPE_CHECKING:
    from simulator.experiment.recorded import Recorded
    from simulator.network.network import Floats, Ints, Network
    from simulator.sampling.realisation import Realisation

HOLDERS = {
    "refinery": "refineries",
    "plant": "plants",
    "fab": "fabs",
    "packaging": "packaging lines",
    "power": "power stations",
    "stockpile": "stockpiles",
    "datacenter": "data centres",
    "market": "other users",
}
"""How facilities that hold stocks are called in the plural."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Stocks of one material at facilities of one kind in one country."""

    kind: str
    material: str
    country: str
    layer: str
    label: str


class Stages:
    """Stages of a network, sorted, and which slots belong to each.

    Attributes
    ----------
    stages
        In the order of the rows of `covered`.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        rows = {row.id: row for row in network.dataset.materials}
        key = [
            (
                network.kinds[network.slot_facility[k]],
                network.material_ids[network.slot_material[k]],
                network.countries[network.slot_facility[k]],
            )
            for k in network.slots
        ]
        self._order: Ints = np.array(sorted(network.slots, key=lambda k: key[k]), np.int64)
        names = [key[k] for k in self._order]
        self._first = np.array(
            [n for n, name in enumerate(names) if n == 0 or name != names[n - 1]], np.int64
        )
        self.stages = tuple(
            Stage(
                kind, material, country, rows[material].layer,
                f"{rows[material].name or material} at {HOLDERS.get(kind, kind)}, {country}",
            )
            for kind, material, country in (names[n] for n in self._first)
        )  # fmt: skip

    def covered(self, one: Recorded) -> tuple[Floats, Floats]:
        """What each stage needs on each day, and what of it its stocks cover; (stages, days)."""
        need = self.needs(one)
        on_hand = one.shocked["slots", "on_hand"] + one.shocked["slots", "used"]
        return self._sums(filled(on_hand, need)), self._sums(need)

    def needs(self, one: Recorded) -> Floats:
        """Use of each slot without shocks; at data centres and markets, demand with them."""
        need = np.array(one.baseline["slots", "used"])
        for k in np.flatnonzero(self.network.slot_purpose == DEMAND).tolist():
            need[k] = demanded(one.pair.shocked, k)
        return need

    def _sums(self, rows: Floats) -> Floats:
        if not self.stages:
            return np.zeros((0, rows.shape[1]))
        return np.asarray(np.add.reduceat(rows[self._order], self._first, axis=0))


def demanded(real: Realisation, slot: int) -> Floats:
    """What a sink demands of one material each day, kept backlog left out."""
    daily = real.daily_demand.get(slot)
    zero = -real.plan.first_day
    days = slice(zero, zero + real.network.horizon_days)
    usual = real.plan.rate(slot, days) if daily is None else daily
    return np.asarray(usual * control_path(real, Control.DEMAND, slot))


def control_path(real: Realisation, control: Control, target: int) -> Floats:
    """Value of a control that holds until it is changed, on each day."""
    chosen = (real.changes.control == int(control)) & (real.changes.target == target)
    path = np.full(real.network.horizon_days, NEUTRAL[control])
    for day, value in zip(real.changes.day[chosen], real.changes.value[chosen], strict=True):
        path[day:] = value
    return path
