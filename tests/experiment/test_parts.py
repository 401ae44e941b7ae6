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
from simulator.experiment.parts import Parts, parts_so_far
from simulator.experiment.register import in_use, read_register
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


def days(parts: Parts, place: int) -> list[list[float]]:
    """Baseline, shocked run and loss by day, replications in order of their values."""
    parts.flush()
    blocks = [values for _, values in parts.series.blocks(place)]
    ranked: list[list[float]] = np.sort(np.concatenate(blocks, axis=1), axis=-1).tolist()
    return ranked


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
    pd.testing.assert_frame_equal(found.rows().frame(), expected.rows().frame())
    assert days(found, 2) == days(expected, 2)
    found.close()


def test_a_failed_replication_is_a_row_without_numbers(jobs: ModuleType) -> None:
    table = filled(jobs, None, list(range(6)), 6).rows().frame()
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
    table = parts.rows().frame()
    assert list(table.columns) == ["replication", "status", "error"]
    assert table["error"].tolist() == ["A: c", "A: b"]
    assert (parts.done, parts.failed) == (0, 2)


def test_a_full_disk_is_one_clear_message(
    jobs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parts_module, "write_groups", full)
    parts = filled(jobs, tmp_path, list(range(6)), 6)
    with pytest.raises(OutputError, match="no space left on device: free some space"):
        parts.flush()
    parts.close()


def test_parts_of_a_killed_run_are_found_again(jobs: ModuleType, tmp_path: Path) -> None:
    expected = filled(jobs, None, list(range(9)), 9)
    first = filled(jobs, tmp_path, [0, 1, 2, 6], 4)
    first.flush()
    first.add([jobs.replication(7)])  # lost: the process ends before the part is written
    assert first._register is not None
    first._register.close()
    with (tmp_path / "register.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event": "part", "par')  # cut short by the end of the process
    again = Parts(tmp_path)
    assert (again.done, again.failed) == (3, 1)
    assert again.todo(9) == [3, 4, 5, 7, 8]
    assert again.todo(9, failed_too=True) == [2, 3, 4, 5, 7, 8]
    again.add([Replication(2, error="ValueError: no"), Replication(5, error="ValueError: no")])
    again.add([jobs.replication(n) for n in (3, 4, 7, 8)])
    pd.testing.assert_frame_equal(again.rows().frame(), expected.rows().frame())
    assert days(again, 1) == days(expected, 1)
    again.close()


def test_a_failed_replication_computed_again_with_success_is_done(
    jobs: ModuleType, tmp_path: Path
) -> None:
    first = filled(jobs, tmp_path, [0, 2], 2)
    first.close()
    again = Parts(tmp_path)
    assert again.todo(3, failed_too=True) == [1, 2]
    again.add([jobs.replication(2)])
    again.close()
    assert parts_so_far(tmp_path).frame()["status"].tolist() == ["done", "done"]


def test_the_register_knows_what_is_to_come_and_what_failed_where(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    parts.expect([0, 1, 2, 5])
    parts.add([Replication(1, error="ValueError: bad: luck", origin="rules.py:7 in share")])
    parts.close()
    pending, part = read_register(tmp_path)
    assert (pending["event"], pending["replications"]) == ("pending", [[0, 2], [5, 5]])
    assert part["failed"] == [
        {
            "replication": 1,
            "origin": "rules.py:7 in share",
            "type": "ValueError",
            "message": "bad: luck",
        }
    ]


def test_two_processes_never_write_to_one_run(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    assert in_use(tmp_path)
    with pytest.raises(OutputError, match="another process is writing to this run"):
        Parts(tmp_path)
    parts.close()
    assert not in_use(tmp_path)
