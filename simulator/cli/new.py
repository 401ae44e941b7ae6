"""``paxsim new``: a commented scenario file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.console import debug_option, say

EPILOG = """\b
Examples:
  paxsim new malaysia-stops
  paxsim new quakes --template hazard
  paxsim new my-network --template network
"""
SCHEMA = "scenario.schema.json"
TEMPLATES = {
    "restriction": "an export restriction, and a reserve against it",
    "outage": "an outage, a closed port and lost power",
    "hazard": "earthquakes that come at random",
    "measures": "measures on top of another scenario, with variants",
    "network": "a small network of one's own, in the same file",
}


@click.command(epilog=EPILOG)
@click.argument("name")
@click.option(
    "-t",
    "--template",
    type=click.Choice(list(TEMPLATES)),
    default="restriction",
    show_default=True,
    help="; ".join(f"{name}: {what}" for name, what in TEMPLATES.items()),
)
@debug_option
def new(name: str, template: str) -> None:
    """Write NAME.yaml, a commented scenario that runs as it is, and say where it is.

    Beside it the JSON Schema is written for editors, unless it is there. No file is overwritten.
    """
    target = _target(name)
    text = template_text(template).replace("NAME", target.stem)
    _write(target, text)
    schema = target.parent / SCHEMA
    if not schema.exists():
        from simulator.cli.schema import schema_text

        _write(schema, schema_text())
    click.echo(target)
    say(f"next  paxsim describe {target}")


def template_text(template: str) -> str:
    """Text of a template; its name stands as NAME."""
    path = Path(__file__).parent / "templates" / f"{template}.yaml"
    return path.read_text(encoding="utf-8")


def _target(name: str) -> Path:
    from simulator.errors import UsageError

    path = Path(name)
    path = path if path.suffix in (".yaml", ".yml") else path.with_name(f"{path.name}.yaml")
    stem = path.stem
    if not (stem and stem[0].isalnum() and all(c.isalnum() or c in "_-" for c in stem)):
        rule = "a name must have letters, digits, '_' and '-' only"
        raise UsageError(f"{name}: {rule}: such as malaysia-2026")
    if not stem.isascii():
        raise UsageError(f"{name}: a name must be in ASCII letters: such as malaysia-2026")
    return path


def _write(path: Path, text: str) -> None:
    from simulator.errors import OutputError

    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise OutputError(f"{path}: is there already: choose another name") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{path}: cannot be written: {reason}: check the folder") from error
