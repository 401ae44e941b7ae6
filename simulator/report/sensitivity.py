"""A sensitivity study as tables with the evidence behind each input, a figure, and a few lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator import __version__
from simulator.errors import OutputError
from simulator.experiment.input_groups import REST, InputGroups
from simulator.experiment.interrupt import interruptible
from simulator.experiment.saltelli import ScenarioOutcome
from simulator.experiment.sensitivity import Sensitivity, sensitivity
from simulator.experiment.store import MANIFEST, replace_text, writing
from simulator.metrics.definitions import metric_info
from simulator.provenance import PACKAGE, SCHEMA_VERSION, now, versions
from simulator.report import style
from simulator.report.svg import save_figure
from simulator.sampling.model import prepare

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simulator.experiment.monte_carlo import OnProgress
    from simulator.spec import Scenario

FIGURE = "sensitivity.svg"
_SHOWN = 15


@dataclass(frozen=True)
class SensitivityStudy:
    """A result with evidence.

    Attributes
    ----------
    scenario, metric, seed, count
        What was asked.
    result
        `Sensitivity`, whose tables have the columns ``grade`` and ``source``, too: of an input,
        its own; of a group, how many of its inputs have each grade.
    """

    scenario: Scenario
    metric: str
    seed: int
    count: int
    result: Sensitivity

    def save(self, folder: Path, command: str = "") -> None:
        """Write ``groups.csv``, ``inputs.csv``, ``shares.csv``, a figure and a manifest.

        Raises
        ------
        OutputError
            If the folder holds something, or cannot be written.
        """
        check_empty(folder)
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for name in ("groups", "inputs", "shares"):
            table: pd.DataFrame = getattr(self.result, name)
            replace_text(folder / f"{name}.csv", table.to_csv(index=False))
        save_figure(sensitivity_figure(self), folder / FIGURE)
        import json

        manifest = {
            "schema_version": SCHEMA_VERSION,
            "package": PACKAGE,
            "version": __version__,
            "scenario": self.scenario.name,
            "kind": "sensitivity",
            "metric": self.metric,
            "seed": self.seed,
            "points": self.count,
            "replications": self.result.runs,
            "started": now(),
            "status": "complete",
            "command": command,
            "engine_versions": versions(),
            "checksums": {
                "dataset": self.scenario.dataset.checksum,
                "scenario": self.scenario.checksum,
            },
        }
        replace_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")


def check_empty(folder: Path) -> None:
    """Refuse a folder that holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: exists and is not empty: choose another folder with -o")


def study_sensitivity(
    scenario: Scenario,
    *,
    metric: str = "output_loss_pct",
    count: int = 128,
    seed: int | None = None,
    by: str = "field",
    most_groups: int = 12,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> SensitivityStudy:
    """Find what the spread of a metric comes from, and how well each input is known.

    Parameters
    ----------
    scenario
        What to study.
    metric
        Column of ``replications.parquet``.
    count, seed, most_groups, workers, on_progress
        See `sensitivity`.
    by
        How the numbers of the tables are grouped: see `InputGroups`.

    Raises
    ------
    UsageError, InputError, StuckError
        See `sensitivity`.
    """
    chosen = scenario.seed if seed is None else seed
    lean = replace(scenario, seed=chosen, document=None, path=None)
    groups = InputGroups(prepare(lean), by)
    with interruptible() as stop:
        result = sensitivity(
            ScenarioOutcome(lean, metric, by),
            count,
            chosen,
            most_groups=most_groups,
            workers=workers,
            stop=stop,
            on_progress=on_progress,
        )
    return SensitivityStudy(scenario, metric, chosen, count, _with_evidence(result, groups))


def _with_evidence(result: Sensitivity, groups: InputGroups) -> Sensitivity:
    inputs, table = result.inputs.copy(), result.groups.copy()
    known = [groups.inputs.get(name) for name in inputs["input"]]
    notes = [groups.notes.get(groups.entry(str(name)), "") for name in inputs["input"]]
    inputs["grade"] = [item.grade if item else "" for item in known]
    pairs = zip(known, notes, strict=True)
    inputs["source"] = [item.source if item else note or "scenario file" for item, note in pairs]
    kept = set(table["group"])
    members = inputs["group"].where(inputs["group"].isin(kept), REST)
    table["grades"] = [_mix(inputs.loc[members == name, "grade"]) for name in table["group"]]
    return replace(result, inputs=inputs, groups=table)


def _mix(grades: pd.Series[Any]) -> str:
    counts = Counter(str(grade) for grade in grades if grade)
    return ", ".join(f"{count} {grade}" for grade, count in sorted(counts.items()))


def sensitivity_figure(study: SensitivityStudy, ax: Axes | None = None) -> Axes:
    """Draw first-order and total indices of the groups, with 95 % intervals."""
    table = study.result.groups.head(_SHOWN).iloc[::-1]
    ax = style.new_axes(ax, height=1.6 + 0.34 * len(table))
    rows = np.arange(len(table))
    for name, label, shift, colour in (
        ("total", "with all interactions (total)", 0.18, style.SHOCKED),
        ("first_order", "alone (first order)", -0.18, style.MEASURE),
    ):
        value = table[name].to_numpy(float).clip(min=0) * 100
        low = np.clip(value - table[f"{name}_low"].to_numpy(float).clip(min=0) * 100, 0, None)
        high = np.clip(table[f"{name}_high"].to_numpy(float) * 100 - value, 0, None)
        ax.barh(rows + shift, value, 0.34, color=colour, label=label)
        ax.errorbar(value, rows + shift, xerr=[low, high], fmt="none", ecolor=style.INK, lw=0.8)
    names = [
        style.plain(f"{row['group']}  ({row['grades'] or 'events'})")
        for row in table.to_dict("records")
    ]
    ax.set_yticks(rows, names)
    label = metric_info(study.metric).label.lower()
    style.name_axes(ax, f"share of the variance of {label} (%)", "")
    style.grid(ax, "x")
    style.key(ax, "lower right")
    if len(table):
        top = table.iloc[-1]
        style.finding(ax, f"{top['group']} matters most: {100 * top['total']:.0f} % of the spread")
    return ax
