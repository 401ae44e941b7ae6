"""The rules of the model as pure functions of scalars: the only place with policy arithmetic.

The SimPy engine calls them as plain Python; a compiled engine compiles the same objects. So they
use nothing but arithmetic and comparisons, keep one order of operations, and have no optional
arguments. Quantities are in the material's unit, rates per day, durations in days.
``docs/model.md``, section 3, states each rule in words.
"""

from __future__ import annotations


def wanted_start(
    capacity: float, base_stock: float, unfilled: float, finished: float, in_process: float
) -> float:
    """Production wanted today: up to the finished-goods base stock, within capacity.

    ``unfilled`` is what yesterday's requests, after limits, could not be given: it starts up a
    standby supplier and lets nobody pile up goods behind a closed border.
    """
    wanted = base_stock + unfilled - finished - in_process
    if wanted > capacity:
        wanted = capacity
    return wanted if wanted > 0.0 else 0.0


def availability(on_hand: float, needed: float) -> float:
    """Share of a day's need for one input that its stock covers, in [0, 1]."""
    return 1.0 if on_hand >= needed else on_hand / needed


def output_share(criticality: float, available: float) -> float:
    """Share of output possible when ``available`` of an input is there (Pichler et al. 2022)."""
    return 1.0 - criticality * (1.0 - available)


def health_after(health: float, output_level: float, onset_days: float) -> float:
    """Health of an input with an onset after one more day: it covers 1/onset of the distance."""
    if onset_days <= 1.0:
        return output_level
    return health + (output_level - health) / onset_days


def started(wanted: float, capacity: float, slowest_health: float, scarcest: float) -> float:
    """Production started today: inputs with an onset wear down capacity, the others cut at once."""
    possible = capacity * slowest_health
    return (possible if possible < wanted else wanted) * scarcest


def consumed(on_hand: float, need_per_unit: float, quantity: float) -> float:
    """Input used for ``quantity`` started units, never more than there is."""
    used = need_per_unit * quantity
    return on_hand if on_hand < used else used


def stock_need(target: float, backlog: float, on_hand: float, in_transit: float) -> float:
    """Units missing to the base stock; a sink's kept backlog raises it.

    Rounding is no need: a supplier without a plan could not give it, and would be thought
    unreliable.
    """
    wanted = target + backlog
    need = wanted - on_hand - in_transit
    return need if need > 1e-12 * wanted else 0.0


def reorder_need(need: float, position: float, reorder_point: float) -> float:
    """(s, S) ordering: no need until the inventory position has fallen to the reorder point.

    A billionth of it is forgiven, so that rounding in the position cannot put an order off by a
    day.
    """
    return need if position <= reorder_point * (1.0 + 1e-9) else 0.0


def asked_today(need: float, surge: float, rate: float) -> float:
    """Part of the need stated today: making up for lost time is limited to ``surge`` x plan.

    An infinite surge is no limit, also where nothing is planned.
    """
    if surge > 1e9:
        return need
    most = surge * rate
    return most if need > most else need


def readiness_after(readiness: float, performance: float, qualification_days: float) -> float:
    """Readiness of a standby supplier: moves towards the customer's shortfall 1 - F.

    Shares that a measure sets may sum to more than 1, and F with them: nobody then is short.
    """
    shortfall = 1.0 - performance
    if shortfall < 0.0:
        shortfall = 0.0
    return readiness + (shortfall - readiness) / qualification_days


def performance_after(
    performance: float, given: float, asked: float, planned: float, notice_days: float
) -> float:
    """Smoothed delivery performance of a lane: given over the lesser of asked and planned.

    Unchanged on a day without asking; over what was asked where nothing is planned.
    """
    if asked <= 0.0:
        return performance
    owed = planned if 0.0 < planned < asked else asked
    delivered = 1.0 if given >= owed else given / owed
    return performance + (delivered - performance) / notice_days


def allowed(asked: float, limit: float, planned: float) -> float:
    """Request after the lane's limit, a multiple of its planned rate; infinite means no limit."""
    if limit > 1e9:
        return asked
    most = limit * planned
    return most if asked > most else asked


def fill_fraction(available: float, requested: float) -> float:
    """Fraction of every request in a group that is filled: the same for all."""
    if requested <= available:
        return 1.0
    return available / requested


def left_over(available: float, given: float) -> float:
    """What remains after giving; never below zero, whatever rounding says."""
    rest = available - given
    return rest if rest > 0.0 else 0.0


def used_by_sink(on_hand: float, demand: float) -> float:
    """Use of a data centre or market: the lesser of its stock and its demand."""
    return on_hand if on_hand < demand else demand


def asked_of_lane(asked: float, share: float, standby_share: float, readiness: float) -> float:
    """Part of a slot's asking that goes to one supplier; nothing is normalised."""
    return asked * (share + standby_share * readiness)


def counts_as_standby(on_hand: float, trigger_days: float, rate: float) -> bool:
    """Whether a standby lane with a trigger counts today: the stock covers less than that.

    Without a trigger (infinite) it always counts.
    """
    if trigger_days > 1e9:
        return True
    return on_hand < trigger_days * rate


def within_plan(request: float, planned: float) -> float:
    """Part of a request up to the lane's planned rate, which is served before anything beyond."""
    return request if request < planned else planned


def rationed(within: float, beyond: float, first: float, second: float) -> float:
    """Given to one lane: the same fraction of every plan, then of every request beyond."""
    return within * first + beyond * second


def released_fraction(capacity: float, handling: float, waiting: float) -> float:
    """Fraction of what waits that a hub lets go today, by mass; nothing if it is closed."""
    if handling <= 0.0:
        return 0.0
    most = capacity * handling
    return 1.0 if waiting <= most else most / waiting


def capacity_built(pending: float, scarcest: float) -> float:
    """Part of the pending increments of capacity that today's tools allow.

    Tools that are there but for rounding are there, or a trace of them would be asked for ever.
    """
    return pending if scarcest > 1.0 - 1e-12 else pending * scarcest
