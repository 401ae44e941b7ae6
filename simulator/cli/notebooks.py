"""``paxsim notebooks``: the course, copied to where it can be worked with."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.console import debug_option, say

EPILOG = """\b
Examples:
  paxsim notebooks course
  jupyter lab course

\b
Jupyter comes with the extra: pip install "paxsim[notebook]"
"""


@click.command(epilog=EPILOG)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace notebooks of the same names.")
@debug_option
def notebooks(folder: Path, force: bool) -> None:
    """Copy the notebooks into FOLDER, and write their paths to stdout.

    Nine of them, from a first run to the SimPy processes, each runs within a minute. Nothing else
    in FOLDER is touched, and no notebook is overwritten unless --force is given.
    """
    from simulator.errors import OutputError
    from simulator.experiment.store import writing
    from simulator.report.files import write_whole

    sources = notebook_files()
    known = [source.name for source in sources if (folder / source.name).exists()]
    if known and not force:
        raise OutputError(f"{folder / known[0]}: is there already: --force replaces it")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        write_whole(folder / source.name, source.read_bytes())
        click.echo(folder / source.name)
    say(f"next    jupyter lab {folder}")


def notebook_files() -> list[Path]:
    """Notebooks of the package in their order: in the wheel, else beside the package."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "notebooks"
    folder = inside if inside.is_dir() else package.parent / "notebooks"
    return sorted(folder.glob("[0-9]*.ipynb"))
