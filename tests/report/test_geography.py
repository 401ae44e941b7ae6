"""The map's projection and its land, against hand-made values and places that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path

from simulator.report.geography import LEFT_EDGE, land, project, width_of_the_world


def test_the_middle_of_the_map_is_in_the_pacific():
    assert project(150.0, 0.0) == (0.0, 0.0)
    assert LEFT_EDGE == -30


def test_the_world_is_as_wide_as_equal_earth_says():
    # 2 sqrt(3) / 3 * pi / A1, with A1 = 1.340264, on both sides of the middle.
    assert width_of_the_world() == pytest.approx(2 * 2.706629983696, abs=1e-9)


def test_the_pole_lies_as_high_as_equal_earth_says():
    # t = pi / 3 at the pole: A1 t + A2 t^3 + A3 t^7 + A4 t^9.
    t = np.pi / 3
    high = 1.340264 * t - 0.081106 * t**3 + 0.000893 * t**7 + 0.003796 * t**9
    assert project(0.0, 90.0)[1] == pytest.approx(high)


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_every_point_of_the_earth_is_on_the_map(lon, lat):
    x, y = project(lon, lat)
    assert abs(x) <= width_of_the_world() / 2 + 1e-9
    assert abs(y) <= 1.3174


@given(lat=st.floats(-89, 89), east=st.floats(-179, 179))
def test_areas_are_kept(lat, east):
    # A small square of degrees has the area that it has on the sphere: cos(latitude).
    step = 1e-4
    x = [project(150 + east / 2 + d, lat)[0] for d in (0, step)]
    y = [project(150 + east / 2, lat + d)[1] for d in (0, step)]
    area = (x[1] - x[0]) * (y[1] - y[0]) / np.radians(step) ** 2
    assert area == pytest.approx(np.cos(np.radians(lat)), abs=2e-4)


@pytest.mark.parametrize(
    ("lon", "lat", "dry"),
    [
        (116.4, 39.9, True),  # Beijing
        (121.0, 23.8, True),  # Taiwan
        (138.5, 36.5, True),  # Japan
        (-98.0, 39.0, True),  # Kansas
        (6.0, 52.2, True),  # the Netherlands
        (-42.0, 72.0, True),  # Greenland, left of the cut
        (-28.0, 72.0, True),  # Greenland, right of the cut
        (-150.0, 20.0, False),  # north of Hawaii
        (80.0, -30.0, False),  # the Indian Ocean
        (50.5, 42.0, False),  # the Caspian Sea
    ],
)
def test_land_is_where_land_is(lon, lat, dry):
    point = tuple(map(float, project(lon, lat)))
    # A lake is a ring of its own, within that of the land around it.
    rings = [Path(ring) for ring in land().to_polygons()]
    assert sum(ring.contains_point(point) for ring in rings) % 2 == dry


def test_no_line_of_the_coast_crosses_the_map():
    path = land()
    moves = path.codes != path.MOVETO
    steps = np.abs(np.diff(path.vertices[:, 0]))[moves[1:] & (path.codes[1:] == path.LINETO)]
    assert steps.max() < 0.5
