"""Random trainings are in both lanes what they are in plain Keras, in every hook."""

from typing import Any

import pytest
import random_trainings as trainings
from plain_witness import PlainWitness, weights_of

from dryfit import play

FEW, ALL = 15, 300
SEEDS = [pytest.param(s, marks=pytest.mark.parity if s >= FEW else ()) for s in range(ALL)]


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
    metrics, data = keys.pop("metrics"), (trainings.X, trainings.Y)
    real, witness = trainings.model(seed), PlainWitness()
    callbacks = [witness, *trainings.callbacks(seed)]
    run = play(metrics, callbacks, lane="real", model=real, data=data, **keys)
    assert witness.seen == plain.seen
    assert weights_of(real) == weights_of(model)
    assert run.history == model.history.history
    keys |= trainings.rates(seed)
    options: Any = {"lane": "real", "model": trainings.model(seed), "data": data}
    again = play(metrics, trainings.callbacks(seed), **options, **keys)
    fake = play(metrics, trainings.callbacks(seed), **keys)
    assert fake.timeline == again.timeline
    assert fake.history == model.history.history
