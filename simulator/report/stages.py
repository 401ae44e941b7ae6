"""Stages of the chain that a scenario hits: which are shown, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from simulator.spec.countries import iso_countries

if TYPE_CHECKING:
    from pandas import DataFrame

OUTCOME: Final = "outcome"
"""Stage of the row that says when output itself falls below normal."""
MARKET: Final = "market"
SELDOM: Final = 0.05
"""Stages that are hit in a smaller share of replications are not shown."""


def stages_hit(early_signs: DataFrame | None, most: int = 16) -> DataFrame:
    """Stages that are hit in at least `SELDOM` of replications, the first hit first.

    Parameters
    ----------
    early_signs
        Content of ``early_signs.parquet``, or None.
    most
        Of more than so many, those hit most often.
    """
    import pandas as pd

    if early_signs is None or early_signs.empty:
        return pd.DataFrame(columns=["stage", "label", "hit_share", "days_p50"])
    inside = early_signs["stage"] != MARKET  # what others do without is no sign of what we will
    rows = early_signs[inside & (early_signs["hit_share"] >= SELDOM)]
    rows = rows.assign(
        label=[_with_name(*pair) for pair in zip(rows["label"], rows["country"], strict=True)]
    )
    rows = rows.sort_values(["hit_share", "label"], ascending=[False, True]).head(most)
    return rows.sort_values(["days_p50", "label"]).reset_index(drop=True)


def _with_name(label: str, code: str) -> str:
    """A label that ends in a country's code, with its name in place of that."""
    country = iso_countries().get(code)
    if country is None or not label.endswith(f", {code}"):
        return label
    return f"{label.removesuffix(f', {code}')}, {country.name}"


def hits_of_sites(sites: DataFrame, early_signs: DataFrame | None) -> DataFrame:
    """Places of the stages hit, one row per stage, hit most often first.

    Parameters
    ----------
    sites
        Content of ``sites.parquet``.
    early_signs
        Content of ``early_signs.parquet``, or None.

    Returns
    -------
    DataFrame
        ``label``, ``hit_share``, ``days_p50``, ``lat`` and ``lon`` of the largest facility of the
        stage: one that makes its material in its country, else one of its layer there.
    """
    import pandas as pd

    known = sites[sites["lat"].notna()].sort_values("usd_per_day", ascending=False, kind="stable")
    records = [{str(key): value for key, value in row.items()} for row in known.to_dict("records")]
    makers: dict[tuple[str, str], dict[str, Any]] = {}
    for one in records:
        makers.setdefault((one["country"], one["material"]), one)
        makers.setdefault((one["country"], f"layer {one['layer']}"), one)
    found = []
    for row in stages_hit(early_signs, most=200).to_dict("records"):
        own, layer = (row["country"], row["material"]), (row["country"], f"layer {row['layer']}")
        place = makers.get(own) if row["material"] else None
        place = place or makers.get(layer)
        if place is not None:
            facts = {key: row[key] for key in ("label", "hit_share", "days_p50")}
            found.append({**facts, "lat": float(place["lat"]), "lon": float(place["lon"])})
    table = pd.DataFrame(found, columns=["label", "hit_share", "days_p50", "lat", "lon"])
    return table.sort_values(["hit_share", "label"], ascending=[False, True]).reset_index(drop=True)
