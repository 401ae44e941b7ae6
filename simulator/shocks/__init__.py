"""Shocks and measures: typed parameters that become change-points. Importing it registers them."""

from simulator.shocks.base import ShockType
from simulator.shocks.capacity_addition import CapacityAddition
from simulator.shocks.chokepoint import Chokepoint
from simulator.shocks.demand_surge import DemandSurge
from simulator.shocks.diversification import Diversification
from simulator.shocks.effects import ChangePoints, Control, Effect, combine
from simulator.shocks.energy_shortfall import EnergyShortfall
from simulator.shocks.entity_ban import EntityBan
from simulator.shocks.export_restriction import ExportRestriction
from simulator.shocks.hazard import Hazard
from simulator.shocks.hub_closure import HubClosure
from simulator.shocks.inventory_policy import InventoryPolicy
from simulator.shocks.outage import Outage
from simulator.shocks.priority import Priority
from simulator.shocks.recycling import Recycling
from simulator.shocks.scene import Scene, Spell
from simulator.shocks.stockpile import Stockpile
from simulator.shocks.substitution import Substitution
from simulator.shocks.suspension import Suspension

__all__ = [
    "CapacityAddition",
    "ChangePoints",
    "Chokepoint",
    "Control",
    "DemandSurge",
    "Diversification",
    "Effect",
    "EnergyShortfall",
    "EntityBan",
    "ExportRestriction",
    "Hazard",
    "HubClosure",
    "InventoryPolicy",
    "Outage",
    "Priority",
    "Recycling",
    "Scene",
    "ShockType",
    "Spell",
    "Stockpile",
    "Substitution",
    "Suspension",
    "combine",
]
