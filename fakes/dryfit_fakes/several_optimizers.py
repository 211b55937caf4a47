"""Several optimizers in one, as callbacks see ``keras.optimizers.MultiOptimizer``.

Source: ``keras/src/optimizers/multi_optimizer.py`` (3.15.1); Keras' callbacks know it by
its ``optimizers`` and tell rates apart as ``learning_rate_<name>``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from dryfit_fakes.backend import keras
from dryfit_fakes.journal import unused_name
from dryfit_fakes.optimizer import (
    REMEDY,
    ScalarVariable,
    ScriptedOptimizer,
    is_settable,
    rate_of,
)
from dryfit_fakes.protocols import Optimizer, Rate, Rates, Variable
from dryfit_fakes.releases import SCHEDULED_RATE_IS_A_VARIABLE
from dryfit_fakes.script import Script
from dryfit_fakes.strict import NotOfferedError


class SeveralOptimizers:
    """Optimizers that train nothing, each with a rate of its own.

    Args:
        rates: by name; each as `ScriptedOptimizer` takes it.
        late: whether there are none before `build`, as where a function chooses them.
    """

    name = "multi_optimizer"

    def __init__(self, rates: Mapping[str, Rate], late: bool = False) -> None:
        self._optimizers = [ScriptedOptimizer(rate, name) for name, rate in rates.items()]
        self._iterations = ScalarVariable(0, "int64", "iterations")
        for one in self._optimizers:  # each counts what it has applied, which is every batch
            one._iterations = self._iterations
        self._built = not late

    @property
    def built(self) -> bool:
        """Whether there are its optimizers."""
        return self._built

    def build(self, variables: object) -> None:
        """Make the optimizers, whatever the variables."""
        self._built = True

    @property
    def optimizers(self) -> list[ScriptedOptimizer]:
        """Each of them."""
        return self._optimizers if self._built else []

    @property
    def iterations(self) -> ScalarVariable:
        """How many batches have trained."""
        return self._iterations

    @property
    def learning_rate(self) -> Any:
        """There is none: each optimizer has its own."""
        raise AttributeError(
            "Learning rate cannot be accessed on a MultiOptimizer. "
            "Access the learning rate on the individual sub-optimizers instead."
        )

    @learning_rate.setter
    def learning_rate(self, value: Rate) -> None:
        raise AttributeError(
            "Learning rate cannot be set on a MultiOptimizer. "
            "Set the learning rate on the individual sub-optimizers instead."
        )

    def __getattr__(self, name: str) -> Any:
        raise NotOfferedError(self, name, REMEDY)


Scripted = ScriptedOptimizer | SeveralOptimizers


def scripted(rate: Rate, rates: Mapping[str, Rate], late: bool = False) -> Scripted:
    """Make what a script says: several optimizers by name, or one."""
    return SeveralOptimizers(rates, late) if rates else ScriptedOptimizer(rate)


def rate_reader(optimizer: Scripted) -> Callable[[], Rates]:
    """What reads the rate as a Python float that holds a float32 value; of several by name."""
    if isinstance(optimizer, ScriptedOptimizer):
        return lambda: rate_of(optimizer)
    return lambda: {one.name: rate_of(one) for one in optimizer.optimizers}


def is_late(script: Script, optimizer: Optimizer | None) -> bool:
    """Whether the first step makes the optimizers of a model, and so their rates."""
    return script.late_optimizers and not getattr(optimizer, "built", True)


def begin_as_told(
    script: Script, optimizer: Optimizer | None, trainable: Sequence[Variable]
) -> None:
    """Let an optimizer begin with the rates that a script says; it may make its own for it.

    Raises:
        ValueError: it is not made of optimizers of these names, or there is none.
    """
    if script.optimizers and not getattr(optimizer, "built", True):
        cast("Any", optimizer).build(trainable)
    begin_with(optimizer, script.learning_rate, script.optimizers)


def begin_with(optimizer: Optimizer | None, rate: "Rate | None", rates: Mapping[str, Rate]) -> None:
    """Set an optimizer's rate, or those of its optimizers by their names; ``None`` leaves it.

    Raises:
        ValueError: it is not made of optimizers of these names, or there is none.
    """
    if optimizer is None and (rate is not None or rates):
        raise ValueError(
            "the script says with what rate training begins, and the model was compiled without an "
            "optimizer: leave learning_rate out, or compile it with one"
        )
    if optimizer is not None and rate is not None:
        optimizer.learning_rate = rate
        if SCHEDULED_RATE_IS_A_VARIABLE and isinstance(optimizer, keras.optimizers.Optimizer):
            made: Any = optimizer  # whose variable for a schedule's rate is made with it
            made._learning_rate = made._build_learning_rate(rate)
    if not rates:
        return
    found: dict[str, Any] = {}
    for one in getattr(optimizer, "optimizers", ()):
        found[unused_name(one.name, found)] = one
    if missing := [name for name in rates if name not in found]:
        there = f"the optimizers {', '.join(found)}" if found else "one optimizer"
        raise ValueError(
            f"the script's optimizers are {', '.join(rates)}, and the model has {there}: "
            f"{missing[0]} is not among them. Compile it with keras.optimizers.MultiOptimizer."
        )
    for name, value in rates.items():
        found[name].learning_rate = value


def state_of(optimizer: Scripted) -> dict[str, Any]:
    """What a file keeps of an optimizer, as arrays."""
    state = {"iterations": np.array(int(optimizer.iterations), np.int64)}
    for key, one in _keyed(optimizer):
        if is_settable(one):
            state[key] = np.array(rate_of(one), np.float32)
    return state


def put_state(optimizer: Scripted, state: Mapping[str, Any]) -> None:
    """Put into an optimizer what a file keeps of it."""
    optimizer.iterations.assign(state["iterations"])
    for key, one in _keyed(optimizer):
        if key in state:
            one.learning_rate = state[key]


def _keyed(optimizer: Scripted) -> list[tuple[str, ScriptedOptimizer]]:
    if isinstance(optimizer, ScriptedOptimizer):
        return [("learning_rate", optimizer)]
    return [(f"learning_rate_{i}", one) for i, one in enumerate(optimizer.optimizers)]
