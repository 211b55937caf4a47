"""What of Keras is private has another way where its name is gone."""

import sys
from typing import Any

import keras
import pytest

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


@pytest.mark.parametrize("name", ["jax_state_sync", "_backend_state_sync"])
def test_a_models_state_is_synced_by_the_name_that_is_there(name: str) -> None:
    """That of today, and the one that Keras announces."""
    model: Any = Synced(name)
    ModelJournal(model).sync()
    assert model.calls == [name]


def test_a_models_state_needs_no_syncing_without_such_a_name() -> None:
    """Its variables have their values then."""
    ModelJournal(Synced("another")).sync()  # type: ignore[arg-type]


def test_the_parts_of_a_state_are_variables_of_the_model() -> None:
    """So it can be taken out of them, where Keras has no function for it."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert variables_of(model, "trainable_variables") == model.trainable_variables
    assert variables_of(model, "optimizer_variables") == model.optimizer.variables
    assert variables_of(model, "metrics_variables") == model.metrics_variables
