"""What an `expect` asks for in vain: what cannot come, nobody has, or would check nothing."""

from collections.abc import Iterator
from typing import Any

from dryfit.facts.expect_keys import BY_NAME
from dryfit.facts.fact import Fact
from dryfit.facts.failure import Key
from dryfit.facts.suggestions import did_you_mean
from dryfit.run.lifecycle import HOOKS
from dryfit.scenario.schema import Expect
from dryfit_fakes.past_the_end import cannot_come
from dryfit_fakes.quantities import quantity
from dryfit_fakes.series import Series

_EMPTY = "is empty: nothing would be checked"


def expect_in_vain(
    expect: Expect, epochs: int | None, metrics: set[str]
) -> Iterator[tuple[Key, str]]:
    """Each place of an `expect` that asks in vain, and why.

    Args:
        expect: as it is written.
        epochs: how many the script has; ``None`` if that is not known.
        metrics: those that somebody reports.
    """
    facts = {n: v for n, v in expect.given().items() if n in BY_NAME and v is not None}
    if not facts:
        only = " and ".join(expect.given())
        yield (), f"has no more than {only}: nothing would be checked" if only else _EMPTY
    for name, value in facts.items():
        for key, why in _without_a_script(BY_NAME[name], value):
            yield (name, *key), why
    if epochs is None:
        return
    for name, value in facts.items():
        for key, why in _with_a_script(BY_NAME[name], value, epochs, metrics):
            yield (name, *key), why
    if expect.epochs_run is not None and expect.epochs_run > epochs:
        yield ("epochs_run",), _longer(str(expect.epochs_run), epochs)


def _without_a_script(fact: Fact[Any], value: object) -> Iterator[tuple[Key, str]]:
    """Hooks that nobody calls, and what names nothing."""
    for key in fact.empty(value):
        yield key, _EMPTY
    for key, hook in fact.hooks(value):
        if hook not in HOOKS:
            known = ", ".join(HOOKS)
            hint = did_you_mean(hook.replace("on_batch_", "on_train_batch_"), HOOKS)
            yield key, f"no such hook{hint or f'. Keras calls {known}'}"


def _with_a_script(
    fact: Fact[Any], value: object, epochs: int, metrics: set[str]
) -> Iterator[tuple[Key, str]]:
    """Epochs that cannot come, series that are too long, and metrics that nobody has."""
    for key, values in fact.series(value):
        if isinstance(values, Series) and not values.open and len(values) > epochs:
            yield key, _longer(quantity(len(values), "value"), epochs)
    for key, epoch in fact.epochs(value):
        if epoch >= epochs:
            meant = "; how many there are is epochs_run" if fact.name == "epochs" else ""
            yield key, cannot_come("epoch", epoch, epochs) + meant
    for key, name in fact.metrics(value):
        if name not in metrics and (hint := did_you_mean(name, sorted(metrics), cutoff=0.8)):
            yield key, f"no such metric{hint} The script has {', '.join(sorted(metrics))}"


def _longer(what: str, epochs: int) -> str:
    return f"{what}: the script has {quantity(epochs, 'epoch')}"
