"""YAML as it was written: values with the text and the line they come from.

Series are read from the *text* of a scalar, so that ``0x5`` is five zeros, and
every problem has a line. Only plain data is read: no tags, few aliases, bounded
depth and size.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from dryfit.scenario.problems import Problem, ScenarioFileError

MAX_BYTES = 10_000_000
MAX_DEPTH = 40
MAX_ALIASES = 100
MAX_NODES = 100_000

_CORE = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value with its source.

    Attributes:
        text: as written, without quotes.
        value: what YAML 1.2 reads it as.
    """

    text: str
    value: Any


Key: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document.

    Attributes:
        data: mappings and lists with a `Scalar` in place of each value.
        lines: where each key stands, from 1.
    """

    data: Any
    lines: dict[Key, int]

    def line(self, key: Key) -> int:
        """The line of a key, or of the nearest one above it that is written."""
        while key not in self.lines:
            key = key[:-1]
        return self.lines[key]


def read_documents(path: Path) -> list[Document]:
    """Read every YAML document of a file.

    Raises:
        ScenarioFileError: the file cannot be read, is no YAML, or is more than
            plain bounded data.
    """
    documents = parse_documents(_read(path), path)
    if not documents:
        raise _refused(path, 1, "the file is empty; a scenario has name, script and expect")
    return documents


def parse_documents(text: str, path: Path) -> list[Document]:
    """Read every YAML document of a text.

    Args:
        text: YAML.
        path: what problems name as the place.

    Raises:
        ScenarioFileError: the text is no YAML, or is more than plain bounded data.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        _check_events(path, yaml.parse(text))
        nodes = [node for node in yaml.compose_all(text) if node is not None]
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        problem = str(error.problem)
        hint = "; YAML is indented with spaces" if "\\t" in problem else ""
        if "end of stream" in problem or "stream end" in problem:
            hint = "; it ends in the middle: was it cut off?"
        raise _refused(path, line, f"not YAML: {problem}{hint}") from None
    except YAMLError as error:
        raise _refused(path, 1, f"not YAML: {error}") from None
    problems: list[Problem] = []
    documents = [_Reader(path, problems).document(node) for node in nodes]
    if problems:
        raise ScenarioFileError(problems)
    return documents


def plain(data: Any) -> Any:
    """The value without its source."""
    if isinstance(data, Scalar):
        return data.value
    if isinstance(data, list):
        return [plain(item) for item in data]
    if isinstance(data, dict):
        return {key: plain(item) for key, item in data.items()}
    return data


def _refused(path: Path, line: int, message: str, key: str = "") -> ScenarioFileError:
    return ScenarioFileError([Problem(path, line, key, message)])


def _read(path: Path) -> str:
    if path.is_dir():
        raise _refused(path, 1, "is a directory, not a scenario file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path, 1, f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise _refused(
            path, 1, f"has {len(data):,} bytes; a scenario file has {MAX_BYTES:,} at most"
        )
    if b"\0" in data:
        raise _refused(
            path, data[: data.index(b"\0")].count(b"\n") + 1, "is a binary file, not text"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _refused(path, line, f"is not UTF-8: byte 0x{data[error.start]:02x}") from None


def _check_events(path: Path, events: Iterator[Any]) -> None:
    depth = aliases = 0
    anchors: set[str] = set()
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            anchors.clear()
        elif isinstance(event, NodeEvent) and not isinstance(event, AliasEvent) and event.anchor:
            if event.anchor in anchors:
                raise _refused(path, line, f"the anchor &{event.anchor} is set twice")
            anchors.add(event.anchor)
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        elif isinstance(event, AliasEvent):
            aliases += 1
        if depth > MAX_DEPTH:
            raise _refused(path, line, f"nested deeper than {MAX_DEPTH} levels")
        if aliases > MAX_ALIASES:
            raise _refused(path, line, f"more than {MAX_ALIASES} aliases")
        tag = getattr(event, "tag", None)
        if isinstance(event, NodeEvent) and tag is not None and str(tag) not in ("!", ""):
            raise _refused(path, line, f"a tag, {tag}; scenario files are plain data, without tags")


class _Reader:
    """Turns YAML's nodes into a document, and collects what is wrong with keys."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self._path = path
        self._problems = problems
        self._nodes = 0
        self._lines: dict[Key, int] = {}

    def document(self, node: Node) -> Document:
        return Document(self._read(node, ()), self._lines)

    def _read(self, node: Node, key: Key) -> Any:
        self._nodes += 1
        line = node.start_mark.line + 1
        self._lines.setdefault(key, line)
        if self._nodes > MAX_NODES:  # aliases of aliases of aliases
            raise _refused(self._path, line, f"more than {MAX_NODES:,} values, aliases unfolded")
        if isinstance(node, ScalarNode):
            return Scalar(node.value, _resolved(node))
        if isinstance(node, SequenceNode):
            return [self._read(item, (*key, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)
        return self._mapping(node, key)

    def _mapping(self, node: MappingNode, key: Key) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            path = (*key, str(name_node.value))
            if not isinstance(name_node, ScalarNode):
                self._problem(line, key, "a key must be text")
            elif name_node.value in mapping:
                self._problem(line, path, f"written twice; first in line {self._lines[path]}")
            else:
                self._lines[path] = line
                mapping[name_node.value] = self._read(value_node, path)
        return mapping

    def _problem(self, line: int, key: Key, message: str) -> None:
        self._problems.append(Problem(self._path, line, dotted(key), message))


def dotted(key: Key) -> str:
    """Write a key path: ``callbacks[0].EarlyStopping.patience``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".")


def _resolved(node: ScalarNode) -> Any:
    """Read a scalar as YAML 1.2's core schema does."""
    text = str(node.value)
    match str(node.tag).removeprefix(_CORE):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" | "float" if "_" in text:  # YAML 1.1's digit groups are text in 1.2
            return text
        case "int":
            return int(text, 0 if text.lstrip("+-")[:2] in ("0x", "0o") else 10)
        case "float":
            number = text.lower()
            if number.endswith(("inf", "nan")):
                return math.nan if "nan" in number else float(number.replace(".", ""))
            return float(number)
        case _:
            return text
