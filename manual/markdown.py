"""Small pieces of Markdown: tables, and docstrings turned from numpydoc into it."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars and line ends in cells are taken care of."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|") or " "


def code(text: str, language: str = "") -> str:
    """A block of code."""
    return f"```{language}\n{textwrap.dedent(text).strip()}\n```"


def docstring(text: str | None, language: str = "") -> str:
    """A docstring: ``x`` becomes code, a text after ``::`` a block, a section a line in bold.

    Parameters
    ----------
    text
        The docstring.
    language
        Of its blocks of code.
    """
    parts: list[str] = []
    for paragraph in re.split(r"\n(?=\S)(?<=\n\n)|\n\n(?=\S)", inspect.cleandoc(text or "")):
        parts += _blocks(paragraph.strip("\n"), language)
    return "\n\n".join(parts)


def examples(text: str | None) -> list[str]:
    """Blocks of code of a docstring, without their indentation."""
    found = re.findall(r"::\n\n((?:[ ]{4,}.*(?:\n|$)|\n)+)", inspect.cleandoc(text or ""))
    return [textwrap.dedent(block).strip() for block in found]


def _blocks(paragraph: str, language: str) -> list[str]:
    head, colons, block = paragraph.partition("::\n\n")
    head = re.sub(r"^(\w[\w ]*)\n-+\n?", r"**\1.** ", head).strip()
    if not colons:
        return [_inline(head)]
    shown = [f"{_inline(head)}:"] if head else []
    return [*shown, code(block, language)]


def _inline(text: str) -> str:
    return re.sub(r"``([^`]+)``", r"`\1`", " ".join(text.split()))
