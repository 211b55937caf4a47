"""What an expectation names, so that it is refused before a play; and weights in batches."""

from pathlib import Path
from typing import Any

import pytest

from dryfit import Script
from dryfit.facts.expect_keys import BY_NAME
from dryfit.facts.final_weights import by_batches
from dryfit.scenario.schema import Expect
from dryfit.scenario.source import parse_documents


def named(text: str, what: str) -> list[tuple[Any, ...]]:
    """What one key of `expect` says that it names."""
    expect = Expect.model_validate(parse_documents(text, Path("a"))[0].data)
    ((name, value),) = expect.given().items()
    return list(getattr(BY_NAME[name], what)(value))


@pytest.mark.parametrize(
    ("text", "epochs"),
    [
        ("epochs: 0 1", [((), 0), ((), 1)]),
        ("stopped: {epoch: 3}", [(("epoch",), 3)]),
        ("stopped: {by: EarlyStopping}", []),
        ("stopped: never", []),
        ("restored: [{by: Mine}, {epoch: 2}]", [((1, "epoch"), 2)]),
        ("reductions: {Mine: 1 2, Other: never}", [(("Mine",), 1), (("Mine",), 2)]),
        ("checkpoints: never", []),
        ("last_hook: on_train_end", []),
    ],
)
def test_epochs_are_named(text: str, epochs: list[tuple[Any, int]]) -> None:
    """Each with its place, which an error points at."""
    assert named(text, "epochs") == epochs


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("learning_rate: 1 2", [()]),
        ("learning_rate: {slow: 1 2, fast: 3}", [("slow",), ("fast",)]),
        ("learning_rate_after: 1 2", [()]),
        ("state: {A.b: 1 2, A.c: [a, b]}", [("A.b",), ("A.c",)]),
        ("logs: {on_train_batch_end: {loss: 1 2 3}}", []),  # those are no epochs
    ],
)
def test_series_by_epoch_are_named(text: str, places: list[Any]) -> None:
    """They must not be longer than the script."""
    assert [place for place, _ in named(text, "series")] == places


@pytest.mark.parametrize(
    ("text", "metrics"),
    [
        ("history: {loss: 1, f1: never}", [(("loss",), "loss"), (("f1",), "f1")]),
        ("logs: {on_epoch_end: {f1: 1}}", [(("on_epoch_end", "f1"), "f1")]),
        ("logs: {on_test_end: {f1: 1}}", []),  # without val_ in front
    ],
)
def test_metrics_are_named(text: str, metrics: list[tuple[Any, str]]) -> None:
    """One that nobody reports is perhaps misspelt."""
    assert named(text, "metrics") == metrics


@pytest.mark.parametrize(
    ("weights", "batches"),
    [
        ("initial", 0),
        ("mixed", None),
        ("{epoch: 2}", 4),
        ("{epoch: 2, batch: 0}", 1),
        ("{epoch: 3, batch: 2}", 7),
        ("{trained_batches: 9}", 9),
        ("{fit: 1, epoch: 2}", None),
        ("{batch: 0}", None),
    ],
)
def test_weights_are_counted_in_batches(weights: str, batches: int | None) -> None:
    """From a fresh model on: four batches an epoch, and epoch 2 is the first."""
    expect = Expect.model_validate(parse_documents(f"weights: {weights}", Path("a"))[0].data)
    script = Script(epochs=4, initial_epoch=2, batches=4, metrics={"loss": "1"})
    assert by_batches(expect.weights, script) == batches


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("epochs_run: 4", {"epochs run": 4}),
        ("epochs: 0 1", {"epochs": [0, 1]}),
        ("stopped: never", {"stopped in epoch": None}),
        ("stopped: {epoch: 3, by: Mine}", {"stopped in epoch": 3}),
        ("stopped: {epoch: 3, batch: 1}", {}),
        ("learning_rate: 1 2", {"learning rate": [1.0, 2.0]}),
        ("learning_rate: 1", {}),  # it does not say for how long
        ("learning_rate_after: 1 2", {"learning rate after": [1.0, 2.0]}),
        (
            "state: {A.b: 1 2, A.c: [a, b], A#2.b: 1, A.b.c: 1}",
            {"state": {"A.b": [1.0, 2.0], "A.c": ["a", "b"]}},
        ),
        (
            "checkpoints: [{epoch: 1, batch: 2, hook: on_epoch_end, by: Mine, path: a}]",
            {"saved": [{"epoch": 1, "batch": 2, "path": "a"}]},
        ),
        ("files: [b, a]", {"file names": ["a", "b"]}),
        (
            "files: {a: {epoch: 1}, b: a text, c: initial, d: mixed}",
            {"file names": ["a", "b", "c", "d"], "files": {"a": 8, "b": "a text", "c": 0}},
        ),
        (
            "indices: {on_train_batch_end: 0 1, on_epoch_end: 0x1}",
            {"indices": {"on_train_batch_end": [0, 1]}},
        ),
        ("warnings: [a, {match: b, times: 2}]", {"warnings": {"b": 2}}),
        ("raises: {type: KeyError, match: lost, epoch: 1}", {"raises": {"KeyError", "lost"}}),
        ("hooks: [on_train_begin]", {}),
    ],
)
def test_what_plain_keras_can_see(text: str, seen: dict[str, Any]) -> None:
    """By the names of a script that knows nothing of dryfit."""
    expect = Expect.model_validate(parse_documents(text, Path("a"))[0].data)
    ((name, value),) = expect.given().items()
    script = Script(epochs=4, batches=4, metrics={"loss": "1"})
    assert dict(BY_NAME[name].plain(value, script)) == seen
