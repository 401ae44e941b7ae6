"""The network on a map: planned flows, where the shocks act, and where the chain breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.report import style
from simulator.report.geography import land, project, width_of_the_world
from simulator.report.stages import hits_of_sites
from simulator.report.wording import share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path
    from pandas import DataFrame

    from simulator.metrics.outcome import FloatArray

    BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]

_WORLD: Final = (-57.0, 83.5)
"""Southern and northern end of the map of the world, in degrees."""
EAST_ASIA: Final = (96.0, 150.0, 9.0, 47.0)
"""West, east, south and north of the map of East Asia, where most of the chain stands."""
NOWHERE: Final = "ROW"
"""The rest of the world is no place on a map."""
_FLOWS: Final = {True: 40, False: 90}
"""Most flows drawn on a narrow and on a wide map."""
_LAND: Final = "#e7eaed"
_SIZES: Final = 5
NUMBERED: Final = 6
"""So many of the places hit in most replications carry their rank."""
LAYER_NAMES: Final = {
    "energy": "energy",
    "minerals": "minerals",
    "semiconductors": "chips",
    "ai_infrastructure": "AI infrastructure",
    "logistics": "ports, straits",
}
_MARKERS: Final = {
    "energy": "^",
    "minerals": "D",
    "semiconductors": "s",
    "ai_infrastructure": "o",
    "logistics": "P",
}


def world_map(
    sites: DataFrame,
    flows: DataFrame,
    early_signs: DataFrame | None = None,
    names: Mapping[str, str] | None = None,
    ax: Axes | None = None,
    *,
    region: tuple[float, float, float, float] | None = None,
) -> Axes:
    """Draw the facilities of a network, the value that flows between countries, and the breaks.

    Lines bend to the left of the way the goods go; their width is the square root of their value.

    Parameters
    ----------
    sites, flows
        Content of ``sites.parquet`` and ``flows.parquet``; see `simulator.report.places`.
    early_signs
        Content of ``early_signs.parquet``: rings mark the stages that are hit, the wider the more
        often, and numbers the foremost.
    names
        Names by country code.
    ax
        Axes to draw on; None makes a figure.
    region
        West, east, south and north in degrees; None is the world.
    """
    ax = style.new_axes(ax, height=3.9)
    sites = sites[(sites["country"] != NOWHERE) & sites["lat"].notna()]
    flows = flows[(flows["from_country"] != NOWHERE) & (flows["to_country"] != NOWHERE)]
    places = sites
    if region is not None:
        sites = sites[_inside(sites, region, margin=4.0)]
    if sites.empty:
        return style.message(ax, "There are no places to draw.")
    narrow = style.width_inches(ax) < 5
    _background(ax, region)
    _flows(ax, flows, places, _FLOWS[narrow], region)
    _sites(ax, sites, narrow=narrow)
    broken = hits_of_sites(places, early_signs)
    _breaks(ax, broken, narrow=narrow)
    _key(ax, sites, bool(len(broken)), columns=2 if narrow else 4)
    if region is not None:
        style.finding(ax, "East Asia in detail" if region == EAST_ASIA else "The map in detail")
        return ax
    style.finding(ax, _finding(sites, flows, broken, names or {}))
    return ax


def _background(ax: Axes, region: tuple[float, float, float, float] | None) -> None:
    from matplotlib.patches import PathPatch

    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_xticks([])
    ax.set_yticks([])
    # Not add_patch, which would measure every coast to find limits that are set here.
    ax.add_artist(PathPatch(land(), facecolor=_LAND, edgecolor=_LAND, linewidth=0.4, zorder=1))
    if region is None:
        half = width_of_the_world() / 2
        _, ends = project(np.zeros(2), np.array(_WORLD))
        ax.set_xlim(-half, half)
    else:
        west, east, south, north = region
        x, _ = project(np.array([west, east]), np.full(2, (south + north) / 2))
        _, ends = project(np.zeros(2), np.array([south, north]))
        middle, shape = float(x.mean()), ax.get_window_extent()
        half = float(ends[1] - ends[0]) * shape.width / shape.height / 2
        half = max(half, float(x[1] - x[0]) / 2)
        ax.set_xlim(middle - half, middle + half)
    ax.set_ylim(float(ends[0]), float(ends[1]))
    ax.set_aspect("equal")


def _flows(
    ax: Axes,
    flows: DataFrame,
    sites: DataFrame,
    most: int,
    region: tuple[float, float, float, float] | None,
) -> None:
    from matplotlib.collections import PathCollection

    places = _centres(sites)
    shown = places.index if region is None else places.index[_inside(places, region)]
    ends = [flows["from_country"], flows["to_country"]]
    known = ends[0].isin(places.index) & ends[1].isin(places.index)
    known &= ends[0].isin(shown) | ends[1].isin(shown)
    chosen = flows[known].sort_values("usd_per_day", ascending=False, kind="stable").head(most)
    if chosen.empty:
        return
    top = float(chosen["usd_per_day"].max())
    middles = dict(zip(places.index, places.to_numpy(float), strict=True))
    paths: list[Path] = []
    widths: list[float] = []
    colours: list[str] = []
    held: list[Path] = []
    for row in chosen.to_dict("records"):
        way = np.array([middles[row["from_country"]], middles[row["to_country"]]])
        for arc in _arcs(way):
            paths.append(arc)
            widths.append(0.5 + 4.0 * np.sqrt(row["usd_per_day"] / top))
            colours.append(style.LAYER_COLOURS[row["layer"]])
            if row["touched_usd_per_day"] > 0:
                held.append(arc)
    ax.add_collection(
        PathCollection(
            paths, linewidths=widths, edgecolors=colours, facecolors="none", alpha=0.55, zorder=2
        ),
        autolim=False,
    )
    ax.add_collection(
        PathCollection(
            held,
            linewidths=0.9,
            edgecolors=style.INK,
            facecolors="none",
            linestyles=[(0, (3, 2))],
            zorder=3,
        ),
        autolim=False,
    )


def _inside(
    places: DataFrame, region: tuple[float, float, float, float], margin: float = 0.0
) -> BoolArray:
    west, east, south, north = region
    inside = places["lon"].between(west - margin, east + margin)
    inside &= places["lat"].between(south - margin, north + margin)
    return inside.to_numpy(dtype=bool)


def _centres(sites: DataFrame) -> DataFrame:
    """Where most of each country's value is made or used."""
    import pandas as pd

    codes, countries = pd.factorize(sites["country"], sort=True)
    weight = (
        sites["usd_per_day"].to_numpy(float) + 1e-6
    )  # a country without value has a middle, too
    lon, lat = np.radians(sites["lon"].to_numpy(float)), sites["lat"].to_numpy(float)
    # Means of directions: those of longitudes on both sides of the date line lie in Africa.
    total, east, north, height = (
        np.bincount(codes, weight * part)
        for part in (np.ones(len(codes)), np.cos(lon), np.sin(lon), lat)
    )
    middles = {"lat": height / total, "lon": np.degrees(np.arctan2(north, east))}
    return pd.DataFrame(middles, index=countries)


