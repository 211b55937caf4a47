"""Callbacks of ours that would never act, in an epoch or a batch that no call has."""

from collections.abc import Iterator, Sequence

from dryfit.facts.failure import Key
from dryfit.scenario.known_callbacks import PLACED
from dryfit.scenario.scenario import Scenario
from dryfit_fakes.past_the_end import in_vain
from dryfit_fakes.script import Script


def actors_in_vain(scenario: Scenario, scripts: Sequence[Script]) -> Iterator[tuple[Key, str]]:
    """The key of each place that comes in none of the calls' scripts, and why not."""
    scripts = sorted(scripts, key=lambda script: script.epochs, reverse=True)
    for rank in range(1 + len(scenario.other_callbacks)):
        items, at = scenario.callbacks_of(rank)
        for index, (name, given) in enumerate(items):
            epoch, batch = given.get("epoch"), given.get("batch")
            usual = "on_epoch_end" if batch is None else "on_train_batch_end"
            hook = str(given.get("hook") or usual)
            lost = [dict(in_vain(script, epoch, batch, hook)) for script in scripts]
            if name in PLACED and lost and all(lost):  # the nearest tells why
                nearest = min(lost, key=len)
                yield from (((*at, index, name, key), why) for key, why in nearest.items())
