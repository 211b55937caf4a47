"""The learning rate that a callback sees."""

import keras
import numpy as np
import pytest

from dryfit import Script, play
from dryfit_fakes import NotOfferedError
from dryfit_fakes.optimizer import ScriptedOptimizer

RATE = 0.10000000149011612  # float32 of .1


@pytest.fixture
def optimizer() -> ScriptedOptimizer:
    return ScriptedOptimizer(0.1)


@pytest.mark.parametrize(
    "read",
    [
        float,
        lambda rate: rate.numpy(),
        lambda rate: np.asarray(rate),
        lambda rate: keras.ops.convert_to_numpy(rate),
        lambda rate: keras.ops.convert_to_tensor(rate),
        lambda rate: keras.ops.add(rate, 0.0),
        lambda rate: rate.value,
        lambda rate: rate * 1,
    ],
)
def test_the_rate_reads_as_float32(optimizer: ScriptedOptimizer, read: object) -> None:
    """Every way to read a Keras variable gives the rounded number."""
    assert float(read(optimizer.learning_rate)) == RATE  # type: ignore[operator]


def test_it_is_a_variable_and_not_a_copy(optimizer: ScriptedOptimizer) -> None:
    """A reference taken before a change shows the change, as in Keras."""
    rate = optimizer.learning_rate
    optimizer.learning_rate = 0.5
    assert float(rate) == 0.5
    rate.assign(0.25)
    assert float(optimizer.learning_rate) == 0.25


@pytest.mark.parametrize("number", [0.1, np.float64(0.1), np.float32(0.1), "tensor"])
def test_it_takes_what_keras_takes(optimizer: ScriptedOptimizer, number: object) -> None:
    """Python numbers, numpy's and tensors can be assigned."""
    value = keras.ops.convert_to_tensor(0.1) if number == "tensor" else number
    optimizer.learning_rate = 0.0
    optimizer.learning_rate = value
    assert float(optimizer.learning_rate) == RATE


def test_a_vector_is_no_rate(optimizer: ScriptedOptimizer) -> None:
    """The error names the shape."""
    with pytest.raises(ValueError, match=r"takes one number, not shape \(2,\)"):
        optimizer.learning_rate = [0.1, 0.2]


def test_dividing_by_ten_rounds_as_in_keras() -> None:
    """Five cuts by .1, as the real SGD variable stores them (Keras 3.15.1)."""
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.1, patience=1)
    run = play({"loss": "1x5"}, [plateau], learning_rate=0.1)
    assert [float(np.float32(rate)) for rate in run.learning_rate_after] == [
        0.10000000149011612,
        0.009999999776482582,
        0.0009999999310821295,
        9.99999901978299e-05,
        9.99999883788405e-06,
    ]


def test_lr_is_tf_keras(optimizer: ScriptedOptimizer) -> None:
    """Reading and setting optimizer.lr both say what Keras 3 calls it."""
    message = "`optimizer.lr` is tf_keras'; Keras 3 says `learning_rate`"
    with pytest.raises(NotOfferedError, match=message):
        optimizer.lr  # noqa: B018
    with pytest.raises(NotOfferedError, match=message):
        optimizer.lr = 0.1


def test_it_has_no_attribute_that_keras_probes_for(optimizer: ScriptedOptimizer) -> None:
    """With an `optimizers` that is empty, ReduceLROnPlateau would silently do nothing."""
    assert not hasattr(optimizer, "optimizers")
    assert not hasattr(optimizer, "inner_optimizer")


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_a_schedule_is_not_settable(lane: str) -> None:
    """tf#36612: the rate falls by itself, and the first cut is Keras' TypeError."""
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=2, decay_rate=0.5)
    run = play({"loss": "3 2 1"}, [], lane=lane, batches=2, learning_rate=schedule)
    assert run.learning_rate == pytest.approx([0.1, 0.05, 0.025])
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1)
    with pytest.raises(TypeError, match="its learning rate is not settable"):
        play({"loss": "1 1"}, [plateau], lane=lane, learning_rate=schedule)


def test_iterations_count_batches() -> None:
    """Three epochs of four batches are twelve iterations."""
    run = play(Script(metrics={"loss": "3 2 1"}, batches=4))
    assert int(run.model.optimizer.iterations) == 12
