"""Figures of results: data in, matplotlib Axes out, with units in the labels.

`draw` takes a run and the name of a figure; `FIGURES` names them all and says what each shows. The
functions behind it take plain tables and numbers, so that anything can be drawn in the same way.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from simulator.errors import UsageError
from simulator.report.bands import cumulative_loss_band, output_band
from simulator.report.figures import FIGURES as _DRAWINGS
from simulator.report.figures import draw as _draw
from simulator.report.figures.criticality import criticality_bars
from simulator.report.plots import country_losses, exceedance_curve, impact_times, loss_histogram
from simulator.report.replay import timeline_figure
from simulator.report.run_folder import RunFolder, read_run
from simulator.report.sensitivity import sensitivity_figure
from simulator.spec import did_you_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.report.result import MonteCarloResult

__all__ = [
    "FIGURES",
    "country_losses",
    "criticality_bars",
    "cumulative_loss_band",
    "draw",
    "exceedance_curve",
    "impact_times",
    "loss_histogram",
    "output_band",
    "sensitivity_figure",
    "timeline_figure",
]

FIGURES: Final = MappingProxyType({name: one.about for name, one in _DRAWINGS.items()})
"""What each figure shows, by name."""


def draw(
    run: MonteCarloResult | Path | str, figure: str = "output", ax: Axes | None = None
) -> Axes:
    """Draw one figure of a run.

    Parameters
    ----------
    run
        A result, or the folder of a run. Maps and causes need a folder that holds their tables.
    figure
        Its name in `FIGURES`.
    ax
        Axes to draw on; None makes a figure, outside pyplot.

    Raises
    ------
    UsageError
        If there is no such figure, or the run lacks a table for it.
    InputError
        If a file of the run is missing or cannot be read.
    """
    if figure not in FIGURES:
        raise UsageError(f"{figure}: there is no such figure; {did_you_mean(figure, FIGURES)}")
    content = read_run(Path(run)) if isinstance(run, str | Path) else _content(run)
    lacking = [name for name in _DRAWINGS[figure].needs if name not in content.tables]
    if lacking:
        how = _DRAWINGS[figure].how
        raise UsageError(f"{figure}: the run has no {lacking[0]}.parquet: {how}")
    return _draw(content, figure, ax)


def _content(result: MonteCarloResult) -> RunFolder:
    return RunFolder(
        manifest=result.manifest,
        summary=result.record,
        replications=result.replications,
        bands=result.bands,
        scenario=result.scenario.to_yaml(),
    )
