"""The rules of `simulator.engine.rules`, compiled: the same objects, not a copy of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

from simulator.engine import rules

Compiled = Callable[..., Any]


def _compiled(rule: Callable[..., float]) -> Compiled:
    # no fastmath: engines must agree to the last bit
    return njit(rule, inline="never", fastmath=False, cache=False)  # type: ignore[no-any-return]


wanted_start = _compiled(rules.wanted_start)
availability = _compiled(rules.availability)
output_share = _compiled(rules.output_share)
health_after = _compiled(rules.health_after)
started = _compiled(rules.started)
consumed = _compiled(rules.consumed)
stock_need = _compiled(rules.stock_need)
reorder_need = _compiled(rules.reorder_need)
asked_today = _compiled(rules.asked_today)
readiness_after = _compiled(rules.readiness_after)
performance_after = _compiled(rules.performance_after)
allowed = _compiled(rules.allowed)
fill_fraction = _compiled(rules.fill_fraction)
left_over = _compiled(rules.left_over)
used_by_sink = _compiled(rules.used_by_sink)
asked_of_lane = _compiled(rules.asked_of_lane)
counts_as_standby = _compiled(rules.counts_as_standby)
within_plan = _compiled(rules.within_plan)
rationed = _compiled(rules.rationed)
released_fraction = _compiled(rules.released_fraction)
capacity_built = _compiled(rules.capacity_built)
