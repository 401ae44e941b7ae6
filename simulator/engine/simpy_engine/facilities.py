"""The facilities as SimPy processes: read a class top to bottom and you have read its day.

Every facility lives the same two half-days. In the morning it acts by itself (receive, produce,
order); in the afternoon it serves its customers (ration, dispatch). All arithmetic is in
`simulator.engine.rules`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

from simulator.engine import rules
from simulator.engine.simpy_engine.clock import At, Phase
from simulator.network.network import GROWTH, OUTPUT, R_S, S_S

if TYPE_CHECKING:
    import simpy

    from simulator.engine.log import EventLog
    from simulator.engine.simpy_engine.lanes import Carrier, Lane, Slot


class Facility:
    """What all facilities share: a day of two halves, and customers served from stock."""

    verb: ClassVar[str] = "makes"

    def __init__(
        self, env: simpy.Environment, name: str, carrier: Carrier, log: EventLog | None
    ) -> None:
        self.env, self.id, self.carrier, self.log = env, name, carrier, log
        self.slots: list[Slot] = []
        self.out: list[Lane] = []
        self.classes: list[list[Lane]] = []
        self.finished = self.unfilled = 0.0
        self.started = self.matured = self.capacity_now = 0.0
        self.in_process: deque[float] = deque()
        self.process_total = 0.0

    def life(self) -> Generator[At, Any, None]:
        """Live one day after the other."""
        yield At(self.env, 0, Phase.MORNING)
        while True:
            self.morning(int(self.env.now))
            yield At(self.env, 0, Phase.AFTERNOON)
            self.afternoon(int(self.env.now))
            yield At(self.env, 1, Phase.MORNING)

    def morning(self, day: int) -> None:
        """Receive, produce, order; each kind says which of these it does."""

    def afternoon(self, day: int) -> None:
        """Ration finished goods over today's requests, class by class, and dispatch."""
        available, unfilled, total, requested = self.finished, 0.0, 0.0, 0.0
        for lanes in self.classes:
            within_all = beyond_all = 0.0
            split: list[tuple[Lane, float, float]] = []
            for lane in lanes:
                planned = lane.planned[day]
                request = rules.allowed(lane.asked, lane.limit, planned)
                within = rules.within_plan(request, planned)
                within_all += within
                beyond_all += request - within
                split.append((lane, within, request - within))
            first = rules.fill_fraction(available, within_all)
            second = rules.fill_fraction(rules.left_over(available, within_all * first), beyond_all)
            given_all = 0.0
            for lane, within, beyond in split:
                given = rules.rationed(within, beyond, first, second)
                unfilled += within + beyond - given
                given_all += given
                self.dispatch(lane, given)
            available = rules.left_over(available, given_all)
            total += given_all
            requested += within_all + beyond_all
        self.finished = available
        self.unfilled = unfilled
        if self.log is not None and self.classes:
            self.log_rationing(day, total, requested)

    def sort_customers(self) -> None:
        """Put the lanes out into classes; within a class they keep their planned order."""
        numbers = sorted({lane.priority for lane in self.out})
        self.classes = [[lane for lane in self.out if lane.priority == n] for n in numbers]

    def dispatch(self, lane: Lane, given: float) -> None:
        """What was allotted leaves; the customer counts it as under way from tomorrow."""
        lane.given = given
        if given > 0.0:
            self.carrier.send(lane, 0, given)

    def log_rationing(self, day: int, given: float, requested: float) -> None:
        """Write down when customers begin or cease to get less than they ask."""
        assert self.log is not None
        short = f"only {_tenths(given / requested)} % filled" if given < 0.99 * requested else ""
        self.log.state(day, self.id, "sales", "rations" if short else "serves in full", short)


