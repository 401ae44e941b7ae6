from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import simulator
from simulator.cli import main

SCENARIO = """\
# What does a stop of the only pit cost?
name: stopped-pit
question: What does a stop of the only pit cost?
network:
  materials:
    - {id: ore, layer: minerals, unit: t}
    - {id: chip, layer: ai_infrastructure, unit: unit, price_usd_per_unit: 100, h100e_per_unit: 1}
  facilities:
    - {id: pit, kind: mine, country: AUS, output: ore, capacity_per_day: 20}
    - {id: works, kind: fab, country: TWN, output: chip, recipe: chip, capacity_per_day: 12,
       cycle_days: 3}
    - {id: site, kind: datacenter, country: USA}
  recipes:
    - {recipe: chip, input: ore, quantity: 1, cover_days: 5}
  lanes:
    - {customer: works, material: ore, supplier: pit, share: 1, transit_days: 2}
    - {customer: site, material: chip, supplier: works, share: 1, transit_days: 1}
  demand:
    - {sink: site, material: chip, units_per_day: 10}
start: 2025-10-01
horizon_days: 90
shocks:
  stop:
    type: outage
    facilities: pit
    from: 2025-10-20
    duration_days: {distribution: uniform, low: 10, high: 40}
"""

Paxsim = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pit(here: Path) -> Path:
    """A small valid scenario file."""
    path = here / "pit.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


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
def command() -> list[str]:
    """Words that start the command in a process of its own."""
    return [
        sys.executable,
        "-c",
        "import sys; from simulator.cli import main; main(prog_name='paxsim')",
    ]


@pytest.fixture
def start(command: list[str], here: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the command in a process of its own, in the current folder."""
    root = str(Path(simulator.__file__).parents[1])
    path = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []

    def run(*words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*command, *map(str, words)],
            cwd=here,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([root, *path])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return run
