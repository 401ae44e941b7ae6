"""What all verbs share: errors as messages and exit codes, options, output and talk."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from simulator.cli.exit_codes import ExitCode
from simulator.errors import InputError, OutputError, PaxsimError, UsageError

if TYPE_CHECKING:
    from simulator.experiment.monte_carlo import OnProgress, Progress

HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_DEBUG = "simulator.cli.debug"
_Verb = TypeVar("_Verb", bound=Callable[..., Any])


class Count(click.ParamType):  # type: ignore[type-arg]  # generic in new versions only
    """A whole number within limits; 1e4 will do for 10000.

    Parameters
    ----------
    low, high
        Smallest and largest allowed.
    """

    name = "number"

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read a number; click says which option it was for if it is refused."""
        whole = _whole(str(value))
        if whole is None or not self.low <= whole <= self.high:
            self.fail(f"{value}: must be a whole number from {self.low:,} to {self.high:,}")
        return whole


class Command(click.Group):
    """The top command: turns every error into one clear message and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb; no traceback leaves it unless ``--debug`` is given."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            _leave(ctx, "interrupted; nothing was written", ExitCode.INTERRUPTED)
        except InputError as error:
            _leave(ctx, str(error), ExitCode.INPUT_INVALID)
        except (UsageError, OutputError) as error:
            _leave(ctx, str(error), ExitCode.USAGE)
        except PaxsimError as error:
            _leave(ctx, str(error), ExitCode.STUCK)
        except OSError as error:
            text = f"{error}: the system refused this: check free space and permissions"
            _leave(ctx, text, ExitCode.USAGE)
        except Exception as error:
            text = f"{type(error).__name__}: {error}: this is a fault of paxsim"
            remedy = "" if ctx.meta.get(_DEBUG) else "; --debug shows where"
            _leave(ctx, text + remedy, ExitCode.STUCK)


def _leave(ctx: click.Context, message: str, code: ExitCode) -> NoReturn:
    if ctx.meta.get(_DEBUG):
        say(traceback.format_exc())
    label = "" if code is ExitCode.INTERRUPTED else "Error: "
    say(f"{label}{message}")
    ctx.exit(code)


def say(text: str) -> None:
    """Say something on stderr."""
    click.echo(text, err=True)


def say_if_compiling(engine: str) -> None:
    """Say that the engine will be compiled first, if no run on this machine has done so."""
    from simulator.compiling import is_cached

    needed = {"simpy": "explode", "scalar": "simulate_days"}.get(engine, "simulate_block")
    if not is_cached(needed):
        say("compiling the engine (once; later runs start at once) ...")


def debug_option(verb: _Verb) -> _Verb:
    """Add ``--debug``."""

    def remember(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
        ctx.meta[_DEBUG] = wanted

    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=remember,
        help="Show the traceback of an error.",
    )(verb)


def format_option(verb: _Verb) -> _Verb:
    """Add ``--format``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help="How to write the result to stdout.",
    )(verb)


def set_option(verb: _Verb) -> _Verb:
    """Add ``--set``."""
    return click.option(
        "--set",
        "overrides",
        metavar="KEY=VALUE",
        multiple=True,
        help="Change one value of the scenario by its dotted key, such as "
        "shocks.october.approval=0.3; may be repeated.",
    )(verb)


def write_rows(rows: Sequence[Mapping[str, Any]], form: str, columns: Sequence[str]) -> None:
    """Write rows to stdout as an aligned table, JSON or CSV."""
    if form == "json":
        write_json([{name: row.get(name) for name in columns} for row in rows])
    elif form == "csv":
        import csv

        writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        cells = [list(columns), *([_cell(row.get(name)) for name in columns] for row in rows)]
        widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
        for line in cells:
            padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            click.echo("  ".join(padded).rstrip())


def write_json(record: object) -> None:
    """Write JSON to stdout."""
    click.echo(json.dumps(record, indent=2, ensure_ascii=False, default=str))


@contextmanager
def progress_bar(total: int, *, shown: bool, cells: int = 0) -> Iterator[OnProgress]:
    """Show one bar on stderr, with log messages above it; none where stderr is no terminal.

    Parameters
    ----------
    total
        Runs to come.
    shown
        False shows nothing.
    cells
        Number of cells of a study, whose progress tells its ``cells``, too.
    """
    from tqdm import tqdm

    screen = shutil.get_terminal_size()
    with tqdm(
        total=total,
        desc="runs",
        unit="run",
        file=sys.stderr,
        ncols=screen.columns,  # tqdm itself shows nothing on a terminal that hides its size
        nrows=screen.lines,
        disable=not shown or not sys.stderr.isatty(),
    ) as bar:

        def update(progress: Progress) -> None:
            counts: dict[str, Any] = {"failed": progress.failed}
            if cells:
                counts["cells"] = f"{getattr(progress, 'cells', 0)}/{cells}"
            bar.set_postfix(counts, refresh=False)
            bar.update(progress.done + progress.failed - bar.n)

        handler = _Above(logging.WARNING)
        logger = logging.getLogger("simulator")
        logger.addHandler(handler)
        try:
            yield update
        finally:
            logger.removeHandler(handler)


class _Above(logging.Handler):
    """Writes log messages above a progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        tqdm.write(record.getMessage(), file=sys.stderr)


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _cell(value: object) -> str:
    return "" if value is None else str(value)
