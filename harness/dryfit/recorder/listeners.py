"""The callbacks of a recorder by their names, and who of them has a hook."""

from collections import Counter

from dryfit_fakes.dispatch import has_hook
from dryfit_fakes.keras_of_process import of_another_keras
from dryfit_fakes.protocols import Callback


class Listeners:
    """Callbacks by the names that `by` has for them, and who listens to what.

    Args:
        callbacks: in their order.

    Attributes:
        names: by class; the second of a class has a number.
        named: each name with its callback.
        at_batches: those who had a batch hook when it was looked for last, by hook.

    Raises:
        TypeError: something in the list is no callback, or one for another Keras.
    """

    def __init__(self, callbacks: list[Callback]) -> None:
        _check(callbacks)
        self.names = tuple(_unique_names(callbacks))
        self.named = list(zip(self.names, callbacks, strict=True))
        self.at_batches: dict[str, list[tuple[str, Callback]]] = {}
        self._heard: dict[str, bool] = {}

    def now(self, hook: str) -> list[tuple[str, Callback]]:
        """Those who have a hook now; one may be assigned at any time."""
        return [(by, callback) for by, callback in self.named if has_hook(callback, hook)]

    def look(self, kind: str) -> None:
        """See who has the batch hooks of a kind ("train", "test" or "predict") now."""
        begin, end = f"on_{kind}_batch_begin", f"on_{kind}_batch_end"
        begins, ends = self.now(begin), self.now(end)
        self.at_batches[begin], self.at_batches[end] = begins, ends
        self._heard[kind] = bool(begins or ends)

    def any_at_batches(self, kind: str) -> bool:
        """Whether anybody had a batch hook of a kind when it was looked for last."""
        return self._heard[kind]


def _check(callbacks: list[Callback]) -> None:
    """Refuse what is no callback, with its place in the list."""
    for index, callback in enumerate(callbacks):
        if isinstance(callback, type):
            raise TypeError(
                f"callbacks[{index}] is the class {callback.__name__}; make one of it, "
                f"{callback.__name__}(...)"
            )
        if foreign := of_another_keras(
            type(callback), f"callbacks[{index}], a {type(callback).__name__},"
        ):
            raise TypeError(foreign)
        if not hasattr(callback, "set_model"):
            raise TypeError(
                f"callbacks[{index}] is {callback!r}, no callback: it has no set_model. "
                "Pass a list of keras.callbacks.Callback instances."
            )


def _unique_names(callbacks: list[Callback]) -> list[str]:
    counts: Counter[str] = Counter()
    names = []
    for callback in callbacks:
        name = type(callback).__name__
        counts[name] += 1
        names.append(name if counts[name] == 1 else f"{name}#{counts[name]}")
    return names
