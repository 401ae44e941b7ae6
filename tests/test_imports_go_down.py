"""The layers of the package, and what may be imported where, read from the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "simulator"
# A lower layer never imports a higher one. Layers on one line do not know one another.
LAYERS = (
    ("cli",),
    ("figures", "studies"),
    ("report",),
    ("backtest",),
    ("experiment",),
    ("metrics",),
    ("engine",),
    ("sampling",),
    ("shocks",),
    ("network",),
    ("spec",),
    ("provenance", "data"),
    ("vectors",),
    ("units", "compiling"),
    ("errors",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
SOURCES = sorted(PACKAGE.rglob("*.py"))
# The package itself is the public face: it hands out names of all layers, on demand. Only its
# version is for the layers below; the command line uses it as any other user would.
FACE = PACKAGE / "__init__.py"


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Line, module and imported names of every import, also those within functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield node.lineno, node.module or "", tuple(alias.name for alias in node.names)


def own_layers(module: str, names: tuple[str, ...]) -> Iterator[str]:
    parts = module.split(".")
    if parts[0] != "simulator":
        return
    if len(parts) > 1:
        yield parts[1]
    else:
        yield from names or ("simulator",)


def test_every_module_has_a_layer() -> None:
    unknown = {layer_of(path) for path in SOURCES} - LEVEL.keys() - {"__init__"}
    assert not unknown, f"say where these stand: {unknown}"


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p != FACE], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_imports_go_down_only(path: Path) -> None:
    here = LEVEL[layer_of(path)]
    for line, module, names in imports(path):
        if module == "simulator" and layer_of(path) == "cli":
            continue
        for layer in own_layers(module, names):
            if layer == "__version__":
                continue
            same = layer == layer_of(path)
            assert same or LEVEL[layer] > here, f"{path}:{line}: {layer_of(path)} imports {layer}"


def test_pydantic_is_known_to_the_spec_only() -> None:
    users = {
        layer_of(path)
        for path in SOURCES
        for _, module, _ in imports(path)
        if module.split(".")[0] in ("pydantic", "pydantic_core", "ruamel")
    }
    assert users == {"spec"}


def test_no_file_has_more_than_400_lines() -> None:
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in SOURCES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_the_package_has_at_most_20_public_names_and_each_can_be_had() -> None:
    import simulator

    assert len(simulator.__all__) <= 20
    assert all(hasattr(simulator, name) for name in simulator.__all__)
    assert set(simulator.__all__) == set(dir(simulator))


@pytest.mark.parametrize("module", ["simulator", "simulator.cli"])
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    heavy = "numba scipy matplotlib pandas numpy pydantic pyarrow simpy tqdm"
    code = f"import sys, {module}; print(*(m for m in {heavy!r}.split() if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
