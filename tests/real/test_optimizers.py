"""Trainings with other optimizers than one: the same facts recorded, and in both lanes."""

from pathlib import Path
from typing import Any

import keras
import kinds_of_training
import numpy as np
import pytest
from rich.console import Console

from dryfit import Recorder, Run, load_scenarios, play
from dryfit.events import Unread
from dryfit.judge.verdict import judge

X = np.ones((4, 1), "float32")
# Plain Keras 3.15.1, by a script that imports nothing of ours: three epochs of a fit with
# ReduceLROnPlateau("loss", patience=1, min_delta=100) over SGD(0.1) and SGD(0.2).
SLOW, FAST = (0.1, 0.1, 0.01), (0.2, 0.2, 0.02)


def _two_rates(**compiled: Any) -> Any:
    layers = [keras.layers.Dense(1, name=name) for name in ("base", "head")]
    model = keras.Sequential([keras.Input((1,)), *layers])
    slow = keras.optimizers.SGD(0.1, name="slow")
    fast = keras.optimizers.SGD(0.2, name="fast")
    both = keras.optimizers.MultiOptimizer(lambda v: slow if "base" in v.path else fast)
    model.compile(both, "mse", **compiled)
    return model


def _plateau() -> Any:
    return keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=100)


def _recorded() -> Run:
    recorder = Recorder([_plateau()])
    _two_rates().fit(X, X, epochs=3, verbose=0, callbacks=[recorder])
    return recorder.run


def _played(lane: str) -> Run:
    return play({"loss": "1x3"}, [_plateau()], lane=lane, model=_two_rates())


@pytest.mark.parametrize(
    "make",
    [_recorded, lambda: _played("real"), lambda: _played("fake")],
    ids=["recorded", "real lane", "lent to the fake lane"],
)
def test_each_optimizer_has_its_own_rate(make: Any) -> None:
    """In History as in plain Keras, and cut by the callback in epochs 1 and 2."""
    run = make()
    assert run.history["learning_rate_slow"] == pytest.approx(SLOW)
    assert run.history["learning_rate_fast"] == pytest.approx(FAST)
    assert run.learning_rates == {
        "slow": pytest.approx(SLOW),
        "fast": pytest.approx(FAST),
    }
    assert [(c.what, c.epoch, c.by) for c in run.reductions] == [
        ("learning_rate_slow", 1, "ReduceLROnPlateau"),
        ("learning_rate_fast", 1, "ReduceLROnPlateau"),
        ("learning_rate_slow", 2, "ReduceLROnPlateau"),
        ("learning_rate_fast", 2, "ReduceLROnPlateau"),
    ]


def test_the_table_says_which_optimizer() -> None:
    """In the column of rates and in words."""
    table = _played("fake").table(terminal=Console(width=200))
    assert "ReduceLROnPlateau cuts the learning rate of slow" in table
    assert "fast 0.2 > 0.02" in table


def test_an_override_is_of_one_optimizer() -> None:
    """A callback that sets the other's rate undoes nothing."""

    class Sets(keras.callbacks.Callback):
        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.optimizers[self.index].learning_rate = 0.5 / (epoch + 1)

    other = play({"loss": "1x1"}, [Sets(0), Sets(1)], model=_two_rates())
    assert other.overrides == ()

    class SetsAgain(Sets):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.optimizers[self.index].learning_rate = 0.7

    same = play({"loss": "1x1"}, [Sets(0), SetsAgain(0)], model=_two_rates())
    assert [(o.what, o.by, o.undoes) for o in same.overrides] == [
        ("learning_rate_slow", "SetsAgain", "Sets")
    ]


