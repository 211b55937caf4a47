"""Settings that a callback makes on the model: with or without effect, in plain Keras' terms."""

from typing import Any

import keras
import pytest
from careless_with_model import FreezesTooLate

from dryfit.scenario.given_training import GivenTraining
from dryfit.tools.check.battery import CHECKS, result_of
from dryfit.tools.check.check_targets import Wishes, subject_of
from dryfit.tools.check.model_checks import attributes, settings

WEIGHT = keras.Variable(0.5)


class WeighsLoss(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.loss_weights = [0.1]


class RunsEagerly(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.model.run_eagerly = True


class Freezes(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.trainable = False


class AssignsWeight(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        WEIGHT.assign(0.1)


def weighted() -> Any:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", loss_weights=[WEIGHT])
    return model


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (WeighsLoss, "sets model.loss_weights to [0.1] in on_epoch_end of epoch 0"),
        (RunsEagerly, "sets model.run_eagerly from False to True in on_train_begin"),
        (Freezes, "sets model.trainable from True to False in on_epoch_end of epoch 0"),
    ],
)
def test_what_fit_has_made_its_step_of_is_set_in_vain(kind: type, told: str) -> None:
    """Each trains on as before, in plain Keras too; it is one row, and not a second one."""
    subject = subject_of(kind, (), {})
    assert settings(subject).reason == f"{told}, and nothing comes of it"
    assert attributes(subject).reason == "leaves none"


def test_a_loss_weight_that_is_a_variable_is_no_setting() -> None:
    """What the advice says passes."""
    subject = subject_of(AssignsWeight, (), {}, Wishes(GivenTraining(weighted)))
    assert settings(subject).outcome == "passed"
    why = "the learning rate alone is a variable"
    (check,) = (check for check in CHECKS if check.name == "settings with effect")
    advised = result_of(check, subject_of(FreezesTooLate, (), {}))[0]
    assert advised.write.endswith(why)