def _arcs(ends: FloatArray) -> list[Path]:
    from matplotlib.path import Path

    x, y = project(ends[:, 1], ends[:, 0])
    world = width_of_the_world()
    shift = -world if x[1] - x[0] > world / 2 else world if x[1] - x[0] < -world / 2 else 0.0
    # A way across the edge of the map is drawn twice: out of one side, and in at the other.
    pairs = [(x[0], x[1] + shift), (x[0] - shift, x[1])] if shift else [(x[0], x[1])]
    arcs = []
    for x0, x1 in pairs:
        middle = ((x0 + x1) / 2 - 0.16 * (y[1] - y[0]), (y[0] + y[1]) / 2 + 0.16 * (x1 - x0))
        arcs.append(Path([(x0, y[0]), middle, (x1, y[1])], [1, 3, 3]))
    return arcs


def _sites(ax: Axes, sites: DataFrame, *, narrow: bool) -> None:
    top = max(float(sites["usd_per_day"].max()), 1.0)
    # A few sizes are enough for the eye, and one marker serves all places of a size.
    size = np.ceil(_SIZES * (sites["usd_per_day"].to_numpy(float) / top) ** 0.25)
    x, y = project(sites["lon"], sites["lat"])
    scale = 0.7 if narrow else 1.0
    for layer, marker in _MARKERS.items():
        own = (sites["layer"] == layer).to_numpy()
        for step in np.unique(size[own]):
            chosen = own & (size == step)
            ax.plot(
                x[chosen],
                y[chosen],
                marker,
                color=style.LAYER_COLOURS[layer],
                markersize=scale * (2.6 + 1.3 * step),
                mec="white",
                mew=0.4,
                zorder=4,
            )
    acted = (sites["shocks"] != "").to_numpy()
    ax.plot(
        x[acted], y[acted], "x", color=style.INK, markersize=6 if narrow else 7.5, mew=1.6, zorder=6
    )


