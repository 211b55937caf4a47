"""What functions keep from call to call is state of all instances, too."""

from typing import Any

import keras

from dryfit.tools.check.check_targets import subject_of
from dryfit.tools.check.sharing_checks import module_state


def numbered(key: float, known: dict[float, int] = {}) -> int:  # noqa: B006  # the mistake
    return known.setdefault(key, len(known))


def looked_up(key: float, names: dict[float, str] = {0.0: "zero"}) -> str:  # noqa: B006
    return names.get(key, "more")


class AsksAFunction(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.number = numbered((logs or {}).get("loss", 0.0))


class AsksATable(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.name = looked_up((logs or {}).get("loss", 0.0))


class DefaultOfAHook(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(
        self,
        epoch: int,
        logs: Any = None,
        seen: list[int] = [],  # noqa: B006
    ) -> None:
        seen.append(epoch)


def counting() -> Any:
    seen: list[int] = []

    class Around(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(epoch)

    return Around


def test_a_function_that_remembers_is_found() -> None:
    """By its name; a table that is only read is none."""
    reasons = [
        module_state(subject_of(kind, (), {})).reason
        for kind in (AsksAFunction, DefaultOfAHook, counting(), AsksATable)
    ]
    assert reasons == [
        "known of the function numbered is another after training",
        "seen of the function DefaultOfAHook.on_epoch_end is another after training",
        "seen of the function counting.<locals>.Around.on_epoch_end is another after training",
        "what it remembers, it keeps in itself",
    ]
