"""Writing what happened into ``expect``, as text edits of the places that are asked for.

Nothing else of the file changes: comments, order and layout stay.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from dryfit.run import Run, hook_line
from dryfit.scenario.load import Scenario
from dryfit.scenario.playing import Played
from dryfit.scenario.schema import Expect
from dryfit.scenario.source import Key
from dryfit_fakes.weights import INITIAL, MIXED, Weights

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
        written = [] if expect is None else [n for n in expect.given() if n != "accepted"]
        names = list(only) or written or list(DEFAULT)
        values = {name: told(name, call.run, expect, call) for name in names}
        values["accepted"] = "true"
        text = _write(text, scenario, call.call.at, values)
    return text


def told(name: str, run: Run, expect: Expect | None, played: Played) -> str:
    """Say in the format's words what a run did."""
    tell: Callable[..., str] | None = globals().get(f"_tell_{name}")
    if tell is not None:
        return tell(run, expect, played)
    return str(getattr(run, name))


def series(values: Iterable[Any]) -> str:
    """Write values in the notation of series."""
    shown = [shortest(value) for value in values]
    runs = [(text, len(list(group))) for text, group in groupby(shown)]
    tokens = [text if count == 1 else f"{text}x{count}" for text, count in runs]
    return f"{tokens[0]}x1" if tokens == shown and len(tokens) == 1 else " ".join(tokens)


def shortest(value: Any) -> str:
    """Write a number as shortly as the comparison allows; None is ``_``."""
    if value is None:
        return "_"
    if not isinstance(value, float):
        return str(int(value)) if isinstance(value, bool) else str(value)
    if not math.isfinite(value):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if math.isclose(float(text), value, rel_tol=5e-7):
            return text
    return repr(value)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    text = str(value)
    plain = re.fullmatch(r"[\w.+/-][\w.+/ -]*", text) is not None
    return text if plain else json.dumps(text, ensure_ascii=False)


def _of(weights: Weights | None) -> Any:
    if weights is None or weights == MIXED:
        return "mixed"
    if weights == INITIAL:
        return "initial"
    fit = {"fit": weights.fit} if weights.fit else {}
    return {**fit, "epoch": weights.epoch, "batch": weights.batch}


def _by_callback(changes: Iterable[Any]) -> Any:
    found: dict[str, list[Any]] = {}
    for change in changes:
        found.setdefault(str(change.by), []).append(change.epoch)
    return {by: series(epochs) for by, epochs in found.items()} or "never"


def _tell_epochs(run: Run, *_: Any) -> str:
    return series(run.epochs) if run.epochs else "[]"


def _tell_stopped(run: Run, *_: Any) -> str:
    stop = run.stopped
    if stop is None:
        return "never"
    batch = {} if stop.batch is None else {"batch": stop.batch}
    return _flow({"epoch": stop.epoch, **batch, "by": stop.by})


def _tell_weights(run: Run, *_: Any) -> str:
    return _flow(_of(run.weights))


def _tell_restored(run: Run, *_: Any) -> str:
    return _flow(
        [{"epoch": r.epoch, "by": r.by, "hook": r.hook, "to": _of(r.to)} for r in run.restored]
    )


def _tell_learning_rate(run: Run, *_: Any) -> str:
    return series(run.learning_rate)


def _tell_learning_rate_after(run: Run, *_: Any) -> str:
    return series(run.learning_rate_after)


def _tell_reductions(run: Run, *_: Any) -> str:
    return _flow(_by_callback(run.reductions))


def _tell_unused(run: Run, *_: Any) -> str:
    return _flow(_by_callback(run.unused))


def _tell_overrides(run: Run, *_: Any) -> str:
    return _flow([{"epoch": o.epoch, "by": o.by, "undoes": o.undoes} for o in run.overrides])


def _tell_state(run: Run, expect: Expect | None, _: Any) -> str:
    named = list((expect.state or {}) if expect is not None else {})
    changing = [name for name, values in run.state.items() if len({repr(v) for v in values}) > 1]
    found = {}
    for name in named or changing:
        values = run.state.get(name, [])
        numbers = all(v is None or isinstance(v, int | float) for v in values)
        found[name] = series(values) if numbers else list(values)
    return _flow(found)


def _tell_checkpoints(run: Run, *_: Any) -> str:
    return _flow([{"epoch": c.epoch, "by": c.by, "path": c.path} for c in run.checkpoints])


def _tell_slept(run: Run, *_: Any) -> str:
    return _flow([{"epoch": s.epoch, "by": s.by, "seconds": s.seconds} for s in run.slept])


def _tell_files(_: Any, __: Any, played: Played) -> str:
    files = played.files
    if all(isinstance(content, Weights) for content in files.values()):
        return _flow({path: _of(content) for path, content in files.items()})  # type: ignore[arg-type]
    return _flow(list(files))


def _tell_history(run: Run, *_: Any) -> str:
    return _flow({name: series(values) for name, values in run.history.items()})


def _tell_logs(run: Run, expect: Expect | None, _: Any) -> str:
    named = (expect.logs if expect is not None else None) or {"on_epoch_end": {}}
    found: dict[str, Any] = {}
    for hook, keys in named.items():
        hooks = [event for event in run.hooks if event.name == hook]
        wanted = list(keys) or sorted({key for event in hooks for key in event.logs})
        found[hook] = {key: series(event.logs.get(key) for event in hooks) for key in wanted}
    return _flow(found)


def _tell_hooks(run: Run, *_: Any) -> str:
    return _flow([hook_line(hook) for hook in run.hooks])


def _tell_indices(run: Run, expect: Expect | None, _: Any) -> str:
    named = (expect.indices if expect is not None else None) or {"on_train_batch_end": []}
    found = {}
    for hook in named:
        events = [event for event in run.hooks if event.name == hook]
        indices = [event.epoch if event.batch is None else event.batch for event in events]
        found[hook] = series(indices) if indices else []
    return _flow(found)


def _tell_last_hook(run: Run, *_: Any) -> str:
    return run.hooks[-1].name


def _tell_warnings(run: Run, *_: Any) -> str:
    return _flow([warning.message for warning in run.warnings] or "never")


def _tell_prints(run: Run, *_: Any) -> str:
    return _flow([line.text for line in run.prints if line.text.strip()] or "never")


def _tell_raises(run: Run, _: Any, played: Played) -> str:
    raised = run.raised
    if raised is None:
        return _flow({"type": type(played.error).__name__, "at": "construction"})
    place = {"epoch": raised.epoch, "batch": raised.batch, "by": raised.by}
    return _flow({"type": raised.type, **{k: v for k, v in place.items() if v is not None}})


def _write(text: str, scenario: Scenario, at: Key, values: dict[str, str]) -> str:
    """Put values into the mapping at a key, as edits of the text."""
    nodes = [node for node in YAML(typ="safe", pure=True).compose_all(text) if node is not None]
    root = next(n for n in nodes if n.start_mark.line + 1 == scenario.document.line(()))
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
        again = [n for n in YAML(typ="safe", pure=True).compose_all(text) if n is not None]
        root = next(n for n in again if n.start_mark.line + 1 == scenario.document.line(()))
        mapping = _find(root, at)
        assert isinstance(mapping, MappingNode)
        text = _added(text, mapping, values)
    return text


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
    lines = "".join(f"\n{indent}{name}: {value}" for name, value in values.items())
    return text[:end] + lines + text[end:]
