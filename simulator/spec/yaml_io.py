"""YAML to plain data with places, and back; stricter than YAML: no tags, no duplicate keys."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from simulator.errors import InputError, Problem
from simulator.spec.document import Document, Place
from simulator.spec.messages import did_you_mean
from simulator.spec.record import Location

_MAX_BYTES = 50_000_000
_MAX_VALUES = 500_000
_TAG = "tag:yaml.org,2002:"


def read_text(path: Path, file: str) -> str:
    """Read a UTF-8 text file.

    Parameters
    ----------
    path
        Where it is.
    file
        Its name in messages.

    Raises
    ------
    InputError
        When it is missing, a folder, unreadable, binary or absurdly large.
    """
    try:
        if path.is_dir():
            raise InputError((_whole(file, "is a folder, not a file"),))
        if path.stat().st_size > _MAX_BYTES:
            raise InputError((_whole(file, "is larger than 50 MB"),))
        return _decoded(path.read_bytes(), file)
    except FileNotFoundError:
        raise InputError((_whole(file, "no such file", _beside(path)),)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError((_whole(file, f"cannot be read: {reason}"),)) from None


def _whole(file: str, rule: str, remedy: str = "", line: int | None = None) -> Problem:
    return Problem("", None, rule, remedy, file, line)


def _beside(path: Path) -> str:
    try:
        names = [item.name for item in path.parent.iterdir()]
    except OSError:
        return "check the path"
    hint = did_you_mean(path.name, names)
    return hint if hint.startswith("did you mean") else "check the path"


def _decoded(content: bytes, file: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        rule, remedy = "is not a UTF-8 text file", "save it with the encoding UTF-8"
        raise InputError((_whole(file, rule, remedy, line),)) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError((_whole(file, "is not a text file", "", line),))
    return text


def parse_yaml(text: str, file: str) -> Document:
    """Parse one YAML document.

    Parameters
    ----------
    text
        The content.
    file
        Its name in messages.

    Raises
    ------
    InputError
        On broken YAML (one problem), or on tags, duplicate keys and the like (all of them).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a reused anchor is allowed by YAML
            root = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    except RecursionError:
        raise InputError((_whole(file, "is nested too deeply"),)) from None
    except YAMLError as error:
        raise InputError((_broken(error, text, file),)) from None
    reader = _Reader(file)
    document = Document(None, file, comment=_opening_comment(text))
    if root is None:
        rule, remedy = "is empty", "write at least network, start and horizon_days"
        raise InputError((_whole(file, rule, remedy),))
    document.places, document.keys = reader.places, reader.keys
    document.data = reader.value(root, ())
    if reader.problems:
        raise InputError(tuple(reader.problems))
    return document


def parse_value(text: str) -> object:
    """Parse a single YAML value, such as the right side of ``--set key=value``."""
    return parse_yaml(text, "").data if text.strip() else None


def _broken(error: YAMLError, text: str, file: str) -> Problem:
    line, column = None, None
    what = str(error).splitlines()[0]
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            line, column = mark.line + 1, mark.column + 1
        what = ", ".join(part for part in (error.problem, error.context) if part)
    elif isinstance(error, ReaderError):
        position = error.position if isinstance(error.position, int) else 0
        line = text[:position].count("\n") + 1
        what = "a character that YAML does not allow"
    remedy = "check indentation, colons, brackets and quotes there"
    if line is not None and "\t" in _indent(text, line):
        remedy = "indent with spaces, not tabs"
    where = f"column {column}" if column else ""
    return Problem(where, None, f"is not valid YAML: {what}", remedy, file, line, column)


def _indent(text: str, line: int) -> str:
    content = "".join(text.splitlines()[line - 1 : line])
    return content[: len(content) - len(content.lstrip())]


