"""The README's commands, scenario file and code do what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (text,) = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    return str(text)


@pytest.mark.slow
def test_the_scenario_file_and_the_python_example_run(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "licences.yaml").write_text(block("yaml"), encoding="utf-8")
    exec(compile(block("python"), "README.md", "exec"), {})
    output = capsys.readouterr().out
    assert "cvar95" in output
    assert (here / "results" / "licences" / "report.html").exists()


def test_the_scenario_file_is_valid(here: Path, paxsim: Callable[..., Result]) -> None:
    (here / "licences.yaml").write_text(block("yaml"), encoding="utf-8")
    result = paxsim("validate", "licences.yaml")
    assert result.exit_code == 0, result.output


def test_the_commands_are_known(paxsim: Callable[..., Result]) -> None:
    commands = re.findall(r"^\.venv/bin/paxsim (\w+)", README, flags=re.MULTILINE)
    assert commands
    for verb in commands:
        assert paxsim(verb, "-h").exit_code == 0
