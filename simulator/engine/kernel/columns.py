"""Columns of the kernel's state and number tables: plain integers, so that numba sees constants."""

from __future__ import annotations

# State of a facility; that of the first columns can be recorded.
FINISHED, UNFILLED, PROCESS_TOTAL, WAITING_T, RELEASED_T = 0, 1, 2, 3, 4
FACILITY_RECORDED = 5
STARTED, MATURED, CAPACITY_NOW, PENDING, FACTOR, PROGRESS, HANDLING = 5, 6, 7, 8, 9, 10, 11
FACILITY_COLUMNS = 12

# State of a slot, the same way.
ON_HAND, IN_TRANSIT, ASKED, BACKLOG, HEALTH = 0, 1, 2, 3, 4
SLOT_RECORDED = 5
USED, DEMAND_FACTOR, PLANNED_ORDERS, PLACED, PLANNED_USE = 5, 6, 7, 8, 9
SLOT_COLUMNS = 10

# State of a lane, the same way.
LANE_RECORDED = 3
LANE_ASKED, GIVEN, ARRIVED, LIMIT, DELAY, SHARE, STANDBY = 0, 1, 2, 3, 4, 5, 6
PERFORMANCE, READINESS, WITHIN, BEYOND, CLASS, PLANNED = 7, 8, 9, 10, 11, 12
LANE_COLUMNS = 13

# Numbers of a slot.
NEED, CRITICALITY, ONSET, SURGE, NOTICE, DEMANDED = 0, 1, 2, 3, 4, 5

# Numbers of a lane.
STANDBY_SHARE, QUALIFICATION, TRIGGER, MASS_T, PLANNED_SHARE = 0, 1, 2, 3, 4

# Facts of a slot, all integers.
PURPOSE, POLICY, KEEPS, REVIEW, WATCHES = 0, 1, 2, 3, 4
SLOT_FACTS = 5

# What a facility does in its day; mines are makers without slots.
MAKER, SINK, STOCKPILE, HUB = 0, 1, 2, 3
