"""Which stages are hit first, how often and when: what to watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from simulator.metrics.early_signs import sign

if TYPE_CHECKING:
    from simulator.experiment.looking import Looked
    from simulator.experiment.stages import Stages
    from simulator.network.network import Network

COLUMNS: Final = (
    "stage", "material", "country", "layer", "label", "hit_share", "lo95", "hi95", "days_p05",
    "days_p50", "days_p95", "replications",
)  # fmt: skip
OUTCOME: Final = "outcome"
"""Stage of the row that says when output itself falls below normal."""


def early_sign_table(network: Network, stages: Stages, found: Sequence[Looked]) -> pd.DataFrame:
    """A row per stage that is hit in any replication, the earliest first.

    A stage is the kind of facility that holds the stock, the material, and the country. It is hit
    on the first day on which its stocks leave more than 1 % of the day's need uncovered. The row of
    stage ``outcome`` is the time to impact.
    """
    rows = []
    hit = np.array([one.hit for one in found]).reshape(len(found), len(stages.stages))
    for n, stage in enumerate(stages.stages):
        result = sign(hit[:, n])
        if result is not None:
            facts = {
                "stage": stage.kind,
                "material": stage.material,
                "country": stage.country,
                "layer": stage.layer,
                "label": stage.label,
            }
            rows.append({**facts, **asdict(result)})
    result = sign([one.impact for one in found])
    if result is not None:
        layers = {row.id: row.layer for row in network.dataset.materials}
        made = [network.material_ids[m] for m in network.outcome]
        facts = {
            "stage": OUTCOME,
            "material": made[0] if len(made) == 1 else "",
            "country": "",
            "layer": layers[made[0]],
            "label": "Output more than 1 % below normal",
        }
        rows.append({**facts, **asdict(result)})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = ["days_p50", "stage", "material", "country"]
    return table.sort_values(order, kind="stable").reset_index(drop=True)
