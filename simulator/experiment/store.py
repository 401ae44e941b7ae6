"""The folder of one run: checked first, filled aside, put in place when complete."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from simulator.errors import OutputError
from simulator.experiment.register import in_use
from simulator.provenance import PACKAGE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

MANIFEST = "manifest.json"
REPORT = "report.html"
ALWAYS = (
    MANIFEST,
    "scenario.resolved.yaml",
    "replications.parquet",
    "bands.parquet",
    "summary.json",
    "summary.csv",
    REPORT,
)
"""What every run writes."""
FILES = (
    *ALWAYS,
    "sites.parquet",
    "flows.parquet",
    "evidence.parquet",
    "draws.parquet",
    "series.parquet",
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
ROWS_PER_GROUP = 65_536
"""Rows of a table that are written at once."""


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

    def write_stream(self, name: str, tables: Iterable[pa.Table]) -> None:
        """Stage a Parquet file of tables of one schema that come one by one: a row group each."""
        self._write(name, lambda file: write_groups(tables, file))

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
    import pyarrow as pa

    whole = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    starts = range(0, max(1, len(table)), ROWS_PER_GROUP)
    write_groups((whole.slice(first, ROWS_PER_GROUP) for first in starts), file)


def write_groups(tables: Iterable[pa.Table], file: IO[bytes]) -> None:
    """Write tables of one schema, each as a row group, in the way of `write_parquet`."""
    rest = iter(tables)
    first = next(rest)
    with _writer(first.schema, file) as writer:
        for table in itertools.chain((first,), rest):
            writer.write_table(table, row_group_size=max(1, len(table)))


def _writer(schema: pa.Schema, file: IO[bytes]) -> pq.ParquetWriter:
    import pyarrow as pa
    import pyarrow.parquet as pq

    floats = [field.name for field in schema if pa.types.is_floating(field.type)]
    others = [field.name for field in schema if not pa.types.is_floating(field.type)]
    return pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        use_dictionary=others,
        column_encoding=dict.fromkeys(floats, "BYTE_STREAM_SPLIT"),
        store_schema=False,
    )


@contextmanager
def synced(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that is on the disk, whatever happens, once the block has ended."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def replace_text(target: Path, text: str) -> None:
    """Replace a text file in one step, so that readers see the old or the new one, never a part."""
    draft = target.with_name(f".{target.name}.tmp")
    with writing(target):
        with synced(draft) as file:
            file.write(text.encode())
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
