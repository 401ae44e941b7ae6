"""Rows of ``attribution.parquet`` as the report shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pandas import DataFrame

SHAPLEY: Final = "shapley"
LEFT_OUT: Final = "leave_one_out"
LEDGER: Final = "ledger"
BY_ENTRY: Final = "ledger_by_entry"
_SEVERAL: Final = " from "


def causes(attribution: DataFrame | None, method: str, kind: str | None = None) -> DataFrame:
    """Causes found by one method, the largest contribution first.

    Parameters
    ----------
    attribution
        Content of ``attribution.parquet``, or None.
    method
        ``shapley``, ``leave_one_out``, ``ledger`` or ``ledger_by_entry``.
    kind
        ``shock``, ``measure``, ``facility``, ``lane``, ``hub`` or ``market``; None is any.
    """
    import pandas as pd

    if attribution is None:
        return pd.DataFrame(columns=["method", "cause", "kind", "label", "loss_pct"])
    rows = attribution[attribution["method"] == method]
    if kind is not None:
        rows = rows[rows["kind"] == kind]
    ranked = rows.sort_values(["loss_pct", "cause"], ascending=[False, True])
    return ranked.reset_index(drop=True)


def shown_causes(attribution: DataFrame | None) -> tuple[DataFrame, bool]:
    """Causes by the best of the methods that were used, and whether they add up to the loss."""
    for method in (SHAPLEY, BY_ENTRY, LEFT_OUT):
        table = causes(attribution, method)
        if not table.empty:
            return table, method != LEFT_OUT
    return table, False


def first_causes(attribution: DataFrame | None, names: Mapping[str, str]) -> DataFrame:
    """First causes of the ledger, lanes of one material from one country taken together.

    Parameters
    ----------
    attribution
        Content of ``attribution.parquet``, or None.
    names
        Names by country code.

    Returns
    -------
    DataFrame
        ``cause``, ``label``, ``kind``, ``loss_pct``, ``share``, interval (where it is not a sum),
        and ``place``: where its numbers are found, without the column.
    """
    import pandas as pd

    if attribution is None:
        return pd.DataFrame(columns=["cause", "label", "kind", "loss_pct", "share", "place"])
    numbered = attribution.assign(row=range(len(attribution)))
    table = numbered[numbered["method"] == LEDGER]
    rows = []
    lanes = table["kind"] == "lane"
    for _, part in table[lanes].groupby(["material", "country"]):
        first = part.iloc[0]
        material, country = str(first["material"]), str(first["country"])
        row = {key: first[key] for key in ("cause", "label", "kind", "lo95", "hi95")}
        row["place"] = f"attribution:{first['row']}"
        if len(part) > 1:
            goods = str(first["label"]).partition(_SEVERAL)[0]
            row |= {
                "cause": f"{material}/{country}",
                "label": f"{goods} from {names.get(country, country)}",
                "kind": "lanes",
                "lo95": float("nan"),
                "hi95": float("nan"),
                "place": f"+attribution:method={LEDGER}&kind=lane&material={material}"
                f"&country={country}",
            }
        rows.append({**row, "loss_pct": part["loss_pct"].sum(), "share": part["share"].sum()})
    for found in table[~lanes].to_dict("records"):
        rows.append(
            {
                **{
                    str(key): found[key]
                    for key in ("cause", "label", "kind", "loss_pct", "share", "lo95", "hi95")
                },
                "place": f"attribution:{found['row']}",
            }
        )
    columns = ["cause", "label", "kind", "loss_pct", "share", "lo95", "hi95", "place"]
    ranked = pd.DataFrame(rows, columns=columns).sort_values(
        ["loss_pct", "cause"], ascending=[False, True]
    )
    return ranked.reset_index(drop=True)
