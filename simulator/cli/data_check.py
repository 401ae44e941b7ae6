"""``paxsim data check``: whether a dataset is fit to be packaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.console import debug_option, format_option, say, write_rows
from simulator.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from simulator.network.audit import Audit
    from simulator.network.checks import Finding

EPILOG = """\b
Examples:
  paxsim data check
  paxsim data check my-tables
  paxsim data check my-tables --format json
"""
COLUMNS = ("severity", "check", "file", "line", "column", "path", "value", "rule", "remedy")


@click.command(epilog=EPILOG)
@click.argument("dataset", default="alliance")
@format_option
@debug_option
@click.pass_context
def check(context: click.Context, dataset: str, form: str) -> None:
    """Check the tables of DATASET, and the rates planned from them.

    Every number has a source that resolves and a grade; units are known; world totals close;
    shares sum to 1; there is no orphan; planned rates are within capacity. All problems go to
    stdout, one a line: file:line: path = value: rule: remedy. The exit code is 3 if there is an
    error, 0 if there are only warnings.
    """
    from simulator.network.audit import audit

    found = audit(dataset)
    if form == "table":
        for finding in found.findings:
            note = "" if _severity(finding) == "error" else " (warning)"
            click.echo(f"{finding.problem}{note}")
    else:
        write_rows([_row(finding) for finding in found.findings], form, COLUMNS)
    _say_end(found)
    context.exit(ExitCode.DONE if found.passed else ExitCode.INPUT_INVALID)


def _severity(finding: Finding) -> str:
    return "error" if finding.severity == "fatal" else finding.severity


def _row(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    return {
        "severity": _severity(finding),
        "check": finding.name,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "value": None if problem.value is None else str(problem.value),
        "rule": problem.rule,
        "remedy": problem.remedy,
    }


def _say_end(found: Audit) -> None:
    errors = sum(_severity(finding) == "error" for finding in found.findings)
    data = found.dataset
    say(
        f"{data.name}: {len(data.facilities):,} facilities, {len(data.materials):,} materials, "
        f"{len(data.lanes):,} lanes, {len(data.sources):,} sources"
    )
    say(f"{found.numbers:,} numbers, {found.uncited:,} of them without a source or a grade")
    if not found.planned:
        say("planned rates were not checked: correct the tables first")
    say(f"{errors:,} errors, {len(found.findings) - errors:,} warnings")
