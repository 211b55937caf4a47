"""Any compiled model of a user's plays in the real lane."""

import copy
import pickle
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau

from dryfit import Recorder, Run, play
from dryfit.lanes.networks import tutorial_network
from dryfit_fakes.weights import Weights

CURVE = {"loss": 1, "val_loss": ".9 .5 .6x4"}
KEYS: dict[str, Any] = {"batches": 3, "learning_rate": 0.1}


@keras.saving.register_keras_serializable()
class Subclassed(keras.Model):
    """Has names of its own that dryfit's journal has too."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3)
        self.script = self.fits = self.tick = "mine"

    def call(self, x: Any) -> Any:
        return self.dense(x)

    def advance(self) -> str:
        return "mine"


def compiled(model: Any, optimizer: str = "adam", **settings: Any) -> Any:
    model.compile(optimizer, **settings)
    return model


def several_inputs_by_name() -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((None, 6), name="b")
    joined = layers.Concatenate()([a, layers.GlobalAveragePooling1D()(b)])
    hidden = layers.BatchNormalization()(joined)
    classes = layers.Dense(3, activation="softmax", name="classes")(hidden)
    outputs = {"classes": classes, "size": layers.Dense(2, name="size")(hidden)}
    model = keras.Model({"a": a, "b": b}, outputs)
    return compiled(model, loss={"classes": "sparse_categorical_crossentropy", "size": "mse"})


def several_inputs_in_order() -> Any:
    inputs = [keras.Input((4,)), keras.Input((3,))]
    joined = layers.Concatenate()(inputs)
    model = keras.Model(inputs, [layers.Dense(3)(joined), layers.Dense(2)(joined)])
    return compiled(model, "rmsprop", loss=["mse", "mae"])


def words() -> Any:
    stack = [keras.Input((5,), dtype="int32"), layers.Embedding(10, 4), layers.LSTM(3)]
    model = keras.Sequential([*stack, layers.Dense(1, activation="sigmoid")])
    return compiled(model, loss="binary_crossentropy", metrics=["accuracy"])


MODELS: dict[str, Callable[[], Any]] = {
    "several inputs by name": several_inputs_by_name,
    "several inputs in order": several_inputs_in_order,
    "words": words,
    "the tutorial's": tutorial_network,
    "run eagerly": lambda: tutorial_network(run_eagerly=True),
    "compiled by XLA": lambda: tutorial_network(jit_compile=True),
}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def callbacks() -> list[Any]:
    return [
        EarlyStopping(patience=2, restore_best_weights=True),
        ReduceLROnPlateau(patience=1, factor=0.5),
        ModelCheckpoint("best.keras", save_best_only=True),
    ]


def in_the_fake_lane(after: Run | None = None) -> Run:
    return play(CURVE, callbacks(), after=after, **KEYS)


@pytest.mark.parametrize("name", MODELS)
def test_a_users_model_gives_the_same_timeline(name: str) -> None:
    """It stops, restores, cuts and saves as the script says; a second fit goes on with it."""
    model = MODELS[name]()
    run = play(CURVE, callbacks(), lane="real", model=model, **KEYS)
    assert run.timeline == in_the_fake_lane().timeline
    again = play(CURVE, callbacks(), lane="real", after=run, **KEYS)
    assert again.timeline == in_the_fake_lane(after=in_the_fake_lane()).timeline


def test_a_model_that_tells_no_shapes_takes_a_batch() -> None:
    """A subclassed model plays with data=(x, y), and its own names stay its own."""
    model = compiled(Subclassed(), "sgd", loss="mse")
    data = (np.ones((2, 4)), np.ones((2, 3)))
    run = play(CURVE, callbacks(), lane="real", model=model, data=data, **KEYS)
    assert run.timeline == in_the_fake_lane().timeline
    assert (model.script, model.fits, model.tick, model.advance()) == ("mine",) * 4


def test_training_is_real() -> None:
    """Weights move, the optimizer counts its steps, and the best epoch's come back."""
    model = tutorial_network()
    kept: list[Any] = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.append([w.copy() for w in model.get_weights()])
    )
    play(CURVE, [keep, *callbacks()], lane="real", model=model, batches=3, learning_rate=0.001)
    kernels = [weights[1] for weights in kept]
    assert all((a != b).any() for a, b in pairwise(kernels))
    assert int(model.optimizer.iterations) == 12
    assert (model.get_weights()[1] == kernels[1]).all()


