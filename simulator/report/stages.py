"""Stages of the chain that a scenario hits: which are shown, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pandas import DataFrame

OUTCOME: Final = "outcome"
"""Stage of the row that says when output itself falls below normal."""
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
    rows = early_signs[early_signs["hit_share"] >= SELDOM]
    rows = rows.sort_values(["hit_share", "label"], ascending=[False, True]).head(most)
    return rows.sort_values(["days_p50", "label"]).reset_index(drop=True)


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

    columns = ["label", "hit_share", "days_p50", "lat", "lon"]
    found = []
    for row in stages_hit(early_signs, most=200).to_dict("records"):
        here = sites[(sites["country"] == row["country"]) & sites["lat"].notna()]
        makers = here[here["material"] == row["material"]]
        chosen = makers if len(makers) else here[here["layer"] == row["layer"]]
        if not len(chosen):
            continue
        place = chosen.loc[chosen["usd_per_day"].idxmax()]
        found.append(
            {
                "label": row["label"],
                "hit_share": float(row["hit_share"]),
                "days_p50": row["days_p50"],
                "lat": float(place["lat"]),
                "lon": float(place["lon"]),
            }
        )
    table = pd.DataFrame(found, columns=columns)
    return table.sort_values(["hit_share", "label"], ascending=[False, True]).reset_index(drop=True)
