"""The line that counts the causes which a table leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from simulator.report.attribution import SMALL_SHARE
from simulator.report.wording import SPACE, share

_NAMES: Final = {"shock": "shocks", "measure": "measures"}
_NO_LOSS_PCT: Final = 1e-7
_SMALL: Final = f"under{SPACE}{100 * SMALL_SHARE:g}{SPACE}% of the loss"


def others(rows: Sequence[Mapping[str, Any]], additive: str) -> tuple[str, str]:
    """Count causes in words with what they add, and say where both numbers are found.

    Parameters
    ----------
    rows
        Rows of ``attribution.parquet`` that are left out, with their number there as ``row``.
    additive
        The method whose shares add up to the loss; rows of another one are not summed.
    """
    if not rows:
        return "", ""
    counted = f"#{_place(rows)}"
    many = f"{len(rows):,} more {_name(rows)}"
    if all(abs(row["loss_pct"]) < _NO_LOSS_PCT for row in rows):
        return f"{many} {'adds' if len(rows) == 1 else 'add'} nothing.", counted
    summed = [row for row in rows if row["method"] == additive]
    total = sum(row["share"] for row in summed)
    if summed and total == total:
        size = _SMALL if abs(total) < SMALL_SHARE else f"{_signed(total)} of the loss"
        together = "" if len(rows) == 1 else "together "
        return f"{many}, {together}{size}.", f"{counted} +{_place(summed)}"
    if all(abs(row["share"]) < SMALL_SHARE for row in rows):
        return f"{many}, {'' if len(rows) == 1 else 'each '}{_SMALL}.", f"{counted} {_place(rows)}"
    return f"{many}, smaller than these.", counted


def _name(rows: Sequence[Mapping[str, Any]]) -> str:
    kinds = {str(row["kind"]) for row in rows}
    if not kinds <= set(_NAMES):
        return "cause" if len(rows) == 1 else "causes"
    if len(rows) == 1:
        return kinds.pop()
    return " and ".join(name for kind, name in _NAMES.items() if kind in kinds)


def _signed(part: float) -> str:
    return share(part) if part >= 0 else f"\u2212{share(-part)}"


def _place(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows by their numbers, those in sequence as first-last."""
    runs: list[list[int]] = []
    for number in sorted(int(row["row"]) for row in rows):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    parts = (f"{first}" if first == last else f"{first}-{last}" for first, last in runs)
    return f"attribution:{','.join(parts)}/share"
