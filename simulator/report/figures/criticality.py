"""What would be worst to lose: the loss when single parts of the network are taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from simulator.report import style
from simulator.report.wording import quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

MOST: Final = 15
_LETTERS: Final = 34


def most_critical(criticality: DataFrame, days: int | None = None) -> DataFrame:
    """Removals of one length, the worst first.

    Parameters
    ----------
    criticality
        Content of ``criticality.parquet``.
    days
        Length of the removal; None is the longest.
    """
    chosen = criticality["days"].max() if days is None else days
    rows = criticality[criticality["days"] == chosen]
    return rows.sort_values(["loss_pct", "id"], ascending=[False, True]).reset_index(drop=True)


def criticality_bars(criticality: DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the loss of output when each of the most critical parts is taken away.

    Parameters
    ----------
    criticality
        Content of ``criticality.parquet``; of its lengths of removal the longest is drawn.
    ax
        Axes to draw on; None makes a figure.
    """
    table = most_critical(criticality).head(MOST)
    ax = style.new_axes(ax, height=1.3 + 0.3 * len(table))
    if table.empty:
        return style.message(ax, "Nothing was taken away.")
    records: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    layers = [str(row["layer"]) for row in records]
    colours = [style.LAYER_COLOURS.get(layer, style.BASELINE) for layer in layers]
    ax.barh(range(len(records)), [row["loss_pct"] for row in records], 0.66, color=colours)
    for place, row in enumerate(records):
        ax.annotate(
            quantity(row["loss_pct"], "%"),
            (row["loss_pct"], place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=style.INK,
        )
    letters = 20 if style.width_inches(ax) < 5 else _LETTERS
    names = [style.plain(str(row["label"]), letters) for row in records]
    ax.set_yticks(range(len(names)), names)
    for text in ax.get_yticklabels():
        text.set_parse_math(False)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(0, 1.15 * max(float(table["loss_pct"].max()), 1e-9))
    style.grid(ax, "x")
    days = int(records[0]["days"])
    style.name_axes(ax, f"AI-chip output lost when gone for {days} days (% of normal)", "")
    first = records[0]
    loss = quantity(first["loss_pct"], "%")
    style.finding(ax, f"{first['label']} would be worst to lose: {loss} of AI-chip output")
    return ax
