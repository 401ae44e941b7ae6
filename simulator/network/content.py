"""Content tracing: how much of a good's value comes from given materials of given origin."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from simulator.network.network import OUTPUT

if TYPE_CHECKING:
    from simulator.network.network import Floats, Network
    from simulator.network.plan import Plan


def content_per_unit(network: Network, lane_weight: Floats, own: Floats) -> Floats:
    """Trace a content through the recipes, from mines to the last makers.

    Parameters
    ----------
    network
        The chain; tools for growth pass nothing on.
    lane_weight
        (lanes,) share of each slot's material that comes over each lane.
    own
        (facilities,) content that a facility's output has by itself; NaN where it only passes on
        what comes in with its inputs.

    Returns
    -------
    ndarray
        (facilities,) content per unit of output.
    """
    found = np.where(np.isnan(own), 0.0, own)
    for f in reversed(list(network.customers_first())):
        if not np.isnan(own[f]) or network.is_sink(f):
            continue
        for slot in network.slots_of(f):
            if network.slot_purpose[slot] == OUTPUT:
                found[f] += network.numbers.need_per_unit[slot] * _inflow(
                    network, lane_weight, found, slot
                )
    return found


def outcome_in_use(network: Network) -> Floats:
    """Units of the outcome materials in one unit of what each slot takes, (slots,).

    A server with one accelerator counts as one. Suppliers of a slot count alike, since what they
    deliver is the same material.
    """
    own = np.where(np.isin(network.output, network.outcome), 1.0, np.nan)
    weight = np.array(
        [1.0 / len(network.lanes_into(int(network.lane_slot[i]))) for i in network.lanes]
    )
    per_unit = content_per_unit(network, weight, own)
    return np.array([_inflow(network, weight, per_unit, slot) for slot in network.slots])


def _inflow(network: Network, lane_weight: Floats, content: Floats, slot: int) -> float:
    """Content of one unit that flows into a slot."""
    total = 0.0
    for lane in network.lanes_into(slot):
        total += float(lane_weight[lane] * content[network.lane_supplier[lane]])
    return total


def origin_value_share(
    network: Network, plan: Plan, materials: Collection[str], countries: Collection[str], day: int
) -> Floats:
    """Share of each facility's output value that is material of the given origin, in [0, 1]."""
    prices = {row.id: row.price_usd_per_unit for row in network.dataset.materials}
    price = np.array([prices[network.material_ids[m]] if m >= 0 else 0.0 for m in network.output])
    own = np.full(len(network.facility_ids), np.nan)
    for f in network.facilities:
        material = network.material_ids[network.output[f]] if network.output[f] >= 0 else ""
        if material in materials and network.countries[f] in countries:
            own[f] = price[f]
    value = content_per_unit(network, plan.lane_share[:, day], own)
    share: Floats = np.divide(value, price, out=np.zeros_like(value), where=price > 0.0)
    return share
