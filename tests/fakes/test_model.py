"""ScriptedModel: what it answers, what it refuses, and its files."""

from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from dryfit import Script, ScriptedModel, play
from dryfit_fakes import NotOfferedError
from dryfit_fakes.journal import journal_of
from dryfit_fakes.model import FakeModel
from dryfit_fakes.weights import INITIAL, MIXED, Weights

SCRIPT = Script(metrics={"loss": "3 2 1", "val_loss": "5 4 3"}, batches=2)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def fitted(script: Script = SCRIPT) -> ScriptedModel:
    model = ScriptedModel(script)
    model.fit(verbose=0)
    return model


def whose(model: ScriptedModel) -> Weights:
    return journal_of(model).weights_identity


def keras_model() -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(optimizer=keras.optimizers.Adam(0.25), loss="mse")
    return model


def test_fit_is_keras_call() -> None:
    """The data is ignored, and Keras' History comes back."""
    history = ScriptedModel(SCRIPT).fit(
        np.zeros((7, 2)), np.zeros(7), batch_size=4, epochs=3, verbose=0
    )
    assert isinstance(history, keras.callbacks.History)
    assert history.history == {"loss": [3, 2, 1], "val_loss": [5, 4, 3]}
    assert history.epoch == [0, 1, 2]
    assert history.params == {"verbose": 0, "epochs": 3, "steps": 2}


@pytest.mark.parametrize(
    ("argument", "value", "scripted"),
    [
        ("epochs", 4, 3),
        ("initial_epoch", 1, 0),
        ("steps_per_epoch", 3, 2),
        ("validation_steps", 2, 1),
        ("validation_freq", 2, 1),
    ],
)
def test_a_number_that_contradicts_the_script_is_refused(
    argument: str, value: int, scripted: int
) -> None:
    """The error names the argument, what it says and what the script says."""
    message = (
        f"fit got {argument}={value}, and the script says {scripted}. "
        f"Leave {argument} out, or change the script."
    )
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        ScriptedModel(SCRIPT).fit(verbose=0, **{argument: value})
    assert str(caught.value) == message


def test_evaluate_names_itself() -> None:
    """Not fit, which has no such argument."""
    with pytest.raises(ValueError, match="evaluate got steps=2, and the script says 1"):
        ScriptedModel(SCRIPT).evaluate(steps=2)


def test_a_missing_attribute_is_named_with_the_way_on() -> None:
    """Strict: no attribute is made up, and the recorder adds who asked."""

    class Asks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.get_layer("dense")

    with pytest.raises(NotOfferedError) as caught:
        play(SCRIPT, [Asks()])
    assert str(caught.value) == (
        "ScriptedModel has no attribute 'get_layer'.\n"
        "It offers what a script can answer for: built, compiled, count_params, evaluate, fit, "
        "get_weights, load_weights, metrics, name, optimizer, predict, reset_metrics, save, "
        "save_weights, set_weights, summary, test_on_batch, test_step, train_on_batch, "
        "train_step.\n"
        "To go on: lend it a real model, ScriptedModel(script, model=keras_model) or "
        "play(script, callbacks, model=keras_model), or play it in the real lane (lane='real')."
    )
    assert caught.value.__notes__ == ["asked for by Asks.on_epoch_end, epoch 0"]


def test_what_it_offers_a_real_model_has() -> None:
    """A callback finds no name on the fake that would fail on a keras.Model, but the script's."""
    trained = keras_model()
    trained.fit(np.zeros((1, 3)), np.zeros((1, 2)), verbose=0)
    trained.evaluate(np.zeros((1, 3)), np.zeros((1, 2)), verbose=0)
    trained.predict(np.zeros((1, 3)), verbose=0)
    fake = FakeModel(SCRIPT)
    fake.fit(verbose=0)
    assert _public(fake) - _public(trained) == set()
    assert _public(fake.optimizer) - _public(trained.optimizer) == set()
    rate, real = fake.optimizer.learning_rate, trained.optimizer.learning_rate
    assert _public(rate) - _public(real) == set()
    assert _public(fitted()) - _public(trained) == {"run", "runs", "script"}


