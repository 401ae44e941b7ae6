"""What must hold for one lane, given the other tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.errors import Problem
from simulator.spec.messages import did_you_mean
from simulator.spec.tables import Lane

if TYPE_CHECKING:
    from simulator.spec.references import Index


NO_OUTPUT = ("hub", "datacenter", "market")


def check_lane(index: Index, i: int, row: Lane) -> Iterator[Problem]:
    """A lane joins a supplier that makes the material with a customer that uses it."""
    yield from _ends(index, i, row)
    yield from _route(index, i, row)
    yield from _legs(index, i, row)
    yield from _share(index, i, row)


def _ends(index: Index, i: int, row: Lane) -> Iterator[Problem]:
    dataset = index.dataset
    wrong = index.unknown("materials", row.material, "material")
    if wrong:
        yield dataset.problem("lanes", i, "material", row.material, *wrong)
    for name, value in (("customer", row.customer), ("supplier", row.supplier)):
        unknown = index.unknown("facilities", value, "facility")
        if unknown:
            yield dataset.problem("lanes", i, name, value, *unknown)
    if row.supplier == row.customer:
        rule = "a lane must not lead from a facility to itself"
        yield dataset.problem("lanes", i, "supplier", row.supplier, rule)
        return
    supplier, customer = index.facilities.get(row.supplier), index.facilities.get(row.customer)
    gone = supplier is not None and supplier.output is None and supplier.kind not in NO_OUTPUT
    astray = supplier is not None and supplier.output and supplier.output not in index.materials
    if supplier is not None and supplier.output != row.material and not (wrong or gone or astray):
        gives = f"gives {supplier.output}" if supplier.output else "gives nothing"
        makers = [f.id for f in index.dataset.facilities if f.output == row.material]
        rule = f"must have {row.material} as its output, but {row.supplier} {gives}"
        remedy = f"made by: {', '.join(makers[:5])}" if makers else ""
        yield dataset.problem("lanes", i, "supplier", row.supplier, rule, remedy)
    if customer is not None and index.inputs_known(customer) and not wrong:
        used = index.inputs(customer)
        if row.material not in used:
            rule = f"{row.customer} does not use it"
            hint = did_you_mean(row.material, used, "it uses") if used else "it has no inputs"
            yield dataset.problem("lanes", i, "material", row.material, rule, hint)


def _route(index: Index, i: int, row: Lane) -> Iterator[Problem]:
    for position, name in enumerate(row.route):
        hub = index.facilities.get(name)
        if hub is None and not index.spoiled.has("facilities", name):
            rule = f"unknown hub; {did_you_mean(name, index.hubs, 'known hubs')}"
            yield index.dataset.problem("lanes", i, "route", name, rule, "or add it to facilities")
        elif hub is not None and hub.kind != "hub":
            rule = f"must be a hub, not a {hub.kind}"
            yield index.dataset.problem("lanes", i, "route", name, rule)
        elif name in row.route[:position]:
            rule = "passes the same hub twice"
            yield index.dataset.problem("lanes", i, "route", name, rule)


def _legs(index: Index, i: int, row: Lane) -> Iterator[Problem]:
    legs = len(row.route) + 1
    days = row.transit_days.base
    if days < legs:
        rule = f"must be >= {legs}: each of the {legs} legs takes a day or more"
        yield index.dataset.problem("lanes", i, "transit_days", days, rule)
    if row.leg_days is None:
        return
    if len(row.leg_days) != legs:
        rule = f"must have {legs} entries, one for each leg of the route"
        yield index.dataset.problem("lanes", i, "leg_days", row.leg_days, rule)
    elif sum(row.leg_days) != days:
        rule = f"must sum to transit_days ({days:g}), not {sum(row.leg_days)}"
        yield index.dataset.problem("lanes", i, "leg_days", row.leg_days, rule)


def _share(index: Index, i: int, row: Lane) -> Iterator[Problem]:
    standby = row.standby_share.bounds[1] > 0
    if row.share is not None and row.share_profile is not None:
        rule = "must not be given together with share"
        yield index.dataset.problem("lanes", i, "share_profile", None, rule, "keep one of them")
    if row.shares_nothing:
        rule = "share, share_profile or standby_share must be given"
        yield index.dataset.problem("lanes", i, "share", None, rule)
    high = [] if row.share_profile is None else [v for _, v in row.share_profile.knots if v > 1]
    if high:
        rule = "must be between 0 and 1 on every date"
        yield index.dataset.problem("lanes", i, "share_profile", high[0], rule)
    if row.standby_trigger_days is not None and not standby:
        rule = "has no effect without standby_share"
        value = row.standby_trigger_days
        yield index.dataset.problem("lanes", i, "standby_trigger_days", value, rule)
