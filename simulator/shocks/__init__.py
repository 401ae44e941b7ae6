"""Shocks and measures: typed parameters that become change-points. Importing registers all types."""

from simulator.shocks.base import ShockType
from simulator.shocks.capacity_addition import CapacityAddition
from simulator.shocks.demand_surge import DemandSurge
from simulator.shocks.effects import ChangePoints, Control, Effect, combine
from simulator.shocks.export_restriction import ExportRestriction
from simulator.shocks.hub_closure import HubClosure
from simulator.shocks.outage import Outage
from simulator.shocks.scene import Scene, Spell
from simulator.shocks.stockpile import Stockpile
from simulator.shocks.suspension import Suspension

__all__ = [
    "CapacityAddition",
    "ChangePoints",
    "Control",
    "DemandSurge",
    "Effect",
    "ExportRestriction",
    "HubClosure",
    "Outage",
    "Scene",
    "ShockType",
    "Spell",
    "Stockpile",
    "Suspension",
    "combine",
]
