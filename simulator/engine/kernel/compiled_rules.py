"""The rules of `simulator.engine.rules`, compiled: the same objects, not a copy of them."""

from __future__ import annotations

from simulator.compiling import step
from simulator.engine import rules

allowed = step(rules.allowed)
asked_of_lane = step(rules.asked_of_lane)
asked_today = step(rules.asked_today)
availability = step(rules.availability)
capacity_built = step(rules.capacity_built)
consumed = step(rules.consumed)
counts_as_standby = step(rules.counts_as_standby)
fill_fraction = step(rules.fill_fraction)
health_after = step(rules.health_after)
left_over = step(rules.left_over)
output_share = step(rules.output_share)
performance_after = step(rules.performance_after)
rationed = step(rules.rationed)
readiness_after = step(rules.readiness_after)
released_fraction = step(rules.released_fraction)
reorder_need = step(rules.reorder_need)
started = step(rules.started)
stock_need = step(rules.stock_need)
used_by_sink = step(rules.used_by_sink)
wanted_start = step(rules.wanted_start)
within_plan = step(rules.within_plan)
