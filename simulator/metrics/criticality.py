"""How critical a part of the chain is: what its removal costs, and what it could cost at most.

Sources: risk exposure index, time to recover and time to survive of Simchi-Levi, Schmidt and Wei
(Harvard Business Review, January 2014) and Simchi-Levi et al. (Interfaces 45(5), 2015). The static
exposure is the downstream half of the economic systemic risk index (Diem et al., Scientific Reports
12:7719, 2022), with this model's partially binding Leontief function.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulator.metrics.loss import time_to_impact
from simulator.metrics.outcome import BoolArray, FloatArray
from simulator.network.network import OUTPUT

if TYPE_CHECKING:
    from simulator.network.network import Floats, Network


def time_to_survive(normal: FloatArray, actual: FloatArray, removed_on: int = 0) -> float:
    """Days from a removal to the first day with output more than 1 % below normal.

    Formula: min {t : Q_t < 0.99 B_t} - t0, with B the daily output without and Q with the removal
    on day t0. Unit: days; infinite where output never falls so far. The linear programme of
    Simchi-Levi et al. (2015) finds the longest time that the best response could bridge; this is
    the time that the model's own ordering and rationing do bridge, so it is never longer.
    """
    first = time_to_impact(normal, actual)
    return np.inf if np.isnan(first) else first - removed_on


def risk_exposure_index(losses: npt.ArrayLike) -> FloatArray:
    """Loss of each removal over the largest loss of any: 0 to 1.

    Formula: REI_j = PI_j / max_k PI_k, with PI the loss of performance while j is out, here of
    output within the horizon; a gain counts as no loss. Unit: 1; all 0 where nothing is lost.
    Source: Simchi-Levi, Schmidt and Wei (2014).
    """
    lost = np.maximum(0.0, np.asarray(losses, dtype=np.float64))
    most = float(lost.max(initial=0.0))
    return np.asarray(lost / most if most > 0.0 else np.zeros_like(lost))


def ranks(losses: npt.ArrayLike, survival_days: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Rank of each removal from 1: by loss, then by how soon it bites; equals share a rank.

    Losses that differ by less than a billionth are equal, so that rounding ranks nobody.
    """
    lost = np.round(np.asarray(losses, dtype=np.float64), 9)
    soon = np.asarray(survival_days, dtype=np.float64)
    order = np.lexsort((soon, -lost))
    found = np.empty(lost.size, np.int64)
    for place, row in enumerate(order):
        before = order[place - 1] if place else row
        tied = place > 0 and lost[row] == lost[before] and soon[row] == soon[before]
        found[row] = found[before] if tied else place + 1
    return found


def ranks_within(
    groups: Sequence[Hashable], losses: npt.ArrayLike, survival_days: npt.ArrayLike
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """`ranks` and `risk_exposure_index` of each removal among those of its group."""
    lost, soon = np.asarray(losses, np.float64), np.asarray(survival_days, np.float64)
    rank, index = np.zeros(lost.size, np.int64), np.zeros(lost.size)
    members: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    for rows in members.values():
        rank[rows] = ranks(lost[rows], soon[rows])
        index[rows] = risk_exposure_index(lost[rows])
    return rank, index


def static_exposure(
    network: Network,
    lane_share: Floats,
    planned: Floats,
    removed: BoolArray,
    cut: BoolArray,
) -> FloatArray:
    """Share of the planned outcome that is gone for good if nobody has stock or an alternative.

    Formula, supplier by supplier: y_f = 0 where f is removed, else
    min over inputs with an onset x min over the others of (1 - kappa_k (1 - r_k)), with
    r_k = sum over lanes of share x y of the supplier; exposure = 1 - sum of planned x y over the
    makers of the outcome / sum of planned. Unit: 1, in [0, 1]. Tools for growth are left out, since
    their loss costs later growth, not today's output.

    Parameters
    ----------
    network
        The chain.
    lane_share
        (lanes,) planned share of each lane in its slot.
    planned
        (facilities,) planned output, of which only that of the outcome's makers counts.
    removed
        (facilities, removals) who makes and sends nothing.
    cut
        (lanes, removals) lanes over which nothing comes.

    Returns
    -------
    ndarray
        (removals,) exposures.
    """
    count = removed.shape[1]
    output = np.ones((len(network.facilities), count))
    for f in reversed(list(network.customers_first())):
        level = [np.ones(count), np.ones(count)]
        for slot in network.slots_of(f):
            if network.slot_purpose[slot] != OUTPUT or network.is_sink(f):
                continue
            reached = _arrives(network, lane_share, output, cut, slot)
            kappa = network.numbers.criticality[slot]
            slow = int(network.numbers.onset_days[slot] > 0.0)
            level[slow] = np.minimum(level[slow], 1.0 - kappa * (1.0 - reached))
        output[f] = np.where(removed[f], 0.0, level[0] * level[1])
    makers = np.flatnonzero(np.isin(network.output, network.outcome))
    due = planned[makers]
    total = float(due.sum())
    if total <= 0.0:
        return np.zeros(count)
    left = (due[:, None] * output[makers]).sum(axis=0) / total
    return np.asarray(np.clip(1.0 - left, 0.0, 1.0))


def _arrives(
    network: Network, lane_share: Floats, output: Floats, cut: BoolArray, slot: int
) -> FloatArray:
    """Share of a slot's planned flow that still comes, per removal."""
    into = network.lanes_into(slot)
    total = float(lane_share[into.start : into.stop].sum())
    if total <= 0.0:
        return np.ones(output.shape[1])
    lost = np.zeros(output.shape[1])
    for lane in into:  # of what is lost, so that nothing lost is exactly nothing
        here = 1.0 - np.where(cut[lane], 0.0, output[network.lane_supplier[lane]])
        lost += lane_share[lane] / total * here
    return np.asarray(1.0 - np.minimum(lost, 1.0))


def supply_shares(
    output: Sequence[str], planned: Sequence[float], chosen: Collection[int]
) -> float:
    """Share of the planned output of a material that comes from the chosen facilities.

    Formula: S_j / S, the gross N-1 exposure seen from the supplier. Unit: 1; the largest where the
    chosen make several materials; NaN where they make none.

    Parameters
    ----------
    output
        Material of each facility; empty where it makes none.
    planned
        Planned output of each, in the material's unit.
    chosen
        Facility numbers.
    """
    shares = []
    for material in sorted({output[f] for f in chosen if output[f]}):
        total = sum(p for o, p in zip(output, planned, strict=True) if o == material)
        own = sum(planned[f] for f in chosen if output[f] == material)
        if total > 0.0:
            shares.append(own / total)
    return max(shares, default=float("nan"))
