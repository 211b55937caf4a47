"""A model, its data and its metrics, given by name: on the command line and in a file."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dryfit.cli import main
from dryfit.scenario.construct import ConstructionError, make_callbacks
from dryfit.scenario.given_training import GivenTraining, given_training
from dryfit.scenario.usage import UsageError
from dryfit.tools.check.battery import CHECKS
from dryfit.tools.check.subject import Subject

HERE = "test_given_training"


class Unbuilt(keras.Model):  # type: ignore[misc]
    """Does not tell what goes in before something does."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(x)


class Predicts(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.model.predict(np.zeros((2, 3)), verbose=0).shape == (2, 1) and epoch == 1:
            self.model.stop_training = True


def unbuilt() -> Any:
    model = Unbuilt()
    model.compile("sgd", "mse")
    return model


def batch() -> Any:
    return np.zeros((4, 3), np.float32), np.zeros((4, 1), np.float32)


def seven() -> int:
    return 7


def broken() -> Any:
    raise OSError("no disk")


def played(text: str, folder: Path, *options: str) -> int:
    file = folder / "given.scenario.yaml"
    file.write_text(text)
    return main(["run", str(file), *options])


FILE = f"""\
name: it predicts
model: {HERE}:unbuilt
data: {HERE}:batch
calls:
  - call: fit
    script: {{metrics: {{loss: 1x4, val_loss: 1x4}}}}
    expect: {{stopped: {{epoch: 1, by: Predicts}}, weights: {{epoch: 1}}}}
  - call: fit
    script: {{metrics: {{loss: 1x4}}}}
    expect: {{stopped: {{epoch: 1}}, weights: {{fit: 1, epoch: 1, trained_batches: 4}}}}
callbacks: ["{HERE}:Predicts"]
"""


def test_a_file_names_a_model_and_its_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fake lane is lent it, the real lane trains it, in every call; both tell the same."""
    assert played(FILE, tmp_path, "--lane", "both") == 0
    assert "2 calls compared, 0 differ" in capsys.readouterr().out


class Gan(keras.Model):  # type: ignore[misc]
    """Two networks, each with an optimizer of its own, trained in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        self.critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

    def compile(self, slow: Any, fast: Any) -> None:
        super().compile(optimizer=None)
        self.slow, self.fast = slow, fast

    def call(self, x: Any) -> Any:
        return self.critic(self.generator(x))

    def train_step(self, data: Any) -> Any:
        import tensorflow as tf

        x, y = data
        for part, optimizer in ((self.critic, self.fast), (self.generator, self.slow)):
            with tf.GradientTape() as tape:
                loss = keras.ops.mean((self(x) - y) ** 2)
            weights = part.trainable_variables
            optimizer.apply(tape.gradient(loss, weights), weights)
        return {"loss": loss}

    def test_step(self, data: Any) -> Any:
        return {"loss": keras.ops.mean((self(data[0]) - data[1]) ** 2)}


def gan() -> Any:
    model = Gan()
    model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2))
    return model


class CutsTheFast(keras.callbacks.Callback):  # type: ignore[misc]
    """Halves the rate of one of a GAN's optimizers when the loss is low."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs["loss"] < 2:
            rate = self.model.fast.learning_rate
            self.model.fast.learning_rate = float(rate) / 2


OF_A_GAN = f"""\
name: the fast one is halved
model: {HERE}:gan
data: {HERE}:batch
script: {{metrics: {{loss: 3 1 1}}}}
callbacks: ["{HERE}:CutsTheFast", EarlyStopping: {{monitor: loss, patience: 1}}]
expect:
  stopped: {{epoch: 2, by: EarlyStopping}}
  learning_rate: {{fast: .2 .2 .1, slow: .1 .1 .1}}
