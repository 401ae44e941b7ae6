"""Distributions and shares in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.units import human

if TYPE_CHECKING:
    from simulator.spec import Distribution


def distribution_words(number: Distribution) -> str:
    """Say what a number may be: its likely value, and the range that holds nine in ten draws."""
    if not number.uncertain:
        return human(number.base)
    name = number.distribution
    values = getattr(number, "values", ())
    if name == "choice":
        pairs = zip(values, getattr(number, "probabilities", ()), strict=True)
        return "one of " + ", ".join(f"{human(v)} ({percent(p)})" for v, p in pairs)
    if name == "empirical":
        return f"one of {len(values)} seen values from {_range(*number.bounds)}"
    if name == "uniform":
        return f"{_range(*number.bounds)}, all alike"
    middle = {"lognormal": "median", "pert": "most likely", "triangular": "most likely"}
    low, high = number.ppf(0.05), number.ppf(0.95)
    likely = f"{middle.get(name, 'mean')} {human(number.base)}"
    return f"{likely}, 9 in 10 from {_range(low, high)} ({name})"


def percent(share: float) -> str:
    """Write a share as a percentage, with a decimal where it is small."""
    value = 100.0 * share
    if 0.0 < value < 0.1:
        return "under 0.1 %"
    return f"{value:.1f} %" if 0.0 < value < 10.0 and round(value, 1) % 1 else f"{value:.0f} %"


def _range(low: float, high: float) -> str:
    return f"{human(low)} to {human(high)}"