def test_an_execution_that_is_cut_short_has_the_batches_that_there_are() -> None:
    """Three steps an execution and four batches: Keras' hook says 5, and four have trained."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", steps_per_execution=3)
    stopping = {"monitor": "loss", "patience": 1, "min_delta": 100, "restore_best_weights": True}
    recorder = Recorder([keras.callbacks.EarlyStopping(**stopping)])
    data = np.ones((8, 2)), np.ones((8, 1))
    model.fit(*data, batch_size=2, epochs=4, verbose=0, callbacks=[recorder])
    whose = recorder.run.weights
    assert whose is not None
    assert (whose.epoch, whose.batch, whose.trained_batches) == (0, 3, 4)


class UnfreezeAtBegin(keras.callbacks.Callback):
    """Lets layers train that were frozen when the model was compiled."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.built = self.model.optimizer.built
        for layer in self.model.layers:
            layer.trainable = True


def _unfrozen(how: str) -> tuple[bool, object]:
    """Whether the optimizer was built before training began, and what came of it."""
    hidden = keras.layers.Dense(2)
    model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1)])
    hidden.trainable = False
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before, unfreeze = hidden.get_weights()[0], UnfreezeAtBegin()
    try:
        if how == "real":
            play({"loss": "1x2"}, [unfreeze], lane="real", model=model)
        else:
            callbacks = [unfreeze] if how == "plain" else [Recorder([unfreeze])]
            model.fit(np.ones((2, 2)), np.ones((2, 1)), epochs=2, verbose=0, callbacks=callbacks)
    except Exception as error:
        return unfreeze.built, type(error)
    return unfreeze.built, bool((hidden.get_weights()[0] != before).any())


@pytest.mark.parametrize("how", ["recorded", "real"])
def test_the_optimizer_is_built_when_keras_builds_it(how: str) -> None:
    """Layers unfrozen in on_train_begin train, or fail, as they do in plain Keras."""
    assert _unfrozen(how) == _unfrozen("plain")
    if keras.backend.backend() == "tensorflow":  # jax and torch build it before any hook
        assert _unfrozen(how) == (False, True)


def test_batches_of_an_accumulation_count_once() -> None:
    """Four batches whose gradients are applied together are four batches."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, gradient_accumulation_steps=2), "mse")
    run = play({"loss": "1x2"}, [], lane="real", model=model, batches=4)
    assert run.weights is not None
    assert (run.weights.epoch, run.weights.batch, run.weights.trained_batches) == (1, 3, 8)


def _gan(compiled: bool = True) -> Any:
    """Two networks with an optimizer each, beside the one of ``compile``."""
    keras.utils.set_random_seed(1)
    model = kinds_of_training.gan()
    if not compiled:
        model.optimizer = None
    return model


def _fit_gan(callbacks: list[Any], compiled: bool = True) -> Any:
    model = _gan(compiled)
    data = kinds_of_training.data("gan", 2)
    model.fit(data, epochs=2, verbose=0, shuffle=False, callbacks=callbacks)
    return model


class CutsTheFast(keras.callbacks.Callback):
    """Halves the rate of one of a GAN's optimizers."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.fast.learning_rate = self.model.fast.learning_rate * 0.5


@pytest.mark.parametrize("lane", ["recorded", "real"])
def test_a_gans_own_optimizers_have_rates(lane: str) -> None:
    """By their attributes, beside that of the compiled one; who cuts one is told."""
    if lane == "recorded":
        recorder = Recorder([CutsTheFast()])
        _fit_gan([recorder])
        run = recorder.run
    else:
        batch = kinds_of_training.batch("gan")
        options: Any = {"lane": "real", "model": _gan(), "data": batch, "batches": 2}
        run = play({"loss": "1x2"}, [CutsTheFast()], **options)
    assert run.learning_rates == {
        "optimizer": pytest.approx((0.001,) * 2),  # RMSprop, which compile() sets and none uses
        "slow": pytest.approx((0.01,) * 2),
        "fast": pytest.approx((0.02, 0.01)),
    }
    assert [(c.what, c.epoch, c.by) for c in run.reductions] == [
        ("learning_rate_fast", 0, "CutsTheFast"),
        ("learning_rate_fast", 1, "CutsTheFast"),
    ]
    assert run.weights is not None
    assert (run.weights.epoch, run.weights.batch) == (1, 1)


