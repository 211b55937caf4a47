"""Random trainings are in both lanes what they are in plain Keras, in every hook."""

from dataclasses import replace
from typing import Any

import pytest
import random_trainings as trainings
from plain_witness import PlainWitness, weights_of

from dryfit import play
from dryfit.events import Began, Event, State

FEW, ALL = 15, 300
SEEDS = [pytest.param(s, marks=pytest.mark.parity if s >= FEW else ()) for s in range(ALL)]


def without_witness(timeline: tuple[Event, ...]) -> tuple[Event, ...]:
    """A timeline but for the name of the witness, and the attributes that it sets on itself."""
    name, (began, *events) = PlainWitness.__name__, timeline
    assert isinstance(began, Began)
    assert began.callbacks[0] == name
    kept = [e for e in events if not (isinstance(e, State) and e.by == name)]
    return replace(began, callbacks=began.callbacks[1:]), *kept


@pytest.mark.parametrize("seed", SEEDS)
def test_random_trainings(seed: int) -> None:
    """MultiOptimizer, accumulation, executions that do not divide the batches."""
    sizes, plain = trainings.sizes(seed), PlainWitness()
    model = trainings.model(seed)
    model.fit(
        trainings.data(sizes.batches),
        validation_data=trainings.data(sizes.val_batches),
        epochs=sizes.epochs,
        shuffle=False,
        verbose=0,
        callbacks=[plain, *trainings.callbacks(seed)],
    )
    keys: Any = plain.script(sizes.epochs, sizes.batches, sizes.val_batches)
    keys["steps_per_execution"] = sizes.steps
    keys |= trainings.rates(seed)
    metrics, data = keys.pop("metrics"), (trainings.X, trainings.Y)
    real, witness = trainings.model(seed), PlainWitness()
    callbacks = [witness, *trainings.callbacks(seed)]
    run = play(metrics, callbacks, lane="real", model=real, data=data, **keys)
    assert witness.seen == plain.seen
    assert weights_of(real) == weights_of(model)
    assert run.history == model.history.history
    fake = play(metrics, trainings.callbacks(seed), **keys)
    assert fake.timeline == without_witness(run.timeline)
    assert fake.history == model.history.history
    if seed < FEW:  # nor does the witness make a difference to any other event
        options: Any = {"lane": "real", "model": trainings.model(seed), "data": data}
        assert play(metrics, trainings.callbacks(seed), **options, **keys).timeline == fake.timeline
