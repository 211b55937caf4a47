"""When the end of data is warned of, which Keras decides anew in 3.16.

From 3.16 on it is the caller who says how much there is (keras/src/trainers/epoch_iterator.py,
catch_stop_iteration: ``if self.steps_per_epoch``).
"""

import warnings
from typing import Any

import keras
import pytest

from dryfit import Script, ScriptedModel
from dryfit_fakes import data

pytestmark = pytest.mark.skipif(keras.backend.backend() == "torch", reason="torch never warns")


class EndsTheData(keras.callbacks.Callback):
    """Raises what data that is at its end does, in every first batch."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        raise StopIteration

    on_test_batch_end = on_train_batch_end


def warned(call: str, **steps: int) -> list[str]:
    """What a call warns of in which a callback ends the data."""
    metrics = {"loss": "1", "val_loss": "1"}
    model = ScriptedModel(Script(metrics=metrics, epochs=1, batches=2, val_batches=2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        getattr(model, call)(verbose=0, callbacks=[EndsTheData()], **steps)
    return [str(warning.message).partition(";")[0] for warning in caught]


@pytest.mark.parametrize(
    ("call", "steps", "times"),
    [
        ("fit", {}, 0),
        ("fit", {"steps_per_epoch": 2}, 1),
        ("fit", {"steps_per_epoch": 2, "validation_steps": 2}, 2),
        ("evaluate", {}, 0),
        ("evaluate", {"steps": 2}, 1),
    ],
)
def test_the_end_is_warned_of_where_the_caller_said_how_much_there_is(
    call: str, steps: dict[str, int], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 3.16 on; until 3.15 it is always."""
    always = 2 if call == "fit" else 1
    for every, expected in ((False, times), (True, always)):
        monkeypatch.setattr(data, "EVERY_END_OF_DATA_IS_WARNED_OF", every)
        assert warned(call, **steps) == ["Your input ran out of data"] * expected
