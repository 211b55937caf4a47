"""The scripts of the checks: the keys of a scenario file, as text."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from dryfit.facts.notation import number
from dryfit.scenario.construct import import_name
from dryfit_fakes.metrics import known_direction
from dryfit_fakes.protocols import Plain
from dryfit_fakes.script import Script

STANDARD = ("loss", "accuracy", "val_loss", "val_accuracy")
PREDICTION = {"import": "dryfit.check:zeros"}
SCHEDULE = {"import": "dryfit.check:decaying"}


class Curves:
    """Numbers for the metrics that a callback may look for.

    Args:
        monitored: metrics beside the standard ones.
        seed: which numbers; their shape is always the same.

    Attributes:
        names: all metrics.
        demanded: those without which the callback is not to be had.
    """

    def __init__(self, monitored: Iterable[str] = (), seed: int = 0) -> None:
        both = [n for m in monitored for n in (m.removeprefix("val_"), m) if "/" not in n]
        self.names = tuple(dict.fromkeys((*STANDARD, *both)))
        self.demanded: tuple[str, ...] = ()
        chance = random.Random(seed)  # noqa: S311
        self._start = 1 + chance.randrange(100) / 100 if seed else 1.0
        self._step = 0.03 + chance.randrange(10) / 1000 if seed else 0.04

    def report(self, *names: str) -> None:
        """Let the model report these, but for the scripts that ask what happens without."""
        self.names = tuple(dict.fromkeys((*self.names, *names)))

    def demand(self, *names: str) -> None:
        """Let the model report these in every script: the callback is for models that do."""
        self.report(*names)
        self.demanded = tuple(dict.fromkeys((*self.demanded, *names)))

    def improving(self, epochs: int, names: Sequence[str] | None = None) -> dict[str, str]:
        """Series of which each value is better than all before."""
        return self._series(names, [float(epoch) for epoch in range(epochs)])

    def stalling(self, epochs: int, names: Sequence[str] | None = None) -> dict[str, str]:
        """Series that improve three times, and then never again."""
        return self._series(names, [0.0, 10.0, 20.0, *[float(e % 2) for e in range(epochs - 3)]])

    def keys(self, metrics: dict[str, str], epochs: int, **others: Plain) -> dict[str, Any]:
        """The keys of a script."""
        unknown = {n.removeprefix("val_") for n in metrics if direction(n) is None}
        told = {"directions": dict.fromkeys(sorted(unknown), "up")} if unknown else {}
        return {"epochs": epochs, "batches": 3, "metrics": metrics, **told, **others}

    def _series(self, names: Sequence[str] | None, goods: list[float]) -> dict[str, str]:
        chosen = self.names if names is None else names
        return {name: " ".join(self._value(name, good) for good in goods) for name in chosen}

    def _value(self, name: str, good: float) -> str:
        if direction(name) == "down":
            return number(round(self._start - self._step * good, 4))
        return number(round(0.1 + self._step * good, 4))


def direction(name: str) -> str | None:
    """Whether a metric is better ``"down"`` or ``"up"``; ``None`` where nobody knows."""
    bare = name.removeprefix("val_")
    return "down" if bare == "loss" else known_direction(bare)


def at(series: str, epoch: int, token: str) -> str:
    """A series with another value in one epoch."""
    tokens = series.split()
    return " ".join([*tokens[:epoch], token, *tokens[epoch + 1 :]])


def script_of(keys: dict[str, Any]) -> Script:
    """The script that a file with these keys has."""
    told = dict(keys)
    for name in ("predict", "learning_rate"):
        if isinstance(told.get(name), dict):
            told[name] = import_name(told[name]["import"])
    if "interrupt" in told:
        told["interrupt"] = {**told["interrupt"], "raises": KeyboardInterrupt}
    return Script(**told)
