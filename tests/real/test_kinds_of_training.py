"""Kinds of training, each in plain Keras, with a Recorder and in both lanes."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import kinds_of_training as kinds
import pytest
from plain_witness import PlainWitness, weights_of

from dryfit import Recorder, Run, play
from dryfit.events import Warned

SOME = (
    "subclassed",
    "several optimizers",
    "gan",
    "averaged at the end",
    "scaled loss",
    "all layers frozen",
    "unfrozen at begin",
    "long executions",
)
CASES = [pytest.param(k, marks=() if k in SOME else pytest.mark.parity) for k in kinds.KINDS]


@dataclass
class Fitted:
    """What a training showed, and what it left."""

    witness: PlainWitness
    model: Any
    recorder: Recorder | None = None

    @property
    def left(self) -> tuple[Any, ...]:
        return self.model.history.history, self.model.stop_training, weights_of(self.model)


def fitted(kind: str, recorded: bool) -> Fitted:
    model, witness = kinds.model(kind), PlainWitness()
    callbacks = [witness, *kinds.callbacks(kind)]
    recorder = Recorder(callbacks) if recorded else None
    model.fit(
        kinds.data(kind, kinds.BATCHES),
        validation_data=kinds.data(kind, kinds.VAL_BATCHES),
        epochs=kinds.EPOCHS,
        shuffle=False,
        verbose=0,
        callbacks=callbacks if recorder is None else [recorder],
    )
    return Fitted(witness, model, recorder)


@cache
def plain(kind: str) -> Fitted:
    return fitted(kind, recorded=False)


@cache
def recorded(kind: str) -> Fitted:
    return fitted(kind, recorded=True)


def script(kind: str) -> dict[str, Any]:
    """What plain Keras reported, as a script."""
    sizes = (kinds.EPOCHS, kinds.BATCHES, kinds.VAL_BATCHES)
    steps = plain(kind).model.steps_per_execution
    return plain(kind).witness.script(*sizes) | {"steps_per_execution": steps}


def in_the_real_lane(kind: str) -> tuple[Fitted, Run]:
    model, witness = kinds.model(kind), PlainWitness()
    batch, keys = kinds.batch(kind), script(kind)
    callbacks = [witness, *kinds.callbacks(kind)]
    run = play(keys.pop("metrics"), callbacks, lane="real", model=model, data=batch, **keys)
    return Fitted(witness, model), run


def assert_whose(run: Run, kind: str) -> None:
    """Whose weights a training ends with is what plain Keras' bytes say."""
    witness, last = plain(kind).witness, (max(plain(kind).witness.epochs), kinds.BATCHES - 1)
    epoch, batch = witness.whose.get(weights_of(plain(kind).model), last)
    assert run.weights is not None
    assert (run.weights.epoch, run.weights.batch) == (epoch, min(batch, kinds.BATCHES - 1))


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
@pytest.mark.parametrize("kind", CASES)
def test_a_recorder_changes_nothing_and_knows_the_weights(kind: str) -> None:
    """Hooks, logs, rates, stops, metrics and weights are plain Keras', in every hook."""
    found = recorded(kind)
    assert found.witness.seen == plain(kind).witness.seen
    assert found.left == plain(kind).left
    assert found.recorder is not None
    assert_whose(found.recorder.run, kind)


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
@pytest.mark.parametrize("kind", CASES)
def test_the_real_lane_trains_as_plain_keras_does(kind: str) -> None:
    """With what it reported as a script and the same data: the same in every hook."""
    found, run = in_the_real_lane(kind)
    assert found.witness.seen == plain(kind).witness.seen
    assert found.left == plain(kind).left
    assert_whose(run, kind)
    recorder = recorded(kind).recorder
    assert recorder is not None
    told = tuple(event for event in run.timeline if not isinstance(event, Warned))
    assert told == recorder.run.timeline


@pytest.mark.parametrize("kind", [c for c in CASES if c.values[0] not in kinds.NOT_SCRIPTED])
def test_the_fake_lane_tells_the_same(kind: str) -> None:
    """The timeline of a scripted model is that of the model that is trained."""
    keys = script(kind) | kinds.rates(kind)
    metrics = keys.pop("metrics")
    fake = play(metrics, kinds.callbacks(kind), **keys)
    options: Any = {"lane": "real", "model": kinds.model(kind), "data": kinds.batch(kind)}
    real = play(metrics, kinds.callbacks(kind), **options, **keys)
    assert fake.timeline == real.timeline
    assert fake.history == real.history


def test_the_page_has_every_kind() -> None:
    """With what it is compared in; a scripted model has no word for some, and says why."""
    page = Path(__file__).parents[2] / "docs" / "real-lane.md"
    rows = re.findall(
        r"^\| (.+) \| same \| same \| (.+) \|$", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert dict(rows) == {
        kind: f"no: {kinds.NOT_SCRIPTED[kind]}" if kind in kinds.NOT_SCRIPTED else "same"
        for kind in kinds.KINDS
    }
