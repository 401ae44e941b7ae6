from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from simulator.errors import OutputError
from simulator.experiment.store import check_folder, open_folder


def old_run(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "manifest.json").write_text(json.dumps({"package": "paxsim"}), encoding="utf-8")
    (path / "report.html").write_text("old", encoding="utf-8")
    (path / "notes.txt").write_text("mine", encoding="utf-8")
    return path


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def test_files_appear_only_when_committed(tmp_path: Path) -> None:
    path = tmp_path / "a" / "run"
    with open_folder(path) as folder:
        folder.write_text("summary.csv", "metric\n")
        folder.write_json("manifest.json", {"package": "paxsim"})
        assert not (path / "manifest.json").exists()
        folder.commit()
    assert names(path) == ["manifest.json", "summary.csv"]


def test_a_run_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> None:
        with open_folder(tmp_path / "a" / "run") as folder:
            folder.write_text("summary.csv", "metric\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(tmp_path) == []


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    path = old_run(tmp_path / "run")
    with pytest.raises(OutputError, match=r"exists and is not empty.*-o.*--force"):
        check_folder(path)
    check_folder(path, force=True)


def test_force_replaces_a_run_and_nothing_else(tmp_path: Path) -> None:
    path = old_run(tmp_path / "run")
    with open_folder(path, force=True) as folder:
        folder.write_json("manifest.json", {"package": "paxsim", "new": True})
        assert (path / "report.html").read_text(encoding="utf-8") == "old"
        folder.commit()
    assert names(path) == ["manifest.json", "notes.txt"]
    assert json.loads((path / "manifest.json").read_text(encoding="utf-8"))["new"]


def test_a_forced_run_that_fails_leaves_the_old_one_whole(tmp_path: Path) -> None:
    path = old_run(tmp_path / "run")

    def fail() -> None:
        with open_folder(path, force=True) as folder:
            folder.write_json("manifest.json", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(path) == ["manifest.json", "notes.txt", "report.html"]


@pytest.mark.parametrize("content", ["{", "[]", '{"package": "other"}'])
def test_force_never_touches_a_folder_that_is_no_run(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(OutputError, match="is no run folder of paxsim"):
        check_folder(tmp_path, force=True)


def test_what_a_killed_run_left_can_be_forced(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with open_folder(path):
        shutil.copytree(path, tmp_path / "copy")
    check_folder(tmp_path / "copy", force=True)
    with open_folder(tmp_path / "copy", force=True) as folder:
        folder.commit()


def test_an_empty_folder_is_taken_and_kept(tmp_path: Path) -> None:
    with open_folder(tmp_path):
        pass
    assert names(tmp_path) == []


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.touch()
    for force in (False, True):
        with pytest.raises(OutputError, match="is a file"):
            check_folder(path, force=force)


def test_a_folder_below_a_file_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(OutputError, match="cannot be written: not a directory"),
        open_folder(tmp_path / "file" / "run"),
    ):
        pass


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EACCES, "choose a folder that you may write to"),
        (errno.EROFS, "choose a folder that you may write to"),
        (errno.EIO, "choose another folder"),
    ],
)
def test_what_the_system_refuses_is_one_clear_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, "Refused")

    table = pd.DataFrame({"a": [1.0]})
    with open_folder(tmp_path / "run") as folder:
        monkeypatch.setattr(pq, "ParquetWriter", refuse)
        with pytest.raises(
            OutputError, match=f"bands.parquet: cannot be written: refused: {words}"
        ):
            folder.write_table("bands.parquet", table)
    assert names(tmp_path) == []


def test_a_run_that_will_not_fit_is_refused_before_it_starts(tmp_path: Path) -> None:
    with open_folder(tmp_path / "run") as folder:
        folder.need_space(1)
        with pytest.raises(OutputError, match=r"needs about 1e\+06 TB"):
            folder.need_space(10**18)


def test_a_table_comes_back_as_it_was_and_its_bytes_depend_on_nothing_else(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "series": ["output"] * 4,
            "day": np.arange(4, dtype=np.int32),
            "mean": np.array([0.1, np.nan, 3.0, 4.0], np.float32),
            "censored": [True, False, True, True],
        }
    )
    contents = []
    for name in ("one", "two"):
        with open_folder(tmp_path / name) as folder:
            folder.write_table("bands.parquet", table)
            folder.commit()
        contents.append((tmp_path / name / "bands.parquet").read_bytes())
    assert contents[0] == contents[1]
    path = tmp_path / "one" / "bands.parquet"
    pd.testing.assert_frame_equal(pd.read_parquet(path), table)
    column = pq.ParquetFile(path).metadata.row_group(0).column(2)
    assert column.compression == "ZSTD"
    assert "BYTE_STREAM_SPLIT" in column.encodings


def test_json_refuses_what_json_cannot_say(tmp_path: Path) -> None:
    with (
        open_folder(tmp_path / "run") as folder,
        pytest.raises(ValueError, match="not JSON compliant"),
    ):
        folder.write_json("summary.json", {"mean": float("nan")})
