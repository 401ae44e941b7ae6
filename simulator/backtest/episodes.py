"""The episodes of the back-test: what happened, as it was known on the day it was announced.

A case is one event in the world and one scenario; its episodes are the series it is tested on. What
stands here are dates, materials and destinations. How much passed, and how long it took, does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from simulator.errors import UsageError

Kind = Literal["licence", "ban", "outage"]
Place = Literal["leaves", "arrives", "made"]


@dataclass(frozen=True)
class Case:
    """An event.

    Attributes
    ----------
    name, kind
        Name in the tables of history, and what it is.
    by, to, materials
        Who restricts what, to whom; for an outage ``facilities`` that stop.
    announced, effective
        Dates; equal where there was no notice.
    start, horizon_days
        Of the run: a month or more before, to give the level before it, up to the last month.
    parameters
        Numbers of the tables that were others at the time.
    source_ids
        Sources of the dates, in ``sources.csv`` of the history.
    """

    name: str
    kind: Kind
    announced: date
    effective: date
    start: date
    horizon_days: int
    by: str = "CHN"
    to: str = "all"
    materials: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    source_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Episode:
    """One series of a case that the model is tested on.

    Attributes
    ----------
    name, title
        For the command line, and for people.
    case, series
        The event, and the series in ``monthly.csv``.
    materials, to, at
        Flow of the model to compare with: which materials, to which country (``all``: every other
        one), counted where it leaves, arrives or is made.
    base_until
        Last month of the level before, which is the index's 1.
    first, last
        Months that are scored.
    is_part
        Whether the flow is part of that of another episode, and so no evidence of its own.
    known_limits
        What the model cannot do here, and why; known before the scores were.
    """

    name: str
    title: str
    case: Case
    series: str
    materials: tuple[str, ...]
    base_until: str
    first: str
    last: str
    to: str = "all"
    at: Place = "leaves"
    is_part: bool = False
    known_limits: str = ""


_JAPAN_2010 = Case(
    name="japan-2010",
    kind="ban",
    to="JPN",
    materials=("cerium_oxide", "ndpr_oxide", "dytb_oxide", "yttrium_oxide"),
    # late September: the first day of the month's last third
    announced=date(2010, 9, 21),
    effective=date(2010, 9, 21),
    start=date(2010, 8, 1),
    horizon_days=243,
    source_ids=("m:smm-jp2010",),
)
_PERT_COVER = {"distribution": "pert", "low": 14, "mode": 25, "high": 35}
_FLUORIDE_2019 = Case(
    name="fluoride-2019",
    kind="licence",
    by="JPN",
    to="KOR",
    materials=("hf", "photoresist"),
    announced=date(2019, 7, 1),
    effective=date(2019, 7, 4),
    start=date(2019, 6, 1),
    horizon_days=365,
    # stocks of that time, and less local acid: as in tests/hindcasts/japan-korea-2019.yaml
    parameters={
        "recipes.dram/hf.cover_days": _PERT_COVER,
        "recipes.dram/photoresist.cover_days": _PERT_COVER,
        "recipes.nand/hf.cover_days": _PERT_COVER,
        "lanes.hb_sk/hf/hf_soulbrain.share": 0.5,
        "lanes.hb_sk/hf/hf_stella.share": 0.5,
        "lanes.hb_ss/hf/hf_soulbrain.share": 0.5,
        "lanes.hb_ss/hf/hf_stella.share": 0.5,
    },
    source_ids=("p:S088", "p:S089", "c:jk-etnews", "c:jk-yomiuri"),
)
_GALLIUM_GERMANIUM_2023 = Case(
    name="gallium-germanium-2023",
    kind="licence",
    materials=("gallium_hp", "germanium"),
    announced=date(2023, 7, 3),
    effective=date(2023, 8, 1),
    start=date(2023, 6, 1),
    horizon_days=458,
    source_ids=("p:S064",),
)
_QUARTZ_2024 = Case(
    name="quartz-2024",
    kind="outage",
    facilities=("mine_hpq_us",),
    # stopped on the 26th, so the 27th is the first day without
    announced=date(2024, 9, 27),
    effective=date(2024, 9, 27),
    start=date(2024, 8, 1),
    horizon_days=365,
    source_ids=("m:pb-hpq",),
)
_RARE_EARTHS_2025 = Case(
    name="rare-earths-2025",
    kind="licence",
    materials=("ndfeb_magnet", "dytb_oxide", "yttrium_oxide"),
    announced=date(2025, 4, 4),
    effective=date(2025, 4, 4),
    start=date(2025, 3, 1),
    horizon_days=306,
    source_ids=("p:S160",),
)

_PART_OF_THE_FLOW = (
    "only magnets with dysprosium or terbium were controlled; the model has one kind of magnet, "
    "and its control covers all"
)
_NO_CATCHING_UP = (
    "a licence lets at most the planned flow pass, so single months far above it cannot come out"
)

EPISODES = (
    Episode(
        "japan-2010",
        "Japan's imports of rare earths from China, 2010",
        _JAPAN_2010, "japan_imports_from_china", _JAPAN_2010.materials,
        "2010-09", "2010-10", "2011-03", to="JPN", at="arrives",
        known_limits="the halt was informal and leaked; the model's ban lets nothing pass. The "
        "quota cut of July 2010 is in the level before. One month makes that level",
    ),
    Episode(
        "fluoride-2019",
        "Japan's exports of hydrogen fluoride to Korea, 2019",
        _FLUORIDE_2019, "fluoride_exports_to_korea", ("hf",),
        "2019-06", "2019-07", "2019-07", to="KOR",
        known_limits="one month is published as a number",
    ),
    Episode(
        "gallium-2023",
        "China's exports of gallium, 2023",
        _GALLIUM_GERMANIUM_2023, "gallium_exports", ("gallium_hp",),
        "2023-06", "2023-07", "2024-08",
        known_limits=_NO_CATCHING_UP,
    ),
    Episode(
        "germanium-2023",
        "China's exports of germanium, 2023",
        _GALLIUM_GERMANIUM_2023, "germanium_exports", ("germanium",),
        "2023-06", "2023-07", "2024-08",
        known_limits=_NO_CATCHING_UP,
    ),
    Episode(
        "quartz-2024",
        "Spruce Pine quartz after Hurricane Helene, 2024",
        _QUARTZ_2024, "quartz_running", ("hp_quartz",),
        "2024-08", "2024-09", "2024-11", to="", at="made",
        known_limits="the series is the share of days on which the larger of two firms ran",
    ),
    Episode(
        "magnets-2025",
        "China's exports of NdFeB magnets, 2025",
        _RARE_EARTHS_2025, "magnet_exports", ("ndfeb_magnet",),
        "2025-03", "2025-04", "2025-12",
        known_limits=_PART_OF_THE_FLOW,
    ),
    Episode(
        "magnets-us-2025",
        "China's exports of NdFeB magnets to the United States, 2025",
        _RARE_EARTHS_2025, "magnet_exports_to_us", ("ndfeb_magnet",),
        "2025-03", "2025-04", "2025-12", to="USA", is_part=True,
        known_limits=_PART_OF_THE_FLOW,
    ),
    Episode(
        "dysprosium-2025",
        "China's exports of dysprosium, 2025",
        _RARE_EARTHS_2025, "dysprosium_exports", ("dytb_oxide",),
        "2025-03", "2025-04", "2025-12",
        known_limits="one month makes the level before. Dysprosium and terbium are one material",
    ),
    Episode(
        "terbium-2025",
        "China's exports of terbium, 2025",
        _RARE_EARTHS_2025, "terbium_exports", ("dytb_oxide",),
        "2025-03", "2025-04", "2025-12",
        known_limits="one month makes the level before. Dysprosium and terbium are one material",
    ),
)  # fmt: skip
"""Every episode there is a series for, in order of time."""


def episode(name: str) -> Episode:
    """Find an episode by name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    for one in EPISODES:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in EPISODES)
    raise UsageError(f"episode = {name}: there is no such episode; there are {known}")
