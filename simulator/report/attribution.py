"""Rows of ``attribution.parquet`` as the report shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pandas import DataFrame

SHAPLEY: Final = "shapley"
LEFT_OUT: Final = "leave_one_out"
LEDGER: Final = "ledger"


def causes(attribution: DataFrame | None, method: str, kind: str | None = None) -> DataFrame:
    """Causes found by one method, the largest contribution first.

    Parameters
    ----------
    attribution
        Content of ``attribution.parquet``, or None.
    method
        ``shapley``, ``leave_one_out`` or ``ledger``.
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