def test_the_model_is_the_same_object_of_its_own_class() -> None:
    """Callbacks meet the user's model; afterwards it is what it was, and reports itself."""
    model = tutorial_network()
    model.steps_per_execution = 2
    seen: list[Any] = []
    look = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: seen.append(look.model))
    play(CURVE, [look], lane="real", model=model, **KEYS)
    assert seen == [model]
    assert (type(model), model.steps_per_execution) == (keras.Sequential, 2)
    x, y = np.zeros((4, 28, 28), np.float32), np.zeros(4, np.int32)
    assert set(model.evaluate(x, y, verbose=0, return_dict=True)) == {"loss", "accuracy"}


def test_files_load_without_dryfit() -> None:
    """A saved model is of its own class, with the weights that it had."""
    model = words()
    play(CURVE, callbacks(), lane="real", model=model, **KEYS)
    loaded = keras.models.load_model("best.keras")
    assert type(loaded) is keras.Sequential
    same = zip(loaded.get_weights(), model.get_weights(), strict=True)
    assert all((a == b).all() for a, b in same)


def test_weights_that_did_not_change_are_those_that_were_read() -> None:
    """At a rate of 0 all epochs have the same weights; the best epoch's are put back."""
    keys: dict[str, Any] = {**KEYS, "learning_rate": 0.0}
    stopping = EarlyStopping(patience=2, restore_best_weights=True)
    model = compiled(keras.Sequential([keras.Input((1,)), layers.Dense(1)]), "sgd", loss="mse")
    assert play(CURVE, [stopping], lane="real", model=model, **keys).weights_epoch == 1


@pytest.mark.parametrize(
    ("model", "data", "message"),
    [
        (lambda: "a model", None, "the real lane trains a keras.Model, not 'a model'"),
        (
            lambda: keras.Sequential([keras.Input((1,))]),
            None,
            "model= takes a compiled model; call Sequential.compile(...) first",
        ),
        (
            lambda: compiled(Subclassed(), loss="mse"),
            None,
            "Subclassed does not tell the shapes of its inputs and outputs; give the real lane "
            "one batch to train it with, data=(x, y)",
        ),
        (tutorial_network, 3, "data= is one batch (x, y) of arrays, not 3"),
    ],
    ids=["no model", "not compiled", "no shapes", "no batch"],
)
def test_what_cannot_be_trained_is_refused(model: Any, data: Any, message: str) -> None:
    """With what to do about it."""
    with pytest.raises((TypeError, ValueError)) as caught:
        play(CURVE, [], lane="real", model=model(), data=data)
    assert str(caught.value) == message


def test_data_is_for_a_model_in_the_real_lane() -> None:
    """Anywhere else it would be ignored."""
    with pytest.raises(TypeError, match="data= is a batch for the real lane to train model= with"):
        play(CURVE, [], data=(1, 2))


def test_a_recorder_in_anyones_fit_knows_whose_weights_they_are() -> None:
    """A plain training: saved, put back and kept by epoch, and the model is of its class again."""
    x, y = np.ones((8, 4), np.float32), np.ones((8, 3), np.float32)
    model = compiled(keras.Sequential([keras.Input((4,)), layers.Dense(3)]), "sgd", loss="mse")
    # mode="max" makes every epoch after the first a bad one.
    stopping = EarlyStopping(monitor="loss", mode="max", patience=2, restore_best_weights=True)
    saving = ModelCheckpoint("{epoch}.weights.h5", save_weights_only=True)
    recorder = Recorder([stopping, saving])
    model.fit(x, y, batch_size=2, epochs=9, verbose=0, callbacks=[recorder])
    run = recorder.run
    assert (run.epochs_run, run.stopped_epoch, run.weights_epoch) == (3, 2, 0)
    assert [(r.by, r.to.epoch) for r in run.restored] == [("EarlyStopping", 0)]
    assert [(c.path, c.to.epoch, c.to.trained_batches) for c in run.checkpoints] == [
        ("1.weights.h5", 0, 4),
        ("2.weights.h5", 1, 8),
        ("3.weights.h5", 2, 12),
    ]
    assert type(model) is keras.Sequential


