"""What a fake is asked for in vain is heard, whoever swallows the error."""

from contextlib import suppress
from typing import Any

import keras
import numpy as np

from dryfit import play
from dryfit_fakes.optimizer import ScalarVariable
from dryfit_fakes.refusals import Refusal, refusals


class Swallows(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        with suppress(AttributeError):
            self.model.optimizer.lr = 0.1
        with suppress(AttributeError):
            print(self.model.optimizer.get_config())
        if hasattr(self.model, "optimizers"):
            print(self.model.optimizers)
        with suppress(NotImplementedError):
            self.model.predict(np.zeros((2, 1)))


def test_each_is_heard_with_who_asked() -> None:
    """Setting, reading and probing are told apart; the place is the callback's own function."""
    with refusals() as heard:
        play({"loss": "1x1"}, [Swallows()])
    first = Swallows.on_epoch_end.__code__.co_firstlineno
    names = Swallows.on_epoch_end.__code__.co_names
    place = (__name__, "on_epoch_end")
    assert heard == [
        Refusal("ScriptedOptimizer", "lr", "sets", *place, first + 2, names),
        Refusal("ScriptedOptimizer", "get_config", "reads", *place, first + 4, names),
        Refusal("ScriptedModel", "optimizers", "probes", *place, first + 5, names),
        Refusal("ScriptedModel", "predict", "reads", *place, first + 8, names),
    ]


def test_nobody_listens_outside() -> None:
    """What is refused before and behind is not heard."""
    play({"loss": "1x1"}, [Swallows()])
    with refusals() as heard:
        pass
    play({"loss": "1x1"}, [Swallows()])
    assert heard == []


def test_a_variable_tells_its_dtype_as_keras_does() -> None:
    """A text: what wants its ``.name`` fails as it fails with a real variable."""
    real, ours = keras.Variable(1.0, dtype="float32"), ScalarVariable(1.0, "float32", "rate")
    assert (type(ours.dtype), ours.dtype) == (type(real.dtype), real.dtype)
