"""What only recorded runs show: early signs, losses of every part, fill rates and bottlenecks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from simulator.experiment.bottlenecks import bottleneck_table
from simulator.experiment.early_signs import early_sign_table
from simulator.experiment.in_turn import Workers
from simulator.experiment.looking import Looked, look_at
from simulator.experiment.losses import loss_table
from simulator.experiment.recorded import Recorded, over_recorded, recorded_number
from simulator.experiment.replication import DONE
from simulator.experiment.stages import Stages

if TYPE_CHECKING:
    import pandas as pd

    from simulator.sampling.model import Model


@dataclass(frozen=True)
class Detail:
    """Tables of a run that rest on its recorded replications; see ``docs/metrics.md``."""

    early_signs: pd.DataFrame
    losses: pd.DataFrame
    bottleneck_days: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by the name of their file."""
        return {f"{part.name}.parquet": getattr(self, part.name) for part in fields(self)}


def detail(
    model: Model, numbers: Sequence[int], *, seed: int | None = None, workers: Workers = None
) -> Detail:
    """Look at some replications of a scenario in detail.

    Parameters
    ----------
    model
        The prepared scenario.
    numbers
        Which replications.
    seed
        The scenario's by default.
    workers
        Threads; they never change a result.
    """
    stages = Stages(model.network)

    def look(one: Recorded) -> Looked:
        return look_at(one, stages)

    found = over_recorded(model, numbers, look, seed=seed, workers=workers)
    return Detail(
        early_sign_table(model.network, stages, found),
        loss_table(model.network, stages, found),
        bottleneck_table(model.network, found),
    )


def detail_of_run(
    model: Model, replications: pd.DataFrame, *, seed: int, workers: Workers = None
) -> Detail | None:
    """Look at some of the replications of a run; None if none of them was done.

    Parameters
    ----------
    model
        What was run.
    replications
        Table of the run: of those that were done, the first few are looked at.
    seed, workers
        As in `detail`.
    """
    done = replications.loc[replications["status"] == DONE, "replication"].tolist()
    chosen = done[: recorded_number(len(done))]
    return detail(model, chosen, seed=seed, workers=workers) if chosen else None
