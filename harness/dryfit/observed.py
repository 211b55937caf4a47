"""What a recorder reads of callbacks and models."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from dryfit.trace import same
from dryfit_fakes.backend import keras
from dryfit_fakes.journal import Observation

RELATIVE_TOLERANCE = 1e-6

_PLAIN = (bool, int, float, str, type(None))


def check_callbacks(callbacks: list[Any]) -> None:
    """Refuse what is no callback, with its place in the list."""
    for index, callback in enumerate(callbacks):
        if isinstance(callback, type):
            raise TypeError(
                f"callbacks[{index}] is the class {callback.__name__}; make one of it, "
                f"{callback.__name__}(...)"
            )
        if not hasattr(callback, "set_model"):
            raise TypeError(
                f"callbacks[{index}] is {callback!r}, no callback: it has no set_model. "
                "Pass a list of keras.callbacks.Callback instances."
            )


def unique_names(callbacks: list[Any]) -> list[str]:
    """Name callbacks by class; the second of a class has a number."""
    counts: Counter[str] = Counter()
    names = []
    for callback in callbacks:
        name = type(callback).__name__
        counts[name] += 1
        names.append(name if counts[name] == 1 else f"{name}#{counts[name]}")
    return names


def observer(model: Any) -> Callable[[], Observation]:
    """Read a foreign model's state, as far as it goes."""

    def observe() -> Observation:
        rate = getattr(getattr(model, "optimizer", None), "learning_rate", None)
        if rate is not None:
            rate = float(keras.ops.convert_to_numpy(rate))
        return Observation(rate, bool(model.stop_training), False)

    return observe


def plain_attributes(callback: Any) -> dict[str, Any]:
    """Read the attributes of a callback that are plain values."""
    plain = {}
    for attribute, value in getattr(callback, "__dict__", {}).items():
        if isinstance(value, _PLAIN):
            plain[attribute] = value
        elif getattr(value, "shape", None) == () and hasattr(value, "item"):
            plain[attribute] = value.item()
    return plain


def same_rate(old: float | None, new: float | None) -> bool:
    """Whether two rates are equal within 1e-6; nan equals nan."""
    if old is None or new is None or math.isnan(old) or math.isnan(new):
        return same(old, new)
    return math.isclose(old, new, rel_tol=RELATIVE_TOLERANCE)
