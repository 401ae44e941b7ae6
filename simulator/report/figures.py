"""The figures of the report, each with a description for those who do not see it."""

from __future__ import annotations

from simulator.report import bands, plots, svg
from simulator.report.answer import answer
from simulator.report.run_folder import RunFolder
from simulator.report.view import country_names
from simulator.report.wording import quantity


def figures(run: RunFolder) -> dict[str, svg.Figure]:
    """Draw every figure of the report.

    Parameters
    ----------
    run
        Content of a run folder.

    Returns
    -------
    dict
        ``output``, ``cumulative``, ``histogram``, ``exceedance``, ``impact`` and ``countries``.
    """
    losses, start, timeline = run.column("output_loss_pct"), run.start, run.timeline
    times, horizon = run.column("time_to_impact_days"), int(run.summary["horizon_days"])
    countries, names = run.summary.get("countries", {}), country_names(run)
    shocks = f"{len(timeline)} shocks and measures are marked above it"
    drawn = (
        svg.figure(
            "output",
            "Line chart of AI-chip output per day with dates, without shocks and with shocks, with "
            f"bands for 50 and 90 percent of runs; {shocks}. {answer(run.summary, run.manifest)}",
            lambda ax: bands.output_band(run.bands, timeline, start, ax),
            height=4.2,
            grow=1.05,
        ),
        svg.figure(
            "cumulative",
            "Line chart of the AI chips lost up to each day, with bands for 50 and 90 percent of "
            f"runs; {shocks}.",
            lambda ax: bands.cumulative_loss_band(run.bands, timeline, start, ax),
            height=3.6,
            grow=1.15,
        ),
        svg.figure(
            "histogram",
            f"Histogram of the output loss in percent over {losses.size} runs. {_spoken(run)}",
            lambda ax: plots.loss_histogram(losses, ax),
        ),
        svg.figure(
            "exceedance",
            "Falling curve of the probability of losing more than each percentage of output, with "
            f"95 percent intervals. {_spoken(run)}",
            lambda ax: plots.exceedance_curve(losses, ax),
        ),
        svg.figure(
            "impact",
            "Histogram of the days until output first falls more than 1 percent below normal; the "
            "table of times holds the numbers.",
            lambda ax: plots.impact_times(times, horizon, ax),
            height=2.9,
            grow=1.1,
        ),
        svg.figure(
            "countries",
            "Bar chart of the mean share of accelerators not delivered per country, with the 5 to "
            "95 percent range of runs; the table of countries holds the numbers.",
            lambda ax: plots.country_losses(countries, names, ax),
            height=1.3 + 0.28 * max(1, len(countries)),
            grow=1.1,
        ),
    )
    return {figure.key: figure for figure in drawn}


def _spoken(run: RunFolder) -> str:
    loss = run.summary.get("metrics", {}).get("output_loss_pct")
    if loss is None:
        return "There are no numbers."
    parts = (("mean", "mean"), ("p50", "median"), ("var95", "95th percentile"))
    return ", ".join(f"{name} {quantity(loss[key], '%')}" for key, name in parts) + "."
