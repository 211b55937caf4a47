"""What callbacks do with the model itself is in the real lane what it is in plain Keras."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from plain_witness import PlainWitness, weights_of

from dryfit import Recorder, play

X, Y = np.array([[0.0], [1.0]], np.float32), np.ones((2, 1), np.float32)


class Acts(keras.callbacks.Callback):
    """Does one thing with its model at the end of epoch 1, and keeps what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.made: Any = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.made = self.act()

    def act(self) -> Any:
        raise NotImplementedError


class Clones(Acts):
    def act(self) -> Any:
        clone = keras.models.clone_model(self.model)
        clone.set_weights(self.model.get_weights())
        clone.compile("sgd", "mse")
        history = clone.fit(X, Y, epochs=2, verbose=0).history
        return type(clone), history, weights_of(clone)


class Loads(Acts):
    def act(self) -> Any:
        self.model.save("kept.keras")
        loaded = keras.models.load_model("kept.keras")
        history = loaded.fit(X, Y, epochs=2, verbose=0).history
        return type(loaded), history, weights_of(loaded), int(loaded.optimizer.iterations)


class Fits(Acts):
    def act(self) -> Any:
        inner = PlainWitness()
        history = self.model.fit(X, Y, epochs=2, verbose=0, callbacks=[inner]).history
        return history, inner.seen, self.model.stop_training


class Evaluates(Acts):
    def act(self) -> Any:
        return keras.Model.predict(self.model, X, verbose=0).tolist()


class Compiles(Acts):
    def act(self) -> Any:
        self.model.compile(keras.optimizers.SGD(0.5), "mae", metrics=["mse"])


def _model() -> Any:
    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def _done(how: str, acts: Acts, losses: list[float]) -> Any:
    """Train for three epochs: what was seen, what came of the act, and what ended it."""
    model, witness = _model(), PlainWitness()
    callbacks, error = [witness, acts], None
    try:
        if how == "real":
            metrics = {"loss": losses}
            play(metrics, callbacks, lane="real", model=model, data=(X, Y), batches=1)
        else:
            given = [Recorder(callbacks)] if how == "recorded" else callbacks
            model.fit(X, Y, epochs=3, verbose=0, callbacks=given)
    except Exception as raised:
        error = type(raised), str(raised)
    return witness, (acts.made, error, weights_of(model))


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("how", ["recorded", "real"])
@pytest.mark.parametrize("acts", [Clones, Loads, Fits, Evaluates, Compiles])
def test_what_a_callback_does_with_its_model(acts: type[Acts], how: str) -> None:
    """It comes to the same, and so does the training around it, in every hook."""
    plain, done = _done("plain", acts(), [])
    losses = [logs["loss"] for logs in plain.epochs.values()]
    losses += losses[-1:] * (3 - len(losses))
    witness, found = _done(how, acts(), losses)
    assert found == done
    assert witness.seen == plain.seen