class Mine(Facility):
    """Takes material out of the ground: production without inputs."""

    verb = "digs"

    def __init__(
        self, env: simpy.Environment, name: str, carrier: Carrier, log: EventLog | None
    ) -> None:
        super().__init__(env, name, carrier, log)
        self.capacity: list[float] = []
        self.growth: list[float] = []
        self.finished_target: list[float] = []
        self.capacity_factor = self.progress = 1.0
        self.pending = 0.0
        self.cycle_days = 0

    def morning(self, day: int) -> None:
        """Finish what is due and start today's production."""
        self.finish()
        self.start(day)

    def finish(self) -> None:
        """Work in process due today becomes finished goods, unless the day is frozen."""
        self.matured = 0.0
        if self.cycle_days and self.progress > 0.0:
            self.matured = self.in_process.popleft()
            self.process_total = rules.left_over(self.process_total, self.matured)
            self.finished += self.matured

    def begin(self, quantity: float) -> None:
        """Put started output into process; on a frozen day it joins yesterday's."""
        self.started = quantity
        if not self.cycle_days:
            self.matured = quantity
            self.finished += quantity
            return
        self.process_total += quantity
        if len(self.in_process) < self.cycle_days:
            self.in_process.append(quantity)
        else:
            self.in_process[-1] += quantity

    def start(self, day: int) -> None:
        """Start what is wanted; nothing but capacity can be short."""
        capacity = self.build(day) * self.capacity_factor
        self.capacity_now = capacity
        wanted = self.wanted(day, capacity)
        self.begin(rules.started(wanted, capacity, 1.0, 1.0))
        if self.log is not None:
            self.log_start(day, "")

    def wanted(self, day: int, capacity: float) -> float:
        """Production up to the finished-goods base stock, within capacity."""
        return rules.wanted_start(
            capacity, self.finished_target[day], self.unfilled, self.finished, self.process_total
        )

    def build(self, day: int) -> float:
        """Capacity today, as planned."""
        return self.capacity[day]

    def log_start(self, day: int, why: str) -> None:
        """Write down when production begins or ceases to be held back."""
        assert self.log is not None
        if not why and self.capacity_factor < 1.0:
            why = f"capacity at {_tenths(self.capacity_factor)} %"
        what = f"{self.verb} less" if why else f"{self.verb} as wanted"
        self.log.state(day, self.id, "production", what, why)


class Maker(Mine):
    """Makes a material from others by its recipe, and orders what it needs."""

    verb = "makes"

    def __init__(
        self, env: simpy.Environment, name: str, carrier: Carrier, log: EventLog | None
    ) -> None:
        super().__init__(env, name, carrier, log)
        self.inputs: list[Slot] = []
        self.tools: list[Slot] = []

    def sort_slots(self, purposes: list[int]) -> None:
        """Tell inputs of production from tools for growth."""
        pairs = list(zip(self.slots, purposes, strict=True))
        self.inputs = [slot for slot, purpose in pairs if purpose == OUTPUT]
        self.tools = [slot for slot, purpose in pairs if purpose == GROWTH]

    def morning(self, day: int) -> None:
        """Receive, finish what is due, start today's production, state today's needs."""
        receive(self.slots)
        self.finish()
        self.start(day)
        for slot in self.slots:
            order(slot, day)

    def build(self, day: int) -> float:
        """Build planned increments as far as the tools for them have arrived; the rest waits."""
        if not self.tools:
            return self.capacity[day]
        self.pending += self.growth[day]
        scarcest = 1.0
        for slot in self.tools:
            there = rules.availability(slot.on_hand, slot.need_per_unit * self.pending)
            level = rules.output_share(slot.criticality, there)
            scarcest = min(scarcest, level)
        built = rules.capacity_built(self.pending, scarcest)
        for slot in self.tools:
            slot.used = rules.consumed(slot.on_hand, slot.need_per_unit, built)
            slot.on_hand -= slot.used
        self.pending = rules.left_over(self.pending, built)
        for slot in self.tools:
            slot.backlog = slot.need_per_unit * self.pending
        return rules.left_over(self.capacity[day], self.pending)

    def start(self, day: int) -> None:
        """Start what capacity, worn by inputs with an onset, and the scarcest input allow."""
        capacity = self.build(day) * self.capacity_factor
        self.capacity_now = capacity
        wanted = self.wanted(day, capacity)
        slowest = scarcest = 1.0
        for slot in self.inputs:
            there = rules.availability(slot.on_hand, slot.need_per_unit * wanted)
            level = rules.output_share(slot.criticality, there)
            if slot.onset_days > 0.0:
                slot.health = rules.health_after(slot.health, level, slot.onset_days)
                slot.level = slot.health
                slowest = min(slowest, slot.health)
            else:
                slot.level = level
                scarcest = min(scarcest, level)
        quantity = rules.started(wanted, capacity, slowest, scarcest)
        for slot in self.inputs:
            slot.used = rules.consumed(slot.on_hand, slot.need_per_unit, quantity)
            slot.on_hand -= slot.used
        self.begin(quantity)
        if self.log is not None:
            self.log_start(day, self.why_less(wanted, quantity))

    def why_less(self, wanted: float, quantity: float) -> str:
        """Name the input that held production back by more than one percent."""
        if quantity >= 0.99 * wanted:
            return ""
        return f"short of {min(self.inputs, key=_level).material}"


