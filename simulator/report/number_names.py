"""Names of the uncertain numbers of a scenario as people say them, with their units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulator.sampling.model import Model

_WORDS: Final = {
    "criticality": ("share of {recipe} that stops without {input}", ""),
    "quantity": ("{input} per unit of {recipe}", "{input_unit}"),
    "onset_days": ("days until {recipe} feels a lack of {input}", "days"),
    "cover_days": ("stock of {input} held for {recipe}", "days"),
    "utilisation": ("utilisation of {place}", ""),
    "capacity_per_day": ("capacity of {place}", "{output_unit} a day"),
    "cycle_days": ("cycle time of {place}", "days"),
    "finished_cover_days": ("finished goods held by {place}", "days"),
    "stock_at_start": ("stock of {place} at the start", "{output_unit}"),
    "units_per_day": ("demand of {place} for {input}", "{input_unit} a day"),
    "share": ("share of {supplier} in {input} of {place}", ""),
    "standby_share": ("what {supplier} could send of {input} to {place}, if asked", ""),
    "transit_days": ("transit of {input} from {supplier} to {place}", "days"),
    "qualification_days": ("time to qualify {supplier} for {input} of {place}", "days"),
}
"""Label and unit by field; what is in braces is filled in."""


def number_label(model: Model, name: str) -> tuple[str, str]:
    """Say what an uncertain number is.

    Parameters
    ----------
    model
        The prepared scenario.
    name
        As in ``draw:`` columns: ``recipes.n5/tool_spares.criticality``,
        ``shocks.october.approval``.

    Returns
    -------
    tuple
        Label, and unit (empty for shares).
    """
    table, _, rest = name.partition(".")
    if table in ("shocks", "measures"):
        entry, _, path = rest.partition(".")
        words = path.replace("_", " ").replace(".", ", ")
        return f"{words} ({entry})", "days" if path.endswith("_days") else ""
    key, _, field = rest.rpartition(".")
    words, unit = _WORDS.get(field, (f"{field.replace('_', ' ')} of {key}", ""))
    facts = _facts(model, table, key.split("/"))
    if table == "slots" and field == "cover_days":
        words = "stock of {input} held by {place}"
    if table == "demand" and field == "cover_days":
        words = "stock of {input} held by {place}"
    try:
        return words.format_map(facts), unit.format_map(facts)
    except KeyError:
        return f"{field.replace('_', ' ')} of {key}", ""


def _facts(model: Model, table: str, parts: list[str]) -> dict[str, str]:
    dataset = model.network.dataset
    materials = {row.id: row for row in dataset.materials}
    places = {row.id: row.name or row.id for row in dataset.facilities}
    outputs = {row.id: row.output or "" for row in dataset.facilities}
    facts: dict[str, str] = {}
    if table == "recipes":
        facts["recipe"] = f"recipe {parts[0]}"
    else:
        facts["place"] = places.get(parts[0], parts[0])
        output = materials.get(outputs.get(parts[0], ""))
        facts["output_unit"] = output.unit if output else "units"
    if len(parts) > 1:
        material = materials.get(parts[1])
        facts["input"] = (material.name if material else "") or parts[1]
        facts["input_unit"] = material.unit if material else "units"
    if len(parts) > 2:
        facts["supplier"] = places.get(parts[2], parts[2])
    return facts
