"""What README and the manual tell people to type, and how tests type it."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[2]
PAGES = MappingProxyType(
    {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"))
    }
)
PROGRAMS = ("paxsim", "python", "pip", "make", "jupyter", "ruff", "xdg-open")
FEW = 4
"""Most replications of a documented command when it is tested."""
#: What verbs run if no number is given, cut down in the same way.
MANY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "run": ("-n", str(FEW)),
        "compare": ("-n", str(FEW)),
        "attribute": ("-n", str(FEW)),
        "backtest": ("-n", str(FEW)),
        "sensitivity": ("-n", "2"),
    }
)
SAMPLES = {"sensitivity": "2"}
"""Verbs whose ``-n`` counts samples for each input, not replications."""


@dataclass(frozen=True)
class Step:
    """A thing to do: a command, code, or a file of a name to write first."""

    kind: str
    text: str
    name: str = ""


def steps(text: str) -> Iterator[Step]:
    """Commands, code and files of a page, in their order."""
    pattern = r"^```(\w*)\n(.*?)^```|^ {4}(paxsim .*)$"
    for language, block, line in re.findall(pattern, text, flags=re.DOTALL | re.MULTILINE):
        if language == "python":
            yield Step("python", block)
        elif language == "yaml":
            if found := re.search(r"^name: (\S+)", block, flags=re.MULTILINE):
                yield Step("file", block, f"{found[1]}.yaml")
        elif not language:
            yield from map(command, filter(is_command, (block + line).splitlines()))


def command(line: str) -> Step:
    """A line as a command: what follows two blanks is a remark."""
    return Step("command", re.split(r" {2,}", line.strip())[0])


def is_command(line: str) -> bool:
    """Whether a line starts with a program."""
    return re.match(rf"\s*(?:\.venv/bin/)?(?:{'|'.join(PROGRAMS)}) ", line) is not None


def inline(text: str) -> list[str]:
    """Commands within sentences."""
    return re.findall(r"`((?:paxsim|python -m|make) [^`\n]+)`", text)


def words(line: str) -> list[str]:
    """Words of a command as a shell gives them, without what it does with the output."""
    first, *rest = shlex.split(re.split(r" [>|] ", line)[0])
    found = [sorted(map(str, Path().glob(word))) if "*.yaml" in word else [word] for word in rest]
    return [first.removeprefix(".venv/bin/"), *itertools.chain(*found)]


def small(line: list[str]) -> list[str]:
    """The words after ``paxsim``, with few replications."""
    verb = line[0]
    most = SAMPLES.get(verb, str(FEW))
    if "-n" in line:
        place = line.index("-n") + 1
        line = [*line[:place], str(min(int(line[place]), int(most))), *line[place + 1 :]]
    elif verb in MANY and not {"--list", "--resume"} & set(line):
        line = [*line, *MANY[verb]]
    # examples one after the other: the next may be of the same scenario
    again = verb == "run" and not {"-o", "--resume"} & set(line)
    return [*line, "--force"] if again else line


def small_code(text: str) -> str:
    """Code with few replications."""
    return re.sub(r"replications=\d+", f"replications={FEW}", text)
