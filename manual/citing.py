"""How to cite the program and its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ruamel.yaml import YAML

from manual.markdown import code

TEXT: Final = """\
# How to cite

Cite the program with its version, and for results also what makes them repeatable: the scenario,
the seed, the number of replications and the checksum of the data. All of these stand in the
`manifest.json` of a run, and at the foot of its report.
"""


def citing_text(citation: str) -> str:
    """The page.

    Parameters
    ----------
    citation
        Content of CITATION.cff.
    """
    fields: Mapping[str, Any] = YAML(typ="safe").load(citation)
    return "\n\n".join(
        [
            TEXT,
            "As text:",
            "> " + _reference(fields),
            "As BibTeX:",
            code(_bibtex(fields), "bibtex"),
            "`CITATION.cff`, which GitHub, Zenodo and Zotero read:",
            f"```yaml\n{citation}```",
            "The numbers of the network come from others. Every row names its source, and "
            "`paxsim data sources` lists them: cite those a result rests on ([data](data.md)).",
        ]
    )


def _authors(fields: Mapping[str, Any]) -> str:
    return ", ".join(str(author["name"]) for author in fields["authors"])


def _reference(fields: Mapping[str, Any]) -> str:
    year = fields["date-released"].year
    return f"{_authors(fields)} ({year}). {fields['title']}. Version {fields['version']}."


def _bibtex(fields: Mapping[str, Any]) -> str:
    return f"""\
@software{{paxsim,
  author  = {{{{{_authors(fields)}}}}},
  title   = {{{fields["title"]}}},
  version = {{{fields["version"]}}},
  year    = {{{fields["date-released"].year}}},
  license = {{{fields["license"]}}}
}}"""