def _breaks(ax: Axes, broken: DataFrame, *, narrow: bool) -> None:
    if broken.empty:
        return
    x, y = project(broken["lon"], broken["lat"])
    ax.scatter(
        x,
        y,
        s=70 if narrow else 120,
        facecolors="none",
        edgecolors=style.INK,
        linewidths=(0.6 + 2.4 * broken["hit_share"].to_numpy(float)).tolist(),
        zorder=5,
    )
    taken: list[FloatArray] = []
    points = ax.transData.transform(np.column_stack([x, y]))
    for place in range(min(NUMBERED, len(broken))):
        reach = (15 if narrow else 19) * ax.figure.dpi / 72
        # Of the directions around the place, the one farthest from the other numbers and places.
        angles = np.radians(np.arange(30, 390, 30))
        around = points[place] + reach * np.column_stack([np.cos(angles), np.sin(angles)])
        others = np.array([*taken, *np.delete(points[:NUMBERED], place, axis=0)]).reshape(-1, 2)
        room = np.linalg.norm(around[:, None] - others, axis=2).min(axis=1, initial=4 * reach)
        best = int(np.argmax(np.round(room)))
        taken.append(around[best])
        ax.annotate(
            str(place + 1),
            (float(x[place]), float(y[place])),
            xytext=tuple((around[best] - points[place]) * 72 / ax.figure.dpi),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=7,
            color="white",
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": style.INK, "edgecolor": "white"},
            arrowprops={"arrowstyle": "-", "color": style.INK, "linewidth": 0.6, "patchA": None},
            zorder=7,
            annotation_clip=True,
        )


def _key(ax: Axes, sites: DataFrame, broken: bool, columns: int) -> None:
    from matplotlib.lines import Line2D

    shown = set(sites["layer"])
    handles = [
        Line2D([], [], ls="", marker=marker, color=style.LAYER_COLOURS[layer], ms=7)
        for layer, marker in _MARKERS.items()
        if layer in shown
    ]
    labels = [name for layer, name in LAYER_NAMES.items() if layer in shown]
    if (sites["shocks"] != "").any():
        handles.append(Line2D([], [], ls="", marker="x", color=style.INK, ms=7, mew=1.6))
        handles.append(Line2D([], [], ls=(0, (3, 2)), color=style.INK, lw=0.9))
        labels += ["a shock acts here", "flow that a shock holds back"]
    if broken:
        handles.append(Line2D([], [], ls="", marker="o", mfc="none", color=style.INK, ms=10))
        labels.append("hit by a shortage")
    style.key_below(ax, columns, handles, labels)


def _finding(
    sites: DataFrame, flows: DataFrame, broken: DataFrame, names: Mapping[str, str]
) -> str:
    if len(broken):
        first = broken.iloc[0]
        often = share(first["hit_share"])
        return f"It breaks most often at {first['label']}: hit in {often} of runs"
    acted = sorted(set(sites.loc[sites["shocks"] != "", "country"]))
    if acted:
        where = [names.get(code, code) for code in acted]
        listed = ", ".join(where[:3]) + (f" and {len(where) - 3} more" if len(where) > 3 else "")
        return f"The shocks act in {listed}"
    if flows.empty:
        return "Where the network stands"
    row = flows.iloc[0]
    ends = [names.get(row[key], row[key]) for key in ("from_country", "to_country")]
    return f"The largest flow of value goes from {ends[0]} to {ends[1]}"
