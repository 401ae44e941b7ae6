"""Figures of a run as files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from simulator.errors import UsageError
from simulator.report.facts import with_facts
from simulator.report.figures.registry import FIGURES, draw
from simulator.report.run_folder import read_run
from simulator.report.svg import save_figure
from simulator.spec import did_you_mean

ENDINGS: Final = (".svg", ".png")


def plot(run_folder: Path, figure: str, target: Path | None = None) -> Path:
    """Write one figure of a run as a file.

    Parameters
    ----------
    run_folder
        Output folder of a run.
    figure
        Its name in `FIGURES`.
    target
        File to write, by its ending as SVG or PNG; None is ``<figure>.svg`` in the run folder.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        If there is no such figure, the run lacks a table for it, or the ending is another one.
    InputError
        If a file of the run is missing or cannot be read.
    OutputError
        If the file cannot be written.
    """
    if figure not in FIGURES:
        hint = did_you_mean(figure, FIGURES, "figures")
        raise UsageError(f"{figure}: there is no such figure; {hint}")
    path = run_folder / f"{figure}.svg" if target is None else target
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"--output {path}: must end in {' or '.join(ENDINGS)}")
    run = with_facts(run_folder, read_run(run_folder))
    lacking = [name for name in FIGURES[figure].needs if name not in run.tables]
    if lacking:
        raise UsageError(
            f"{figure}: {run_folder} has no {lacking[0]}.parquet: {FIGURES[figure].how}"
        )
    save_figure(draw(run, figure), path)
    return path


def figure_rows(run_folder: Path) -> list[dict[str, str]]:
    """Name every figure, what it shows, and what the run lacks for it.

    Raises
    ------
    InputError
        If a file of the run is missing or cannot be read.
    """
    run = with_facts(run_folder, read_run(run_folder))
    rows = []
    for key, one in FIGURES.items():
        lacking = [name for name in one.needs if name not in run.tables]
        here = f"no: {one.how}" if lacking else "yes"
        rows.append({"figure": key, "shows": one.about, "here": here})
    return rows
