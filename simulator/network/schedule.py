"""What a plan needs and no draw changes: topology as arrays, dated multiples by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from simulator.network.network import DEMAND, GROWTH, Floats, Ints, Network
from simulator.units import day_of, whole_days

if TYPE_CHECKING:
    from datetime import date

    from simulator.spec import Facility
    from simulator.spec.profiles import Profile

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Schedule:
    """Topology and dated multiples of a network, on days from ``first_day`` on.

    ``capacity`` and ``demand`` are multiples of the base number, (facilities, days) and (rows,
    days), where ``demand_row`` gives the row of a slot; ``tool_row`` and ``hub_row`` number the
    facilities with tools and the hubs, -1 for others. Slots with a dated share have all their lanes
    in ``share``, NaN where a lane's is not dated; ``share_row`` is -1 for all other lanes.
    """

    first_day: int
    order: Ints
    is_sink: Bools
    is_stockpile: Bools
    is_hub: Bools
    has_tools: Bools
    tool_row: Ints
    hub_row: Ints
    slot_start: Ints
    purpose: Ints
    policy: Ints
    lane_start: Ints
    lane_supplier: Ints
    lane_mass: Floats
    leg_start: Ints
    leg_hub: Ints
    share_row: Ints
    demand_row: Ints
    capacity: Floats
    demand: Floats
    share: Floats

    @property
    def days(self) -> int:
        """Length of the grid."""
        return int(self.capacity.shape[1])

    @property
    def makes(self) -> Bools:
        """Whether each facility produces."""
        return ~(self.is_sink | self.is_stockpile | self.is_hub)

    def shape(self) -> tuple[Any, ...]:
        """Topology in the order in which the explosion takes it, up to the days of legs."""
        return (
            self.order, self.is_sink, self.is_stockpile, self.is_hub, self.has_tools,
            self.tool_row, self.hub_row, self.slot_start, self.purpose, self.policy,
            self.lane_start, self.lane_supplier, self.lane_mass, self.leg_start, self.leg_hub,
            self.share_row,
        )  # fmt: skip

    def multiples(self) -> tuple[Floats, Floats, Ints, Floats]:
        """Dated multiples in the order in which the explosion takes them."""
        return self.capacity, self.demand, self.demand_row, self.share


_known: WeakKeyDictionary[Network, dict[int, Schedule]] = WeakKeyDictionary()


def schedule_of(network: Network, first_day: int) -> Schedule:
    """Schedule on a grid that begins on ``first_day``; made once per network and first day."""
    mine = _known.setdefault(network, {})
    if first_day not in mine:
        if len(mine) > 8:
            mine.clear()
        mine[first_day] = _make(network, first_day)
    return mine[first_day]


def _make(network: Network, first_day: int) -> Schedule:
    last = max(network.horizon_days, _last_knot(network) + 2)
    days = np.arange(first_day, last + 1)
    dataset = network.dataset
    rows = {row.id: row for row in dataset.facilities}
    wants = {(row.sink, row.material): row for row in dataset.demand}
    lanes = {row.key: row for row in dataset.lanes}
    wanted = np.flatnonzero(network.slot_purpose == DEMAND)
    demand_row = np.zeros(len(network.slots), np.int64)
    demand_row[wanted] = np.arange(len(wanted))
    demand = np.ones((max(1, len(wanted)), len(days)))
    for row, k in enumerate(wanted):
        sink, material = network.slot_ids[k].split("/")
        demand[row] = _profile(network, wants[sink, material].profile, days)
    dated = [lanes[name].share_profile is not None for name in network.lane_ids]
    moves = np.isin(network.lane_slot, network.lane_slot[np.array(dated, bool)])
    share_row = _numbered(moves)
    share = np.full((max(1, int(moves.sum())), len(days)), np.nan)
    for i in np.flatnonzero(dated):
        share[share_row[i]] = _profile(network, lanes[network.lane_ids[i]].share_profile, days)
    tools = np.zeros(len(network.facility_ids), bool)
    tools[network.slot_facility[network.slot_purpose == GROWTH]] = True
    legs = [hub for hubs in network.lane_hubs for hub in (*hubs, -1)]
    hubs = np.array(network.kinds) == "hub"
    return Schedule(
        first_day=first_day,
        order=np.array(list(network.customers_first()), np.int64),
        is_sink=np.array([network.is_sink(f) for f in network.facilities]),
        is_stockpile=np.array(network.kinds) == "stockpile",
        is_hub=hubs,
        has_tools=tools,
        tool_row=_numbered(tools),
        hub_row=_numbered(hubs),
        slot_start=network.slot_start,
        purpose=network.slot_purpose,
        policy=network.slot_policy,
        lane_start=network.lane_start,
        lane_supplier=network.lane_supplier,
        lane_mass=network.mass_t[network.slot_material[network.lane_slot]],
        leg_start=np.cumsum([0, *(len(hubs) + 1 for hubs in network.lane_hubs)]).astype(np.int64),
        leg_hub=np.array(legs, np.int64),
        share_row=share_row,
        demand_row=demand_row,
        capacity=np.array([_built(network, rows[name], days) for name in network.facility_ids]),
        demand=demand,
        share=share,
    )


def _numbered(chosen: Bools) -> Ints:
    """Number of each thing among those chosen, -1 for the others."""
    return np.where(chosen, np.cumsum(chosen) - 1, -1).astype(np.int64)


def _built(network: Network, row: Facility, days: Ints) -> Floats:
    """Multiple of capacity that stands on each day: profile, start and ramp."""
    multiple = _profile(network, row.capacity_profile, days)
    if row.start_date is None:
        return multiple
    since = days - day_of(row.start_date, network.start)
    ramp = whole_days(row.ramp_days)
    if ramp == 0:
        return np.where(since >= 0, multiple, 0.0)
    return np.asarray(multiple * np.clip(since / ramp, 0.0, 1.0))


def _profile(network: Network, profile: Profile | None, days: Ints) -> Floats:
    if profile is None:
        return np.ones(len(days))
    knots = [day_of(when, network.start) for when, _ in profile.knots]
    return np.interp(days, knots, [value for _, value in profile.knots])


def _last_knot(network: Network) -> int:
    dates: list[date] = []
    ends: list[int] = [0]
    for row in network.dataset.facilities:
        dates += _dates(row.capacity_profile)
        if row.start_date is not None:
            ends.append(day_of(row.start_date, network.start) + whole_days(row.ramp_days))
    for want in network.dataset.demand:
        dates += _dates(want.profile)
    for lane in network.dataset.lanes:
        dates += _dates(lane.share_profile)
    return max([day_of(when, network.start) for when in dates] + ends)


def _dates(profile: Profile | None) -> list[date]:
    return [] if profile is None else [when for when, _ in profile.knots]
