"""A YAML reader that stops at the first thing too much, before the rest is read.

Only plain data passes: no tags, few aliases, bounded depth and size. libyaml parses. What it
refuses, the same parser in Python reads again: its words are the same on every machine, and it
knows the pairs of surrogates that JSON escapes a character with.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml import SafeLoader, YAMLError
from yaml.composer import ComposerError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from dryfit.scenario.problems import Problem, ScenarioFileError

LIBYAML: type[SafeLoader] | None = getattr(yaml, "CSafeLoader", None)  # a PyYAML may lack it

MAX_DEPTH = 40
MAX_ALIASES = 100
MAX_NODES = 100_000

PLAIN = "tag:yaml.org,2002:plain"  # of a scalar without quotes, which may be a number
TEXT = "tag:yaml.org,2002:str"

# Where a tab may stand, what a byte order mark is, and on which line nothing is behind the last
# `---` of a text, the two parsers see differently.
_READ_IN_PYTHON = re.compile(r"[\t\ufeff]|^---[ ]*\Z", re.MULTILINE)


def compose(text: str, path: Path) -> list[Node]:
    """Read the root node of every document of a text.

    A scalar's tag says whether it is `PLAIN` or `TEXT`; all nodes have marks.

    Args:
        text: YAML.
        path: what problems name as the place.

    Raises:
        YAMLError: it is no YAML.
        ValueError: an escape that stands for no character.
        ScenarioFileError: it is more than plain bounded data.
    """
    if LIBYAML is not None and not _READ_IN_PYTHON.search(text):
        try:
            return list(_Bounded(LIBYAML(text).get_event, path).documents())
        except YAMLError:
            pass  # told by the other
    return list(_Bounded(SafeLoader(text).get_event, path).documents())


class _Bounded:
    """Makes nodes of events, and counts them."""

    def __init__(self, next_event: Callable[[], Any], path: Path) -> None:
        self._next = next_event
        self._path = path
        self._depth = self._aliases = self._count = 0
        self._anchors: dict[str | None, Node] = {}

    def documents(self) -> Iterator[Node]:
        while not isinstance(event := self._next(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                self._anchors.clear()
                self._check_version(event)
                node = self._node()
                assert node is not None
                yield node

    def _check_version(self, event: DocumentStartEvent) -> None:
        if event.version not in (None, (1, 2)):
            written = ".".join(map(str, event.version))
            self._refuse(event, f"%YAML {written}: scenario files are YAML 1.2; leave it out")

    def _node(self) -> Node | None:
        """The next node; ``None`` where the collection that it would stand in ends."""
        event = self._next()
        kind = type(event)
        if kind is AliasEvent:
            return self._aliased(event)
        if not issubclass(kind, NodeEvent):
            self._ended = event.end_mark
            return None
        self._check_node(event)
        if kind is not ScalarEvent:
            return self._collection(
                event, SequenceNode if kind is SequenceStartEvent else MappingNode
            )
        tag = PLAIN if event.implicit[0] else TEXT
        node = ScalarNode(tag, event.value, event.start_mark, event.end_mark, event.style)
        self._anchors[event.anchor] = node
        return node

    def _collection(self, event: Any, kind: type[CollectionNode]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        node = kind("", [], event.start_mark, None, event.flow_style)
        self._anchors[event.anchor] = node
        while (item := self._node()) is not None:
            node.value.append(item if kind is SequenceNode else (item, self._node()))
        node.end_mark = self._ended
        self._depth -= 1
        return node

    def _aliased(self, event: Any) -> Node:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._refuse(event, f"more than {MAX_ALIASES} aliases")
        node = self._anchors.get(event.anchor)
        if node is None:
            told = f"found undefined alias {event.anchor!r}"
            raise ComposerError(None, None, told, event.start_mark)
        if node.end_mark is None:  # it has not ended yet
            self._refuse(node, f"*{event.anchor} is an alias of what it stands in")
        return node

    def _check_node(self, event: Any) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            self._refuse(event, f"more than {MAX_NODES:,} values")
        if event.anchor is not None and event.anchor in self._anchors:
            self._refuse(event, f"the anchor &{event.anchor} is set twice")
        if event.tag not in (None, "!", ""):
            self._refuse(event, f"a tag, {event.tag}; scenario files are plain data, without tags")

    def _refuse(self, at: Any, message: str) -> NoReturn:
        raise ScenarioFileError([Problem(self._path, at.start_mark.line + 1, "", message)])