def test_a_gan_without_a_compiled_optimizer() -> None:
    """Its own are all there is; a script cannot say the rate of one that is not there."""
    recorder = Recorder([CutsTheFast()])
    _fit_gan([recorder], compiled=False)
    assert list(recorder.run.learning_rates) == ["slow", "fast"]
    options: Any = {"lane": "real", "data": kinds_of_training.batch("gan")}
    run = play({"loss": "1x2"}, [CutsTheFast()], model=_gan(compiled=False), **options)
    assert list(run.learning_rates) == ["slow", "fast"]
    with pytest.raises(ValueError, match="the model was compiled without an optimizer"):
        play({"loss": 1}, [], model=_gan(compiled=False), learning_rate=0.1, epochs=1, **options)


def _two(rate: Any, names: tuple[str, str] = ("slow", "fast")) -> Any:
    layers = [keras.layers.Dense(1, name=name) for name in ("base", "head")]
    model = keras.Sequential([keras.Input((1,)), *layers])
    slow, fast = keras.optimizers.SGD(rate, name=names[0]), keras.optimizers.SGD(0.2, name=names[1])
    both = keras.optimizers.MultiOptimizer(lambda v: slow if "base" in v.path else fast)
    model.compile(both, "mse")
    return model


def test_a_schedule_of_one_of_several() -> None:
    """Its first rate is the one that the first batch trained with, not the one after it."""
    halves = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)  # 0.1 * 0.5 ** (step / 2)
    recorder = Recorder([])
    _two(halves).fit(X, X, batch_size=2, epochs=3, verbose=0, callbacks=[recorder])
    assert recorder.run.learning_rates["slow"] == pytest.approx((0.1, 0.05, 0.025))
    assert recorder.run.learning_rates["fast"] == pytest.approx((0.2,) * 3)


def test_each_of_several_counts_its_own_batches() -> None:
    """A schedule moves the rate of whichever has it, in a script too."""
    halves = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    for names in ({"a": halves, "b": 0.2}, {"b": 0.2, "a": halves}):
        for lane in ("fake", "real"):
            run = play({"loss": "1x2"}, [], lane=lane, batches=2, optimizers=names)
            assert run.learning_rates == {
                "a": pytest.approx((0.1, 0.1 / 4)),  # as an epoch of two batches begins
                "b": pytest.approx((0.2, 0.2)),
            }


# Plain Keras 3.15.1 on tensorflow, by a script that imports nothing of ours: SGD(0.1) and
# SGD(0.2), chosen by a function, and LearningRateScheduler(lambda epoch, rate: rate / 2).
# It finds no optimizers in epoch 0. With an OptimizerMap it finds them: 0.05 0.025.
LATE = {"learning_rate_slow": (0.1, 0.05), "learning_rate_fast": (0.2, 0.1)}


def _halving() -> Any:
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)


def _late(lane: str, **options: Any) -> Run:
    rates = {"slow": 0.1, "fast": 0.2}
    options |= {"lane": lane, "optimizers": rates, "late_optimizers": True}
    return play({"loss": "1x2"}, [_halving()], **options)


@pytest.mark.parametrize(
    "make",
    [
        lambda: _late("fake"),
        lambda: _late("real"),
        lambda: _late("fake", model=_two(0.7)),
        lambda: _late("real", model=_two(0.7)),
    ],
    ids=["fake", "real", "lent", "trained"],
)
def test_late_optimizers_are_not_there_before_the_first_step(make: Any) -> None:
    """A schedule finds none in epoch 0, and the script's rates are those of the first step."""
    run = make()
    assert {k: run.history[k] for k in LATE} == {k: pytest.approx(v) for k, v in LATE.items()}
    assert run.timeline == _late("fake").timeline


def test_a_recording_says_when_optimizers_were_made(tmp_path: Path) -> None:
    """A replay's scheduler finds none in the first epoch either."""
    file = tmp_path / "late.scenario.yaml"
    recorder = Recorder([keras.callbacks.LearningRateScheduler(lambda epoch: 0.5)], save=file)
    _two(0.1).fit(X, X, epochs=2, verbose=0, callbacks=[recorder])
    assert "late_optimizers: true" in file.read_text()
    assert recorder.run.history["learning_rate_slow"] == pytest.approx((0.1, 0.5))
    (scenario,) = load_scenarios(file)
    assert [judge(scenario, lane).holds for lane in ("fake", "real")] == [True, True]


