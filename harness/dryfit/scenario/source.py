"""YAML as it was written: values with the text and the line they come from.

Series are read from the *text* of a scalar, so that ``0x5`` is five zeros, and
every problem has a line. A file is read within bounds, and is plain data.
"""

import codecs
import os
import re
import sys
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from pathlib import Path

from yaml import MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from dryfit.facts.failure import Key
from dryfit.facts.scalar import Scalar, Sourced
from dryfit.facts.yaml_scalars import characters, resolved
from dryfit.scenario.bounded_file import UnreadableFileError, read_bounded
from dryfit.scenario.bounded_parser import MAX_NODES, PLAIN, compose
from dryfit.scenario.naming import SUFFIXES
from dryfit.scenario.problems import Problem, ScenarioFileError

MAX_BYTES = 10_000_000
_LONGEST_NAME = 255  # that a system takes; comparing takes the square of it


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document.

    Attributes:
        data: mappings and lists with a `Scalar` in place of each value.
        lines: where each key stands, from 1.
    """

    data: Sourced
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


# What to do about what YAML says, by a part of its words.
_CUT_OFF = "; it ends in the middle: was it cut off?"
_HINTS = {
    "\\t": "; YAML is indented with spaces",
    "end of stream": _CUT_OFF,
    "stream end": _CUT_OFF,
    "but found '<block mapping start>'": "; the indentation is that of no key above",
    "mapping values are not allowed here": "; quote text that has ': ' in it, and indent a key "
    "as those beside it",
}


def parse_documents(text: str, path: Path) -> list[Document]:
    """Read every YAML document of a text.

    Args:
        text: YAML.
        path: what problems name as the place.

    Raises:
        ScenarioFileError: the text is no YAML, or is more than plain bounded data.
    """
    try:
        nodes = compose(text, path)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        problem = str(error.problem)
        hint = next((hint for words, hint in _HINTS.items() if words in problem), "")
        raise _refused(path, line, f"not YAML: {problem}{hint}") from None
    except YAMLError as error:
        raise _refused(path, 1, f"not YAML: {error}") from None
    except ScenarioFileError:
        raise
    except (ValueError, OverflowError):  # Python's own, of an escape
        raise _refused(path, *_beyond_unicode(text)) from None
    problems: list[Problem] = []
    documents = [_Reader(path, problems).document(node) for node in nodes]
    if problems:
        raise ScenarioFileError(problems)
    return documents


def _refused(path: Path, line: int, message: str, key: str = "") -> ScenarioFileError:
    return ScenarioFileError([Problem(path, line, key, message)])


def _unread(path: Path, message: str) -> ScenarioFileError:
    return ScenarioFileError([Problem(path, 1, "", message, whole=True)])


def _beside(path: Path) -> str:
    """Which file in the folder of one that is not there was perhaps meant."""
    try:
        names = [] if os.path.lexists(path) else os.listdir(path.parent)
    except (OSError, ValueError):
        return ""
    there = {_stem(name): name for name in sorted(names) if name.endswith(SUFFIXES)}
    close = get_close_matches(_stem(path.name)[:_LONGEST_NAME], there, 1)
    return f"; did you mean {str(path.with_name(there[close[0]]))!r}?" if close else ""


def _stem(name: str) -> str:
    """A file's name without what all of them end in, which would make any two alike."""
    return reduce(str.removesuffix, SUFFIXES, name)


# What is given in place of a scenario file, and what was perhaps meant.
_LOG = "is a log, not a scenario file: `dryfit record --from FILE` makes one of it"
_OTHERS = dict.fromkeys((".csv", ".tsv", ".jsonl", ".npy", ".npz", ".parquet"), _LOG)
_OTHERS |= {".py": "is Python, not a scenario file: pytest plays tests"}


def _read(path: Path) -> str:
    if os.path.isdir(path):
        raise _unread(path, "is a directory, not a scenario file")
    if other := _OTHERS.get(path.suffix.lower()):
        raise _unread(path, other)
    try:
        data = read_bounded(path, MAX_BYTES)
    except UnreadableFileError as error:
        raise _unread(path, f"{error}{_beside(path)}") from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _unread(path, "is UTF-16; save it as UTF-8")
    if b"\0" in data:
        raise _refused(
            path, data[: data.index(b"\0")].count(b"\n") + 1, "is a binary file, not text"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _refused(path, line, f"is not UTF-8: byte 0x{data[error.start]:02x}") from None


def _beyond_unicode(text: str) -> tuple[int, str]:
    """The line of an escape that stands for no character, and what to say of it."""
    for found in re.finditer(r"\\U([0-9a-fA-F]{8})", text):
        if int(found[1], 16) > sys.maxunicode:
            return text.count("\n", 0, found.start()) + 1, f"{found[0]} is no character of Unicode"
    return 1, "an escape that is no character of Unicode"


class _Reader:
    """Turns YAML's nodes into a document, and collects what is wrong with keys."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self._path = path
        self._problems = problems
        self._nodes = 0
        self._lines: dict[Key, int] = {}

    def document(self, node: Node) -> Document:
        return Document(self._read(node, ()), self._lines)

    def _read(self, node: Node, key: Key) -> Sourced:
        self._nodes += 1
        line = node.start_mark.line + 1
        self._lines.setdefault(key, line)
        if self._nodes > MAX_NODES:  # aliases of aliases of aliases
            raise _refused(self._path, line, f"more than {MAX_NODES:,} values, aliases unfolded")
        if isinstance(node, ScalarNode):
            return self._scalar(node, key)
        if isinstance(node, SequenceNode):
            return [self._read(item, (*key, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)
        return self._mapping(node, key)

    def _scalar(self, node: ScalarNode, key: Key) -> Scalar:
        try:
            text = characters(node.value)
            value = resolved(text) if node.tag == PLAIN else text
            return Scalar(text, value, quoted=bool(node.style))
        except ValueError as error:
            self._problem(node.start_mark.line + 1, key, str(error))
            return Scalar("", None)

    def _mapping(self, node: MappingNode, key: Key) -> dict[str, Sourced]:
        mapping: dict[str, Sourced] = {}
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            if not isinstance(name_node, ScalarNode):
                self._problem(line, key, "a key must be text")
                continue
            name = self._scalar(name_node, key).text
            path = (*key, name)
            for place, letter in (("begins", name[:1]), ("ends", name[-1:])):
                if not name_node.style and letter in _LIKE_SPACES:
                    self._problem(line, path, f"{place} with {_character(letter)}, {_NO_SPACE}")
            if name in mapping:
                self._problem(line, path, f"written twice; first in line {self._lines[path]}")
            else:
                self._lines[path] = line
                mapping[name] = self._read(value_node, path)
        return mapping

    def _problem(self, line: int, key: Key, message: str) -> None:
        self._problems.append(Problem(self._path, line, dotted(key), message))


# What an editor shows as a space or not at all, and what no key is meant to begin or end with.
_LIKE_SPACES = frozenset("\u00a0\u1680\u202f\u205f\u3000\u200b\u2060\ufeff") | {
    chr(code) for code in range(0x2000, 0x200B)
}
_NO_SPACE = "which YAML takes for a letter; delete it: YAML is indented with spaces"


def _character(character: str) -> str:
    """Name a character that cannot be seen: ``U+00A0 (no-break space)``."""
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'nameless').lower()})"


def dotted(key: Key) -> str:
    """Write a key path: ``callbacks[0].EarlyStopping.patience``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".")
