"""What a plan needs and no draw changes: topology as arrays, dated multiples by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from simulator.network.network import DEMAND, Floats, Ints, Network
from simulator.units import day_of, whole_days

if TYPE_CHECKING:
    from datetime import date

    from simulator.spec import Facility
    from simulator.spec.profiles import Profile

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Schedule:
    """Topology and dated multiples of a network, on days from ``first_day`` on.

    ``capacity`` and ``demand`` are multiples of the base number, (facilities, days) and (slots,
    days); ``share`` is the dated share of a lane, NaN where shares are not dated.
    """

    first_day: int
    order: Ints
    is_sink: Bools
    is_stockpile: Bools
    is_hub: Bools
    slot_start: Ints
    purpose: Ints
    policy: Ints
    lane_start: Ints
    out_start: Ints
    out_lane: Ints
    lane_mass: Floats
    leg_start: Ints
    leg_hub: Ints
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
        """Topology in the order in which the explosion takes it, up to the legs' starts."""
        return (
            self.order, self.is_sink, self.is_stockpile, self.is_hub, self.slot_start, self.purpose,
            self.policy, self.lane_start, self.out_start, self.out_lane, self.lane_mass,
            self.leg_start,
        )  # fmt: skip

    def multiples(self) -> tuple[Floats, Floats, Floats]:
        """Dated multiples in the order in which the explosion takes them."""
        return self.capacity, self.demand, self.share


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
    demand = np.ones((len(network.slots), len(days)))
    for k in network.slots:
        if network.slot_purpose[k] == DEMAND:
            sink, material = network.slot_ids[k].split("/")
            demand[k] = _profile(network, wants[sink, material].profile, days)
    share = np.full((len(network.lanes), len(days)), np.nan)
    for i, name in enumerate(network.lane_ids):
        if lanes[name].share_profile is not None:
            share[i] = _profile(network, lanes[name].share_profile, days)
    legs = [hub for hubs in network.lane_hubs for hub in (*hubs, -1)]
    kinds = np.array(network.kinds)
    return Schedule(
        first_day=first_day,
        order=np.array(list(network.customers_first()), np.int64),
        is_sink=np.array([network.is_sink(f) for f in network.facilities]),
        is_stockpile=kinds == "stockpile",
        is_hub=kinds == "hub",
        slot_start=network.slot_start,
        purpose=network.slot_purpose,
        policy=network.slot_policy,
        lane_start=network.lane_start,
        out_start=np.cumsum([0, *map(len, network.out_lanes)]).astype(np.int64),
        out_lane=np.array([i for out in network.out_lanes for i in out], np.int64),
        lane_mass=network.mass_t[network.slot_material[network.lane_slot]],
        leg_start=np.cumsum([0, *(len(hubs) + 1 for hubs in network.lane_hubs)]).astype(np.int64),
        leg_hub=np.array(legs, np.int64),
        capacity=np.array([_built(network, rows[name], days) for name in network.facility_ids]),
        demand=demand,
        share=share,
    )


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
