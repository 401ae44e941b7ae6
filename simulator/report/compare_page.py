"""The report of a comparison: a folder with its tables and one self-contained HTML file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from simulator import __version__
from simulator.experiment.store import MANIFEST, check_folder, replace_text, write_parquet, writing
from simulator.metrics.definitions import metric_info
from simulator.provenance import PACKAGE, SCHEMA_VERSION, now, short, versions
from simulator.report import svg, view
from simulator.report.answer import answer
from simulator.report.compare import Comparison
from simulator.report.compare_words import compare_answer
from simulator.report.figures.comparison import (
    difference_chart,
    exceedance_curves,
    output_losses,
)
from simulator.report.files import write_whole
from simulator.report.html import answer_places, environment, inline
from simulator.report.run_folder import RunFolder
from simulator.report.view import Cell, Row
from simulator.report.wording import interval, quantity, share

REPORT: Final = "report.html"
COMPARISON: Final = "comparison"
COUNTRIES: Final = "countries"
_MOST_COUNTRY_COLUMNS: Final = 4
_LONGEST_NAME: Final = 80


def write_comparison(
    found: Comparison, folder: Path, *, command: str = "", force: bool = False
) -> Path:
    """Write ``comparison.parquet``, ``countries.parquet``, a manifest and ``report.html``.

    Parameters
    ----------
    found
        What was compared.
    folder
        Where to write; made where it is not there.
    command
        What repeats the comparison.
    force
        Replace another comparison in that folder.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    OutputError
        If the folder holds something else, or cannot be written.
    """
    check_folder(folder, force=force)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, table in ((COMPARISON, found.table), (COUNTRIES, found.countries)):
        target = folder / f"{name}.parquet"
        with writing(target):
            draft = target.with_name(f".{target.name}.tmp")
            with draft.open("wb") as file:
                write_parquet(table, file)
            draft.replace(target)
    manifest = _manifest(found, command)
    replace_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    write_whole(folder / REPORT, render_comparison(found, command))
    return folder / REPORT


def default_folder(found: Comparison) -> Path:
    """Folder below ``results`` whose name says what is compared: the same, the same results."""
    names = "-vs-".join(Path(name).stem for name in found.runs)[:_LONGEST_NAME]
    facts = [
        found.metric,
        found.table.to_json(),
        *(json.dumps(run.manifest.get("checksums", {})) for run in found.runs.values()),
    ]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return Path("results") / f"compare-{names}-{short(digest)}"


def render_comparison(found: Comparison, command: str = "") -> str:
    """Return the report as HTML that loads nothing from elsewhere and runs no scripts."""
    drawn = {one.key: one for one in _figures(found)}
    first = next(iter(found.runs.values()))
    names = list(found.runs)
    page = environment().get_template("compare.html.j2")
    return page.render(
        names=names,
        label=metric_info(found.metric).label.lower(),
        period=view.period(first),
        replications=found.losses.shape[1],
        seed=first.manifest["seed"],
        answer=compare_answer(found.table, found.metric),
        alternatives=[asdict(row) for row in _rows(found)],
        differences=[asdict(row) for row in _differences(found)],
        has_costs="cost" in found.table,
        countries=[asdict(row) for row in _country_rows(found)],
        country_heads=names[:_MOST_COUNTRY_COLUMNS],
        runs=[_about(n, name, run) for n, (name, run) in enumerate(found.runs.items())],
        limits=view.LIMITS,
        command=command,
        contents=(
            ("answer", "Answer"),
            ("side", "Side by side"),
            ("time", "Over time"),
            *((("whom", "Who goes short"),) if len(found.countries) else ()),
            ("each", "Each alternative"),
            ("limits", "Limits"),
            ("provenance", "Provenance"),
        ),
        figures=drawn,
        svg=inline(drawn),
    )


def _figures(found: Comparison) -> Iterator[svg.Figure]:
    names, label = list(found.runs), metric_info(found.metric).label.lower()
    first = next(iter(found.runs.values()))
    yield svg.figure(
        "difference",
        f"Chart of how much less {label} each alternative has than {names[0]}, on average and in "
        "the worst 5 percent of runs, with 95 percent intervals; the table holds the numbers.",
        lambda ax: difference_chart(found.table, found.metric, ax),
        height=1.5 + 0.5 * (len(names) - 1),
        grow=1.15,
        of="comparison:*/saved",
    )
    yield svg.figure(
        "exceedance",
        f"Falling curves of the probability of more than each {label}, one for each of "
        f"{', '.join(names)}.",
        lambda ax: exceedance_curves(found.losses, names, found.metric, ax),
        grow=1.1,
    )
    bands = {name: run.bands for name, run in found.runs.items()}
    yield svg.figure(
        "losses",
        f"Lines of the mean loss of output over time, one for each of {', '.join(names)}, with "
        "bands for 90 percent of runs.",
        lambda ax: output_losses(bands, first.start, ax),
        grow=1.1,
    )


def _rows(found: Comparison) -> Iterator[Row]:
    unit = metric_info(found.metric).unit
    for place, row in enumerate(_records(found.table)):
        at = f"comparison:{place}"
        cells = [
            Cell(quantity(row["mean"], unit), of=f"{at}/mean"),
            Cell(quantity(row["cvar95"], unit, beyond="too few runs"), of=f"{at}/cvar95"),
            Cell(
                share(row["best"]),
                f"{share(row['best_ci95_low'])} to {share(row['best_ci95_high'])}",
                of=f"{at}/best",
                small_of=f"{at}/best_ci95_low {at}/best_ci95_high",
            ),
            Cell(quantity(row["regret"], unit), of=f"{at}/regret"),
            Cell(quantity(row["regret_p95"], unit, beyond="too few runs"), of=f"{at}/regret_p95"),
        ]
        yield Row(str(row["alternative"]), tuple(cells))


def _differences(found: Comparison) -> Iterator[Row]:
    unit = metric_info(found.metric).unit
    for place, row in list(enumerate(_records(found.table)))[1:]:
        at = f"comparison:{place}"
        cells = [_with_ends(row, key, unit, at) for key in ("saved", "cvar95_saved")]
        if "cost" in row:
            known = row["cost"] is not None and not math.isnan(row["cost"])
            cells.append(
                Cell(f"{row['cost']:,.6g}" if known else "", of=f"{at}/cost" if known else "")
            )
            cells.append(_with_ends(row, "saved_per_cost", unit, at) if known else Cell(""))
        yield Row(str(row["alternative"]), tuple(cells))


def _with_ends(row: Mapping[str, Any], key: str, unit: str, at: str) -> Cell:
    low, high = f"{key}_ci95_low", f"{key}_ci95_high"
    if math.isnan(row[key]):
        return Cell("too few runs")
    return Cell(
        quantity(row[key], unit),
        interval(row[low], row[high], unit),
        of=f"{at}/{key}",
        small_of=f"{at}/{low} {at}/{high}",
    )


def _country_rows(found: Comparison) -> Iterator[Row]:
    names = next(iter(found.runs.values())).country_names
    kept = list(found.runs)[:_MOST_COUNTRY_COLUMNS]
    table = found.countries.assign(row=range(len(found.countries)))
    by_loss = table.groupby("country")["mean"].max().sort_values(ascending=False, kind="stable")
    for code in map(str, by_loss.index):
        cells = []
        for row in _records(table[table["country"] == code]):
            if row["alternative"] not in kept:
                continue
            at = f"countries:{row['row']}"
            cell = Cell(quantity(row["mean"], "%"), of=f"{at}/mean")
            if row["alternative"] != kept[0]:
                ends = interval(row["saved_ci95_low"], row["saved_ci95_high"], "%")
                cell = Cell(
                    cell.main,
                    f"saves {quantity(row['saved'], '%')} ({ends})",
                    of=cell.of,
                    small_of=f"{at}/saved {at}/saved_ci95_low {at}/saved_ci95_high",
                )
            cells.append(cell)
        yield Row(names.get(code, code), tuple(cells), code if code in names else "")


def _about(number: int, name: str, run: RunFolder) -> dict[str, Any]:
    return {
        "name": name,
        "question": str(run.manifest.get("question") or ""),
        "answer": answer(run.summary, run.manifest),
        "answer_of": answer_places(run.summary, f"summary:{number}/"),
        "timeline": view.timeline_rows(run),
        "command": str(run.manifest.get("command") or ""),
        "facts": view.provenance(run),
    }


def _manifest(found: Comparison, command: str) -> dict[str, Any]:
    first = next(iter(found.runs.values()))
    return {
        "schema_version": SCHEMA_VERSION,
        "package": PACKAGE,
        "version": __version__,
        "kind": "comparison",
        "scenario": " / ".join(found.runs),
        "metric": found.metric,
        "seed": first.manifest["seed"],
        "replications": int(found.losses.shape[1]),
        "answer": compare_answer(found.table, found.metric),
        "started": now(),
        "status": "complete",
        "command": command,
        "engine_versions": versions(),
        "alternatives": {
            name: {"checksums": run.manifest.get("checksums", {}), "summary": run.summary}
            for name, run in found.runs.items()
        },
    }


def _records(table: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a DataFrame
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