def _public(thing: Any) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


@pytest.mark.parametrize("name", ["layers", "weights", "trainable_variables", "metrics_names"])
def test_what_a_real_model_does_not_take_it_does_not_take(name: str) -> None:
    """Both refuse with an AttributeError; in Python's words where Keras has none of its own."""
    fake = ScriptedModel(SCRIPT)
    for model in (keras_model(), fake):
        with pytest.raises(AttributeError):
            setattr(model, name, [])
    with pytest.raises(AttributeError, match="property 'weights' of 'ScriptedModel' object has no"):
        fake.weights = []


def test_what_it_cannot_follow_is_refused_when_it_is_set() -> None:
    """A real model takes trainable and trains less; an attribute of nobody's is taken by both."""
    fake = ScriptedModel(SCRIPT)
    with pytest.raises(NotOfferedError, match="ScriptedModel has no attribute 'trainable'"):
        fake.trainable = False
    for model in (keras_model(), fake):
        model.no_such_thing = 1
        assert model.no_such_thing == 1


def test_a_misspelt_attribute_gets_a_suggestion() -> None:
    """stop_trainning is a typo with a name close by."""
    with pytest.raises(NotOfferedError, match="Did you mean 'set_weights'"):
        ScriptedModel(SCRIPT).set_weight  # noqa: B018


def test_training_moves_the_weights() -> None:
    """The last batch of the last epoch trained them."""
    assert whose(ScriptedModel(SCRIPT)) == INITIAL
    assert whose(fitted()) == Weights(fit=0, epoch=2, batch=1, trained_batches=6)


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_zeroed_weights_are_nobodys(lane: str) -> None:
    """They are not taken for the initial ones."""

    class Zero(keras.callbacks.Callback):
        def on_train_end(self, logs: Any = None) -> None:
            self.model.set_weights([array * 0 for array in self.model.get_weights()])

    assert play(SCRIPT, [Zero()], lane=lane).weights_epoch is None


def test_every_call_has_a_run() -> None:
    """An evaluation does not replace the fit's run; before any call there is none."""
    model = ScriptedModel(SCRIPT)
    with pytest.raises(RuntimeError, match="no run yet: call fit, evaluate or predict first"):
        model.run  # noqa: B018
    model.fit(verbose=0)
    model.evaluate(verbose=0)
    assert [run.epochs_run for run in model.runs] == [3, 0]


def test_set_weights_refuses_what_keras_refuses() -> None:
    """A wrong number of arrays, and wrong shapes."""
    model = fitted()
    with pytest.raises(ValueError, match="a list of 1 arrays, but the scripted model has 2"):
        model.set_weights([np.zeros(1)])
    with pytest.raises(ValueError, match=r"shape \(4, 3\) cannot take shape \(1,\)"):
        model.set_weights([np.zeros(1), np.zeros(4)])


def test_an_average_of_weights_is_nobodys() -> None:
    """Weights that were averaged are mixed, and the next batch trains them anew."""
    model = fitted()
    first, last = ScriptedModel(SCRIPT).get_weights(), model.get_weights()
    model.set_weights([(a + b) / 2 for a, b in zip(last, first, strict=True)])
    assert whose(model) == MIXED
    model.fit(verbose=0)
    assert whose(model) == Weights(fit=1, epoch=2, batch=1, trained_batches=12)


@pytest.mark.parametrize("path", ["m.keras", "m.h5", "m.weights.h5"])
def test_files_bring_the_identity_back(path: str) -> None:
    """A file on disk holds whose weights it has, across models."""
    model = fitted()
    (model.save_weights if path == "m.weights.h5" else model.save)(path)
    fresh = ScriptedModel(SCRIPT)
    fresh.load_weights(path)
    assert whose(fresh) == whose(model)
    assert h5py.is_hdf5(path)


