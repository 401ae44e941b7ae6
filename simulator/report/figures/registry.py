"""The figures of a run, each with what it needs and a description for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from simulator.report import bands, plots, svg
from simulator.report.answer import answer
from simulator.report.attribution import leading_first_causes
from simulator.report.figures.causes import attribution_waterfall, count_bars, ledger_bars
from simulator.report.figures.criticality import criticality_bars
from simulator.report.figures.stages import stage_timeline
from simulator.report.figures.world_map import EAST_ASIA, world_map
from simulator.report.run_folder import RunFolder
from simulator.report.stages import stages_hit
from simulator.report.wording import quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Drawing:
    """How to draw one figure of a run.

    Attributes
    ----------
    about
        What it shows, for a list of figures.
    draw
        Draws it on the axes it is given.
    alt
        Description for those who do not see it; what it finds is put in front of it.
    of
        Where the numbers of its title are found: see ``docs/report.md``.
    needs
        Optional tables without which there is nothing to draw.
    height
        Height in inches at a width of 7.6.
    grow
        Height on a phone as a multiple of that.
    beside
        Stands beside another one on the page, so that it is always narrow there.
    how
        What to do where a table is lacking.
    """

    about: str
    draw: Callable[[RunFolder, Axes], object]
    alt: Callable[[RunFolder], str]
    of: str | Callable[[RunFolder], str]
    needs: tuple[str, ...] = ()
    height: Callable[[RunFolder], float] = lambda _run: 3.6
    grow: float = 1.0
    beside: bool = False
    how: str = ""


def figures(run: RunFolder) -> dict[str, svg.Figure]:
    """Draw every figure for which a run has the numbers, for the page.

    Parameters
    ----------
    run
        Content of a run folder.
    """
    return {key: _for_page(run, key) for key in in_this_run(run)}


def in_this_run(run: RunFolder) -> Iterator[str]:
    """Names of the figures for which a run has the numbers."""
    for key, one in FIGURES.items():
        if all(name in run.tables for name in one.needs):
            yield key


def draw(run: RunFolder, key: str, ax: Axes | None = None) -> Axes:
    """Draw one figure of a run.

    Parameters
    ----------
    run
        Content of a run folder.
    key
        Name of the figure.
    ax
        Axes to draw on; None makes a figure.
    """
    from simulator.report import style

    one = FIGURES[key]
    ax = style.new_axes(ax, svg.WIDE, one.height(run) + 0.4)
    one.draw(run, ax)
    return ax


def _for_page(run: RunFolder, key: str) -> svg.Figure:
    one = FIGURES[key]
    return svg.figure(
        key,
        one.alt(run),
        lambda ax: one.draw(run, ax),
        height=one.height(run),
        grow=one.grow,
        of=one.of if isinstance(one.of, str) else one.of(run),
        narrow_only=one.beside,
    )


def _marked(run: RunFolder) -> str:
    return f"{len(run.timeline)} shocks and measures are marked above it"


def _spoken(run: RunFolder) -> str:
    loss = run.summary.get("metrics", {}).get("output_loss_pct")
    if loss is None:
        return "There are no numbers."
    parts = (("mean", "mean"), ("p50", "median"), ("var95", "95th percentile"))
    return ", ".join(f"{name} {quantity(loss[key], '%')}" for key, name in parts) + "."


def _first_causes(run: RunFolder) -> DataFrame:
    return leading_first_causes(run.tables["attribution"], run.country_names)[0]


def _named(run: RunFolder) -> str:
    rows = stages_hit(run.tables.get("early_signs"))
    labels = [str(label) for label in rows["label"]]
    return f"In order of time: {'; '.join(labels)}." if labels else "No stage is hit."


HOW: Final[Mapping[str, str]] = MappingProxyType(
    {
        "attribution": "paxsim attribute RUN",
        "early_signs": "paxsim run without --no-attribution",
        "criticality": "paxsim criticality SCENARIO",
    }
)
"""Commands that make what a run folder lacks."""
_CHANGED: Final = "the tables of the network have changed since the run"

FIGURES: Final[Mapping[str, Drawing]] = MappingProxyType(
    {
        "output": Drawing(
            "output over time without and with shocks, with bands and shock windows",
            lambda run, ax: bands.output_band(run.bands, run.timeline, run.start, ax),
            lambda run: (
                "Line chart of AI-chip output per day with dates, without shocks and with shocks, "
                f"with bands for 50 and 90 percent of runs; {_marked(run)}. "
                f"{answer(run.summary, run.manifest)}"
            ),
            of="bands:series=output&run=loss/p50",
            height=lambda _run: 4.2,
            grow=1.05,
        ),
        "cumulative": Drawing(
            "accelerators lost up to each day, with bands",
            lambda run, ax: bands.cumulative_loss_band(run.bands, run.timeline, run.start, ax),
            lambda run: (
                "Line chart of the AI chips lost up to each day, with bands for 50 and 90 percent "
                f"of runs; {_marked(run)}."
            ),
            of="bands:series=output_cumulative&run=loss/p50",
            grow=1.15,
        ),
        "histogram": Drawing(
            "how often each output loss occurs",
            lambda run, ax: plots.loss_histogram(run.column("output_loss_pct"), ax),
            lambda run: (
                f"Histogram of the output loss in percent over {len(run.done)} runs. {_spoken(run)}"
            ),
            of="summary:metrics/output_loss_pct",
            beside=True,
        ),
        "exceedance": Drawing(
            "probability of losing more than each amount",
            lambda run, ax: plots.exceedance_curve(run.column("output_loss_pct"), ax),
            lambda run: (
                "Falling curve of the probability of losing more than each percentage of output, "
                f"with 95 percent intervals. {_spoken(run)}"
            ),
            of="summary:metrics/output_loss_pct",
            beside=True,
        ),
        "impact": Drawing(
            "when output first falls below normal",
            lambda run, ax: plots.impact_times(
                run.column("time_to_impact_days"), int(run.summary["horizon_days"]), ax
            ),
            lambda _run: (
                "Histogram of the days until output first falls more than 1 percent below normal; "
                "the table of times holds the numbers."
            ),
            of="summary:metrics/time_to_impact_days summary:metrics/time_to_impact_days/censored"
            "÷summary:metrics/time_to_impact_days/n",
            height=lambda _run: 2.9,
            grow=1.1,
        ),
        "countries": Drawing(
            "accelerators not delivered, by country",
            lambda run, ax: plots.country_losses(
                run.summary.get("countries", {}), run.country_names, ax
            ),
            lambda _run: (
                "Bar chart of the mean share of accelerators not delivered per country, with the "
                "5 to 95 percent range of runs; the table of countries holds the numbers."
            ),
            of="summary:countries",
            height=lambda run: 1.3 + 0.28 * max(1, len(run.summary.get("countries", {}))),
            grow=1.1,
        ),
        "map": Drawing(
            "the network on a map: planned flows, where shocks act, where it breaks",
            lambda run, ax: world_map(
                run.tables["sites"],
                run.tables["flows"],
                run.tables.get("early_signs"),
                run.country_names,
                ax,
            ),
            lambda _run: (
                "World map with the Pacific in the middle: facilities by layer, planned flows of "
                "value between countries, crosses where shocks act, and rings where the chain "
                "runs short; the tables of shocks and of stages hold the same in words."
            ),
            of="early_signs:*/hit_share",
            needs=("sites", "flows"),
            how=_CHANGED,
            height=lambda _run: 4.1,
            grow=0.8,
        ),
        "map-east-asia": Drawing(
            "the same map, East Asia in detail",
            lambda run, ax: world_map(
                run.tables["sites"],
                run.tables["flows"],
                run.tables.get("early_signs"),
                run.country_names,
                ax,
                region=EAST_ASIA,
            ),
            lambda _run: (
                "The same map, enlarged for East Asia, where most of the facilities are; the "
                "numbers mark the same places."
            ),
            of="early_signs:*/hit_share",
            needs=("sites", "flows"),
            how=_CHANGED,
            height=lambda _run: 5.2,
            grow=0.85,
        ),
        "stages": Drawing(
            "timeline of the stages that are hit: what to watch",
            lambda run, ax: stage_timeline(
                run.tables["early_signs"], run.start, int(run.summary["horizon_days"]), ax
            ),
            lambda run: (
                "Timeline of the stages that run short, with the median date of the first day and "
                f"the 5 to 95 percent range. {_named(run)}"
            ),
            of="early_signs:*/hit_share",
            needs=("early_signs",),
            how=HOW["early_signs"],
            height=lambda run: 0.9 + 0.34 * len(stages_hit(run.tables["early_signs"])),
            grow=1.05,
        ),
        "attribution": Drawing(
            "which shocks the loss comes from, as a waterfall",
            lambda run, ax: attribution_waterfall(run.tables["attribution"], ax),
            lambda _run: (
                "Waterfall chart of what each shock or measure adds to the mean loss of output, "
                "with 95 percent intervals; the table of causes holds the numbers."
            ),
            of="attribution:*/loss_pct",
            needs=("attribution",),
            how=HOW["attribution"],
            height=lambda run: 1.1 + 0.4 * count_bars(run.tables["attribution"]),
            grow=1.25,
        ),
        "ledger": Drawing(
            "facilities, lanes and hubs that the shortages trace back to",
            lambda run, ax: ledger_bars(run.tables["attribution"], run.country_names, ax),
            lambda _run: (
                "Bar chart of the loss of output by the facility, lane or hub whose shortage was "
                "the first cause; the table of first causes holds the numbers."
            ),
            of=lambda run: " ".join(f"{place}/share" for place in _first_causes(run)["place"][:1]),
            needs=("attribution",),
            how=HOW["attribution"],
            height=lambda run: 1.0 + 0.42 * max(1, len(_first_causes(run))),
            grow=1.1,
        ),
        "criticality": Drawing(
            "what would be worst to lose",
            lambda run, ax: criticality_bars(run.tables["criticality"], ax),
            lambda _run: (
                "Bar chart of the loss of output when single facilities, countries and hubs are "
                "taken away; the table of the most critical holds the numbers."
            ),
            of="criticality:*/loss_pct",
            needs=("criticality",),
            how=HOW["criticality"],
            height=lambda _run: 5.0,
            grow=1.1,
        ),
    }
)
"""Every figure of a run by name, in the order of the report."""
