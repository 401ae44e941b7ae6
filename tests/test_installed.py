"""What is tested is the installed wheel, and it holds everything the source folder holds."""

from __future__ import annotations

import configparser
import os
import sysconfig
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

import pytest

import simulator

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "simulator"
installed_only = pytest.mark.skipif(
    os.environ.get("PAXSIM_TEST_INSTALLED") != "1", reason="set by make test"
)


@installed_only
def test_the_package_under_test_is_the_installed_one() -> None:
    assert Path(simulator.__file__).is_relative_to(sysconfig.get_path("purelib"))
    assert not Path(simulator.__file__).is_relative_to(SOURCE)


@installed_only
def test_the_wheel_holds_every_file_of_the_source() -> None:
    installed = Path(simulator.__file__).parent
    wanted = {path.relative_to(SOURCE) for path in SOURCE.rglob("*") if path.is_file()}
    wanted |= {Path("scenarios", path.name) for path in scenarios()}
    wanted |= {Path("notebooks", path.name) for path in (ROOT / "notebooks").glob("*.ipynb")}
    missing = [p for p in wanted if "__pycache__" not in p.parts and not (installed / p).exists()]
    assert missing == []


@installed_only
def test_scenarios_are_found_by_name_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert simulator.load_scenario("baseline").name == "baseline"
    assert {info.name for info in simulator.list_scenarios()} == {p.stem for p in scenarios()}


@installed_only
def test_the_distribution_has_its_command_and_says_that_it_is_typed() -> None:
    found = distribution("paxsim")
    assert {entry.name: entry.value for entry in found.entry_points} == {
        "paxsim": "simulator.cli:main"
    }
    assert found.version == simulator.__version__
    assert files("simulator").joinpath("py.typed").is_file()


def test_setup_lists_every_package() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(config["options"]["packages"].split())
    modules = {path.parent.relative_to(ROOT) for path in SOURCE.rglob("*.py")}
    packages = {".".join(folder.parts) for folder in modules}
    assert listed == packages | {"simulator.data", "simulator.notebooks", "simulator.scenarios"}


def scenarios() -> list[Path]:
    return sorted((ROOT / "scenarios").glob("*.yaml"))