"""


def test_a_gan_is_trained_from_the_command_line(tmp_path: Path) -> None:
    """With its own train_step and two optimizers, and none that was compiled."""
    assert played(OF_A_GAN, tmp_path, "--lane", "real") == 0


def test_a_gan_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no rate that a plateau could cut, nor one that could be a schedule."""
    monkeypatch.chdir(tmp_path)
    training = GivenTraining(model=gan, data=batch)
    subject = Subject("CutsTheFast", CutsTheFast, training=training, lane="real")
    checks = {check.name: check for check in CHECKS}
    outcomes = {
        name: checks[name].find(subject).outcome
        for name in ("before the built-ins", "behind the built-ins", "learning rate schedule")
    }
    assert list(outcomes.values()) == ["passed", "passed", "not_applicable"]


def test_a_model_whose_step_takes_a_pair_is_lent() -> None:
    """As fit gives it; train_on_batch gives a third, the samples' weights."""
    assert len(GivenTraining(model=gan, data=batch).lend().get_weights()) == 4


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (f"model: {HERE}:unbuilt\n", "", "data: is what `model` is trained with; name that, too"),
        (":unbuilt", ":unbuild", "model: 'test_given_training:unbuild': test_given_training has"),
        (":unbuilt", ":HERE", f"model: {HERE}:HERE is 'test_given_training', no function"),
        (f"{HERE}:unbuilt", "7", "model: expected module:function, which makes a compiled model"),
        (":unbuilt", ":broken", f"{HERE}:broken raises OSError: no disk"),
        (":batch", ":seven", f"{HERE}:seven makes one batch (x, y) of arrays, not 7"),
    ],
    ids=["data alone", "no such name", "no function", "no name", "raises", "no batch"],
)
def test_what_a_file_names_must_be_there(
    before: str, after: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, with what there is."""
    assert played(FILE.replace(before, after), tmp_path) == 2
    assert message in capsys.readouterr().err


def test_without_imports_neither_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are names of a module as any other."""
    assert played(FILE, tmp_path, "--no-import") == 2
    told = capsys.readouterr().err
    assert f"model: '{HERE}:unbuilt' would be imported" in told
    assert f"data: '{HERE}:batch' would be imported" in told


def test_a_lent_model_has_weights_once_it_was_trained_with_its_data() -> None:
    """A model that does not tell its shapes has none before."""
    assert GivenTraining(unbuilt).lend().get_weights() == []
    kernel, bias = GivenTraining(unbuilt, batch).lend().get_weights()
    assert (kernel.shape, bias.shape) == ((3, 1), (1,))


def test_each_metric_is_reported_of_validation_too() -> None:
    """Whichever of the two was named."""
    named = given_training(metrics="mae, val_f1,")
    assert named.reported == ("mae", "val_mae", "val_f1")
    assert GivenTraining().reported == ()


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"data": f"{HERE}:batch"}, "--data: is what --model is trained with: give --model, too"),
        ({"model": "nowhere:it"}, "--model: 'nowhere:it': no module 'nowhere'"),
        ({"model": f"{HERE}:HERE"}, f"--model: {HERE}:HERE is 'test_given_training', no function"),
    ],
    ids=["data alone", "no module", "no function"],
)
def test_what_the_command_line_names_must_be_there(named: dict[str, str], message: str) -> None:
    """Said by the option."""
    with pytest.raises(UsageError) as refused:
        given_training(**named)
    assert str(refused.value).startswith(message)


def test_a_function_that_raises_is_to_blame_for_it() -> None:
    """And no callback."""
    for given in (GivenTraining(broken), GivenTraining(unbuilt, broken)):
        with pytest.raises(ConstructionError, match=r"^(model|data) raises OSError: no disk$"):
            given.try_out()


class Keeps(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, seen: list[int]) -> None:
        super().__init__()
        self.seen = seen


SEEN: list[int] = []


def test_what_is_imported_is_one_object_for_all_callbacks() -> None:
    """Also a list; one that stands in the file is made anew for each."""
    imported: dict[str, Any] = {"seen": {"import": f"{HERE}:SEEN"}}
    written: dict[str, Any] = {"seen": [1]}
    name = f"{HERE}:Keeps"
    (make,) = make_callbacks(((name, imported),), Path())
    assert make().seen is make().seen is SEEN  # type: ignore[attr-defined]
    (make,) = make_callbacks(((name, written),), Path())
    assert make().seen is not make().seen  # type: ignore[attr-defined]
