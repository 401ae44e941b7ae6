"""The report of a run: one self-contained HTML file, made from the files of its folder alone."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.errors import OutputError
from simulator.report import view
from simulator.report.answer import answer
from simulator.report.figures import figures
from simulator.report.run_folder import RunFolder, read_run

if TYPE_CHECKING:
    from jinja2 import Environment

REPORT: Final = "report.html"


def write_report(run_folder: Path) -> Path:
    """Write ``report.html`` into a run folder, whole or not at all.

    Parameters
    ----------
    run_folder
        Output folder of a run; only its files are read.

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
    write_whole(target, render_report(read_run(run_folder)))
    return target


def render_report(run: RunFolder) -> str:
    """Return the report as HTML without external references and without scripts."""
    from markupsafe import Markup

    drawn = figures(run)
    page = _environment().get_template("report.html.j2")
    return page.render(
        **_texts(run),
        figures=drawn,
        # Only figures bypass escaping: matplotlib has escaped every text inside them.
        svg={key: (Markup(one.wide), Markup(one.narrow)) for key, one in drawn.items()},
    )


def write_whole(target: Path, text: str) -> None:
    """Replace a text file in one step, so that readers see the old or the new one, never a part.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    draft: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            draft = Path(file.name)
            file.write(text)
        draft.chmod(0o644)  # temporary files are private; results are not
        draft.replace(target)
    except OSError as error:
        if draft is not None:
            with suppress(OSError):
                draft.unlink()
        reason = error.strerror or str(error)
        raise OutputError(
            f"{target}: cannot be written: {reason}: free some space or check the permissions"
        ) from error


def _texts(run: RunFolder) -> dict[str, Any]:
    summary, manifest = run.summary, run.manifest
    return {
        "question": str(manifest.get("question") or summary.get("question") or ""),
        "scenario": str(summary["scenario"]),
        "period": view.period(run),
        "replications": int(summary["replications"]),
        "seed": summary["seed"],
        "answer": answer(summary, manifest),
        "notices": list(view.notices(run)),
        "tiles": list(view.tiles(summary)),
        "losses": view.loss_rows(summary),
        "odds": view.odds_rows(summary),
        "times": view.time_rows(summary),
        "timeline": view.timeline_rows(run),
        "countries": view.country_table(run),
        "limits": view.LIMITS,
        "provenance": view.provenance(run),
        "command": str(manifest.get("command", "")),
        "resolved": run.scenario,
    }


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("simulator.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
