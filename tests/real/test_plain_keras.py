"""Plain Keras agrees with both lanes: hooks, arguments and logs, whole lists.

The reference of every case is a model that knows nothing of dryfit, traced by a
callback that knows nothing of dryfit.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest
from keras_here import LEGACY, keras
from plain_keras import TableModel, Tracer, data, plain

from dryfit import Script, ScriptedModel, play
from dryfit.lanes.real import on_stage
from dryfit.recorder.listeners import Listeners
from dryfit_fakes import RaiseAt, StopAt

LANES = ("fake", "real")
MODELS = pytest.mark.parametrize(
    "model_of", [lambda script: nullcontext(ScriptedModel(script)), on_stage], ids=LANES
)


@dataclass(frozen=True)
class Case:
    """One run, told once for plain Keras and once as a script, from the same numbers."""

    train: list[list[float]]
    val: list[list[float]] = field(default_factory=list)  # of the epochs that validate
    validates: tuple[int, ...] = ()
    fit: dict[str, Any] = field(default_factory=dict)
    steps_per_execution: int = 1
    callbacks: Callable[[], list[Any]] = list
    raises: type[BaseException] | None = None
    unknown: tuple[str, ...] = ()  # batches, val_batches, or both
    refused_by_keras_2: bool = False

    @property
    def batches(self) -> int:
        return len(self.train[0])

    @property
    def _raises(self) -> type[BaseException] | None:
        return ValueError if LEGACY and self.refused_by_keras_2 else self.raises

    def script(self) -> Script:
        val = dict(zip(self.validates, self.val, strict=True))
        metrics = {"loss": [_text(row) for row in self.train]} if self.batches else {}
        if val:
            epochs = range(len(self.train))
            metrics["val_loss"] = [_text(val[e]) if e in val else "_" for e in epochs]
        counts = {"batches": self.batches, "val_batches": len(self.val[0]) if self.val else 1}
        return Script(
            epochs=len(self.train),
            **(counts | dict.fromkeys(self.unknown, "unknown")),
            batch_metrics=metrics,
            steps_per_execution=self.steps_per_execution,
            **self.fit,
        )

    def in_plain_keras(self) -> list[Any]:
        first = self.fit.get("initial_epoch", 0)
        model = TableModel(
            [value for row in self.train[first:] for value in row],
            [value for row in self.val for value in row],
            steps_per_execution=self.steps_per_execution,
        )
        tracer = Tracer()
        _quietly(
            self._raises,
            lambda: model.fit(
                self._data("batches", self.train),
                epochs=len(self.train),
                verbose=0,
                shuffle=False,
                callbacks=[tracer, *self.callbacks()],
                validation_data=self._data("val_batches", self.val) if self.val else None,
                **self.fit,
            ),
        )
        return tracer.calls

    def _data(self, key: str, rows: list[list[float]]) -> Any:
        return data(len(rows[0]), length_known=key not in self.unknown)

    def in_lane(self, lane: str) -> tuple[list[Any], Any]:
        tracer = Tracer()
        run = _quietly(
            self._raises, lambda: play(self.script(), [tracer, *self.callbacks()], lane=lane)
        )
        return tracer.calls, run


def _text(row: list[float]) -> str:
    return " ".join("_" if v is None else f"{v!r}x1" for v in row)


def _quietly(raises: type[BaseException] | None, call: Callable[[], Any]) -> Any:
    if raises is None:
        return call()
    with pytest.raises(raises) as caught:
        call()
    return getattr(caught.value, "run", None)


TRAIN = [[4.0, 2.0, 2.1, 0.7], [1.0, 1.0, 3.3, 0.1], [0.3, 0.2, 0.1, 0.4]]
VAL = [[0.5, 0.7], [0.4, 0.1], [0.9, 0.3]]
EVERY = {"val": VAL, "validates": (0, 1, 2)}
NAN = float("nan")
UNKNOWN = 0 if LEGACY else 1  # the last epoch that begins a batch that there is not

CASES = {
    "training alone": Case(TRAIN),
    "with validation": Case(TRAIN, **EVERY),
    "validation_freq=2": Case(
        [*TRAIN, TRAIN[0]], VAL[:2], validates=(1, 3), fit={"validation_freq": 2}
    ),
    "steps_per_execution=3": Case(
        [row + row for row in TRAIN], [row * 2 for row in VAL], (0, 1, 2), steps_per_execution=3
    ),
    "initial_epoch=1": Case(TRAIN, VAL[1:], (1, 2), fit={"initial_epoch": 1}),
    "initial_epoch past the end": Case(TRAIN, fit={"initial_epoch": 3}),
    "a stop in mid-epoch": Case(TRAIN, **EVERY, callbacks=lambda: [StopAt(epoch=1, batch=2)]),
    "a stop before the first batch": Case(
        TRAIN, **EVERY, callbacks=lambda: [StopAt(hook="on_train_begin")]
    ),
    "an exception in a batch hook": Case(
        TRAIN, callbacks=lambda: [RaiseAt(epoch=1, batch=2)], raises=RuntimeError
    ),
    "an exception in validation": Case(
        TRAIN,
        **EVERY,
        callbacks=lambda: [RaiseAt(epoch=1, hook="on_test_begin")],
        raises=RuntimeError,
    ),
    "KeyboardInterrupt at an epoch's end": Case(
        TRAIN, callbacks=lambda: [RaiseAt(KeyboardInterrupt, epoch=0)], raises=KeyboardInterrupt
    ),
    "data that is empty": Case([[], []], refused_by_keras_2=True),
    "StopIteration in a batch hook": Case(
        [[2.0] * 4] * 3, callbacks=lambda: [RaiseAt(StopIteration, epoch=1, batch=1)]
    ),
    "StopIteration before the first batch": Case(
        TRAIN[:2],
        callbacks=lambda: [RaiseAt(StopIteration, epoch=1, hook="on_train_batch_begin")],
    ),
    "a callback with the old name of a hook": Case(
        [[1.0, 2.0, NAN, 3.0]] * 2, callbacks=lambda: [keras.callbacks.TerminateOnNaN()]
    ),
    "nan and inf": Case([[1.0, NAN, 2.0], [float("inf"), 1.0, float("-inf")], [-0.0] * 3]),
    "batches unknown": Case(TRAIN, **EVERY, unknown=("batches",)),
    "batches of validation unknown": Case(TRAIN, **EVERY, unknown=("val_batches",)),
    "both unknown, steps_per_execution=3": Case(
        TRAIN,
        **EVERY,
        unknown=("batches", "val_batches"),
        steps_per_execution=3,
        refused_by_keras_2=True,
    ),
    "both unknown, executions that fill the epoch": Case(
        TRAIN,
        **EVERY,
        unknown=("batches", "val_batches"),
        steps_per_execution=2,
        refused_by_keras_2=True,
    ),
    "batches unknown, a stop in mid-epoch": Case(
        TRAIN, unknown=("batches",), callbacks=lambda: [StopAt(epoch=1, batch=2)]
    ),
    "batches unknown, a stop in the last batch": Case(
        TRAIN, unknown=("batches",), callbacks=lambda: [StopAt(epoch=1, batch=3)]
    ),
    "batches unknown, a stop in the batch that there is not": Case(
        TRAIN,
        **EVERY,
        unknown=("batches",),
        callbacks=lambda: [StopAt(epoch=1, batch=4, hook="on_train_batch_begin")],
    ),
    "batches unknown, an exception in the batch that there is not": Case(
        TRAIN,
        unknown=("batches",),
        callbacks=lambda: [RaiseAt(epoch=UNKNOWN, batch=4, hook="on_train_batch_begin")],
        raises=RuntimeError,
    ),
    "batches unknown, StopIteration in the batch that there is not": Case(
        TRAIN,
        unknown=("batches",),
        callbacks=lambda: [
            RaiseAt(StopIteration, epoch=UNKNOWN, batch=4, hook="on_train_batch_begin")
        ],
    ),
    "numbers of many sizes": Case([[1e30, 1e-30, 3e38, -1e30, 0.1, 7.0]] * 2),
}


# Once for all tests that ask, since TensorFlow traces every new model anew.
@cache
def in_plain_keras(name: str) -> list[Any]:
    return CASES[name].in_plain_keras()


@cache
def in_lane(name: str, lane: str) -> tuple[list[Any], Any]:
    return CASES[name].in_lane(lane)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("name", CASES)
def test_fit_calls_what_plain_keras_calls(name: str, lane: str) -> None:
    """A callback cannot tell a lane from plain Keras."""
    calls, _ = in_lane(name, lane)
    assert calls == in_plain_keras(name)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("name", CASES)
def test_the_timeline_has_the_hooks_that_were_called(name: str, lane: str) -> None:
    """The recorder's hooks are those that a callback beside it was called with."""
    calls, run = in_lane(name, lane)
    hooks = [] if run is None else run.hooks  # refused before any
    assert [_as_call(hook) for hook in hooks] == [c for c in calls if c[0] != "set_params"]


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("steps_per_execution", [1, 2])
@pytest.mark.parametrize("batches", [0, 3])
def test_a_schedule_goes_on_where_data_of_unknown_length_ends(
    batches: int, steps_per_execution: int
) -> None:
    """TensorFlow counts the step that finds no data, if it is a step of one batch."""
    if LEGACY and (not batches or steps_per_execution > 1):
        pytest.skip("Keras 2 refuses such data")

    def schedule() -> Any:
        return keras.optimizers.schedules.ExponentialDecay(1.0, 1, 0.5)

    rates: list[float] = []

    class Rates(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            rates.append(float(self.model.optimizer.learning_rate))

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    settings = {"steps_per_execution": steps_per_execution}
    model.compile(keras.optimizers.SGD(schedule()), "mse", **settings)
    unsized = data(batches, length_known=False)
    model.fit(unsized, epochs=2, verbose=0, shuffle=False, callbacks=[Rates()])
    counts = {"batch_logs": {"loss": ["3 2 1"] * 2}, "batches": "unknown"} if batches else {}
    counts = counts or {"batches": 0}
    for lane in LANES:
        run = play({}, lane=lane, epochs=2, learning_rate=schedule(), **counts, **settings)
        assert run.learning_rate_after == tuple(rates)


def _as_call(hook: Any) -> tuple[Any, ...]:
    logs = {key: plain(value) for key, value in hook.logs.items()}
    if "epoch" in hook.name:
        return (hook.name, hook.epoch, logs)
    return (hook.name, logs) if hook.batch is None else (hook.name, hook.batch, logs)


@MODELS
def test_evaluate_calls_what_plain_keras_calls(model_of: Any) -> None:
    """Evaluation outside of fit has the hooks, logs and result of plain Keras."""
    reference, tracer = Tracer(), Tracer()
    model = TableModel([], [0.5, 0.75, 0.1])
    expected = model.evaluate(data(3), verbose=0, callbacks=[reference])
    script = Script(epochs=1, val_batches=3, batch_metrics={"val_loss": [".5 .75 .1"]})
    with model_of(script) as model:
        assert model.evaluate(verbose=0, callbacks=[tracer]) == expected
    assert tracer.calls == reference.calls


@MODELS
def test_predict_calls_what_plain_keras_calls(model_of: Any) -> None:
    """Prediction has the hooks, outputs and result of plain Keras."""
    reference, tracer = Tracer(), Tracer()
    x = np.arange(5, dtype=np.float32).reshape(5, 1)
    expected = TableModel([], []).predict(x, batch_size=2, verbose=0, callbacks=[reference])
    script = Script(metrics={"loss": "1x1"}, predict=lambda x, epoch: x)
    with model_of(script) as model:
        result = model.predict(x, batch_size=2, verbose=0, callbacks=[tracer])
    assert result.tolist() == expected.tolist()
    assert tracer.calls == reference.calls


# The judges are judged: each of three mistakes is caught.


def test_a_fake_that_validates_after_the_epochs_end_is_caught(monkeypatch: Any) -> None:
    """A fake whose validation comes after on_epoch_end differs from plain Keras."""
    from dryfit_fakes.model import FakeModel as Fake

    late: list[Any] = []
    calls = {"on_test_begin", "on_test_batch_begin", "on_test_batch_end", "on_test_end"}
    case = CASES["with validation"]

    def test_later(self: Any, hooks: Any, within_fit: bool, x: Any = None) -> Any:
        late.append((self, hooks))
        return {"loss": 0.6000000238418579}

    original = Fake._test
    begin = Fake._train_epoch

    def train_after_validation(*arguments: Any) -> Any:
        while late:
            original(*late.pop(), within_fit=True)
        return begin(*arguments)

    monkeypatch.setattr(Fake, "_test", test_later)
    monkeypatch.setattr(Fake, "_train_epoch", train_after_validation)
    monkeypatch.setattr("dryfit.lanes.recorded_play.check_lifecycle", lambda *a, **k: None)
    got, _ = case.in_lane("fake")
    expected = case.in_plain_keras()
    assert any(call[0] in calls for call in got)
    assert got != expected


def test_a_recorder_that_blames_the_neighbour_is_caught(monkeypatch: Any) -> None:
    """Who did it is judged by a callback that knows that it did it itself."""

    class Culprit(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 0.5

    class Neighbour(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            pass

    def blame_each_other(self: Listeners, hook: str) -> Any:
        culprit, neighbour = self.named
        return [(culprit[0], neighbour[1]), (neighbour[0], culprit[1])]

    def blamed() -> list[Any]:
        model = ScriptedModel(Script(metrics={"loss": "1x1"}))
        model.fit(verbose=0, callbacks=[Culprit(), Neighbour()])
        return [change.by for change in model.run.changes]

    assert blamed() == ["Culprit"]
    monkeypatch.setattr(Listeners, "now", blame_each_other)
    assert blamed() != ["Culprit"]


def test_a_wrong_running_mean_is_caught(monkeypatch: Any) -> None:
    """A mean in double precision differs from Keras' float32 tracker in the last digit."""
    from dryfit_fakes.float32 import RunningMean, float32

    class Double(RunningMean):
        __slots__ = ("values",)

        def update(self, value: float) -> float:
            self.values = [*getattr(self, "values", []), value]
            return self.result()

        def result(self) -> float:
            return float32(sum(self.values) / len(self.values))

        def reset(self) -> None:
            self.values = []

    case = Case([[0.1] * 30])
    assert case.in_lane("fake")[0] == case.in_plain_keras()
    monkeypatch.setattr("dryfit_fakes.playback.RunningMean", Double)
    assert case.in_lane("fake")[0] != case.in_plain_keras()
