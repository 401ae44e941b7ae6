"""The report of a run: one self-contained HTML file, made from the files of its folder alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.report import sections, view
from simulator.report.answer import answer
from simulator.report.evidence import FEWEST_RUNS
from simulator.report.facts import with_facts
from simulator.report.figures import HOW, figures
from simulator.report.files import write_whole
from simulator.report.run_folder import RunFolder, read_run
from simulator.report.svg import Figure

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from simulator.sampling.model import Model

REPORT: Final = "report.html"


def write_report(run_folder: Path, model: Model | None = None) -> Path:
    """Write ``report.html`` into a run folder, whole or not at all.

    Parameters
    ----------
    run_folder
        Output folder of a run; only its files are read. Tables about the scenario that the report
        shows (`simulator.report.facts`) are added to it where they are not there yet.
    model
        The prepared scenario of the run, where it is at hand.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    InputError
        If a file of the run is missing or cannot be read.
    OutputError
        If the report cannot be written; no partial file is left behind.
    """
    target = run_folder / REPORT
    run = with_facts(run_folder, read_run(run_folder), model)
    write_whole(target, render_report(run))
    return target


def render_report(run: RunFolder) -> str:
    """Return the report as HTML that loads nothing from elsewhere and runs no scripts."""
    drawn = figures(run)
    texts = _texts(run)
    page = environment().get_template("report.html.j2")
    return page.render(**texts, contents=list(_contents(texts)), figures=drawn, svg=inline(drawn))


def inline(drawn: Mapping[str, Figure]) -> dict[str, tuple[Markup, Markup]]:
    """Figures as markup: only they bypass escaping, which matplotlib has done inside them."""
    from markupsafe import Markup

    return {key: (Markup(one.wide), Markup(one.narrow)) for key, one in drawn.items()}


def environment() -> Environment:
    """Templates of the report's pages, with everything escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("simulator.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _texts(run: RunFolder) -> dict[str, Any]:
    summary, manifest = run.summary, run.manifest
    return {
        "question": str(manifest.get("question") or summary.get("question") or ""),
        "scenario": str(summary["scenario"]),
        "period": view.period(run),
        "replications": int(summary["replications"]),
        "seed": summary["seed"],
        "answer": answer(summary, manifest),
        "answer_of": answer_places(summary),
        "notices": list(view.notices(run)),
        "tiles": list(view.tiles(summary)),
        "losses": view.loss_rows(summary),
        "odds": view.odds_rows(summary),
        "times": view.time_rows(summary),
        "timeline": view.timeline_rows(run),
        "countries": view.country_table(run),
        "causes": sections.cause_rows(run),
        "ways": [sections.WAYS[way] for way in sections.ways_used(run)],
        "ways_in_words": sections.ways_in_words(run),
        "attribution_words": sections.attribution_words(run),
        "causes_left_out": sections.causes_left_out(run),
        "first_causes": sections.first_cause_rows(run),
        "first_causes_left_out": sections.first_causes_left_out(run),
        "nothing_lost": sections.nothing_lost(run),
        "stages": sections.stage_rows(run),
        "chain": sections.chain_rows(run),
        "critical": sections.critical_rows(run),
        "measures": sections.measure_rows(run),
        "has_measures": any(entry.get("kind") == "measure" for entry in run.timeline),
        "evidence": sections.evidence_rows(run),
        "evidence_words": sections.evidence_words(run),
        "no_evidence": _no_evidence(run),
        "how": {**HOW, "compare": f"paxsim compare {summary['scenario']} OTHER-SCENARIO"},
        "limits": view.LIMITS,
        "facts": view.provenance(run),
        "command": str(manifest.get("command", "")),
        "resolved": run.scenario,
    }


def answer_places(summary: Mapping[str, Any], root: str = "summary:") -> str:
    """Where the numbers of the answer in two sentences are found."""
    known = ("metrics", "probabilities", "replications", "failed")
    places = [f"{root}{name}" for name in known if name in summary]
    for name in ("time_to_impact_days", "time_to_recover_days"):
        if name in summary.get("metrics", {}):
            share = f"{root}metrics/{name}/censored÷{root}metrics/{name}/n"
            places += [share, f"!{share}"]
    return " ".join(places)


def _no_evidence(run: RunFolder) -> str:
    table = run.tables.get("evidence")
    if table is None:
        return "The tables of the network have changed since this run, or cannot be read."
    if not table.empty:
        return ""
    done = int(run.summary["replications"])
    if done < FEWEST_RUNS:
        return (
            f"{done:,} replications are too few to tell which numbers matter: at least "
            f"{FEWEST_RUNS} are needed, 1,000 are better."
        )
    return "No number of the tables goes with the loss: all replications lose the same."


def _contents(texts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    some, shocks = bool(texts["losses"]), bool(texts["timeline"])
    for id_, name, there in (
        ("answer", "Answer", True),
        ("why", "What drives it", some and shocks),
        ("much", "How much", some),
        ("when", "When", some),
        ("where", "Where it breaks", some),
        ("what", "What happens", shocks),
        ("whom", "Who goes short", bool(texts["countries"])),
        ("help", "What would help", some and shocks),
        ("evidence", "Evidence", True),
        ("limits", "Limits", True),
        ("provenance", "Provenance", True),
    ):
        if there:
            yield id_, name
