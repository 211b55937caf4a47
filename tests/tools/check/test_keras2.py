"""What Keras 3 does not have any more is told with what to write; what asks first is let be."""

from contextlib import suppress
from typing import Any

import keras
import numpy as np
import pytest

from dryfit.check import check_callback
from dryfit.tools.check.check_targets import subject_of
from dryfit.tools.check.plain_run import plain_run_of

Callback = keras.callbacks.Callback


class SetsRate(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.lr = 0.1


class ReadsRate(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.rate = float(self.model.optimizer.lr)


class ReadsRateInVain(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        with suppress(AttributeError):
            self.rate = float(self.model.optimizer.lr)


class SetsValue(Callback):  # type: ignore[misc]
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        from keras._tf_keras.keras import backend

        backend.set_value(self.model.optimizer.learning_rate, 0.1)


class GetsValue(Callback):  # type: ignore[misc]
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        print(keras.backend.get_value(self.model.optimizer.learning_rate))


class GetsValueOfOps(Callback):  # type: ignore[misc]
    """Took what `from keras import backend as K` was for `keras.ops`."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        print(keras.ops.get_value(self.model.optimizer.learning_rate))


class ReadsValidationData(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        print(len(self.validation_data))


class ReadsMetrics(Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        print(self.params["metrics"])


class GetsMetrics(Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.names = self.params.get("metrics")


class AssignsModel(Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.model = self.model


class ReadsRateInLogs(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        print(logs["lr"])


class FitsGenerator(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.predict_generator([])


# What is told, and whether plain Keras 3 raises where it is used (measured with 3.15.1).
FOUND: list[tuple[type, str, str, bool]] = [
    (SetsRate, "optimizer.lr", "self.model.optimizer.learning_rate", False),
    (ReadsRate, "optimizer.lr", "self.model.optimizer.learning_rate", True),
    (ReadsRateInVain, "optimizer.lr", "self.model.optimizer.learning_rate", False),
    (SetsValue, "tf.keras.backend.set_value", "variable.assign(value)", True),
    (
        GetsValue,
        "keras.backend.get_value",
        "float(variable), or keras.ops.convert_to_numpy(variable)",
        True,
    ),
    (
        GetsValueOfOps,
        "keras.ops.get_value",
        "float(variable), or keras.ops.convert_to_numpy(variable)",
        True,
    ),
    (
        ReadsValidationData,
        "self.validation_data",
        "data that is handed to the callback's constructor",
        True,
    ),
    (
        ReadsMetrics,
        "params['metrics']",
        "the keys of logs, or self.model.metrics_names",
        True,
    ),
    (GetsMetrics, "params['metrics']", "the keys of logs, or self.model.metrics_names", False),
    (AssignsModel, "self.model =", "self.set_model(model), or a name of its own", True),
    (ReadsRateInLogs, "logs['lr']", "float(self.model.optimizer.learning_rate)", True),
    (FitsGenerator, "model.predict_generator", "model.predict", True),
]


@pytest.mark.parametrize(("kind", "what", "write", "raises"), FOUND, ids=lambda value: str(value))
def test_it_is_found(kind: type, what: str, write: str, raises: bool) -> None:
    """One line says what is left over and what to write, whether Keras raises or not."""
    subject = subject_of(kind, (), {})
    plain = plain_run_of(subject)
    told = [(one.what.partition(" (")[0], one.write) for one in plain.leftovers(kind)]
    assert told == [(what, write)]
    assert _raises_in_plain_keras(kind) == raises


def _raises_in_plain_keras(kind: type) -> bool:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    data = np.zeros((2, 1), np.float32)
    try:
        model.fit(data, data, epochs=2, verbose=0, callbacks=[kind()])
    except (AttributeError, KeyError):
        return True
    return False


class AsksFirst(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        optimizer = self.model.optimizer
        self.rate = optimizer.lr if hasattr(optimizer, "lr") else optimizer.learning_rate


class GoesOnWithout(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        try:
            self.rate = float(self.model.optimizer.lr)
        except AttributeError:
            self.rate = float(self.model.optimizer.learning_rate)


class HasAnother(Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.names = self.params.get("metrics") or []


@pytest.mark.parametrize("kind", [AsksFirst, GoesOnWithout, HasAnother])
def test_what_knows_both_is_let_be(kind: type) -> None:
    """Code for Keras 2 and 3 has nothing left over."""
    assert plain_run_of(subject_of(kind, (), {})).leftovers(kind) == []


class InsistsOnRate(Callback):  # type: ignore[misc]
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if not hasattr(self.model.optimizer, "lr"):
            raise ValueError('Optimizer must have a "lr" attribute.')


def test_what_asks_first_and_goes_no_further_is_found() -> None:
    """The exception is the callback's own, and the name that it wants is Keras 2's."""
    plain = plain_run_of(subject_of(InsistsOnRate, (), {}))
    (found,) = plain.leftovers(InsistsOnRate)
    assert found.what.startswith("optimizer.lr (read in on_epoch_begin")
    assert found.write == "self.model.optimizer.learning_rate"


class TakesModel(Callback):  # type: ignore[misc]
    def __init__(self, model: Any = None) -> None:
        super().__init__()
        self.model = model


def test_a_constructor_for_keras_2_has_a_card() -> None:
    """Keras 3 has a property there: the target is one, and cannot be made."""
    card = check_callback(TakesModel)
    assert card.failed == ("plain run", "left over from Keras 2")
    assert card["plain run"].reason == (
        "AttributeError: property 'model' of 'TakesModel' object has no setter in its constructor"
    )
    assert card["left over from Keras 2"].reason == "uses self.model ="
    (reason,) = {r.reason for r in card.results if r.outcome == "not_applicable"}
    assert reason == "not played: the callback cannot be made"
