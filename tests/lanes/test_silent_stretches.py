"""Batches and epochs that nobody listens to are one fact, and the timeline is that of the loop."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest

from dryfit import Script, ScriptedModel, play
from dryfit.run.run import Run
from dryfit.run.trace import Dispatches, Trace
from dryfit_fakes.model import FakeModel

Callback = keras.callbacks.Callback
CURVES = {"loss": "3 2 1", "val_loss": "3 _ 1"}


class Heard(Callback):  # type: ignore[misc]
    """Has a hook from the middle of the run on."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.heard: list[int] = []
            self.on_train_batch_end = lambda batch, logs: self.heard.append(batch)


class HeardTests(Callback):  # type: ignore[misc]
    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.last = batch


class Evaluates(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        print(self.model.evaluate(verbose=0), int(self.model.optimizer.iterations))


class Rates(Callback):  # type: ignore[misc]
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 0.5 / (epoch + 1)


class Halves(Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for variable in self.model.trainable_variables if epoch == 1 else ():
            variable.assign(variable * 0.5 + 1.0)


class StopsIn(Callback):  # type: ignore[misc]
    def on_test_end(self, logs: Any = None) -> None:
        self.model.stop_training = True


def lent() -> Any:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


class AtTheEnds(Callback):  # type: ignore[misc]
    """Has no hook in any epoch."""

    def on_train_end(self, logs: Any = None) -> None:
        print(logs, int(self.model.optimizer.iterations), self.model.evaluate(verbose=0))
        self.model.save_weights("end.weights.h5")


class Counts(Callback):  # type: ignore[misc]
    """Has an attribute that is another after every batch, and no hook in any epoch."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.trained = self.model.optimizer.iterations


def looped(monkeypatch: pytest.MonkeyPatch, make: Callable[[], Run]) -> Run:
    """What a run is where every epoch and every batch is dispatched."""
    with monkeypatch.context() as patch:
        patch.setattr("dryfit_fakes.model.Dispatch.nobody_in_epochs", lambda hooks: False)
        for module in ("model", "evaluation"):
            patch.setattr(f"dryfit_fakes.{module}.heard_out", lambda kind, *listeners: False)
        return make()


def stretches(run: Run) -> list[tuple[Any, ...]]:
    """The facts in the rows of dispatches that are batches of which nobody heard."""
    rows = [item for item in run._trace.items if isinstance(item, Dispatches)]
    facts = [tuple(row[place : place + 4]) for row in rows for place in range(0, len(row), 4)]
    return [fact for fact in facts if isinstance(fact[2], tuple)]


@pytest.mark.parametrize(
    "callbacks",
    [[], [Heard], [HeardTests], [Evaluates], [Rates, Evaluates], [StopsIn]],
    ids=lambda kinds: "+".join(kind.__name__ for kind in kinds) or "nobody",
)
@pytest.mark.parametrize(
    "script",
    [
        {"batches": 1},
        {"batches": 2, "val_batches": 3},
        {"batches": 7, "val_batches": 5, "steps_per_execution": 3},
        {"batches": 3, "val_batches": 2, "learning_rate": 0.1, "initial_epoch": 1},
        {"batches": 3, "metrics": {"val_loss": "1"}, "batch_metrics": {"loss": ["3 2 1"] * 3}},
        {"batches": 3, "metrics": {"loss": "1x3"}, "batch_logs": {"seen": ["3 2 1"] * 3}},
        {"batches": 4, "rates": ["0.1x4", "0.1x2 0.2x2", "0.2x4"]},
        {"batches": 4, "seconds_per_batch": 2.0, "seconds_per_epoch": 1.0},
    ],
    ids=["one", "two", "by three", "rate", "raw", "logged", "rates", "time"],
)
def test_the_timeline_is_that_of_the_loop(
    callbacks: list[type], script: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever listens, and whatever is scripted: events, history and whose weights they are."""

    def made() -> Run:
        return play(script.get("metrics", CURVES), [kind() for kind in callbacks], **others)

    others = {key: value for key, value in script.items() if key != "metrics"}
    quick, whole = made(), looped(monkeypatch, made)
    assert stretches(whole) == []
    assert quick.timeline == whole.timeline
    assert (quick.history, quick.weights) == (whole.history, whole.weights)
    assert quick.rates == whole.rates


LONG = {"loss": "1-.1x6", "mae": "1 _ 3 nan _ 2", "val_loss": "2-.1x6"}


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("kind", [None, AtTheEnds, Counts], ids=["nobody", "ends", "counts"])
@pytest.mark.parametrize(
    "script",
    [
        {"batches": 1},
        {"batches": 3, "val_batches": 2, "steps_per_execution": 2},
        {"batches": 3, "record_batches": False},
        {"batches": 2, "metrics": {"loss": "1-.1x6"}, "initial_epoch": 1},
        {"batches": 2, "metrics": {"loss": "1-.1x6", "val_loss": "_ 1 _ 1 _ 1"}},
        {"batches": 2, "optimizers": {"slow": 0.1, "fast": 0.2}},
        {"batches": 2, "optimizers": {"slow": 0.1, "fast": 0.2}, "late_optimizers": True},
        {"batches": 2, "learning_rate": keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)},
        {"batches": 2, "rates": ".4 .3 .2 .2 .1 .1"},
        {"batches": "unknown"},
        {"batches": 0},
        {"batches": 2, "metrics": {"loss": lambda epoch, rate, weights: epoch}, "epochs": 6},
        {"batches": 2, "batch_metrics": {"mse": ["3 1"] * 6}},
        {"batches": 2, "seconds_per_epoch": 1.0},
        {"batches": 2, "interrupt": {"epoch": 3}},
    ],
    ids=lambda script: " ".join(script),
)
def test_epochs_that_nobody_listens_to_are_those_of_the_loop(
    kind: type | None, script: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether they differ in what is reported alone, or in what else the script says."""

    def made() -> Run:
        keys = {key: value for key, value in script.items() if key != "metrics"}
        return play(script.get("metrics", LONG), [kind()] if kind else [], **keys)

    monkeypatch.chdir(tmp_path)
    quick, whole = made(), looped(monkeypatch, made)
    assert quick.timeline == whole.timeline
    assert (quick.history, quick.weights) == (whole.history, whole.weights)
    assert (quick.rates, quick.table()) == (whole.rates, whole.table())
    assert int(quick.model.optimizer.iterations) == int(whole.model.optimizer.iterations)


def test_of_silent_epochs_the_first_and_the_last_are_trained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is between is told as one fact an epoch."""
    trained: list[int] = []
    train = FakeModel._train_epoch

    def counted(model: FakeModel, hooks: Any, epoch: int, *args: Any) -> Any:
        trained.append(epoch)
        return train(model, hooks, epoch, *args)

    monkeypatch.setattr(FakeModel, "_train_epoch", counted)
    assert play(LONG, [Callback()], batches=2).epochs == (0, 1, 2, 3, 4, 5)
    assert trained == [0, 5]


def test_a_hook_that_a_function_of_the_script_gives_is_heard() -> None:
    """It is code of somebody's, that may do anything in any epoch."""
    heard: list[int] = []
    callback = Callback()

    def loss(epoch: int, rate: Any, weights_epoch: int | None) -> float:
        if epoch == 3:
            callback.on_epoch_end = lambda epoch, logs: heard.append(epoch)
        return 1.0

    play({"loss": loss}, [callback], epochs=6)
    assert heard == [3, 4, 5]


def test_a_lent_model_is_trained_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its optimizer counts the batches of a stretch, too, and an edit behind it is seen."""

    def made() -> Run:
        return play(CURVES, [Evaluates(), Halves()], model=lent(), batches=5)

    quick, whole = made(), looped(monkeypatch, made)
    assert quick.timeline == whole.timeline
    assert int(quick.model.optimizer.iterations) == int(whole.model.optimizer.iterations) == 15


def test_an_evaluation_of_its_own_has_a_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a fit there is no epoch, and the batches are the same."""

    def evaluated() -> Run:
        model = ScriptedModel(Script(metrics={"val_loss": ".5x1"}, val_batches=4))
        model.evaluate(verbose=0)
        return model.run

    quick = evaluated()
    assert stretches(quick) == [("test", None, (range(1, 4), 0), {"loss": 0.5})]
    assert quick.timeline == looped(monkeypatch, evaluated).timeline


def test_a_million_batches_are_one_fact() -> None:
    """Nothing is kept of them but from where to where, and what they report."""
    run = play({"loss": ".5x1"}, [], batches=1_000_000)
    assert stretches(run) == [("train", 0, (range(1, 1_000_000), 0), {"loss": 0.5})]
    trace: Trace = run._trace
    assert len(trace.items) < 10
    assert [batch for name, _, batch, _ in trace.dispatches() if name.endswith("batch_end")] == [
        *(0, 999_999)
    ]


def test_a_hook_from_mid_run_on_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The epoch before is a stretch; from the next batch on it is called for every one."""
    heard = Heard()
    run = play(CURVES, [heard], batches=3)
    assert [epoch for kind, epoch, _, _ in stretches(run) if kind == "train"] == [0]
    assert heard.heard == [0, 1, 2] * 2
