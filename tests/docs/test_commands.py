"""Every command and every example of code in README, the manual and the help can be typed.

All are parsed, what is quick is run at once, and the rest by slow tests: page by page, in the order
of the page, in an empty folder, with few replications.
"""

from __future__ import annotations

import configparser
import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from simulator.cli import main
from tests.docs.documented import (
    PAGES,
    ROOT,
    Step,
    command,
    inline,
    is_command,
    small,
    small_code,
    steps,
    words,
)

sys.path.append(str(ROOT))  # last: an installed simulator comes first
from manual.commands import epilog_blocks, example_lines, walk
from manual.course import INTRODUCTION as COURSE

#: Never run here, with the reason; all must still stand in the pages.
NOT_RUN = {
    "paxsim run china-october-2025 -n 100000 --cluster tcp://head:8786": "needs a scheduler",
    "paxsim sweep study.yaml --cluster tcp://head:8786 -o results/night": "needs a scheduler",
    "xdg-open $(paxsim report results/mine)": "opens a window; the command within is run",
    "paxsim run --resume results/mine": "the run before it is complete; tests/cli/test_resume.py",
    "paxsim sweep study.yaml -o results/overnight --resume": "the study before it is complete; "
    "tests/experiment resume one that is not",
    "jupyter lab course": "serves until it is stopped; tests/notebooks run the notebooks",
}
#: Programs that set up environments or run tests: make test itself is their test.
SETTING_UP = ("pip", "make", "python", "ruff", "jupyter")
#: So that there is a loss to explain, whatever is drawn.
LOSS = "  stop: {type: outage, facilities: f18_n5, from: 2026-03-01, duration_days: 60}\n"
#: Folders that examples of a verb write themselves.
WRITES = {"paxsim run": "results/mine", "paxsim sweep": "results/overnight"}
QUICK = ("scenarios", "describe", "validate", "new", "schema", "data", "coverage", "notebooks")
COMMANDS = {path: one for path, one in walk(main, ("paxsim",))}
TEXTS = {**PAGES, "docs/notebooks.md": COURSE}
DOING = {name: todo for name, text in TEXTS.items() if (todo := list(steps(text)))}
EXAMPLES = {
    " ".join(path): lines for path, one in COMMANDS.items() if (lines := example_lines(one))
}


def all_commands() -> list[str]:
    found = [step.text for todo in DOING.values() for step in todo if step.kind == "command"]
    found += [line for lines in EXAMPLES.values() for line in lines]
    return sorted({*found, *(line for text in TEXTS.values() for line in inline(text))})


def perform(todo: list[Step], only: tuple[str, ...] = ()) -> None:
    """Do what a page says, in its order; only these verbs if any are given."""
    namespace: dict[str, object] = {}
    for step in todo:
        if step.kind == "file":
            Path(step.name).write_text(step.text, encoding="utf-8")
        elif step.kind == "python" and not only:
            exec(compile(small_code(step.text), "example", "exec"), namespace)
        elif step.kind == "command" and step.text not in NOT_RUN:
            program, *line = words(step.text)
            if program not in SETTING_UP and (not only or line[0] in only):
                result = CliRunner().invoke(main, small(line))
                assert result.exit_code == 0, f"{step.text}\n{result.output}"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def furniture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What examples of the help take for granted: files, tables and runs."""
    folder = tmp_path_factory.mktemp("furniture")
    (folder / "docs").mkdir()
    [step] = [one for one in DOING["README.md"] if one.kind == "file"]
    for name in ("my-scenario", "malaysia"):
        (folder / f"{name}.yaml").write_text(step.text + LOSS, encoding="utf-8")
    blocks = epilog_blocks(COMMANDS["paxsim", "sweep"])
    [study] = [rest for first, *rest in blocks if first.startswith("A study file")]
    text = re.sub(r"replications: \d+", "replications: 2", "\n".join(study))
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    for name in ("my-tables", "my-network"):
        shutil.copytree(str(files("simulator") / "data" / "alliance"), folder / name)
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    scenario = str(folder / "my-scenario.yaml")
    for name, seed in (("mine", "1"), ("a", "2"), ("b", "2")):
        place = str(folder / "results" / name)
        line = ["run", scenario, "-n", "20", "-s", seed, "-o", place, "--no-attribution"]
        assert CliRunner().invoke(main, line).exit_code == 0
    for name in ("china-october-2025", "overnight/one"):
        shutil.copytree(folder / "results" / "mine", folder / "results" / name)
    return folder


@pytest.fixture
def furnished(here: Path, furniture: Path) -> Path:
    shutil.copytree(furniture, here, dirs_exist_ok=True)
    return here


@pytest.mark.parametrize("line", [one for one in all_commands() if one.startswith("paxsim ")])
def test_every_command_has_a_verb_and_options_that_exist(line: str) -> None:
    path, rest = ["paxsim"], words(line)[1:]
    while isinstance(COMMANDS[tuple(path)], click.Group) and rest:
        path.append(rest.pop(0))
    one = COMMANDS[tuple(path)]
    one.make_parser(click.Context(one)).parse_args(rest)


@pytest.mark.parametrize("line", [one for one in all_commands() if one.startswith("make ")])
def test_every_target_that_is_named_is_in_the_makefile(line: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{line.split()[1]}:", makefile, flags=re.MULTILINE)


@pytest.mark.parametrize("line", [one for one in all_commands() if "install" in one])
def test_every_extra_that_is_named_is_in_the_setup(line: str) -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    named = {name for part in re.findall(r"\[([\w,]+)\]", line) for name in part.split(",")}
    assert named <= set(config["options.extras_require"])


@pytest.mark.parametrize("line", NOT_RUN)
def test_what_is_not_run_still_stands_in_the_pages(line: str) -> None:
    assert line in all_commands(), f"{NOT_RUN[line]}: it is gone, so take it off the list"


def test_modules_that_are_named_to_be_run_exist() -> None:
    named = {line.split()[2] for line in all_commands() if line.startswith("python -m ")}
    named -= {"venv", "pip", "json.tool"}
    assert len(named) >= 2
    for name in named:
        assert (ROOT / f"{name.replace('.', '/')}.py").is_file(), name


@pytest.mark.parametrize("page", DOING)
def test_quick_commands_of_a_page_run(page: str, here: Path) -> None:
    perform(DOING[page], only=QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("page", DOING)
def test_all_commands_and_code_of_a_page_run(page: str, here: Path) -> None:
    if page == "docs/attribution.md":
        line = "run china-october-2025 -n 20 -o results/mine --no-attribution"
        assert CliRunner().invoke(main, line.split()).exit_code == 0
    perform(DOING[page])


@pytest.mark.slow
@pytest.mark.parametrize("verb", EXAMPLES)
def test_the_examples_of_the_help_run(verb: str, furnished: Path) -> None:
    if verb in WRITES:
        shutil.rmtree(WRITES[verb])
    perform([command(line) for line in EXAMPLES[verb] if is_command(line)])
