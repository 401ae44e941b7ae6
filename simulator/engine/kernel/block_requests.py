"""What a lane of a block asks of its supplier; columns as in `block_morning`."""

from __future__ import annotations

from simulator.compiling import COLUMNS, step
from simulator.engine.kernel import compiled_rules as rule
from simulator.network.network import Floats


@step
def request(
    i: int, k: int, watch: int, effective: int, limited: int, orders: Floats,
    share: Floats, asked: Floats, lane_asked: Floats, limit: Floats, before: Floats,
    within: Floats, beyond: Floats, within_all: Floats, beyond_all: Floats, n: int,
) -> None:  # fmt: skip
    """What a lane asks today, split at its planned rate."""
    if watch >= 0:
        for c in range(COLUMNS):
            planned = orders[k, c] * share[i, c]
            before[watch, c] = planned
            wanted = lane_asked[watch, c]
            if limited >= 0:
                wanted = rule.allowed(wanted, limit[limited, c], planned)
            part = rule.within_plan(wanted, planned)
            within[n, c] = part
            beyond[n, c] = wanted - part
            within_all[c] += part
            beyond_all[c] += wanted - part
    else:
        for c in range(COLUMNS):
            planned = orders[k, c] * share[i, c]
            wanted = rule.asked_of_lane(asked[k, c], share[effective, c], 0.0, 0.0)
            if limited >= 0:
                wanted = rule.allowed(wanted, limit[limited, c], planned)
            part = rule.within_plan(wanted, planned)
            within[n, c] = part
            beyond[n, c] = wanted - part
            within_all[c] += part
            beyond_all[c] += wanted - part
