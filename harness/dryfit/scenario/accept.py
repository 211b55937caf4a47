"""Writing what happened into ``expect``, as text edits of the places that are asked for.

Nothing else of the file changes: comments, order and layout stay.
"""

from collections.abc import Iterator, Sequence

from yaml import YAMLError
from yaml.nodes import MappingNode, Node

from dryfit.facts.expect_keys import BY_NAME
from dryfit.facts.failure import Key
from dryfit.scenario.bounded_parser import compose
from dryfit.scenario.playing import Played
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.schema import SETTINGS

DEFAULT = ("epochs_run", "stopped", "weights", "learning_rate")


def accept(text: str, scenario: Scenario, played: Sequence[Played], only: Sequence[str]) -> str:
    """Write what happened into a scenario's expectations.

    Args:
        text: the whole file.
        played: what came of the scenario's calls.
        only: the keys to write; by default those that are there, and where there
            are none `DEFAULT`.

    Returns:
        The whole file, changed.
    """
    for call in reversed(played):  # from the end, so that earlier places stay where they are
        if call.run is None:
            continue
        expect = call.call.expect
        written = [] if expect is None else list(expect.given())
        asked = list(only) or written
        names = [name for name in asked if name not in SETTINGS] or list(DEFAULT)
        exact = expect is not None and expect.tolerance == "exact"
        values = {
            name: BY_NAME[name].write(call, getattr(expect, name, None), exact) for name in names
        }
        values["accepted"] = "true"
        try:
            text = _write(text, scenario, call.call.at, values)
        except (YAMLError, ValueError):  # an edit before this broke it, as who reads it back says
            return text
    return text


def _write(text: str, scenario: Scenario, at: Key, values: dict[str, str]) -> str:
    """Put values into the mapping at a key, as edits of the text."""
    root = _root(text, scenario)
    node = _find(root, at)
    if node is None:
        owner = _find(root, at[:-1])
        assert isinstance(owner, MappingNode)
        return _added(text, owner, {"expect": _flow_text(values)})
    edits = []
    for name, child in _children(node):
        if name in values:
            edits.append((child.start_mark.index, _end(text, child), values.pop(name)))
    text = _edited(text, edits)
    if values:
        mapping = _find(_root(text, scenario), at)
        assert isinstance(mapping, MappingNode)
        text = _added(text, mapping, values)
    return text


def _root(text: str, scenario: Scenario) -> Node:
    """The document of a scenario, whose place does not change: edits are below it."""
    at = scenario.document.line(())
    return next(n for n in compose(text, scenario.file) if n.start_mark.line + 1 == at)


def _flow_text(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in values.items()) + "}"


def _find(node: Node, key: Key) -> Node | None:
    for part in key:
        if isinstance(part, int):
            node = node.value[part]
            continue
        found = dict(_children(node)).get(part)
        if found is None:
            return None
        node = found
    return node


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    for name, child in node.value:
        yield str(name.value), child


def _end(text: str, node: Node) -> int:
    """Where a node's own text ends: a block's mark is at what follows it."""
    end: int = node.end_mark.index
    start: int = node.start_mark.index
    return start + len(text[start:end].rstrip())


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, value in sorted(edits, reverse=True):
        text = text[:start] + value + text[end:]
    return text


def _added(text: str, mapping: MappingNode, values: dict[str, str]) -> str:
    """Add keys at the end of a mapping, in its own style."""
    end = _end(text, mapping)
    if mapping.flow_style:
        inside = text[mapping.start_mark.index + 1 : end - 1].strip()
        more = _flow_text(values)[1:-1]
        return text[: end - 1] + (", " if inside else "") + more + text[end - 1 :]
    indent = " " * mapping.start_mark.column
    newline = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")
    lines = "".join(f"{newline}{indent}{name}: {value}" for name, value in values.items())
    return text[:end] + lines + text[end:]