class Refinery(Maker):
    """Turns ore or concentrate into refined material."""

    verb = "refines"


class Plant(Maker):
    """Makes materials, parts, gases, tools, substrates or servers."""


class Fab(Maker):
    """Starts wafers; they finish a cycle time later."""

    verb = "starts"


class Packaging(Maker):
    """Assembles dies, memory and substrates; the scarcest of them sets the pace."""

    verb = "packages"


class Power(Maker):
    """Burns fuel for electricity, which its users have the next morning."""

    verb = "generates"


class Stockpile(Facility):
    """Holds a reserve and gives from it; it makes nothing."""


class Sink(Facility):
    """Uses materials and makes nothing that flows on."""

    def morning(self, day: int) -> None:
        """Receive, use what demand asks and stocks allow, state today's needs."""
        receive(self.slots)
        for slot in self.slots:
            demand = slot.demand[day] * slot.demand_factor + slot.backlog
            slot.used = rules.used_by_sink(slot.on_hand, demand)
            slot.on_hand -= slot.used
            if slot.keeps_backlog:
                slot.backlog = demand - slot.used
            if self.log is not None:
                short = f"short of {slot.material}" if slot.used < 0.99 * demand else ""
                what = "unmet demand" if short else "demand met"
                self.log.state(day, self.id, slot.material, what, short)
            order(slot, day)

    def afternoon(self, day: int) -> None:
        """Nobody is served by a sink."""


class Datacenter(Sink):
    """Takes servers and what goes with them into use."""


class Market(Sink):
    """All other users of a material."""


def receive(slots: list[Slot]) -> None:
    """Count what left yesterday as under way, and empty the docks, in lane order."""
    for slot in slots:
        for lane in slot.lanes:
            lane.arrived = lane.dock
            lane.dock = 0.0
            slot.in_transit += lane.given - lane.arrived
            slot.on_hand += lane.arrived


def order(slot: Slot, day: int) -> None:
    """State today's need of one slot to each of its suppliers."""
    need = rules.stock_need(slot.target[day], slot.backlog, slot.on_hand, slot.in_transit)
    if slot.policy == S_S:
        position = slot.on_hand + slot.in_transit - slot.backlog
        need = rules.reorder_need(need, position, slot.reorder_point[day])
    elif slot.policy == R_S and day % slot.review_days:
        need = 0.0
    slot.asked = rules.asked_today(need, slot.surge, slot.peak[day])
    if slot.watches_suppliers:
        judge(slot, day)
    for lane in slot.lanes:
        share = lane.planned_share[day] if lane.share < 0.0 else lane.share
        standby = lane.standby_share if lane.standby < 0.0 else lane.standby
        if standby > 0.0 and not rules.counts_as_standby(
            slot.on_hand, lane.trigger_days, slot.rate[day]
        ):
            standby = 0.0
        lane.asked = rules.asked_of_lane(slot.asked, share, standby, lane.readiness)


def judge(slot: Slot, day: int) -> None:
    """Update what the customer thinks of its suppliers, and how ready the standby ones are."""
    performance = 0.0
    for lane in slot.lanes:
        # What was asked yesterday met its answer yesterday afternoon.
        lane.performance = rules.performance_after(
            lane.performance,
            lane.given,
            lane.asked,
            lane.planned[max(day - 1, 0)],
            slot.notice_days,
        )
        share = lane.planned_share[day] if lane.share < 0.0 else lane.share
        performance += share * lane.performance
    for lane in slot.lanes:
        lane.readiness = rules.readiness_after(lane.readiness, performance, lane.qualification_days)


def _level(slot: Slot) -> float:
    return slot.level


def _tenths(share: float) -> int:
    return int(10 * round(10 * share))


KINDS: dict[str, type[Facility]] = {
    "mine": Mine,
    "refinery": Refinery,
    "plant": Plant,
    "fab": Fab,
    "packaging": Packaging,
    "power": Power,
    "stockpile": Stockpile,
    "datacenter": Datacenter,
    "market": Market,
}
"""Process class by kind of facility; hubs live in their own module."""