@pytest.mark.parametrize("path", ["m.keras", "m.h5", "m.weights.h5"])
def test_files_bring_the_optimizer_back_as_keras_files_do(path: str) -> None:
    """`.weights.h5` and `.keras` give rate and iterations back, `.h5` neither.

    Source: ``load_weights`` in ``keras/src/saving/saving_api.py`` (3.15.1), which reads an
    ``.h5`` without its optimizer; and Keras beside it.
    """
    found = []
    for make in (lambda: ScriptedModel(SCRIPT), keras_model):
        model, fresh = make(), make()
        for one in (model, fresh):
            one.optimizer.learning_rate = 0.125
        if isinstance(model, keras.Model):
            for one in (model, fresh):
                one.optimizer.build(one.trainable_variables)
        model.optimizer.learning_rate = 0.5
        model.optimizer.iterations.assign_add(6)
        (model.save_weights if path == "m.weights.h5" else model.save)(path)
        fresh.load_weights(path)
        found.append((float(fresh.optimizer.learning_rate), int(fresh.optimizer.iterations)))
    expected = (0.125, 0) if path == "m.h5" else (0.5, 6)
    assert found == [expected, expected]


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("save", "m.pt", "Invalid filepath extension for saving"),
        ("save_weights", "m.h5", "The filename must end in `.weights.h5`"),
        ("load_weights", "m.npz", "File format not supported"),
    ],
)
def test_extensions_are_those_that_keras_insists_on(method: str, path: str, message: str) -> None:
    """The messages begin as Keras' own."""
    for model in (ScriptedModel(SCRIPT), keras_model()):
        with pytest.raises(ValueError, match=message):
            getattr(model, method)(path)


def test_a_file_that_is_not_there_is_an_os_error() -> None:
    """As Keras: BackupAndRestore counts on it."""
    with pytest.raises(OSError, match="m.weights.h5"):
        ScriptedModel(SCRIPT).load_weights("m.weights.h5")


def test_a_foreign_file_is_refused() -> None:
    """A real model's weights are not read as a script's."""
    keras_model().save_weights("real.weights.h5")
    with pytest.raises(ValueError, match="was not written by a scripted model"):
        ScriptedModel(SCRIPT).load_weights("real.weights.h5")


def test_evaluate_reports_the_row_of_the_current_epoch() -> None:
    """After three epochs: the third validation row, as Keras returns it."""
    model = fitted()
    assert model.evaluate(verbose=0) == 3.0
    assert model.evaluate(verbose=0, return_dict=True) == {"loss": 3.0}
    assert model.run.hooks[0].name == "on_test_begin"


def test_evaluate_can_be_scripted() -> None:
    """A function of the data and the epoch says what evaluation gives."""
    script = Script(metrics={"loss": "3 2 1"}, evaluate=lambda x, epoch: {"loss": x + epoch})
    assert fitted(script).evaluate(0.5, verbose=0) == 2.5


def test_predict_refuses_with_advice() -> None:
    """A script that says nothing about predictions does not make them up."""
    with pytest.raises(NotImplementedError, match=r"Script\(..., predict=function\)"):
        ScriptedModel(SCRIPT).predict(np.zeros((2, 1)), verbose=0)


