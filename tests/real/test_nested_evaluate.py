"""What an evaluation inside of a training leaves in the running means: as in plain Keras."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from keras_here import keras
from plain_keras import TableModel, Tracer, data

from dryfit import Script, play
from dryfit_fakes import EvaluateAt

LANES = ("fake", "real")


@pytest.mark.parametrize("lane", LANES)
def test_evaluate_in_a_batch_hook_spoils_the_running_mean_as_in_keras(lane: str) -> None:
    """Keras keeps one loss tracker for both: 1 2.5 5 8.67, not 1 2.5 4.67 7.5 (keras#12959)."""
    model, reference, tracer = TableModel([1.0, 4.0, 9.0, 16.0], [1.0]), Tracer(), Tracer()
    in_hook = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: (
            model.evaluate(data(1), verbose=0) if batch == 1 else None
        )
    )
    model.fit(data(4), verbose=0, shuffle=False, callbacks=[in_hook, reference])
    at_batch_1 = EvaluateAt(batch=1)
    script = Script(
        batches=4,
        metrics={"val_loss": "1x1"},
        batch_metrics={"loss": ["1 4 9 16"]},
    )
    play(script, [at_batch_1, tracer], lane=lane)
    assert _losses(tracer) == _losses(reference) == [1.0, 2.5, 5.0, 8.666666984558105]


TRAINED, OWN, OTHER = [4.0, 2.0, 3.0, 7.0], [1.0, 4.0, 8.0, 16.0], [7.0] * 4


def ends_around_a_nested_evaluate(
    hook: str, play_it: Callable[[list[Any]], Any], model: Callable[[Any], Any]
) -> list[Any]:
    """The hooks at ends, where a callback's hook evaluates once, at batch 1."""
    tracer = Tracer()
    evaluates = keras.callbacks.LambdaCallback()
    seen = []

    def evaluate(batch: int, logs: Any = None) -> None:
        if batch == 1 and not seen:
            seen.append(model(evaluates).evaluate(data(4), verbose=0))

    setattr(evaluates, hook, evaluate)
    play_it([tracer, evaluates])
    assert seen == [7.0]
    return [call for call in tracer.calls if "batch_end" in call[0] or "_end" in call[0]]


@cache
def nested_in_plain_keras(hook: str, steps: int) -> list[Any]:
    asked = [*OWN[:2], *OTHER, *OWN[2:]] if hook == "on_test_batch_end" else [*OTHER, *OWN]
    table = TableModel(TRAINED, asked, steps_per_execution=steps)
    return ends_around_a_nested_evaluate(
        hook,
        lambda callbacks: table.fit(
            data(4), validation_data=data(4), shuffle=False, verbose=0, callbacks=callbacks
        ),
        lambda callback: table,
    )


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("steps_per_execution", [1, 2])
@pytest.mark.parametrize("hook", ["on_test_batch_end", "on_train_batch_end"])
def test_what_a_nested_evaluate_was_told_stays_in_the_running_means(
    hook: str, steps_per_execution: int, lane: str
) -> None:
    """Keras resets its trackers for it, and goes on with what it left: also of a script's function.

    By hand, one step an execution, behind batch 1 of 1 4 8 16: 7 7 7 7, then 36 / 5 and 52 / 6.
    """
    batches = {"batches": 4, "val_batches": 4, "evaluate": lambda x, epoch: 7.0}
    rows = {"loss": ["4 2 3 7"], "val_loss": ["1 4 8 16"]}
    script = Script(**batches, batch_metrics=rows, steps_per_execution=steps_per_execution)
    ours = ends_around_a_nested_evaluate(
        hook, lambda callbacks: play(script, callbacks, lane=lane), lambda callback: callback.model
    )
    assert ours == nested_in_plain_keras(hook, steps_per_execution)
    if (hook, steps_per_execution) == ("on_test_batch_end", 1):
        ends = [call[2]["loss"] for call in ours if call[0] == "on_test_batch_end"]
        assert ends == pytest.approx([1, 2.5, 36 / 5, 52 / 6])


def _losses(tracer: Tracer) -> list[float]:
    return [call[2]["loss"] for call in tracer.calls if call[0] == "on_train_batch_end"]
