"""The notebooks are committed clean, use public names only, and run from top to bottom."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from nbclient import NotebookClient

from simulator.cli import main
from simulator.cli.notebooks import notebook_files

NOTEBOOKS = {path.name[:2]: path for path in notebook_files()}
# The smallest that still shows what each notebook says; the defaults are tried by slow tests.
SMALL = {
    "01": {"REPLICATIONS": 20},
    "02": {"REPLICATIONS": 20},
    "03": {"STEP_DAYS": 100},
    "04": {"REPLICATIONS": 300},
    "05": {"CHAIN_POINTS": 64, "POINTS": 2, "GROUPS": 1},
    "06": {"REPLICATIONS": 4},
    "07": {"REPLICATIONS": 4, "EPISODES": ["gallium-2023"]},
    "08": {"REPLICATIONS": 4},
    "09": {"HORIZON_DAYS": 90},
}
QUICK = ("01", "03", "04", "07", "08", "09")
"""The others run the whole network many times, which takes longer."""
PUBLIC = {"simulator.engine": {"rules"}}
"""Modules that are public beside the names in `__all__`."""
SECONDS = 300

Notebook = nbformat.NotebookNode


def read(number: str) -> Notebook:
    return nbformat.read(NOTEBOOKS[number], as_version=4)


def code(notebook: Notebook) -> list[Notebook]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def execute(number: str, folder: Path, parameters: dict[str, object]) -> Notebook:
    """Run a notebook as Jupyter would, in a kernel of its own, and fail on the first error."""
    notebook = read(number)
    for name, value in parameters.items():
        assert f"{name} = " in notebook.cells[0].source, f"{number} has no parameter {name}"
        notebook.cells[0].source += f"\n{name} = {value!r}"
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=resources).execute()
    return notebook


def printed(notebook: Notebook, cell_id: str) -> str:
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    return "".join(out.text for out in cell.outputs if out.output_type == "stream")


def test_there_are_nine_and_each_is_tried() -> None:
    assert list(NOTEBOOKS) == [f"{n:02}" for n in range(1, 10)] == list(SMALL)


@pytest.mark.parametrize("number", NOTEBOOKS)
def test_a_notebook_is_committed_without_output(number: str) -> None:
    notebook = read(number)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in code(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("number", NOTEBOOKS)
def test_the_first_cell_holds_the_parameters(number: str) -> None:
    notebook = read(number)
    first = notebook.cells[0]
    assert first.cell_type == "code"
    assert first.metadata.tags == ["parameters"]
    assert all(isinstance(line, ast.Assign) for line in ast.parse(first.source).body)
    assert not any("parameters" in cell.metadata.get("tags", ()) for cell in notebook.cells[1:])


@pytest.mark.parametrize("number", NOTEBOOKS)
def test_cells_are_plain_python_and_import_public_names_only(number: str) -> None:
    for cell in code(read(number)):
        for node in ast.walk(ast.parse(cell.source)):  # a magic would be no Python
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
                assert all(n == "simulator" or not n.startswith("simulator.") for n in names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simulator"):
                wanted = {alias.name for alias in node.names}
                assert wanted <= public(node.module or ""), f"{cell.id}: {wanted}"


def public(module: str) -> set[str]:
    assert module.count(".") <= 1, f"{module} is inside a layer"
    names = set(getattr(import_module(module), "__all__", ()))
    modules = {"backtest", "figures", "studies"} if module == "simulator" else set()
    return names | PUBLIC.get(module, set()) | modules


@pytest.mark.parametrize(
    "number", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in SMALL]
)
def test_a_notebook_runs_with_small_parameters(number: str, tmp_path: Path) -> None:
    notebook = execute(number, tmp_path, SMALL[number])
    assert all(cell.execution_count for cell in code(notebook))
    pictures = [
        out for cell in code(notebook) for out in cell.outputs if "image/png" in out.get("data", {})
    ]
    assert pictures
    assert list(tmp_path.iterdir()) == []
    warned = [out.text for c in code(notebook) for out in c.outputs if out.get("name") == "stderr"]
    assert warned == []
    if number == "09":
        assert "days differ" in printed(notebook, "exercise")
        assert printed(notebook, "solution").startswith("Right")


@pytest.mark.slow
@pytest.mark.parametrize("number", NOTEBOOKS)
def test_a_notebook_runs_as_it_is(number: str, tmp_path: Path) -> None:
    assert all(cell.execution_count for cell in code(execute(number, tmp_path, {})))


@pytest.fixture
def paxsim() -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def test_paxsim_notebooks_copies_them(paxsim: Callable[..., Result], tmp_path: Path) -> None:
    folder = tmp_path / "a" / "course"
    result = paxsim("notebooks", folder)
    assert result.exit_code == 0, result.output
    copied = sorted(folder.iterdir())
    assert [path.name for path in copied] == [path.name for path in NOTEBOOKS.values()]
    assert [path.read_bytes() for path in copied] == [p.read_bytes() for p in NOTEBOOKS.values()]
    assert result.stdout.splitlines() == [str(path) for path in copied]


def test_paxsim_notebooks_overwrites_only_by_force(
    paxsim: Callable[..., Result], tmp_path: Path
) -> None:
    mine = tmp_path / NOTEBOOKS["03"].name
    mine.write_text("my own work", encoding="utf-8")
    result = paxsim("notebooks", tmp_path)
    assert result.exit_code == 2
    assert "--force" in result.output
    assert list(tmp_path.iterdir()) == [mine]
    assert mine.read_text(encoding="utf-8") == "my own work"
    assert paxsim("notebooks", tmp_path, "--force").exit_code == 0
    assert mine.read_bytes() == NOTEBOOKS["03"].read_bytes()


def test_a_file_in_the_way_is_one_clear_message(
    paxsim: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = paxsim("notebooks", tmp_path / "file")
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
