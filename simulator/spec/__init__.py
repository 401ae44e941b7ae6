"""Validated inputs: network tables, scenario files, numbers, selectors, and the base of shocks."""

from __future__ import annotations

from simulator.spec.dataset import Dataset
from simulator.spec.distributions import Constant, Distribution
from simulator.spec.load import (
    list_scenarios,
    list_variants,
    load_dataset,
    load_scenario,
    load_variants,
)
from simulator.spec.messages import did_you_mean, nearest
from simulator.spec.numbers import (
    Days,
    Fraction,
    Multiplier,
    NonNegative,
    Number,
    Positive,
    PositiveFraction,
    WholeDays,
    number,
    parse_number,
)
from simulator.spec.profiles import Profile, ProfileField
from simulator.spec.record import Date, Id, Real, Record, Text, Whole, broken
from simulator.spec.scenario import Scenario, ScenarioInfo, parse_scenario
from simulator.spec.schema import scenario_schema
from simulator.spec.selection import (
    layer_of,
    select_countries,
    select_facilities,
    select_lanes,
    select_materials,
)
from simulator.spec.selectors import (
    CountrySet,
    FacilitySelector,
    LaneSelector,
    MaterialSelector,
    Selector,
)
from simulator.spec.shock import Shock, described, in_order, model_check, shock_types
from simulator.spec.tables import (
    AllianceMember,
    Country,
    Demand,
    Facility,
    Lane,
    Material,
    RecipeInput,
    SlotRow,
    Source,
)

__all__ = [
    "AllianceMember",
    "Constant",
    "Country",
    "CountrySet",
    "Dataset",
    "Date",
    "Days",
    "Demand",
    "Distribution",
    "Facility",
    "FacilitySelector",
    "Fraction",
    "Id",
    "Lane",
    "LaneSelector",
    "Material",
    "MaterialSelector",
    "Multiplier",
    "NonNegative",
    "Number",
    "Positive",
    "PositiveFraction",
    "Profile",
    "ProfileField",
    "Real",
    "RecipeInput",
    "Record",
    "Scenario",
    "ScenarioInfo",
    "Selector",
    "Shock",
    "SlotRow",
    "Source",
    "Text",
    "Whole",
    "WholeDays",
    "broken",
    "described",
    "did_you_mean",
    "in_order",
    "layer_of",
    "list_scenarios",
    "list_variants",
    "load_dataset",
    "load_scenario",
    "load_variants",
    "model_check",
    "nearest",
    "number",
    "parse_number",
    "parse_scenario",
    "scenario_schema",
    "select_countries",
    "select_facilities",
    "select_lanes",
    "select_materials",
    "shock_types",
]
