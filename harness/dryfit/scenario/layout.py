"""The text of a scenario file: names on the left, one line a key."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dryfit.facts.notation import flow
from dryfit.facts.visible_text import in_a_line, visible

_WIDE = ("metrics", "batch_logs", "rates")  # a line for each metric, and for each epoch of one


def document(
    name: str,
    about: Iterable[str],
    script: Mapping[str, Any],
    callbacks: Sequence[tuple[str, Mapping[str, Any]]],
    expect: Mapping[str, Any],
    comment: Iterable[str] = (),
) -> str:
    """Write a scenario.

    Args:
        name: what the scenario is called.
        about: lines of text.
        script: the script's keys; what is YAML already is a `Raw`.
        callbacks: names and settings.
        expect: the expectations, likewise.
        comment: lines below an empty list of callbacks.
    """
    lines = [f"name: {flow(name)}", "about: |-"]
    lines += [f"  {in_a_line(line)}" for line in about]
    lines += ["script:", *_keys(script)]
    lines += ["callbacks:" if callbacks else "callbacks: []"]
    for kind, settings in callbacks:
        lines.append(f"  - {kind}: {flow(dict(settings))}" if settings else f"  - {kind}")
    lines += [f"# {visible(line)}".replace("\n", "\n# ") for line in comment]
    lines += ["expect:", *_keys(expect)]
    return "\n".join(lines) + "\n"


def _keys(keys: Mapping[str, Any]) -> Iterator[str]:
    for key, value in keys.items():
        if key not in _WIDE or isinstance(value, str):
            yield f"  {key}: {flow(value)}"
        elif value:
            yield f"  {key}:"
            yield from _wide(value) if isinstance(value, dict) else _items(value, "    ")


def _wide(metrics: Mapping[str, Any]) -> Iterator[str]:
    for name, values in metrics.items():
        if isinstance(values, list) and all(re.fullmatch(r"_(x\d+)?", str(v)) for v in values):
            yield f"    {flow(name)}: {flow(values)}"  # which tells lengths, and no values
        elif isinstance(values, list):
            yield f"    {flow(name)}:"
            yield from _items(values, "      ")
        else:
            yield f"    {flow(name)}: {flow(values)}"


def _items(values: Iterable[Any], indent: str) -> Iterator[str]:
    yield from (f"{indent}- {flow(value)}" for value in values)
