"""The text of a scenario file: names on the left, one line a key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dryfit.recording.notation import flow

_WIDE = ("metrics", "batch_logs")  # a line for each metric, and for each epoch of one


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
    lines += [f"  {' '.join(line.split())}" for line in about]
    lines += ["script:", *_keys(script)]
    lines += ["callbacks:" if callbacks else "callbacks: []"]
    for kind, settings in callbacks:
        lines.append(f"  - {kind}: {flow(dict(settings))}" if settings else f"  - {kind}")
    lines += [f"# {line}" for line in comment]
    lines += ["expect:", *_keys(expect)]
    return "\n".join(lines) + "\n"


def _keys(keys: Mapping[str, Any]) -> Iterator[str]:
    for key, value in keys.items():
        if key not in _WIDE:
            yield f"  {key}: {flow(value)}"
        elif value:
            yield f"  {key}:"
            yield from _wide(value)


def _wide(metrics: Mapping[str, Any]) -> Iterator[str]:
    for name, values in metrics.items():
        if isinstance(values, list):
            yield f"    {flow(name)}:"
            yield from (f"      - {flow(value)}" for value in values)
        else:
            yield f"    {flow(name)}: {flow(values)}"