def test_metrics_can_follow_the_learning_rate() -> None:
    """A simulation in which a lower rate helps: the plateau's cut is worth it."""

    def loss(epoch: int, learning_rate: float, weights_epoch: int | None) -> float:
        return 1.0 if learning_rate > 0.05 else 0.5

    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.1, patience=2)
    run = play({"loss": loss}, [plateau], epochs=5, learning_rate=0.1)
    assert run.history["loss"] == [1, 1, 1, 0.5, 0.5]


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_metrics_can_follow_the_weights(lane: str) -> None:
    """A function is told the epoch of the weights that its epoch starts from."""
    seen = []

    def loss(epoch: int, learning_rate: float, weights_epoch: int | None) -> float:
        seen.append((epoch, weights_epoch))
        return 1.0

    class GoBack(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 0:
                self._weights = self.model.get_weights()
            if epoch == 2:
                self.model.set_weights(self._weights)

    play({"loss": loss}, [GoBack()], lane=lane, epochs=4)
    assert seen == [(0, -1), (1, 0), (2, 1), (3, 0)]


def test_a_function_that_gives_no_number_is_named() -> None:
    """The metric, the value and the epoch are in the message."""
    with pytest.raises(TypeError, match="the function for 'loss' gave None in epoch 0"):
        play({"loss": lambda *_: None}, epochs=2)


def test_count_params_and_summary(capsys: pytest.CaptureFixture[str]) -> None:
    """Twelve numbers in the kernel and four in the bias."""
    model = ScriptedModel(SCRIPT)
    assert model.count_params() == 16
    model.summary()
    assert capsys.readouterr().out == (
        "ScriptedModel: 3 epochs of 2 batches, metrics loss, 16 params\n"
    )


class TestLentModel:
    """model=keras_model: weights, layers, optimizer, saving and prediction are real."""

    def test_the_numbers_are_still_scripted(self) -> None:
        """The real model is not trained."""
        real = keras_model()
        before = real.get_weights()
        run = play(SCRIPT, [], model=real)
        assert run.history["loss"] == [3, 2, 1]
        assert all(np.array_equal(a, b) for a, b in zip(before, real.get_weights(), strict=True))

    def test_it_lends_layers_optimizer_and_prediction(self) -> None:
        """What the script cannot answer, the real model does."""
        real = keras_model()
        model = ScriptedModel(SCRIPT, model=real)
        assert model.layers is not None
        assert model.optimizer is real.optimizer
        x = np.ones((5, 3), np.float32)
        assert np.allclose(model.predict(x, verbose=0), real.predict(x, verbose=0))
        assert model.count_params() == 8

    def test_what_is_set_is_set_on_it(self) -> None:
        """What the scripted model does not have itself, the lent one takes."""
        real = keras_model()
        ScriptedModel(SCRIPT, model=real).trainable = False
        assert real.trainable_variables == []

    def test_best_weights_come_back_with_their_epoch(self) -> None:
        """Arrays are known again, although they never change."""
        stopping = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
        run = play({"val_loss": "3 1 2"}, [stopping], model=keras_model())
        assert run.weights_epoch == 1

    def test_weights_changed_behind_its_back_are_mixed(self) -> None:
        """A layer's variable assigned in a hook: noticed, with its author."""

        class Halves(keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                if epoch == 2:
                    for variable in self.model.trainable_variables:
                        variable.assign(variable * 0.5 + 1.0)

        run = play(SCRIPT, [Halves()], model=keras_model())
        assert run.weights_epoch is None
        assert "Halves edits weights in place" in run.table()

    def test_it_must_be_compiled(self) -> None:
        """The error says what to do."""
        with pytest.raises(ValueError, match=r"call model.compile\(...\) before lending it"):
            ScriptedModel(SCRIPT, model=keras.Sequential([keras.layers.Dense(1)]))

    def test_it_can_be_called(self) -> None:
        """Prediction callbacks call the model itself; without one, the advice is the same."""
        real = keras_model()
        x = np.ones((2, 3), np.float32)
        assert np.allclose(ScriptedModel(SCRIPT, model=real)(x), real(x))
        with pytest.raises(NotImplementedError, match="says nothing about predictions"):
            ScriptedModel(SCRIPT)(x)

    def test_copied_arrays_are_mixed(self) -> None:
        """Equal arrays could be any epoch's; they are nobody's, never a wrong one."""
        model = ScriptedModel(SCRIPT, model=keras_model())
        model.fit(verbose=0)
        model.set_weights([array.copy() for array in model.get_weights()])
        assert whose(model) == MIXED

    @pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")  # not built yet
    @pytest.mark.parametrize("path", ["m.keras", "m.weights.h5"])
    def test_files_are_keras_own_and_know_whose_they_are(self, path: str) -> None:
        """Plain Keras loads the file; a scripted model finds the stamp in it."""
        model = ScriptedModel(SCRIPT, model=keras_model())
        model.fit(verbose=0)
        (model.save_weights if path == "m.weights.h5" else model.save)(path)
        keras_model().load_weights(path)
        fresh = ScriptedModel(SCRIPT, model=keras_model())
        fresh.load_weights(path)
        assert whose(fresh) == whose(model)
