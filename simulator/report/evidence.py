"""The uncertain numbers that matter most for a run's loss, each with the evidence behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from simulator.experiment.replication import DRAW
from simulator.metrics.given_data import average_ranks, given_data
from simulator.report.number_names import number_label

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from simulator.metrics.outcome import FloatArray
    from simulator.sampling.model import Model

MOST: Final = 10
FEWEST_RUNS: Final = 100
"""With fewer replications, chance alone ranks thousands of numbers."""
MOST_RUNS: Final = 1000
METRIC: Final = "output_loss_pct"
_SCREENED: Final = 40
_FALSE_SHARE: Final = 0.05
_COLUMNS: Final = (
    "rank", "name", "label", "value", "low", "high", "unit", "grade", "sources", "titles", "urls",
    "note", "first_order", "direction", "p_value", "stands_out", "inputs", "replications",
)  # fmt: skip


def read_draws(path: Path, metric: str = METRIC) -> pd.DataFrame:
    """Read the draws and the loss of the first `MOST_RUNS` replications that finished.

    Parameters
    ----------
    path
        ``replications.parquet``, which may be larger than memory.
    metric
        Column that counts as the loss.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        given = file.schema_arrow.names
        kept = ("replication", "status", metric)
        columns = [name for name in given if _is_number(name) or name in kept]
        parts, count = [pd.DataFrame(columns=columns)], 0
        for batch in file.iter_batches(batch_size=MOST_RUNS, columns=columns):
            part = batch.to_pandas()
            parts.append(part[part["status"] == "done"] if "status" in part else part)
            count += len(parts[-1])
            if count >= MOST_RUNS:
                break
    return pd.concat(parts[1:] or parts, ignore_index=True).head(MOST_RUNS)


def evidence_table(model: Model, replications: pd.DataFrame, metric: str = METRIC) -> pd.DataFrame:
    """Rank the numbers drawn in a run by how much of the loss goes with them.

    All draws are screened by their rank correlation with the loss; `given_data` then ranks the
    foremost. Draws of what may or may not happen are no numbers of the tables, and are left out.

    Parameters
    ----------
    model
        The prepared scenario of the run.
    replications
        As `read_draws` gives them.
    metric
        Column that counts as the loss.

    Returns
    -------
    DataFrame
        The `MOST` foremost: ``value`` (in the tables; else the median drawn), ``low`` and ``high``
        (5 and 95 % of the draws), ``grade``, ``sources``, ``titles`` and ``urls`` (separated by
        newlines), ``first_order`` (share of the variance of the loss that goes with it alone),
        ``direction`` (Spearman), ``stands_out`` (a false discovery rate of 5 % over all ``inputs``
        numbers; Benjamini and Hochberg 1995). Empty if fewer than `FEWEST_RUNS` finished, or if
        all lose the same.
    """
    import pandas as pd

    empty = pd.DataFrame(columns=list(_COLUMNS))
    rows = replications
    if metric not in rows or len(rows) < FEWEST_RUNS:
        return empty
    rows = _with_parameters(model, rows)
    loss = rows[metric].to_numpy(dtype=np.float64)
    names = [name for name in map(str, rows.columns) if _is_number(name)]
    if not names or not np.isfinite(loss).all() or np.ptp(loss) <= 0.0:
        return empty
    drawn = rows[names].to_numpy(dtype=np.float64)
    kept = np.isfinite(drawn).all(axis=0) & (np.ptp(drawn, axis=0) > 0)
    names, drawn = [name for name, keep in zip(names, kept, strict=True) if keep], drawn[:, kept]
    direction = _rank_correlations(drawn, loss)
    p_values = _p_values(direction, len(loss))
    foremost = np.argsort(-np.abs(direction), kind="stable")[:_SCREENED]
    shares = {int(i): given_data(drawn[:, i], loss).first_order for i in foremost}
    order = sorted(shares, key=lambda i: (-shares[i], names[i]))[:MOST]
    limit = _false_discovery_limit(p_values)
    return pd.DataFrame(
        [
            {
                "rank": place + 1,
                **_about(model, names[i].removeprefix(DRAW), drawn[:, i]),
                "first_order": shares[i],
                "direction": float(direction[i]),
                "p_value": float(p_values[i]),
                "stands_out": bool(p_values[i] <= limit),
                "inputs": len(names),
                "replications": len(loss),
            }
            for place, i in enumerate(order)
        ],
        columns=list(_COLUMNS),
    )


def _with_parameters(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Add the numbers of the tables, which a run does not keep: its seed draws them again."""
    import pandas as pd

    names = [f"{DRAW}{name}" for name in model.parameter_names]
    if set(names) <= set(rows.columns):
        return rows
    values = model.parameters(rows["replication"].to_numpy(dtype=np.int64))
    drawn = pd.DataFrame(values, columns=names, index=rows.index)
    return pd.concat([rows, drawn], axis=1)


def _is_number(column: str) -> bool:
    return column.startswith(DRAW) and ":" not in column.removeprefix(DRAW)


def _rank_correlations(drawn: FloatArray, loss: FloatArray) -> FloatArray:
    # Draws are continuous, so their ranks have no ties to speak of; losses of nothing do.
    order = np.argsort(drawn, axis=0, kind="stable")
    x = np.empty_like(drawn)
    steps = np.arange(len(loss)) - 0.5 * (len(loss) - 1)
    np.put_along_axis(x, order, steps[:, None], axis=0)
    y = average_ranks(loss)
    y -= y.mean()
    return np.asarray((y @ x) / np.sqrt((steps**2).sum() * (y**2).sum()))


def _p_values(correlation: FloatArray, runs: int) -> FloatArray:
    from scipy.special import stdtr

    # Student's t of a rank correlation, two-sided.
    t = correlation * np.sqrt((runs - 2) / np.maximum(1.0 - correlation**2, 1e-12))
    return np.asarray(2.0 * stdtr(runs - 2, -np.abs(t)))


def _false_discovery_limit(p_values: npt.NDArray[np.float64]) -> float:
    ranked = np.sort(p_values)
    under = ranked <= _FALSE_SHARE * np.arange(1, ranked.size + 1) / ranked.size
    return float(ranked[under].max()) if under.any() else -1.0


def _about(model: Model, name: str, drawn: FloatArray) -> dict[str, Any]:
    known = {item.name: item for item in model.network.uncertain}.get(name)
    sources = {row.id: row for row in model.network.dataset.sources}
    low, middle, high = (float(value) for value in np.quantile(drawn, [0.05, 0.5, 0.95]))
    label, unit = number_label(model, name)
    ids = [] if known is None else [part.strip() for part in known.source_id.split(";")]
    found = [sources[one] for one in ids if one in sources]
    entry = model.entries.get(".".join(name.split(".")[:2]))
    return {
        "name": name,
        "label": label,
        "value": middle if known is None else float(known.number.base),
        "low": low,
        "high": high,
        "unit": unit,
        "grade": "" if known is None else known.grade,
        "sources": ";".join(ids),
        "titles": "\n".join(row.title for row in found),
        "urls": "\n".join(row.url for row in found),
        "note": entry.note if entry is not None else "",
    }
