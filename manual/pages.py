"""Every page that is made, by its place in the manual."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from manual.commands import commands_page
from manual.course import course_page
from manual.language import language_page
from manual.python_api import python_page

ROOT: Final = Path(__file__).resolve().parents[1]


def from_file(name: str) -> Callable[[], str]:
    """A page that is a file of the top folder, its links turned to where they lead from docs."""

    def page() -> str:
        text = (ROOT / name).read_text(encoding="utf-8")
        text = re.sub(r"\]\((?:\./)?docs/", "](", text)
        text = re.sub(r"\]\(notebooks/[\w-]+\.ipynb\)", "](notebooks.md)", text)
        text = text.replace("](CITATION.cff)", "](citing.md)")
        return re.sub(r"\]\((CHANGELOG|CONTRIBUTING|LICENSE)(?:\.md)?\)", _moved, text)

    return page


def _moved(link: re.Match[str]) -> str:
    return f"]({link[1].lower()}.md)"


def licence_page() -> str:
    """The licence as a page."""
    return "# Licence\n\n" + (ROOT / "LICENSE").read_text(encoding="utf-8")


def citing_page() -> str:
    """How to cite, with the citation file as it is."""
    from manual.citing import citing_text

    return citing_text((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "index.md": from_file("README.md"),
        "contributing.md": from_file("CONTRIBUTING.md"),
        "changelog.md": from_file("CHANGELOG.md"),
        "license.md": licence_page,
        "citing.md": citing_page,
        "language-reference.md": language_page,
        "commands.md": commands_page,
        "python.md": python_page,
        "notebooks.md": course_page,
    }
)
"""Functions that give the Markdown of a page, by the page's place."""
