"""What is said where a run is not as expected, a line for each kind of expectation."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dryfit import play
from dryfit.facts.expect_keys import BY_NAME
from dryfit.judge.mismatches import check
from dryfit.scenario.playing import Played
from dryfit.scenario.schema import Expect
from dryfit.scenario.source import parse_documents
from dryfit_fakes import RaiseAt

CUT = "'Epoch {}: ReduceLROnPlateau reducing learning rate to 0.05000000074505806.'"
CALLBACKS = (
    "LearningRateScheduler, ReduceLROnPlateau, SetLearningRateAt, ModelCheckpoint, "
    "EarlyStopping, EarlyStopping#2"
)


def expectation(text: str) -> Any:
    """What a file has below `expect`."""
    return Expect.model_validate(parse_documents(text, Path("a"))[0].data)


@pytest.mark.parametrize(
    "text",
    [
        "epochs_run: 4",
        "epochs: 0 1 2 3",
        "stopped: {by: EarlyStopping}",
        "weights: {trained_batches: 4}",
        "restored: [{to: {epoch: 1}}]",
        "learning_rate: .1",
        "learning_rate_after: .1 .08 .05...",
        "reductions: {ReduceLROnPlateau: 2 3, EarlyStopping: never}",
        "reductions: [{new: .08}, {old: .1}, {hook: on_epoch_end}]",
        "unused: [{epoch: 2}, {epoch: 3}]",
        "state: {EarlyStopping.wait: 0x2 1 2, EarlyStopping.mode: [auto, auto, auto, auto]}",
        "checkpoints: [{batch: 0}, {path: 3.weights.h5}]",
        "files: [3.weights.h5, 2.weights.h5]",
        "files: {2.weights.h5: {epoch: 1}, 3.weights.h5: {batch: 1}}",
        "history: {val_loss: .9 .5 .6x2, accuracy: never}",
        "logs: {on_train_end: {loss: 1}, on_nap: {loss: never}}",
        "indices: {on_epoch_end: 0 1 2 3, on_nap: never}",
        "last_hook: on_train_end",
        "prints: [Epoch 3, Epoch 4]",
        "prints: [Epoch 4, {match: reducing, times: 2}]",
        "warnings: [f1, f1, f1, f1]",
    ],
)
def test_what_is_as_expected(played: Played, text: str) -> None:
    """Nothing is said."""
    assert check(expectation(text), played).failures == ()


@pytest.mark.parametrize(
    ("text", "what", "epoch", "expected", "got"),
    [
        ("epochs_run: 3", "epochs_run", None, "3", "4"),
        ("epochs: 0 1 2", "epochs[3]", None, "no more", "3"),
        ("stopped: never", "stopped", 3, "never", "epoch 3, by EarlyStopping, new True"),
        ("stopped: {batch: 0}", "stopped.batch", 3, "0", "None"),
        ("weights: initial", "weights", None, "initial", "the weights of epoch 1, batch 1"),
        (
            "weights: {epoch: 2, batch: 1}",
            "weights",
            None,
            "epoch 2, batch 1",
            "the weights of epoch 1, batch 1",
        ),
        (
            "restored: never",
            "restored",
            3,
            "never",
            "epoch 3, by EarlyStopping, to the weights of epoch 1, batch 1",
        ),
        ("overrides: [{}, {epoch: 0}]", "overrides[1]", 0, "epoch 0", "did not happen"),
        ("overrides: [{undoes: Mine}]", "overrides[0].undoes", 3, "Mine", "ReduceLROnPlateau"),
        (
            "checkpoints: [{epoch: 1}]",
            "checkpoints",
            2,
            "no more",
            "epoch 2, batch 1, by ModelCheckpoint, path 3.weights.h5, "
            "to the weights of epoch 2, batch 1",
        ),
        (
            "reductions: {ReduceLROnPlateau: 2}",
            "reductions.ReduceLROnPlateau",
            None,
            "epochs [2]",
            "epochs [2, 3]",
        ),
        (
            "unused: {Nobody: never}",
            "unused.Nobody",
            None,
            "epochs []",
            f"no such callback; there are {CALLBACKS}",
        ),
        ("learning_rate: .1x3 .2", "learning_rate", 3, "0.2", "0.1"),
        (
            "learning_rate_after: .1x2",
            "learning_rate_after",
            None,
            "2 values: 0.1 0.1",
            "4 values: 0.1 0.08 0.05 0.05",
        ),
        ("state: {EarlyStopping.wait: 0x3 2}", "state.EarlyStopping.wait", 2, "0", "1"),
        (
            "state: {EarlyStopping.waits: 0}",
            "state.EarlyStopping.waits",
            None,
            "a value",
            "no such attribute with plain values; did you mean 'EarlyStopping.wait'?",
        ),
        (
            "state: {EarlyStoping.wait: 0}",
            "state.EarlyStoping.wait",
            None,
            "a value",
            f"no such callback; did you mean 'EarlyStopping'?; there are {CALLBACKS}",
        ),
        (
            "state: {wait: 0}",
            "state.wait",
            None,
            "a value",
            "no attribute of a callback; write Callback.attribute",
        ),
        (
            "stopped: {by: MyStop}",
            "stopped.by",
            3,
            "MyStop",
            f"EarlyStopping; no such callback; there are {CALLBACKS}",
        ),
        ("raises: {}", "raises", None, "any", "no exception"),
        (
            "history: {accuracy: 1}",
            "history.accuracy",
            None,
            "values",
            "not in it; there are learning_rate, loss, val_loss",
        ),
        ("history: {val_loss: .9 .5 .6 .7}", "history.val_loss", 3, "0.7", "0.6"),
        ("logs: {on_test_end: {loss: .9 _ .6x2}}", "logs.on_test_end.loss", 1, "_", "0.5"),
        ("files: [2.weights.h5]", "files", None, "2.weights.h5", "2.weights.h5, 3.weights.h5"),
        (
            "files: {2.weights.h5: {epoch: 0}, 3.weights.h5: {epoch: 2}}",
            "files.2.weights.h5",
            None,
            "epoch 0",
            "the weights of epoch 1, batch 0",
        ),
        (
            "files: {2.weights.h5: {epoch: 1}, 3.weights.h5: a text}",
            "files.3.weights.h5",
            None,
            "a text",
            "the weights of epoch 2, batch 1",
        ),
        ("indices: {on_epoch_end: 0 1 3}", "indices.on_epoch_end[2]", None, "3", "2"),
        ("last_hook: on_epoch_end", "last_hook", None, "on_epoch_end", "on_train_end"),
        (
            "hooks: [on_train_begin, on_epoch_begin 1]",
            "hooks[1]",
            None,
            "on_epoch_begin 1",
            "on_epoch_begin 0",
        ),
        ("prints: [Epoch 4, Epoch 3]", "prints[1]", None, "'Epoch 3'", "nothing more"),
        ("prints: [Epoch 3, Epoch 3]", "prints[1]", None, "'Epoch 3'", f"''; {CUT.format(4)}"),
        ("prints: never", "prints", None, "never", "4: ''"),  # Keras begins with an empty line
        ("warnings: [{match: f1, times: 3}]", "warnings[0]", None, "'f1' 3 times", "4 times"),
        ("raises: {type: ValueError}", "raises", None, "type ValueError", "no exception"),
    ],
)
def test_what_is_not_as_expected(
    played: Played, text: str, what: str, epoch: int | None, expected: str, got: str
) -> None:
    """One thing is, and this is said of it."""
    (failure,) = check(expectation(text), played).failures
    assert (failure.what, failure.epoch, failure.expected, failure.got) == (
        what,
        epoch,
        expected,
        got,
    )


@pytest.mark.parametrize(
    ("text", "failures"),
    [
        ("files: {log.txt: a line}", []),  # white space at the end does not count
        ("files: {log.txt: another line}", [("files.log.txt", "another line", "a line\n")]),
        ("files: {log.txt: {epoch: 1}}", [("files.log.txt", "epoch 1", "a line\n")]),
    ],
)
def test_a_file_of_text_is_compared_with_its_text(
    played: Played, text: str, failures: list[tuple[str, str, str]]
) -> None:
    """And has nobody's weights."""
    found = check(expectation(text), replace(played, files={"log.txt": "a line\n"})).failures
    assert [(failure.what, failure.expected, failure.got) for failure in found] == failures


