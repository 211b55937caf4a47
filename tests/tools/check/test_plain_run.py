"""The plain run goes through the real ``fit``, and the fake alone decides nothing."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import keras
import numpy as np
import pytest

from dryfit.check import check_callback
from dryfit.scenario.given_training import USUAL_TRAINING, GivenTraining
from dryfit.tools.check.battery import CHECKS, result_of, results_of
from dryfit.tools.check.check_targets import Wishes, subject_of
from dryfit.tools.check.plain_run import plain_run_of
from dryfit.tools.check.subject import Subject

Callback = keras.callbacks.Callback


def checked(kind: Any, training: GivenTraining = USUAL_TRAINING) -> tuple[Subject, list[str]]:
    subject = subject_of(kind, (), {}, Wishes(training))
    return subject, plain_run_of(subject).remarks


def plain_row(kind: Any) -> tuple[str, str]:
    subject = subject_of(kind, (), {})
    (result,) = (r for r in results_of(subject) if r.name == "plain run")
    return result.outcome, result.reason


class ChecksModel(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not isinstance(self.model, keras.Model):
            raise TypeError


class SkipsOthers(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if isinstance(self.model, keras.Model):
            print("a model")


class Swallows(Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        with suppress(Exception):
            self.name = self.model.optimizer.get_config()["name"]


class Compiles(Callback):  # type: ignore[misc]
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.model.compile("sgd", "mse")


class WantsF1(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.best = min(logs["f1"], logs["val_f1"])


class Exits(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raise SystemExit


class PredictsOwn(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.mean = float(np.mean(self.model.predict_on_batch(np.zeros((4, 8)))))


def of_eight() -> Any:
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_what_needs_nothing_is_played_with_the_fake() -> None:
    """Both lanes agree, and the fake is the quicker one."""
    subject, remarks = checked(keras.callbacks.TerminateOnNaN)
    assert (subject.lane, remarks) == ("fake", [])


@pytest.mark.parametrize(
    ("kind", "remark"),
    [
        (ChecksModel, "with a scripted model it raises TypeError in on_epoch_end of epoch 0"),
        (SkipsOthers, "with a scripted model it does something else"),
        (
            Swallows,
            "a scripted model has no optimizer.get_config, asked for in on_train_begin, line "
            f"{Swallows.on_train_begin.__code__.co_firstlineno + 2} of {__name__}, and the "
            "callback swallows the refusal",
        ),
    ],
)
def test_what_the_fake_is_not_enough_for(kind: type, remark: str) -> None:
    """It goes on in the real lane, and the card says why."""
    subject, remarks = checked(kind)
    assert remarks == [f"{remark}: everything is played through the real fit"]
    assert subject.lane == "real"


def test_what_fails_in_fit_alone_is_a_failed_row() -> None:
    """compile() in a hook ends a fit at the next batch, as in plain Keras."""
    assert plain_row(Compiles) == (
        "failed",
        "fit raises TypeError: 'NoneType' object is not callable in epoch 1, outside of its hooks",
    )


def test_a_callback_that_does_not_get_through_is_one_line() -> None:
    """What was not played is told once, and the card has failed."""
    card = check_callback(Exits)
    assert card.failed == ("plain run",)
    assert card["plain run"].reason == "SystemExit in on_epoch_end of epoch 0"
    assert card["plain run"].write == "self.model.stop_training = True"
    lines = [line for line in card.text().splitlines() if line.startswith("  - ")]
    assert lines == [
        "  - 52 checks                not played: the callback does not get through the plain run"
    ]


def test_a_key_that_logs_have_not_is_reported() -> None:
    """Keys that it asks logs for are played, and the card says which."""
    subject, remarks = checked(WantsF1)
    assert remarks == [
        "asks logs for 'f1': played with a model that reports it",
        "asks logs for 'val_f1': played with a model that reports it",
    ]
    assert subject.curves.demanded == ("f1", "val_f1")
    assert check_callback(WantsF1).failed == ("no validation", "rare validation")


class StopsAtF1(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        score = (logs or {}).get("val_f1")
        if score is not None and score > 0.2:
            self.model.stop_training = True


class AddsItsOwn(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        logs["gap"] = logs.get("gap", 0.0) + logs.get("val_loss", 0.0) - logs.get("loss", 0.0)
        self.rate = logs.get("learning_rate", logs.get("lr"))


def test_a_key_that_it_can_do_without_is_reported() -> None:
    """Else nothing that it does with the value would be played."""
    subject, remarks = checked(StopsAtF1)
    assert remarks == ["asks logs for 'val_f1': played with a model that reports it"]
    assert subject.plain.told.run.stopped_by == "StopsAtF1"
    assert subject.curves.demanded == ()
    assert check_callback(StopsAtF1).failed == ()


def test_keys_of_its_own_are_no_metrics() -> None:
    """Nor are those that other callbacks write."""
    assert checked(AddsItsOwn)[1] == []


def test_metrics_can_be_said() -> None:
    """Then nothing is asked for in vain."""
    subject, remarks = checked(WantsF1, GivenTraining(metrics=["f1"]))
    assert (subject.curves.demanded, remarks) == (("f1", "val_f1"), [])


def test_a_model_can_be_given() -> None:
    """The small network takes no eight numbers, and a model of the callback's kind does.

    A page of the docs plays all checks with a model that is given; here some will do.
    """
    assert plain_row(PredictsOwn)[0] == "failed"
    batch = (np.zeros((2, 8), np.float32), np.zeros((2, 1), np.float32))
    subject, remarks = checked(PredictsOwn, GivenTraining(of_eight, lambda: batch))
    assert remarks == ["played with the model that was given, through the real fit"]
    played = [check for check in CHECKS if check.plays][:8]
    assert {result_of(check, subject)[0].outcome for check in played} == {"passed"}


class LooksLate(Callback):  # type: ignore[misc]
    """Wants a real model where the plain run does not come by."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if np.isinf(logs["loss"]) and not isinstance(self.model, keras.Model):
            raise TypeError


