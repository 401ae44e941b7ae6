"""Checks of a network by name: each is fatal or a warning, and says place, numbers and remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.errors import Problem
from simulator.units import date_of

if TYPE_CHECKING:
    from simulator.network.network import Floats, Network
    from simulator.network.plan import Plan

FATAL, WARNING = "fatal", "warning"
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Finding:
    """A check that did not pass: its name, whether the run must stop, and the problem."""

    name: str
    severity: str
    problem: Problem


def check(network: Network, plan: Plan) -> tuple[Finding, ...]:
    """Run every check of a network and its plan."""
    return tuple(
        Finding(name, severity, problem)
        for name, (severity, rule) in CHECKS.items()
        for problem in rule(network, plan)
    )


def _facility_problem(network: Network, f: int, value: object, rule: str, remedy: str) -> Problem:
    field = "utilisation" if np.isnan(network.numbers.capacity[f]) else "capacity_per_day"
    return network.dataset.problem("facilities", f, field, value, rule, remedy)


def capacity_covers_plan(network: Network, plan: Plan) -> Iterator[Problem]:
    """Planned starts must stay within capacity on every day."""
    for f in network.facilities:
        if network.kinds[f] == "hub":
            continue
        day = _worst(plan.starts[f], plan.capacity[f])
        if day is None:
            continue
        asking = sorted(
            (
                (float(plan.planned_lane_rate[i, day]), network.lane_ids[i])
                for i in network.out_lanes[f]
            ),
            reverse=True,
        )
        who = ", ".join(f"{name.split('/')[0]} {rate:.6g}" for rate, name in asking[:3])
        yield _facility_problem(
            network,
            f,
            f"{plan.capacity[f, day]:.6g}",
            f"planned starts of {plan.starts[f, day]:.6g} a day on "
            f"{date_of(day, network.start)} exceed capacity; asked by {who}",
            "raise the capacity, or lower the shares or the demand of these customers",
        )


def hub_covers_plan(network: Network, plan: Plan) -> Iterator[Problem]:
    """Planned traffic of a hub must stay within its handling capacity."""
    for f in network.hubs:
        day = _worst(plan.hub_load[f], plan.capacity[f])
        if day is not None:
            yield _facility_problem(
                network,
                f,
                f"{plan.capacity[f, day]:.6g}",
                f"planned traffic of {plan.hub_load[f, day]:.6g} t a day on "
                f"{date_of(day, network.start)} exceeds handling capacity",
                "raise the capacity of the hub or route lanes elsewhere",
            )


def hub_once_per_route(network: Network, plan: Plan) -> Iterator[Problem]:
    """A lane may pass each hub only once."""
    for i in network.lanes:
        hubs = network.lane_hubs[i]
        if len(set(hubs)) < len(hubs):
            names = "; ".join(network.facility_ids[h] for h in hubs)
            rule = "a hub may stand only once in a route"
            yield network.dataset.problem("lanes", _lane_row(network, i), "route", names, rule)


def noise_without_hubs(network: Network, plan: Plan) -> Iterator[Problem]:
    """Transit that varies from day to day belongs on lanes without hubs."""
    for i, row in enumerate(network.dataset.lanes):
        if row.route and row.transit_noise is not None:
            rule = "a lane through hubs cannot have transit that varies from day to day"
            yield network.dataset.problem("lanes", i, "transit_noise", None, rule)


def material_once_per_recipe(network: Network, plan: Plan) -> Iterator[Problem]:
    """A facility uses a material for one purpose only: production or growth."""
    seen: set[str] = set()
    for k in network.slots:
        name = network.slot_ids[k]
        if name in seen:
            rule = "a material may feed production or growth of a facility, not both"
            yield Problem(f"recipes.{name}", None, rule, "use two materials, or one purpose")
        seen.add(name)


def stock_survives_growth(network: Network, plan: Plan) -> Iterator[Problem]:
    """Planned stock should never fall below zero, or growth itself causes a shortage."""
    for k in network.slots:
        low, scale = float(plan.lowest_on_hand[k]), float(plan.slot_orders[k].max(initial=0.0))
        if low < -_TOLERANCE * max(1.0, scale):
            yield Problem(
                f"{network.slot_ids[k]}",
                f"{low:.4g}",
                "planned stock falls below zero while the plan changes, so that the run without "
                "shocks leaves its plan",
                "give the slot more cover, or its lanes more equal transit days",
            )


def producer_is_used(network: Network, plan: Plan) -> Iterator[Problem]:
    """A producer should have planned sales or a standby share somewhere."""
    for f in network.facilities:
        if network.is_sink(f) or network.kinds[f] == "hub":
            continue
        standby = any(network.numbers.standby_share[i] > 0.0 for i in network.out_lanes[f])
        if not standby and plan.sales[f].max(initial=0.0) <= 0.0:
            yield _facility_problem(
                network,
                f,
                None,
                "nobody plans to buy from this facility and nobody holds it as standby",
                "give a lane from it a share or a standby share",
            )


def _lane_row(network: Network, lane: int) -> int:
    """Index of a lane in the table, which is sorted by names and not by numbers."""
    name = network.lane_ids[lane]
    return next(n for n, row in enumerate(network.dataset.lanes) if row.key == name)


def _worst(load: Floats, capacity: Floats) -> int | None:
    over = load - capacity * (1.0 + _TOLERANCE)
    day = int(np.argmax(over)) if len(over) else 0
    return day if len(over) and over[day] > _TOLERANCE else None


Rule = Callable[["Network", "Plan"], Iterator[Problem]]
CHECKS: dict[str, tuple[str, Rule]] = {
    rule.__name__: (severity, rule)
    for severity, rule in (
        (FATAL, capacity_covers_plan),
        (FATAL, hub_covers_plan),
        (FATAL, hub_once_per_route),
        (FATAL, noise_without_hubs),
        (FATAL, material_once_per_recipe),
        (WARNING, stock_survives_growth),
        (WARNING, producer_is_used),
    )
}
"""Every check by name, with what it does to a run."""
