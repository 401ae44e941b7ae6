"""The world's land, projected: an outline that ships with the package, from Natural Earth.

``simulator/data/land.csv`` holds the coastlines of Natural Earth's countries at 1:110 million
(https://www.naturalearthdata.com, public domain), with inner borders dissolved, simplified to 0.2
degrees, without Antarctica and islets.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from simulator.spec.countries import DATA

if TYPE_CHECKING:
    from matplotlib.path import Path

    from simulator.metrics.outcome import FloatArray

LEFT_EDGE: Final = -30.0
"""Longitude at which the map is cut: in the Atlantic, so that the Pacific is whole."""
_MIDDLE: Final = LEFT_EDGE + 180.0
_A: Final = (1.340264, -0.081106, 0.000893, 0.003796)
"""Coefficients of the Equal Earth projection (Savric, Patterson and Jenny 2018)."""
Point = tuple[float, float]


def project(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Project degrees to the plane by Equal Earth, with the Pacific in the middle.

    Parameters
    ----------
    lon, lat
        Degrees east and north.

    Returns
    -------
    tuple
        x and y; one unit is the radius of the earth.
    """
    away = (np.asarray(lon, dtype=np.float64) - LEFT_EDGE) % 360.0 - 180.0
    return _plane(away, np.asarray(lat, dtype=np.float64))


def _plane(away: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    t = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(lat)))
    a1, a2, a3, a4 = _A
    slope = a1 + 3 * a2 * t**2 + 7 * a3 * t**6 + 9 * a4 * t**8
    x = 2 * np.sqrt(3) / 3 * np.radians(away) * np.cos(t) / slope
    return np.asarray(x), np.asarray(a1 * t + a2 * t**3 + a3 * t**7 + a4 * t**9)


def width_of_the_world() -> float:
    """Width of the map at the equator, after which it begins again."""
    x, _ = _plane(np.array([-180.0, 180.0]), np.zeros(2))
    return float(x[1] - x[0])


@lru_cache(maxsize=1)
def land() -> Path:
    """Outline of all land as one path, projected."""
    from matplotlib.path import Path

    corners: list[FloatArray] = []
    codes: list[npt.NDArray[np.uint8]] = []
    for ring in _rings():
        lon, lat = np.array(ring).T
        x, y = _plane(lon, lat)
        corners.append(np.column_stack([x, y]))
        kinds = np.full(len(ring), Path.LINETO, dtype=np.uint8)
        kinds[0], kinds[-1] = Path.MOVETO, Path.CLOSEPOLY
        codes.append(kinds)
    return Path(np.concatenate(corners), np.concatenate(codes))


def _rings() -> Iterator[Sequence[Point]]:
    """Closed rings in degrees from the middle of the map, cut at its edge."""
    rings: dict[str, list[Point]] = {}
    with (DATA / "land.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            away = float(row["lon"]) - _MIDDLE
            rings.setdefault(row["ring"], []).append((away, float(row["lat"])))
    for ring in rings.values():
        for turn in (0.0, 360.0):
            moved = [(away + turn, lat) for away, lat in ring]
            inside = _beyond(_beyond(moved, -180.0, 1.0), 180.0, -1.0)
            if len(inside) > 2:
                yield [*inside, inside[0]]


def _beyond(ring: Sequence[Point], edge: float, side: float) -> list[Point]:
    """Part of a ring on one side of a meridian (Sutherland and Hodgman 1974)."""
    kept: list[Point] = []
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        first, second = side * (x0 - edge) >= 0, side * (x1 - edge) >= 0
        if first:
            kept.append((x0, y0))
        if first != second:
            kept.append((edge, y0 + (edge - x0) / (x1 - x0) * (y1 - y0)))
    return kept