class RaisesLate(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if np.isinf(logs["loss"]):
            raise TypeError


def test_what_a_check_alone_comes_by_is_no_failure_of_the_fake() -> None:
    """The real fit decides there as well, and on a failure both agree."""
    (check,) = (check for check in CHECKS if check.name == "inf first")

    subject = subject_of(LooksLate, (), {})
    result = result_of(check, subject)[0]
    assert (result.outcome, result.remark) == (
        "passed",
        "with a scripted model: TypeError in on_epoch_end of epoch 0; from here on all is played "
        "through the real fit",
    )
    assert subject.lane == "real"

    subject = subject_of(RaisesLate, (), {})
    assert result_of(check, subject)[0].reason == "TypeError in on_epoch_end of epoch 0"
    assert subject.lane == "fake"


class LooksAtMetric(Callback):  # type: ignore[misc]
    """Is told what to look at, and wants it in each epoch."""

    def __init__(self, metrics: Sequence[str] = ("accuracy",)) -> None:
        super().__init__()
        self.metrics = metrics

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.values = [logs[metric] for metric in self.metrics]


def test_a_key_that_it_is_told_to_look_at_may_be_wanted() -> None:
    """A model without it is not the one that it was made for; it stays a word."""
    (check,) = (check for check in CHECKS if check.name == "missing keys")
    result = result_of(check, subject_of(LooksAtMetric, (), {}))[0]
    assert (result.outcome, result.remark) == (
        "passed",
        "KeyError: 'accuracy' in on_epoch_end of epoch 0",
    )


class AddsNowAndThen(Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.best = float("inf")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs["val_loss"] < self.best:
            self.best = logs["best"] = logs["val_loss"]


@pytest.mark.parametrize(
    ("kind", "remark"),
    [
        (
            AddsNowAndThen,
            "adds best in 3 of 6 epochs: History does not say in which, and makes no table",
        ),
        (AddsItsOwn, ""),
    ],
)
def test_a_key_of_some_epochs_is_a_remark(kind: type, remark: str) -> None:
    """History's lists are of different lengths then."""
    (check,) = (check for check in CHECKS if check.name == "shared logs")
    result = result_of(check, subject_of(kind, (), {}))[0]
    assert (result.outcome, result.remark) == ("passed", remark)


class EveryThird(Callback):  # type: ignore[misc]
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch % 3 == 0:
            print(logs["loss"])


class CountsToThree(Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.seen = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen += 1
        if self.seen % 3 == 0:
            print(f"{100 * logs['loss']:.0f} %")


@pytest.mark.parametrize(
    ("kind", "remark"),
    [
        (
            EveryThird,
            "on_train_batch_end looks at batch % 3: "
            "with steps_per_execution=3 batches are 2, 5, 8, …",
        ),
        (CountsToThree, ""),
    ],
)
def test_every_nth_batch_may_be_none(kind: type, remark: str) -> None:
    """It is told and no failure: hooks are called for the last batch of each execution alone."""
    (check,) = (check for check in CHECKS if check.name == "steps_per_execution")
    result = result_of(check, subject_of(kind, (), {}))[0]
    assert (result.outcome, result.remark) == ("passed", remark)
