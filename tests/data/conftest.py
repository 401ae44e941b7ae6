from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from simulator.cli import main
from simulator.spec.countries import DATA
from tests.data.tables import SMALL

Paxsim = Callable[..., Result]


@pytest.fixture
def paxsim() -> Paxsim:
    """Run the command in this process; whatever it does, it never shows a traceback."""

    def invoke(*words: object) -> Result:
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of tables that passes every check; the current folder is the one that holds it."""
    monkeypatch.chdir(tmp_path)
    folder = Path("small")
    folder.mkdir()
    for table, text in SMALL.items():
        (folder / f"{table}.csv").write_text(dedent(text), encoding="utf-8")
    return folder


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the packaged alliance dataset, to be broken."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(DATA / "alliance", "copy"))
