"""The daily series that every metric reads: what one run delivered, free of the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.errors import invalid

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

ROUNDING: Final = 1e-9
"""Share of a day's baseline up to which a difference from it is rounding."""
_ROWS: Final = 16
"""Rows of a table that are compared at a time: few enough to stay near the core."""


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeSeries:
    """Daily outcome of one run, baseline or shocked.

    Attributes
    ----------
    output
        Finished output per outcome material and day, shape (materials, days), units/day.
    material_ids
        Ids of the outcome materials, in the order of ``output``.
    units_h100e
        H100-equivalents per unit, shape (materials,); NaN or 0 where there is none.
    price_usd
        Price per unit, shape (materials,), USD.
    delivered
        Accelerators in use at data centres per country and day, shape (countries, days), units/day.
    country_ids
        Country codes, in the order of ``delivered``.
    fab_starts
        Starts summed over the fabs, shape (days,), in any unit (by plan, or weighted by price).

    Raises
    ------
    InputError
        If the shapes do not fit one another.
    """

    output: FloatArray
    material_ids: tuple[str, ...]
    units_h100e: FloatArray
    price_usd: FloatArray
    delivered: FloatArray
    country_ids: tuple[str, ...]
    fab_starts: FloatArray

    def __post_init__(self) -> None:
        """Refuse arrays whose shapes do not fit one another."""
        materials = len(self.material_ids)
        expected = {
            "output": (materials, self.days),
            "units_h100e": (materials,),
            "price_usd": (materials,),
            "delivered": (len(self.country_ids), self.days),
            "fab_starts": (self.days,),
        }
        for name, shape in expected.items():
            found = np.shape(getattr(self, name))
            if found != shape:
                raise invalid(f"OutcomeSeries.{name}", found, f"must have shape {shape}")

    @property
    def days(self) -> int:
        """Length of the horizon in days."""
        return int(np.shape(self.output)[-1])

    @property
    def units(self) -> FloatArray:
        """Output of all outcome materials together, shape (days,), units/day."""
        return np.asarray(self.output.sum(axis=0), dtype=np.float64)

    def settled(self, baseline: OutcomeSeries) -> OutcomeSeries:
        """The same run, equal to its baseline wherever it differs by rounding only.

        So what a shock does not reach loses exactly nothing, also where the baseline was not run
        but planned.
        """
        return replace(
            self,
            output=without_rounding(self.output, baseline.output),
            delivered=without_rounding(self.delivered, baseline.delivered),
            fab_starts=without_rounding(self.fab_starts, baseline.fab_starts),
        )


def without_rounding(found: FloatArray, normal: FloatArray) -> FloatArray:
    """What was found, or what is normal where the difference is rounding."""
    if found.ndim < 2:
        return np.where(np.abs(found - normal) <= ROUNDING * np.abs(normal), normal, found)
    settled = np.empty(found.shape)
    for first in range(0, len(found), _ROWS):
        rows = slice(first, first + _ROWS)
        difference, rounding = found[rows] - normal[rows], np.abs(normal[rows])
        np.abs(difference, out=difference)
        rounding *= ROUNDING
        settled[rows] = np.where(difference <= rounding, normal[rows], found[rows])
    return settled
