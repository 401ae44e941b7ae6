"""Rows of ``attribution.parquet`` as the report shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from simulator.report.wording import NEGLIGIBLE_PCT

if TYPE_CHECKING:
    from pandas import DataFrame, Series

SHAPLEY: Final = "shapley"
LEFT_OUT: Final = "leave_one_out"
LEDGER: Final = "ledger"
BY_ENTRY: Final = "ledger_by_entry"
NO_ENTRY: Final = "none"
"""Kind of the row for what no entry of the scenario sets."""
MOST_CAUSES: Final = 10
"""Most causes that a table or a figure shows."""
SMALL_SHARE: Final = 0.001
"""A smaller share of the loss is left out."""
_PLAIN_SHARE: Final = 0.01
"""So is a smaller one than this where the loss itself is printed as nothing."""
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
        ``shock``, ``measure``, ``none`` (what no entry sets), ``facility``, ``lane``, ``hub`` or
        ``market``; None is any.
    """
    import pandas as pd

    if attribution is None:
        return pd.DataFrame(columns=["method", "cause", "kind", "label", "loss_pct"])
    rows = attribution[attribution["method"] == method]
    # Folders from before there was this kind call it a shock.
    rows = rows.assign(kind=rows["kind"].where(rows["cause"] != "", NO_ENTRY))
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


def leading_causes(attribution: DataFrame | None) -> tuple[DataFrame, DataFrame]:
    """Shocks and measures to show, and those to leave out: one row each, the largest loss first.

    A cause that rounds to nothing by every method is left out, unless it is the largest; so is
    whatever lies beyond the ``MOST_CAUSES`` largest. A row is that of the best method that knows
    the cause; ``row`` is its number in the table.
    """
    import pandas as pd

    numbered = None if attribution is None else attribution.assign(row=range(len(attribution)))
    every = pd.concat([causes(numbered, way) for way in (SHAPLEY, BY_ENTRY, LEFT_OUT)])
    weighty = set(every.loc[~rounds_to_nothing(every), "cause"]) if len(every) else set()
    ranked = every.drop_duplicates("cause").sort_values(
        ["loss_pct", "cause"], ascending=[False, True], ignore_index=True
    )
    return _leading(ranked, ranked["cause"].isin(weighty))


def leading_first_causes(
    attribution: DataFrame | None, names: Mapping[str, str]
) -> tuple[DataFrame, DataFrame]:
    """First causes of the ledger to show, and those to leave out, as `first_causes` gives them."""
    ranked = first_causes(attribution, names)
    return _leading(ranked, ~rounds_to_nothing(ranked))


def rounds_to_nothing(table: DataFrame) -> Series[bool]:
    """Whether each is below a thousandth of the loss, or a hundredth and printed as nothing."""
    size, share = table["loss_pct"].abs(), table["share"].abs()
    return (share < SMALL_SHARE) | ((size < NEGLIGIBLE_PCT) & ~(share >= _PLAIN_SHARE))


def _leading(ranked: DataFrame, weighty: Series[bool]) -> tuple[DataFrame, DataFrame]:
    place = ranked["loss_pct"].abs().rank(method="first", ascending=False)
    shown = (place <= MOST_CAUSES) & (weighty | (place == 1))
    return ranked[shown].reset_index(drop=True), ranked[~shown].reset_index(drop=True)


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
        ``place``: where its numbers are found, without the column, and ``rows``: the numbers of
        its rows in the table.
    """
    import pandas as pd

    keys = ("cause", "label", "kind", "lo95", "hi95")
    columns = [*keys, "loss_pct", "share", "place", "rows"]
    if attribution is None:
        return pd.DataFrame(columns=columns)
    numbered = attribution.assign(row=range(len(attribution)))
    table = numbered[numbered["method"] == LEDGER]
    rows = []
    lanes = table["kind"] == "lane"
    for _, part in table[lanes].groupby(["material", "country"]):
        first = part.iloc[0]
        material, country = str(first["material"]), str(first["country"])
        row = {key: first[key] for key in keys}
        row |= {"place": f"attribution:{first['row']}", "rows": part["row"].tolist()}
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
        row = {key: found[key] for key in (*keys, "loss_pct", "share")}
        rows.append({**row, "place": f"attribution:{found['row']}", "rows": [found["row"]]})
    ranked = pd.DataFrame(rows, columns=columns).sort_values(
        ["loss_pct", "cause"], ascending=[False, True]
    )
    return ranked.reset_index(drop=True)
