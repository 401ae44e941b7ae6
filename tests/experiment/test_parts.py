from __future__ import annotations

import errno
import random
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from simulator.errors import OutputError
from simulator.experiment import parts as parts_module
from simulator.experiment.parts import Parts
from simulator.experiment.replication import Replication


def filled(jobs: ModuleType, folder: Path | None, order: list[int], size: int) -> Parts:
    parts = Parts(folder)
    for at in range(0, len(order), size):
        parts.add(
            [
                Replication(n, error="ValueError: no") if n in (2, 5) else jobs.replication(n)
                for n in order[at : at + size]
            ]
        )
    return parts


@pytest.mark.parametrize("size", [1, 3, 50])
@pytest.mark.parametrize("on_disk", [False, True])
def test_neither_order_nor_chunks_nor_place_change_a_table(
    jobs: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    on_disk: bool,
) -> None:
    expected = filled(jobs, None, list(range(20)), 20)
    monkeypatch.setattr(parts_module, "PART_BYTES", 2_000)
    order = list(range(20))
    random.Random(1).shuffle(order)
    found = filled(jobs, tmp_path if on_disk else None, order, size)
    pd.testing.assert_frame_equal(found.table(), expected.table())
    for run in (0, 1):
        np.testing.assert_array_equal(found.series(run, 2), expected.series(run, 2))


def test_a_failed_replication_is_a_row_without_numbers(jobs: ModuleType) -> None:
    table = filled(jobs, None, list(range(6)), 6).table()
    assert list(table.columns) == [
        "replication", "status", "error", "loss", "censored", "draw:a", "draw:b",
    ]  # fmt: skip
    assert table["replication"].tolist() == list(range(6))
    assert table["status"].tolist() == ["done", "done", "failed", "done", "done", "failed"]
    assert table["error"].tolist() == ["", "", "ValueError: no", "", "", "ValueError: no"]
    assert table["loss"].isna().tolist() == [False, False, True, False, False, True]
    assert table["censored"].dtype == "boolean"


def test_a_table_of_failures_only_has_its_three_columns() -> None:
    parts = Parts()
    parts.add([Replication(1, error="A: b"), Replication(0, error="A: c")])
    table = parts.table()
    assert list(table.columns) == ["replication", "status", "error"]
    assert table["error"].tolist() == ["A: c", "A: b"]
    assert (parts.done, parts.failed) == (0, 2)


def test_a_full_disk_is_one_clear_message(
    jobs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parts_module, "write_parquet", full)
    parts = filled(jobs, tmp_path, list(range(6)), 6)
    with pytest.raises(OutputError, match="no space left on device: free some space"):
        parts.flush()
