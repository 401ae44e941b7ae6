"""``paxsim schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.console import debug_option, say

EPILOG = """\b
Examples:
  paxsim schema > scenario.schema.json
  paxsim schema -o scenario.schema.json
  paxsim schema | python -m json.tool | head
"""


@click.command(epilog=EPILOG)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: stdout]",
)
@debug_option
def schema(output: Path | None) -> None:
    """Print the JSON Schema of scenario files, with all types of shocks and measures.

    An editor that speaks YAML (such as VS Code with its YAML extension) completes and checks a
    file whose comment names the schema: # yaml-language-server: $schema=scenario.schema.json
    """
    text = schema_text()
    if output is None:
        click.echo(text, nl=False)
        return
    from simulator.report.files import write_whole

    write_whole(output, text)
    say(f"schema  {output}")


def schema_text() -> str:
    """The schema as it is written to files: sorted nowhere, so that keys stay in order."""
    import json

    import simulator.shocks  # noqa: F401  (registers the types)
    from simulator.spec import scenario_schema

    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False, default=str) + "\n"
