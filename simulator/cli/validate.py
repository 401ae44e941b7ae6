"""``paxsim validate``: every error of many scenario files, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.console import debug_option, format_option, say, write_rows
from simulator.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from simulator.errors import Problem

EPILOG = """\b
Examples:
  paxsim validate my-scenario.yaml
  paxsim validate scenarios/*.yaml
  paxsim validate my-scenario.yaml --format json
"""
COLUMNS = ("severity", "file", "line", "column", "path", "value", "rule", "remedy")


@click.command(epilog=EPILOG)
@click.argument("files", nargs=-1, required=True)
@format_option
@debug_option
@click.pass_context
def validate(context: click.Context, files: tuple[str, ...], form: str) -> None:
    """Check scenario FILES (or names) with their networks and variants; nothing is simulated.

    Problems go to stdout, one a line: file:line: path = value: rule: remedy. The exit code is 3 if
    there is an error, 0 if there are only warnings.
    """
    found = {name: _check(name) for name in files}
    rows = [row for rows in found.values() for row in rows]
    errors = sum(row["severity"] == "error" for row in rows)
    if form == "table":
        for row in rows:
            click.echo(row["text"])
    else:
        write_rows(rows, form, COLUMNS)
    bad = sum(any(row["severity"] == "error" for row in rows) for rows in found.values())
    say(f"{len(found)} checked, {bad} invalid: {errors} errors, {len(rows) - errors} warnings")
    context.exit(ExitCode.INPUT_INVALID if errors else ExitCode.DONE)


def _check(name: str) -> list[dict[str, Any]]:
    """Problems of a file and of all its variants; what several of them share is said once."""
    from simulator.spec.load import list_variants, split_variant

    rows = _problems(name)
    if split_variant(name)[1] is None and not any(row["severity"] == "error" for row in rows):
        for variant in list_variants(name):
            known = {row["text"] for row in rows}
            more = _problems(f"{name}#{variant}")
            rows += [row for row in more if row["text"] not in known]
    return rows


def _problems(name: str) -> list[dict[str, Any]]:
    import simulator

    try:
        model = simulator.prepare(simulator.load_scenario(name))
    except simulator.InputError as error:
        return [_row("error", name, problem) for problem in error.problems]
    return [_row("warning", name, problem) for problem in model.warnings]


def _row(severity: str, name: str, problem: Problem) -> dict[str, Any]:
    text = str(problem) if problem.file else f"{name}: {problem}"
    return {
        "severity": severity,
        "file": problem.file or name,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "value": None if problem.value is None else str(problem.value),
        "rule": problem.rule,
        "remedy": problem.remedy,
        "text": text if severity == "error" else f"{text} (warning)",
    }
