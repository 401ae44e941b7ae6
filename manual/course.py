"""The page of the notebooks, from what stands in them."""

from __future__ import annotations

import json
import re
from typing import Final

from simulator.cli.notebooks import notebook_files

INTRODUCTION: Final = """\
# Notebooks

A course in nine notebooks, each of which runs within a minute. They come with the package:

```
pip install "paxsim[notebook]"
paxsim notebooks course
jupyter lab course
```

The first cell of each holds its parameters, tagged `parameters` (papermill and nbclient replace
them): more replications give a better answer and take longer. They are kept without output; tests
run all of them.
"""


def course_page() -> str:
    """The page: title, opening, needs and sections of every notebook."""
    parts = [INTRODUCTION]
    for path in notebook_files():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
        opening = [part.strip() for part in texts[0].split("\n\n")]
        parts.append(f"## {opening[0].removeprefix('# ')}\n\n`{path.name}`")
        parts += opening[1:]
        sections = re.findall(r"^## (?:\d+\. )?(.+)$", "\n".join(texts), flags=re.MULTILINE)
        parts.append("Sections: " + "; ".join(sections) + ".")
    return "\n\n".join(parts) + "\n"
