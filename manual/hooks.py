"""Called by MkDocs: adds the pages that are made to those that are written."""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every page of `PAGES`."""
    # Last, so that an installed simulator comes before the one beside this folder.
    sys.path.append(str(ROOT))
    from manual.pages import PAGES

    for place, page in PAGES.items():
        files.append(File.generated(config, place, content=page()))
    return files
