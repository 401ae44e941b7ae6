"""The folder of one run: checked first, filled aside, put in place when complete."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.errors import OutputError
from simulator.experiment.register import in_use
from simulator.provenance import PACKAGE

MANIFEST = "manifest.json"
REPORT = "report.html"
FILES = (
    MANIFEST,
    "scenario.resolved.yaml",
    "replications.parquet",
    "bands.parquet",
    "summary.json",
    "summary.csv",
    REPORT,
    "sites.parquet",
    "flows.parquet",
    "evidence.parquet",
    "attribution.parquet",
    "bottlenecks.parquet",
    "early_signs.parquet",
    "criticality.parquet",
    "losses.parquet",
    "bottleneck_days.parquet",
)
"""Everything a run writes and what is added to it later; what else lies there is left alone."""

STAGE = ".parts"
"""Folder within a run's folder that holds what is not yet complete."""
_MARKER = "paxsim-run-in-progress"
_ROWS_PER_GROUP = 65_536


def check_folder(path: Path, *, force: bool = False) -> None:
    """Refuse a folder that this run must not write to.

    Parameters
    ----------
    path
        May be missing, or empty.
    force
        Allow a folder that holds another run of paxsim, but nothing else.

    Raises
    ------
    OutputError
        If it is something else, or holds files that ``force`` does not cover.
    """
    with writing(path):
        if not path.exists():
            return
        if not path.is_dir():
            raise OutputError(f"{path}: is a file: choose another folder with -o")
        if not any(path.iterdir()):
            return
        if in_use(path / STAGE):
            raise OutputError(f"{path}: another process is writing to it: choose another with -o")
        if not force:
            raise OutputError(
                f"{path}: exists and is not empty: choose another folder with -o, "
                "or replace the run in it with --force" + _or_resume(path)
            )
        if not _is_run(path):
            raise OutputError(
                f"{path}: is no run folder of {PACKAGE}, which --force would replace: "
                "choose another folder with -o"
            )


@contextmanager
def open_folder(path: Path, *, force: bool = False, resume: bool = False) -> Iterator[RunWriter]:
    """Open a run folder for writing, and leave no trace of the run if the block fails.

    An earlier run that is replaced stays as it is until `RunWriter.commit`. Parts that a run wrote
    before it failed stay, so that it can be resumed.

    Parameters
    ----------
    path
        The folder.
    force
        See `check_folder`.
    resume
        Go on with the parts in it, instead of starting with an empty folder.

    Raises
    ------
    OutputError
        See `check_folder`; or if the folder cannot be made.
    """
    if not resume:
        check_folder(path, force=force)
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    folder = RunWriter(path)
    with writing(path):
        if not resume:
            shutil.rmtree(folder.stage, ignore_errors=True)
            folder.stage.mkdir(parents=True)
            (folder.stage / _MARKER).touch()
    try:
        yield folder
    except BaseException:
        folder.keep = any(folder.stage.glob("part-*"))
        raise
    finally:
        if not folder.keep:
            shutil.rmtree(folder.stage, ignore_errors=True)
        for made in missing:
            _remove_if_empty(made)


class RunWriter:
    """Files of a run on their way into its folder.

    Parameters
    ----------
    path
        The folder itself.

    Attributes
    ----------
    keep
        Whether parts stay for a later `resume`: set while there is something left to compute.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stage = path / STAGE
        self.keep = False

    def write_text(self, name: str, text: str) -> None:
        """Stage a text file."""
        self._write(name, lambda file: file.write(text.encode()))

    def write_json(self, name: str, record: Mapping[str, Any]) -> None:
        """Stage a JSON file; numbers must be finite."""
        self.write_text(
            name, json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        )

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Stage a Parquet file whose bytes depend on the table only."""
        self._write(name, lambda file: write_parquet(table, file))

    def need_space(self, size: int) -> None:
        """Refuse a run that will not fit, before it has cost hours.

        Raises
        ------
        OutputError
            If fewer than ``size`` bytes are free.
        """
        with writing(self.path):
            free = shutil.disk_usage(self.stage).free
        if size > free:
            raise OutputError(
                f"{self.path}: this run needs about {_amount(size)} while it runs, {_amount(free)} "
                "are free: choose fewer replications, or another disk with -o"
            )

    def commit(self) -> None:
        """Put the staged files in place, each at once; what is left of an earlier run goes."""
        with writing(self.path):
            for name in FILES:
                staged = self.stage / name
                if staged.exists():
                    staged.replace(self.path / name)
                else:
                    (self.path / name).unlink(missing_ok=True)

    def _write(self, name: str, fill: Callable[[IO[bytes]], object]) -> None:
        target = self.stage / name
        with writing(self.path / name), target.open("wb") as file:
            fill(file)


def write_parquet(table: pd.DataFrame, file: IO[bytes]) -> None:
    """Write a table with zstd, floats as byte-stream split, and no facts but the table's own."""
    content = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    floats = [f.name for f in content.schema if pa.types.is_floating(f.type)]
    others = [f.name for f in content.schema if not pa.types.is_floating(f.type)]
    pq.write_table(
        content,
        file,
        compression="zstd",
        use_dictionary=others,
        column_encoding=dict.fromkeys(floats, "BYTE_STREAM_SPLIT"),
        row_group_size=_ROWS_PER_GROUP,
        store_schema=False,
    )


def replace_text(target: Path, text: str) -> None:
    """Replace a text file in one step, so that readers see the old or the new one, never a part."""
    draft = target.with_name(f".{target.name}.tmp")
    with writing(target):
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses within the block into one clear `OutputError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {_explain(error)}") from error


def _explain(error: OSError) -> str:
    reason = error.strerror or str(error)
    remedies: Mapping[int, str] = {
        errno.ENOSPC: "free some space, or choose another disk with -o",
        errno.EDQUOT: "free some space, or choose another disk with -o",
        errno.EFBIG: "raise the limit on file sizes, or choose another disk with -o",
        errno.EACCES: "choose a folder that you may write to with -o",
        errno.EPERM: "choose a folder that you may write to with -o",
        errno.EROFS: "choose a folder that you may write to with -o",
    }
    remedy = remedies.get(error.errno or 0, "choose another folder with -o")
    return f"{reason[:1].lower()}{reason[1:]}: {remedy}"


def _amount(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.3g} TB"


def _or_resume(path: Path) -> str:
    return f", or go on with --resume {path}" if (path / STAGE / _MARKER).exists() else ""


def _is_run(path: Path) -> bool:
    names: Sequence[str] = [entry.name for entry in path.iterdir()]
    if (path / STAGE / _MARKER).exists():
        return all(name in (*FILES, STAGE) for name in names)
    try:
        record = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("package") == PACKAGE


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
