"""What of Keras is private has another way where its name is gone."""

import sys
from typing import Any

import keras
import numpy as np
import pytest

from dryfit import Recorder
from dryfit.lanes.stage import variables_of
from dryfit.recorder.model_journal import ModelJournal
from dryfit_fakes.backend import CompileMetrics, compile_metrics


def test_the_class_of_compiled_metrics_is_found_without_its_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A compiled model has one."""
    monkeypatch.setitem(sys.modules, "keras.src.trainers.compile_utils", None)
    assert compile_metrics() is CompileMetrics


class Synced:
    """A model of which nothing but one way to its values is known."""

    def __init__(self, name: str) -> None:
        self.calls: list[str] = []
        setattr(self, name, lambda: self.calls.append(name))


@pytest.mark.parametrize("name", ["jax_state_sync", "state_sync", "_backend_state_sync"])
def test_a_models_state_is_synced_by_the_name_that_is_there(name: str) -> None:
    """That of today, the one of Keras 3.16, and the one that was announced."""
    model: Any = Synced(name)
    ModelJournal(model).sync()
    assert model.calls == [name]


def test_a_models_state_needs_no_syncing_without_such_a_name() -> None:
    """Its variables have their values then."""
    ModelJournal(Synced("another")).sync()  # type: ignore[arg-type]


@pytest.mark.parametrize(("apart", "calls"), [(True, 1), (False, 3)])
def test_values_that_jax_has_for_itself_stay_there(apart: bool, calls: int) -> None:
    """A look at the model puts none in: what a callback assigns past the model would count then."""
    model: Any = Synced("jax_state_sync")
    model.optimizer, model.stop_training = keras.optimizers.SGD(0.5), False
    journal = ModelJournal(model)
    journal.listen(None)
    assert journal.observe().learning_rate == 0.5  # before any step
    model._jax_state_synced = not apart
    for _ in range(2):
        assert journal.observe().learning_rate == 0.5
    assert len(model.calls) == calls


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="only jax keeps values for itself")
def test_a_recorder_lets_jax_lose_what_it_loses() -> None:
    """The rate that is set past `self.model` in a batch hook is lost, recorded or not."""

    class Past(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self._model.optimizer.learning_rate.assign(0.0)

    def trained(callbacks: list[Any]) -> list[Any]:
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        data = np.ones((8, 1)), np.zeros((8, 1))
        model.fit(*data, batch_size=1, verbose=0, shuffle=False, callbacks=callbacks)
        return [weights.tolist() for weights in model.get_weights()]

    assert trained([Recorder([Past()])]) == trained([Past()])


def test_the_parts_of_a_state_are_variables_of_the_model() -> None:
    """So it can be taken out of them, where Keras has no function for it."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert variables_of(model, "trainable_variables") == model.trainable_variables
    assert variables_of(model, "optimizer_variables") == model.optimizer.variables
    assert variables_of(model, "metrics_variables") == model.metrics_variables