def _opening_comment(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# yaml-language-server:"):  # a note to editors
            lines.append(line.lstrip("# ").rstrip())
    return " ".join(line for line in lines if line)


class _Reader:
    """Turns composed nodes into plain data and notes where each value stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Location, Place] = {}
        self.keys: dict[Location, Place] = {}
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._count = 0

    def value(self, node: Node, path: Location) -> object:
        """Plain value of a node; problems found on the way are collected."""
        self.places[path] = _place(node)
        self._count += 1
        if self._count > _MAX_VALUES:
            raise InputError((_whole(self.file, "has too many values"),))
        if id(node) in self._open:
            self._wrong(path, None, "must not contain itself")
            return None
        tag = str(node.tag or "").removeprefix(_TAG)
        expected = _KINDS.get(type(node), frozenset())
        if tag not in expected:
            shown = f"!{tag.lstrip('!')}"
            self._wrong(path, None, f"the tag {shown} is not allowed", "remove it")
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self._open.add(id(node))
        try:
            if isinstance(node, MappingNode):
                return dict(self._pairs(node, path))
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        finally:
            self._open.discard(id(node))

    def _pairs(self, node: MappingNode, path: Location) -> Iterator[tuple[str, object]]:
        seen: dict[str, int | None] = {}
        for key_node, value_node in node.value:
            place = _place(key_node)
            if not isinstance(key_node, ScalarNode):
                self._wrong(path, None, "a key must be a single word", place=place)
                continue
            key = str(key_node.value)
            if str(key_node.tag).endswith(":merge"):
                rule, remedy = "merge keys (<<) are not supported", "write the keys out"
                self._wrong((*path, key), None, rule, remedy, place)
            elif key in seen:
                rule = f"duplicate key; first given on line {seen[key]}"
                self._wrong((*path, key), None, rule, "remove one of them", place)
            else:
                seen[key] = place.line
                self.keys[(*path, key)] = place
                yield key, self.value(value_node, (*path, key))

    def _scalar(self, node: ScalarNode, path: Location) -> object:
        tag = str(node.tag).removeprefix(_TAG)
        if tag == "str":
            return str(node.value)
        if tag == "timestamp":
            try:
                return date.fromisoformat(str(node.value))
            except ValueError:
                return str(node.value)
        try:
            return _construct(tag, node)
        except (ValueError, YAMLError):
            self._wrong(path, node.value, f"is not a valid {tag}")
            return None

    def _wrong(
        self, path: Location, value: object, rule: str, remedy: str = "", place: Place | None = None
    ) -> None:
        if place is not None:
            self.keys[path] = place
        document = Document(None, self.file, self.places, self.keys)
        self.problems.append(document.problem(path, value, rule, remedy))


_KINDS: Mapping[type, frozenset[str]] = {
    ScalarNode: frozenset({"str", "int", "float", "bool", "null", "timestamp"}),
    MappingNode: frozenset({"map"}),
    SequenceNode: frozenset({"seq"}),
}
# the reader of scalars belongs to a YAML instance, which knows the version of the language
_CONSTRUCTOR = YAML(typ="safe", pure=True).constructor


def _construct(tag: str, node: ScalarNode) -> object:
    if tag == "null":
        return None
    build = getattr(_CONSTRUCTOR, f"construct_yaml_{tag}")
    built: object = build(node)
    return built


def _place(node: Node) -> Place:
    mark = node.start_mark
    return Place(mark.line + 1, mark.column + 1)


def dump_yaml(data: Mapping[str, object]) -> str:
    """Write plain data as YAML; lists of mappings get one line per mapping.

    Parameters
    ----------
    data
        Mappings, lists, text, numbers, dates.
    """
    writer = YAML(pure=True)
    writer.default_flow_style = False
    writer.width = 4096
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(_styled(data), stream)
    return stream.getvalue()


def _styled(value: object, flow: bool = False) -> object:
    if isinstance(value, Mapping):
        mapping = CommentedMap((key, _styled(item, flow)) for key, item in value.items())
        if flow:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        scalar = all(not isinstance(item, Mapping | list | tuple) for item in value)
        sequence = CommentedSeq(_styled(item, flow=True) for item in value)
        if flow or scalar:
            sequence.fa.set_flow_style()
        return sequence
    return value