def test_a_recorder_lets_go_of_a_model_whose_callback_fails() -> None:
    """Else the class that hears of calls would stay on a user's model."""
    x = np.ones((4, 1), np.float32)
    model = compiled(keras.Sequential([keras.Input((1,)), layers.Dense(1)]), "sgd", loss="mse")
    failing = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        model.fit(x, x, epochs=2, verbose=0, callbacks=[Recorder([failing])])
    assert type(model) is keras.Sequential


@keras.saving.register_keras_serializable("tests")
class Registered(keras.Model):
    def __init__(self, **keys: Any) -> None:
        super().__init__(**keys)
        self.out = layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.out(x)


WAYS_TO_COPY: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "deepcopy": copy.deepcopy,
    "from_config": lambda model: type(model).from_config(model.get_config()),
    "json": lambda model: keras.models.model_from_json(model.to_json()),
    "save_model": lambda model: [
        keras.saving.save_model(model, "model.keras"),
        keras.saving.load_model("model.keras"),
    ][1],
}


@pytest.mark.parametrize("way", WAYS_TO_COPY)
def test_a_callback_copies_a_model_that_is_recorded(way: str) -> None:
    """As it does without a recorder: the model's class is its own, also while hooks are called."""
    x = np.ones((4, 1), np.float32)
    model = compiled(Registered(), "sgd", loss="mse")
    copies: list[Any] = []
    copying = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: copies.append(WAYS_TO_COPY[way](copying.model))
    )
    model.fit(x, x, verbose=0, callbacks=[Recorder([copying])])
    assert [type(made) for made in copies] == [Registered]


@pytest.mark.parametrize("way", ["pickle", "deepcopy", "from_config", "json"])
def test_a_callback_copies_a_model_that_plays(way: str) -> None:
    """In the real lane a copy is of the model's own class, and trains by itself."""
    x = np.ones((4, 1), np.float32)
    copies: list[Any] = []
    copying = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: copies.append(WAYS_TO_COPY[way](copying.model))
    )
    model = compiled(Registered(), "sgd", loss="mse")
    play({"loss": "1x1"}, [copying], lane="real", model=model, data=(x, x))
    (made,) = copies
    assert type(made) is Registered
    made.compile("sgd", "mse")
    assert made.fit(x, x, verbose=0).history["loss"]


def test_a_training_that_fails_outside_of_its_recorder_leaves_nothing_on_the_model() -> None:
    """Data, steps and callbacks beside the recorder may fail; the next fit is recorded rightly."""
    x = np.ones((4, 1), np.float32)
    model = compiled(keras.Sequential([keras.Input((1,)), layers.Dense(1)]), "sgd", loss="mse")
    attributes = set(vars(model))
    failing = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        model.fit(x, x, epochs=2, verbose=0, callbacks=[Recorder([]), failing])
    assert (type(model), {"save", "get_weights"} & set(vars(model))) == (keras.Sequential, set())
    assert not {name for name in set(vars(model)) - attributes if "dryfit" in name}
    recorder = Recorder([])
    model.fit(x, x, batch_size=1, epochs=2, verbose=0, callbacks=[recorder])
    assert recorder.run.weights == Weights(fit=0, epoch=1, batch=3, trained_batches=8)


def test_each_of_two_recorders_hears_its_own_callbacks() -> None:
    """Both in one fit: neither takes the other's notes."""
    x = np.ones((4, 1), np.float32)
    model = compiled(keras.Sequential([keras.Input((1,)), layers.Dense(1)]), "sgd", loss="mse")
    saving = [ModelCheckpoint(f"{name}.weights.h5", save_weights_only=True) for name in "ab"]
    recorders = [Recorder([callback]) for callback in saving]
    model.fit(x, x, verbose=0, callbacks=recorders)
    paths = [[c.path for c in recorder.run.checkpoints] for recorder in recorders]
    assert paths == [["a.weights.h5"], ["b.weights.h5"]]
