"""Rationing in a block where shocks move lanes to other priority classes."""

from __future__ import annotations

from simulator.compiling import COLUMNS, step
from simulator.engine.kernel import compiled_rules as rule
from simulator.engine.kernel.block_requests import request
from simulator.network.network import Floats, Ints


@step
def ration_by_class(
    day: int, f: int, classes: tuple[Ints, Ints, Ints, Floats], group_start: Ints,
    group_lane_start: Ints, group_lane: Ints, lane_slot: Ints, watch_row: Ints, share_row: Ints,
    limit_row: Ints, leg_start: Ints, leg_first: Ints, leg_mask: Ints, orders: Floats,
    share: Floats, asked: Floats, lane_asked: Floats, limit: Floats, before: Floats,
    within: Floats, beyond: Floats, finished: Floats, unfilled: Floats, within_all: Floats,
    beyond_all: Floats, first: Floats, second: Floats, given_all: Floats, available: Floats,
    way: Floats,
) -> None:  # fmt: skip
    """Ration as `block_flow.ration` does; each run looks for each class among all lanes.

    Lanes of other classes add nothing to a sum, so it is the same sum to the last bit.
    """
    class_start, class_number, class_row, class_now = classes
    begin, end = group_lane_start[group_start[f]], group_lane_start[group_start[f + 1]]
    for c in range(COLUMNS):
        available[c] = finished[f, c]
        unfilled[f, c] = 0.0
    for n in range(begin, end):
        i = group_lane[n]
        request(
            i, lane_slot[i], watch_row[i], share_row[i], limit_row[i], orders, share, asked,
            lane_asked, limit, before, within, beyond, within_all, beyond_all, n - begin,
        )  # fmt: skip
    for group in range(class_start[f], class_start[f + 1]):
        number = class_number[group]
        for c in range(COLUMNS):
            within_all[c] = 0.0
            beyond_all[c] = 0.0
            given_all[c] = 0.0
        for n in range(begin, end):
            row, m = class_row[group_lane[n]], n - begin
            for c in range(COLUMNS):
                if class_now[row, c] == number:
                    within_all[c] += within[m, c]
                    beyond_all[c] += beyond[m, c]
        for c in range(COLUMNS):
            first[c] = rule.fill_fraction(available[c], within_all[c])
            rest = rule.left_over(available[c], within_all[c] * first[c])
            second[c] = rule.fill_fraction(rest, beyond_all[c])
        for n in range(begin, end):
            i = group_lane[n]
            row, leg, m = class_row[i], leg_start[i], n - begin
            cell = leg_first[leg] + (day & leg_mask[leg])
            for c in range(COLUMNS):
                if class_now[row, c] == number:
                    quantity = rule.rationed(within[m, c], beyond[m, c], first[c], second[c])
                    unfilled[f, c] += within[m, c] + beyond[m, c] - quantity
                    given_all[c] += quantity
                    way[cell, c] = quantity
        for c in range(COLUMNS):
            available[c] = rule.left_over(available[c], given_all[c])
    for c in range(COLUMNS):
        finished[f, c] = available[c]
