"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Final

import click

from manual.markdown import code, table
from simulator.cli import main

INTRODUCTION: Final = """\
# Commands

Made from the commands themselves: what `paxsim VERB --help` says. Results go to stdout and to
files, messages to stderr; an error is one message that names the place, the value, the rule and
the remedy.
"""


def commands_page() -> str:
    """The page, as Markdown."""
    parts = [INTRODUCTION]
    for path, command in walk(main, ("paxsim",)):
        parts += _command(path, command)
    return "\n\n".join(parts) + "\n"


def walk(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its path, groups before their members."""
    yield path, command
    if isinstance(command, click.Group):
        for name, one in sorted(command.commands.items()):
            yield from walk(one, (*path, name))


def epilog_blocks(command: click.Command) -> list[list[str]]:
    """Paragraphs of an epilog, as lines; those of examples begin with ``Examples:``."""
    text = inspect.cleandoc((command.epilog or "").replace("\b\n", ""))
    return [block.splitlines() for block in re.split(r"\n\s*\n", text) if block.strip()]


def example_lines(command: click.Command) -> list[str]:
    """Example commands of a command's help."""
    blocks = [lines for lines in epilog_blocks(command) if lines[0].strip() == "Examples:"]
    return [line.strip() for lines in blocks for line in lines[1:]]


def _command(path: tuple[str, ...], command: click.Command) -> list[str]:
    context = click.Context(command, info_name=" ".join(path))
    usage = " ".join([*path, *command.collect_usage_pieces(context)])
    parts = [f"## {' '.join(path)}", code(usage), _prose(command.help or "")]
    rows = [_option(one, context) for one in command.get_params(context)]
    if shown := [row for row in rows if row is not None]:
        parts.append(table(("option", "meaning", "default"), shown))
    for first, *rest in epilog_blocks(command):
        if first.strip().endswith(":") and rest:
            parts += [first.strip(), code("\n".join(rest))]
        else:
            parts.append(_text(" ".join([first, *rest])))
    return parts


def _prose(text: str) -> str:
    return "\n\n".join(_text(part) for part in re.split(r"\n\s*\n", inspect.cleandoc(text)))


def _text(text: str) -> str:
    """A paragraph of help, with options and files as code."""
    plain = " ".join(text.replace("\b", "").split()).replace("<", "&lt;").replace("*", "\\*")
    return re.sub(
        r"(?<![\w`-])(--[\w-]+|[\w/]+\.(?:md|html|parquet|json|yaml|csv))\b", r"`\1`", plain
    )


def _option(option: click.Parameter, context: click.Context) -> tuple[str, str, str] | None:
    record = option.get_help_record(context)
    if record is None:
        return None
    flags, about = record
    found = re.search(r"\s*\[(?:default: (.*?))?(?:; )?(required|[^\]]*<=?x[^\]]*)?\]\s*$", about)
    default = (found[1] or found[2] or "") if found else ""
    text = about[: found.start()] if found else about
    return f"`{flags}`", _text(text), _text(default)