def _scheduled(rate: Any) -> Any:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate)), "mse")
    return model


@pytest.mark.parametrize("names", [("slow", "fast"), ("sgd", "sgd")], ids="-".join)
def test_a_recording_keeps_the_rates_of_several_optimizers(
    names: tuple[str, str], tmp_path: Path
) -> None:
    """It replays with the same cuts of each, in both lanes."""
    file = tmp_path / "several.scenario.yaml"
    recorder = Recorder([_plateau()], save=file)
    _two(0.1, names).fit(X, X, batch_size=2, epochs=3, verbose=0, callbacks=[recorder])
    (scenario,) = load_scenarios(file)
    first, second = unused_names(names)
    text = file.read_text()
    assert f"optimizers: {{{first}: 0.1, {second}: 0.2}}" in text
    assert f"learning_rate: {{{first}: 0.1x2 0.01, {second}: 0.2x2 0.02}}" in text
    after = recorder.run.learning_rates_after
    assert after[first] == pytest.approx((0.1, 0.01, 0.001))
    assert after[second] == pytest.approx((0.2, 0.02, 0.002))
    assert f"learning_rate_after: {{{first}: 0.1 0.01 " in text
    assert "reductions: {ReduceLROnPlateau: 1 1 2 2}" in text
    assert "left out" not in text
    assert [judge(scenario, lane).holds for lane in ("fake", "real")] == [True, True]


def unused_names(names: tuple[str, str]) -> tuple[str, str]:
    """As rates are told apart: with a number behind the second of a name."""
    return names[0], names[1] if names[1] != names[0] else f"{names[1]}#2"


def test_a_recording_of_a_gan_says_what_it_leaves_out(tmp_path: Path) -> None:
    """A scripted model has no optimizers but the compiled one, so no rates are compared."""
    file = tmp_path / "gan.scenario.yaml"
    _fit_gan([Recorder([_plateau()], save=file)])
    (scenario,) = load_scenarios(file)
    assert "rates are not compared: the model trains with optimizers of its own" in scenario.about
    assert "learning_rate: 0.001" in file.read_text()
    assert judge(scenario, "fake").holds


def test_a_scaled_loss_has_the_rate_of_its_optimizer() -> None:
    """A number, or what its schedule gives for each batch."""
    halves = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    found = []
    for rate in (0.1, halves):
        recorder = Recorder([])
        _scheduled(rate).fit(X, X, batch_size=2, epochs=3, verbose=0, callbacks=[recorder])
        found.append(recorder.run.learning_rate)
    assert found == [pytest.approx((0.1,) * 3), pytest.approx((0.1, 0.05, 0.025))]


class NoRate(keras.optimizers.SGD):
    """Tells nobody its rate."""

    hidden = False

    @property
    def learning_rate(self) -> Any:
        if self.hidden:
            raise AttributeError("there is no rate")
        return super().learning_rate


@pytest.mark.parametrize("lane", ["recorded", "real"])
def test_an_optimizer_without_a_rate(lane: str) -> None:
    """Training goes on, and the rates are unknown."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    optimizer = NoRate(0.1)
    model.compile(optimizer, "mse")
    optimizer.hidden = True
    model.train_step = lambda data: {"loss": model.compute_loss(y=data[1], y_pred=model(data[0]))}
    if lane == "recorded":
        recorder = Recorder([])
        model.fit(X, X, epochs=2, verbose=0, callbacks=[recorder])
        run = recorder.run
    else:
        run = play({"loss": "1x2"}, [], lane="real", model=model)
    assert (run.epochs_run, run.learning_rate) == (2, (None, None))
    assert {e.what for e in run.timeline if isinstance(e, Unread)} == {"learning_rate"}
