"""What a script for plain Keras can see of what a scenario expects."""

from collections.abc import Callable, Iterator
from typing import Any

from dryfit.scenario.schema import Expect, MatchKeys
from dryfit_fakes.script import Script
from dryfit_fakes.series import Series

Facts = dict[str, Any]

# What plain Keras does not tell: who did it, and what happened within a hook.
_UNSEEN = ("by", "hook")


def facts(expect: Expect, script: Script, fresh: bool) -> Facts:
    """The part of an expectation that shows from outside.

    Args:
        fresh: whether the model was new; else its weights have a history that a count
            of batches does not tell.
    """
    given = expect.given()
    found: Facts = {}
    for name in given:
        if name in _FACTS:
            found |= dict(_FACTS[name](given[name], script))
    if fresh and (batches := _trained(given.get("weights"), script)) is not None:
        found["batches in the final weights"] = batches
    broken: Any = script.interrupt
    found.setdefault("raises", None if broken is None else {broken.raises.__name__})
    return found


def _series(name: str) -> Callable[[Any, Script], Iterator[tuple[str, Any]]]:
    def of(series: Series, script: Script) -> Iterator[tuple[str, Any]]:
        if not series.open:
            yield name, list(series.values)

    return of


def _stopped(stop: Any, script: Script) -> Iterator[tuple[str, Any]]:
    if stop == "never":
        yield "stopped in epoch", None
    elif stop.epoch is not None and stop.batch is None:
        yield "stopped in epoch", stop.epoch


def _state(series: dict[str, Any], script: Script) -> Iterator[tuple[str, Any]]:
    plain = {name: s for name, s in series.items() if "#" not in name and name.count(".") == 1}
    values = {n: s if isinstance(s, list) else list(s.values) for n, s in plain.items()}
    if values:
        yield "state", values


def _checkpoints(saves: list[Any], script: Script) -> Iterator[tuple[str, Any]]:
    # A save at an epoch's end has no batch here, and the last one in plain Keras.
    named = [save.given().items() for save in saves]
    yield "saved", [{k: v for k, v in save if k not in _UNSEEN} for save in named]


def _files(files: Any, script: Script) -> Iterator[tuple[str, Any]]:
    yield "file names", sorted(files)
    if isinstance(files, dict):
        contents = {
            path: content if isinstance(content, str) else _trained(content, script)
            for path, content in files.items()
        }
        yield "files", {path: content for path, content in contents.items() if content is not None}


def _warnings(texts: list[Any], script: Script) -> Iterator[tuple[str, Any]]:
    # That there are none cannot be told: backends have warnings of their own.
    if counted := {text.match: text.times for text in texts if isinstance(text, MatchKeys)}:
        yield "warnings", counted


def _raises(error: Any, script: Script) -> Iterator[tuple[str, Any]]:
    yield "raises", {part for part in (error.type, error.match) if part is not None}


def _indices(indices: dict[str, list[int]], script: Script) -> Iterator[tuple[str, Any]]:
    seen = {n: v for n, v in indices.items() if n in ("on_train_batch_begin", "on_train_batch_end")}
    if seen:
        yield "indices", seen


def _trained(weights: Any, script: Script) -> int | None:
    """How many batches trained some weights, from the first of a fresh model on."""
    if weights is None or weights == "mixed":
        return None
    if weights == "initial":
        return 0
    if weights.trained_batches is not None:
        return int(weights.trained_batches)
    if weights.epoch is None or weights.fit:
        return None
    batch = script.batches - 1 if weights.batch is None else weights.batch
    return int((weights.epoch - script.initial_epoch) * script.batches + batch + 1)


_FACTS: dict[str, Callable[[Any, Script], Iterator[tuple[str, Any]]]] = {
    "epochs_run": lambda count, script: iter([("epochs run", count)]),
    "epochs": lambda epochs, script: iter([("epochs", list(epochs))]),
    "stopped": _stopped,
    "learning_rate": _series("learning rate"),
    "learning_rate_after": _series("learning rate after"),
    "state": _state,
    "checkpoints": _checkpoints,
    "files": _files,
    "warnings": _warnings,
    "raises": _raises,
    "indices": _indices,
}