@pytest.fixture
def lost(played: Played) -> Played:
    """A call out of which a KeyError comes, in the second epoch."""
    with pytest.raises(KeyError) as caught:
        play({"loss": "1x3"}, [RaiseAt(epoch=1, raises=KeyError("lost"))])
    run = caught.value.run  # type: ignore[attr-defined]
    return replace(played, run=run, error=caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "raises: {type: KeyError}",
        "raises: {type: LookupError}",  # as `except` takes it
        "raises: {match: os, at: hook, epoch: 1, by: RaiseAt}",
    ],
)
def test_an_exception_as_expected(lost: Played, text: str) -> None:
    """By its class or one that it is derived from, by a part of its text, and by its place."""
    assert check(expectation(text), lost).failures == ()


@pytest.mark.parametrize(
    ("text", "what", "expected", "got"),
    [
        ("raises: {type: ValueError}", "raises.type", "ValueError", "KeyError"),
        ("raises: {match: found}", "raises.match", "found", "lost"),
        ("raises: {at: construction}", "raises.at", "construction", "hook"),
        ("raises: {epoch: 0}", "raises.epoch", "0", "1"),
        ("raises: {batch: 0}", "raises.batch", "0", "None"),
        (
            "raises: {by: Nobody}",
            "raises.by",
            "Nobody",
            "RaiseAt; no such callback; there are RaiseAt",
        ),
        ("epochs_run: 1", "raises", "no exception", "KeyError: lost by RaiseAt in on_epoch_end"),
    ],
)
def test_an_exception_that_is_not_as_expected(
    lost: Played, text: str, what: str, expected: str, got: str
) -> None:
    """Also one that nothing names."""
    (failure, *_) = check(expectation(text), lost).failures
    assert (failure.what, failure.epoch, failure.expected, failure.got) == (what, 1, expected, got)


def test_what_is_told_of_an_exception(lost: Played) -> None:
    """To a file, to a documentation, to a page and to releases."""
    fact, run = BY_NAME["raises"], lost.run
    assert run is not None
    assert fact.write(lost, None, exact=False) == "{type: KeyError, epoch: 1, by: RaiseAt}"
    assert fact.decided(run) == {"type": "KeyError", "match": "'lost'", "epoch": 1}
    assert dict(fact.summary(run)) == {"exception": "KeyError: 'lost'"}
    assert dict(fact.texts(lost, [])) == {"raises": "KeyError, epoch 1, by RaiseAt"}
