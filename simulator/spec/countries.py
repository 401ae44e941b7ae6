"""The packaged list of countries: ISO 3166 alpha-3 codes, and ROW for the rest of the world."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from simulator.spec.messages import did_you_mean
from simulator.spec.tables import Country

DATA = Path(__file__).resolve().parents[1] / "data"


@lru_cache(maxsize=1)
def iso_countries() -> Mapping[str, Country]:
    """Countries by code, sorted; latitude and longitude are a point near the middle."""
    with (DATA / "countries.csv").open(encoding="utf-8", newline="") as stream:
        rows = [
            Country(code=r["code"], name=r["name"], lat=float(r["lat"]), lon=float(r["lon"]))
            for r in csv.DictReader(stream)
        ]
    return {row.code: row for row in sorted(rows, key=lambda row: row.code)}


def country_hint(code: str, options: Iterable[str]) -> str:
    """What to write instead of an unknown country, which may be the name of one."""
    for row in iso_countries().values():
        if row.name.lower() == code.lower():
            return f"did you mean {row.code!r}?"
    hint = did_you_mean(code, options)
    return hint if hint.startswith("did") else "use an ISO 3166 alpha-3 code such as TWN"
