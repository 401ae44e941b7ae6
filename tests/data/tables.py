"""Tables for tests: a small dataset whose numbers can be worked out by hand, and edits of files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

Row = dict[str, str]

#: Ore from two countries to a fab, which uses a third of it, and to other users in one of them.
SMALL: Mapping[str, str] = {
    "materials": """\
        id,layer,unit,mass_kg_per_unit,price_usd_per_unit,h100e_per_unit,source_id,grade
        chip,ai_infrastructure,unit,0,100,1,survey,A
        ore,minerals,t,1000,5,,survey,A
        """,
    "facilities": """\
        id,kind,country,output,recipe,capacity_per_day,utilisation,cycle_days,source_id,grade
        others,market,CHN,,,,,,guess,C
        pit_a,mine,AUS,ore,,30,,,survey,A
        pit_b,mine,CHN,ore,,90,,,survey,B
        site,datacenter,USA,,,,,,guess,C
        works,fab,TWN,chip,chip,,0.8,3,guess,C
        """,
    "recipes": """\
        recipe,input,quantity,cover_days,cover_days_low,cover_days_high,source_id,grade
        chip,ore,2,5,2,9,guess;survey,C
        """,
    "lanes": """\
        customer,material,supplier,share,transit_days,source_id,grade
        others,ore,pit_b,1,2,guess,C
        site,chip,works,1,1,guess,C
        works,ore,pit_a,0.25,4,survey,B
        works,ore,pit_b,0.75,2,survey,B
        """,
    "demand": """\
        sink,material,units_per_day,source_id,grade
        others,ore,40,survey,B
        site,chip,10,survey,B
        """,
    "alliances": """\
        alliance,country,from_date,until_date,source_id,grade
        late,AUS,2026-01-15,,survey,A
        late,TWN,2026-03-01,,survey,A
        old,CHN,,2025-12-31,survey,A
        """,
    "sources": """\
        id,title,publisher,date,url
        guess,Our own estimate,paxsim,2026,
        survey,A survey of pits,Bureau,2025,https://example.org/pits
        """,
}


def read(folder: Path, table: str) -> list[Row]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder: Path, table: str, rows: Iterable[Row]) -> None:
    listed = list(rows)
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


def line_of(folder: Path, table: str, start: str) -> int:
    """Line of the one row that begins so."""
    lines = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()
    (found,) = [number for number, line in enumerate(lines, 1) if line.startswith(start)]
    return found
