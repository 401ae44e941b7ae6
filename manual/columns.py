"""What the columns of a network's tables, and the keys of a selector, mean; and their units."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

COMMON: Final = ("source_id", "grade", "note")
"""Columns of nearly all tables, described once."""

COLUMNS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = MappingProxyType(
    {
        "materials": {
            "id": ("", "identity"),
            "name": ("", "name for people"),
            "layer": ("", "pillar to which it belongs, for colours and sums"),
            "unit": ("", "what quantities count, such as t, wafer or unit"),
            "mass_kg_per_unit": ("kg/unit", "mass, for the handling of hubs"),
            "price_usd_per_unit": ("USD/unit", "price, for sums over materials and for reach"),
            "h100e_per_unit": (
                "H100e/unit",
                "computing power; its materials are the outcome by default",
            ),
        },
        "facilities": {
            "id": ("", "identity"),
            "name": ("", "name for people"),
            "operator": ("", "company that runs it"),
            "kind": ("", "what it is; decides what it does each day"),
            "country": ("", "ISO 3166 alpha-3 code"),
            "lat": ("degrees", "latitude, for maps and regional hazards"),
            "lon": ("degrees", "longitude"),
            "output": ("", "material that it makes or holds"),
            "recipe": ("", "what it makes this from"),
            "capacity_per_day": (
                "units/day",
                "most it can start (a hub: handle, in t); without it and utilisation no limit",
            ),
            "utilisation": ("1", "instead of capacity: planned starts over capacity"),
            "capacity_profile": ("1", "multiple of capacity by date: growth, closures"),
            "start_date": ("", "day on which it opens; before that it can do nothing"),
            "ramp_days": ("days", "time from opening to full capacity"),
            "cycle_days": ("days", "time from start to finished goods"),
            "finished_cover_days": (
                "days",
                "target stock of finished goods, in days of planned sales",
            ),
            "stock_at_start": ("units", "what a stockpile holds on the first day"),
            "layer": ("", "layer, where it is not that of its output"),
        },
        "recipes": {
            "recipe": ("", "name of the recipe"),
            "input": ("", "material used"),
            "quantity": ("units/unit", "need per good unit of output, yield included"),
            "criticality": ("1", "share of output finally lost when the input is entirely absent"),
            "onset_days": ("days", "time constant with which that loss builds up; 0 is at once"),
            "cover_days": ("days", "target stock of the input, in days of planned use"),
            "purpose": ("", "whether it feeds production, or growth of capacity (tools)"),
        },
        "lanes": {
            "customer": ("", "facility that receives"),
            "material": ("", "what is moved"),
            "supplier": ("", "facility that sends"),
            "share": ("1", "planned share of the customer's need; those of a slot sum to 1"),
            "share_profile": ("1", "planned share by date, instead of share"),
            "standby_share": ("1", "share it can take over when others fail"),
            "transit_days": ("days", "time from leaving to arriving"),
            "route": ("", "hubs that it passes, in order; in CSV separated by ;"),
            "leg_days": ("days", "length of each leg, one more than hubs; worked out if not given"),
            "priority": ("", "class in which the supplier serves it: lower numbers first"),
            "qualification_days": (
                "days",
                "time constant with which a standby supplier takes over",
            ),
            "standby_trigger_days": ("days", "standby only while the customer's stock covers less"),
            "transit_noise": ("days", "distribution of the transit of each day's consignment"),
        },
        "demand": {
            "sink": ("", "data centre or market"),
            "material": ("", "what it uses"),
            "units_per_day": ("units/day", "planned use"),
            "profile": ("1", "multiple of it by date"),
            "unmet": ("", "whether unmet demand is lost, or kept as backlog"),
            "cover_days": ("days", "target stock, in days of planned use"),
            "daily": (
                "units/day",
                "distribution of each day's demand, instead of the planned rate",
            ),
        },
        "slots": {
            "facility": ("", "who keeps the stock"),
            "material": ("", "of what"),
            "cover_days": ("days", "target stock, instead of the recipe's"),
            "policy": ("", "how it orders: to base stock daily, by reorder point, or periodically"),
            "reorder_cover_days": ("days", "s of (s, S), in days of planned use"),
            "review_days": ("days", "R of (R, S)"),
            "surge": ("1", "most it asks for in a day, as a multiple of planned use"),
            "notice_days": ("days", "time constant with which it notices that a supplier fails"),
        },
        "sources": {
            "id": ("", "what rows cite"),
            "title": ("", "title of the document"),
            "publisher": ("", "who published it"),
            "date": ("", "when"),
            "url": ("", "where"),
        },
        "alliances": {
            "alliance": ("", "name of the alliance"),
            "country": ("", "a member"),
            "from_date": ("", "first day of membership; always, if not given"),
            "until_date": ("", "day on which it ends"),
        },
        "countries": {
            "code": ("", "ISO 3166 alpha-3 code"),
            "name": ("", "name for people"),
            "lat": ("degrees", "latitude of the point where it is drawn"),
            "lon": ("degrees", "longitude"),
        },
        "calibration": {
            "id": ("", "identity"),
            "what": ("", "what is compared"),
            "model_expression": ("", "what to read off the plan"),
            "parameters": ("", "its arguments"),
            "published": ("", "published figure"),
            "unit": ("", "its unit"),
            "tolerance_pct": ("%", "difference that passes"),
            "independent": ("", "whether it tests the tables, or was used to set them"),
        },
        "selectors": {
            "id": (
                "",
                "identity of a facility or material, or customer/material/supplier of a lane",
            ),
            "kind": ("", "kind of facility"),
            "country": ("", "where a facility stands; of a lane, its supplier"),
            "layer": ("", "layer of the facility or material"),
            "material": ("", "what a facility makes, or a lane moves"),
            "alliance": ("", "membership, on the date of the entry"),
            "supplier": ("", "lanes: who sends"),
            "customer": ("", "lanes: who receives"),
            "via": ("", "lanes: a hub on the route"),
            "operator": ("", "company that runs a facility"),
            "customer_country": ("", "lanes: where the customer stands"),
            "customer_alliance": ("", "lanes: membership of the customer's country"),
        },
    }
)
"""Unit and meaning by table and column."""
