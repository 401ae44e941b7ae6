"""Runs whose daily series are too large to keep: the same bands, whatever parts come in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest

from simulator.experiment import parts as parts_module
from simulator.experiment import trajectories
from simulator.experiment.bands import QUANTILES, band_table
from simulator.experiment.keep import series_tables
from simulator.experiment.parts import Parts
from simulator.experiment.register import read_register
from simulator.experiment.replication import Replication

NAMES = ("output", "a", "b")
COUNT = 60


def run(jobs: ModuleType, folder: Path | None, order: list[int], size: int) -> Parts:
    parts = Parts(folder)
    parts.series.kept = (1,)
    for first in range(0, len(order), size):
        parts.add([jobs.replication(number) for number in order[first : first + size]])
    parts.settle()
    return parts


def bands(parts: Parts) -> pa.Table:
    return band_table(parts.series, NAMES, date(2026, 1, 1))


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for a few replications only (each is 720 bytes)."""
    monkeypatch.setattr(trajectories, "EXACT_BYTES", 10_000)
    monkeypatch.setattr(trajectories, "MERGE_BYTES", 4_000)
    monkeypatch.setattr(parts_module, "PART_BYTES", 2_000)


def test_a_part_holds_every_day_of_every_series_however_many_there_are() -> None:
    rng = np.random.default_rng(3)
    given = [rng.random((2, 11, 365)).astype(np.float32) for _ in range(3)]
    assert given[0].size > 3 * trajectories.CELLS
    found = trajectories.Trajectories()
    found.add("part", [Replication(n, series=one) for n, one in enumerate(given)])
    assert np.array_equal(found.parts["part"][:], np.stack(given, axis=-1))


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize("on_disk", [False, True])
def test_neither_order_nor_chunks_nor_place_change_estimated_bands(
    jobs: ModuleType, tmp_path: Path, size: int, on_disk: bool
) -> None:
    expected = run(jobs, None, list(range(COUNT)), COUNT)
    order = np.random.default_rng(1).permutation(COUNT).tolist()
    found = run(jobs, tmp_path if on_disk else None, order, size)
    assert not expected.series.exact
    assert not found.series.exact
    assert bands(found).equals(bands(expected))
    kept = [pa.concat_tables(series_tables(parts, NAMES, (1,))) for parts in (found, expected)]
    assert kept[0].equals(kept[1])
    found.close()


def test_estimated_bands_are_close_to_exact_ones(
    jobs: ModuleType, request: pytest.FixtureRequest
) -> None:
    exact = bands(run(jobs, None, list(range(COUNT)), 7))
    request.getfixturevalue("little")
    found = bands(run(jobs, None, list(range(COUNT)), 7))
    for name in (*QUANTILES, "mean"):
        np.testing.assert_allclose(
            found[name].to_numpy(), exact[name].to_numpy(), rtol=4e-3, err_msg=name
        )


@pytest.mark.usefixtures("little")
def test_merged_parts_leave_the_disk_and_are_found_again(jobs: ModuleType, tmp_path: Path) -> None:
    first = run(jobs, tmp_path, list(range(40)), 5)
    first.close()
    sizes = [path.stat().st_size for path in tmp_path.glob("*.series")]
    assert sum(sizes) <= 10_000
    assert len(list(tmp_path.glob("bands-*.parquet"))) == 1
    assert any(event["event"] == "merged" for event in read_register(tmp_path))
    again = Parts(tmp_path)
    again.series.kept = (1,)
    assert again.todo(COUNT) == list(range(40, COUNT))
    again.add([jobs.replication(number) for number in range(40, COUNT)])
    again.settle()
    expected = run(jobs, None, list(range(COUNT)), COUNT)
    assert bands(again).equals(bands(expected))
    whole = pa.concat_tables(series_tables(again, NAMES, (1,)))
    assert whole.equals(pa.concat_tables(series_tables(expected, NAMES, (1,))))
    again.close()


@pytest.mark.usefixtures("little")
def test_a_process_that_ends_between_register_and_clearing_up_counts_nothing_twice(
    jobs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(trajectories.Trajectories, "forget", killed)
        parts = Parts(tmp_path)
        with pytest.raises(KeyboardInterrupt):
            parts.add([jobs.replication(number) for number in range(20)])
        assert parts._register is not None
        parts._register.close()
    again = Parts(tmp_path)
    again.add([jobs.replication(number) for number in again.todo(COUNT)])
    again.settle()
    assert bands(again).equals(bands(run(jobs, None, list(range(COUNT)), COUNT)))
    again.close()


def test_kept_series_are_one_row_per_replication_run_and_day(jobs: ModuleType) -> None:
    parts = run(jobs, None, [3, 0, 2], 2)
    table = pa.concat_tables(series_tables(parts, NAMES, (0, 2))).to_pandas()
    assert table.columns.tolist() == ["replication", "run", "day", "output", "b"]
    assert len(table) == 3 * 2 * jobs.DAYS
    assert table["replication"].drop_duplicates().tolist() == [0, 2, 3]
    row = table[(table["replication"] == 2) & (table["run"] == "baseline") & (table["day"] == 4)]
    assert row["output"].tolist() == [6.0]
    row = table[(table["replication"] == 3) & (table["run"] == "shocked") & (table["day"] == 9)]
    assert row["b"].tolist() == [3.0]
