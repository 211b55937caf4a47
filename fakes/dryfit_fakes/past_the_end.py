"""Places that are named and that no run of a script comes to.

A `Script` itself takes such an interrupt, from which nothing would be seen. Whoever is
handed a script by a user refuses it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dryfit_fakes.interrupt import Interrupt
from dryfit_fakes.script_values import ScriptError

if TYPE_CHECKING:
    from dryfit_fakes.script import Script


def refuse_interrupt_in_vain(script: "Script") -> None:
    """Refuse an interrupt that never comes.

    Raises:
        ScriptError: it is in an epoch or a batch that the script does not have.
    """
    __tracebackhide__ = True
    for name, why in interrupt_in_vain(script):
        raise ScriptError(f"interrupt.{name}: {why}")


def interrupt_in_vain(script: "Script") -> Iterator[tuple[str, str]]:
    """What of the interrupt's place is past an end, as `in_vain` says it."""
    if isinstance(interrupt := script.interrupt, Interrupt):
        yield from in_vain(script, interrupt.epoch, interrupt.batch, interrupt.place)


def in_vain(script: "Script", epoch: object, batch: object, hook: str) -> Iterator[tuple[str, str]]:
    """What of a place is past an end of the script, and why it cannot come.

    Args:
        epoch: ``None`` is any, and of `batch` likewise.
    """
    if epoch is not None and epoch not in range(script.initial_epoch, script.epochs):
        yield "epoch", cannot_come("epoch", epoch, script.epochs, script.initial_epoch)
    validates = "_test_" in hook or "_predict_" in hook
    count, steps = script.batches, script.steps
    if validates:
        count, steps = script.val_batches, script.val_steps
    # Where nobody knows how many there are, one more batch begins.
    if batch is not None and batch not in range(count + (steps is None)):
        yield "batch", cannot_come("batch", batch, count)


def cannot_come(name: str, at: object, end: int, first: int = 0) -> str:
    """Say that an epoch or a batch is none of a script's, which has those before `end`."""
    plural = {"epoch": "epochs", "batch": "batches"}[name]
    has = f"{plural} {first} to {end - 1}" if end > first else f"no {plural}"
    return f"{name} {at} cannot come: the script has {has}"
