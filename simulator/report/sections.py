"""Tables of the report that need more than the summary: causes, stages, measures, evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from simulator.report.attribution import (
    BY_ENTRY,
    LEDGER,
    LEFT_OUT,
    SHAPLEY,
    causes,
    leading_causes,
    leading_first_causes,
)
from simulator.report.cause_words import others
from simulator.report.figures import HOW
from simulator.report.figures.criticality import MOST, most_critical
from simulator.report.figures.world_map import LAYER_NAMES
from simulator.report.stages import stages_hit
from simulator.report.view import Cell, Row
from simulator.report.wording import (
    NEGLIGIBLE_PCT,
    NOTHING,
    SPACE,
    day_and_month,
    interval,
    quantity,
    share,
)
from simulator.units import human

if TYPE_CHECKING:
    from pandas import DataFrame

    from simulator.report.run_folder import RunFolder

GRADES: Final = {"A": "A, measured or official", "B": "B, reported", "C": "C, an estimate"}
_WORST: Final = 12


WAYS: Final = {
    SHAPLEY: "Fair share (Shapley)",
    LEFT_OUT: "Saved if it alone were absent",
    BY_ENTRY: "First cause in the ledger",
}
"""Headings of the ways to attribute the loss."""
_WAYS_IN_WORDS: Final = {
    SHAPLEY: "Fair shares add up to the loss: each is the mean of what a cause adds, over all "
    "orders of adding them.",
    LEFT_OUT: "What the absence of one would save need not add up, since causes can stand in for "
    "one another.",
    BY_ENTRY: "The ledger follows each shortage upstream to where it began.",
}


def ways_used(run: RunFolder) -> list[str]:
    """Methods with which the causes of this run were worked out."""
    table = run.tables.get("attribution")
    return [] if table is None else [way for way in WAYS if (table["method"] == way).any()]


def cause_rows(run: RunFolder) -> list[Row]:
    """Shocks and measures with what each adds to the mean loss, by each of the ways used."""
    table = run.tables.get("attribution")
    ways = [_by_cause(table, method) for method in ways_used(run)]
    rows = []
    for known in _records(leading_causes(table)[0]):
        name = str(known["cause"])
        rows.append(
            Row(
                str(known["label"]),
                (
                    Cell(str(known["kind"])),
                    *(_loss(way.get(name), "attribution") for way in ways),
                ),
                name if name != known["label"] else "",
            )
        )
    return rows


def first_cause_rows(run: RunFolder) -> list[Row]:
    """Facilities, lanes and hubs that the shortages trace back to, the largest loss first."""
    table, _ = leading_first_causes(run.tables.get("attribution"), run.country_names)
    rows = []
    for row in _records(table):
        at, ends = row["place"], _ends(row["lo95"], row["hi95"])
        loss = Cell(
            quantity(row["loss_pct"], "%"),
            interval(*ends, "%") if ends != (None, None) else "",
            of=f"{at}/loss_pct",
            small_of=f"{at}/lo95 {at}/hi95",
        )
        part = Cell(_share_of(row["share"]), of=f"{at}/share")
        rows.append(Row(_capital(str(row["label"])), (Cell(str(row["kind"])), loss, part)))
    return rows


def ways_in_words(run: RunFolder) -> str:
    """Say what the ways to attribute the loss mean, those that were used."""
    return " ".join(_WAYS_IN_WORDS[way] for way in ways_used(run))


def causes_left_out(run: RunFolder) -> tuple[str, str]:
    """Count the shocks and measures that the table leaves out, and say where that is found."""
    _, rest = leading_causes(run.tables.get("attribution"))
    additive = SHAPLEY if SHAPLEY in ways_used(run) else BY_ENTRY
    return others(_records(rest), additive)


def first_causes_left_out(run: RunFolder) -> tuple[str, str]:
    """Count the first causes that the table leaves out, and say where that is found."""
    table = _numbered(run.tables.get("attribution"))
    _, rest = leading_first_causes(table, run.country_names)
    numbers = sorted(number for rows in rest["rows"] for number in rows)
    return others([] if table is None else _records(table.iloc[numbers]), LEDGER)


def nothing_lost(run: RunFolder) -> bool:
    """Whether the loss, and what each cause adds to it, are all printed as nothing."""
    table = run.tables.get("attribution")
    mean = run.summary.get("metrics", {}).get("output_loss_pct", {}).get("mean") or 0.0
    sizes = [mean] if table is None else [mean, *table["loss_pct"]]
    return all(abs(size) < NEGLIGIBLE_PCT for size in sizes)


def attribution_words(run: RunFolder) -> tuple[str, str]:
    """Say in how many futures the causes were worked out, and where that number is found."""
    table = run.tables.get("attribution")
    if table is None or table.empty:
        return "", ""
    counts = sorted(set(table["replications"]))
    many = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
    text = f"Causes were worked out in {many} of the futures of this run."
    if len(ways_used(run)) < len(WAYS):
        text += f" {HOW['attribution']} works out the other ways."
    return text, "attribution:*/replications"


def measure_rows(run: RunFolder) -> list[Row]:
    """Measures of the scenario with what they save, that is what leaving them out would add."""
    table = _numbered(run.tables.get("attribution"))
    rows = []
    for row in _records(causes(table, LEFT_OUT, kind="measure"))[::-1]:
        at = f"attribution:{row['row']}"
        saved = Cell(
            quantity(-row["loss_pct"], "%"),
            interval(*_ends(-row["hi95"], -row["lo95"]), "%"),
            of=f"-{at}/loss_pct",
            small_of=f"-{at}/hi95 -{at}/lo95",
        )
        units = Cell(quantity(-row["loss_units"], ""), of=f"-{at}/loss_units")
        rows.append(Row(str(row["label"]), (saved, units)))
    return rows


def stage_rows(run: RunFolder) -> list[Row]:
    """Stages that are hit, the first first, with the days until they are."""
    rows = []
    for row in _records(stages_hit(_numbered(run.tables.get("early_signs")))):
        at = f"early_signs:{row['row']}"
        when = run.start + timedelta(days=int(row["days_p50"]))
        days = interval(*_ends(row["days_p05"], row["days_p95"]), "days")
        rows.append(
            Row(
                str(row["label"]),
                (
                    Cell(share(row["hit_share"]), of=f"{at}/hit_share"),
                    Cell(quantity(row["days_p50"], "days"), of=f"{at}/days_p50"),
                    Cell(days, of=f"{at}/days_p05 {at}/days_p95"),
                    Cell(day_and_month(when)),
                ),
            )
        )
    return rows


def chain_rows(run: RunFolder) -> list[Row]:
    """Output lost by each layer of the chain, and by the facilities that lose the largest share."""
    table = _numbered(run.tables.get("losses"))
    if table is None:
        return []
    made = table[(table["measure"] == "output") & (table["loss_pct"] > 0)]
    layers = made[made["what"] == "layer"]
    worst = made[made["what"] == "facility"].sort_values(
        ["loss_pct", "id"], ascending=[False, True]
    )
    rows = []
    for row in [*_records(layers), *_records(worst.head(_WORST))]:
        at = f"losses:{row['row']}"
        ends = interval(*_ends(row["lo95"], row["hi95"]), "%")
        name = LAYER_NAMES.get(row["id"], row["label"]) if row["what"] == "layer" else row["label"]
        rows.append(
            Row(
                _capital(str(name)),
                (
                    Cell(str(row["what"])),
                    Cell(
                        quantity(row["loss_pct"], "%"),
                        ends,
                        of=f"{at}/loss_pct",
                        small_of=f"{at}/lo95 {at}/hi95",
                    ),
                    Cell(
                        quantity(row["loss_units"], str(row["unit"]).replace("units", "")),
                        of=f"{at}/loss_units",
                    ),
                ),
                _plain_text(row["country"]),
            )
        )
    return rows


def critical_rows(run: RunFolder) -> list[Row]:
    """What would be worst to lose, with how long output survives and takes to recover."""
    table = _numbered(run.tables.get("criticality"))
    rows = []
    for row in _records(most_critical(table).head(MOST)) if table is not None else ():
        at = f"criticality:{row['row']}"
        rows.append(
            Row(
                str(row["label"]),
                (
                    Cell(str(row["what"]).replace("_", " and ")),
                    Cell(quantity(row["loss_pct"], "%"), of=f"{at}/loss_pct"),
                    _days(row["time_to_survive_days"], f"{at}/time_to_survive_days"),
                    _days(row["time_to_recover_days"], f"{at}/time_to_recover_days"),
                    Cell(_share_of(row["exposure_share"]), of=f"{at}/exposure_share"),
                ),
            )
        )
    return rows


def evidence_rows(run: RunFolder) -> list[Row]:
    """Numbers that go with the loss most, with their evidence."""
    rows = []
    for row in _records(_numbered(run.tables.get("evidence"))):
        at = f"evidence:{row['row']}"
        unit = str(row["unit"])
        value = f"{human(row['value'])}{SPACE}{unit}".rstrip()
        drawn = f"{human(row['low'])} to {human(row['high'])} in nine runs of ten"
        rows.append(
            Row(
                _capital(str(row["label"])),
                (
                    Cell(value, drawn, of=f"{at}/value", small_of=f"{at}/low {at}/high"),
                    Cell(
                        quantity(100 * max(row["first_order"], 0.0), "%"),
                        _direction(row),
                        of=f"{at}/first_order",
                    ),
                    Cell(GRADES.get(str(row["grade"]), "part of the scenario")),
                    _sources(row),
                ),
            )
        )
    return rows


def evidence_words(run: RunFolder) -> tuple[str, str]:
    """Say how the numbers were ranked and how sure that is, and where its numbers are found."""
    table = run.tables.get("evidence")
    if table is None or table.empty:
        return "", ""
    first = table.iloc[0]
    text = (
        f"{int(first['inputs']):,} uncertain numbers were drawn anew in each of "
        f"{int(first['replications']):,} runs. These go with the loss most: share of its variance "
        "that each explains alone, corrected for chance. "
    )
    clear = int(table["stands_out"].sum())
    if clear == len(table):
        text += "All of them stand out from chance."
    elif clear:
        text += "Those called clear stand out from chance; the others may be luck of the draw."
    else:
        text += (
            "None of them stands out from chance in so few runs, so take the ranking lightly; more "
            "replications, or paxsim sensitivity, rank them better."
        )
    return text, "evidence:0/inputs evidence:0/replications"


def _direction(row: Mapping[str, Any]) -> str:
    way = "more of it, more loss" if row["direction"] > 0 else "more of it, less loss"
    return f"{way}; {'clear' if row['stands_out'] else 'may be chance'}"


def _sources(row: Mapping[str, Any]) -> Cell:
    titles, urls = str(row["titles"]).split("\n"), str(row["urls"]).split("\n")
    links = tuple(
        (title, url if url.startswith(("https://", "http://")) else "")
        for title, url in zip(titles, urls, strict=True)
        if title
    )
    return Cell(str(row["note"]) or "The scenario file", links=links)


def _by_cause(table: DataFrame | None, method: str) -> dict[str, dict[str, Any]]:
    return {str(row["cause"]): row for row in _records(causes(_numbered(table), method))}


def _loss(row: Mapping[str, Any] | None, table: str) -> Cell:
    if row is None:
        return Cell(NOTHING)
    at = f"{table}:{row['row']}"
    ends = _ends(row["lo95"], row["hi95"])
    small = interval(*ends, "%") if ends != (None, None) else ""
    main = quantity(row["loss_pct"], "%")
    return Cell(main, small, of=f"{at}/loss_pct", small_of=f"{at}/lo95 {at}/hi95")


def _numbered(table: DataFrame | None) -> DataFrame | None:
    return None if table is None else table.assign(row=range(len(table)))


def _records(table: DataFrame | None) -> list[dict[str, Any]]:
    if table is None:
        return []
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _ends(low: float, high: float) -> tuple[float | None, float | None]:
    first, last = (None if value is None or math.isnan(value) else value for value in (low, high))
    return first, last


def _days(value: float | None, at: str) -> Cell:
    if value is None or math.isnan(value):
        return Cell("past the end")
    return Cell(quantity(value, "days"), of=at)


def _share_of(value: float | None) -> str:
    if value is None or math.isnan(value):
        return NOTHING
    return share(value) if value >= 0 else f"\u2212{share(-value)}"


def _plain_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
