"""The reference of the Python names, from their docstrings."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Final

MODULES: Final = (
    "simulator",
    "simulator.studies",
    "simulator.figures",
    "simulator.backtest",
    "simulator.shocks",
)

INTRODUCTION: Final = """\
# Python

Made from the docstrings of the public names. Everything else is internal and may change. The
package is typed, and ``import simulator`` costs nothing: names are loaded on first use.
"""


def python_page() -> str:
    """The page: one block a name, which mkdocstrings fills."""
    parts = [INTRODUCTION.replace("``", "`")]
    for module in map(import_module, MODULES):
        about = (module.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
        parts += [f"## {module.__name__}", about]
        parts += [_block(module, name) for name in public_names(module)]
    return "\n\n".join(parts) + "\n"


def public_names(module: ModuleType) -> list[str]:
    """Names in ``__all__`` that have a docstring of their own."""
    return [name for name in module.__all__ if hasattr(getattr(module, name), "__module__")]


def _block(module: ModuleType, name: str) -> str:
    value = getattr(module, name)
    home = f"{value.__module__}.{value.__name__}" if hasattr(value, "__name__") else ""
    if not home.startswith("simulator."):
        home = f"{module.__name__}.{name}"
    return f"### {module.__name__}.{name}\n\n::: {home}"
