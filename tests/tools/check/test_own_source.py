"""Whose source is read."""

import sys

import pytest

from dryfit.tools.check.own_source import own_functions
from dryfit.tools.check.subject import packages_of


class Theirs:
    """Stands for a class of a Keras."""

    def on_epoch_end(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("package", "own"),
    [("mine", ["on_epoch_end"]), ("keras", []), ("tf_keras", [])],
)
def test_no_keras_is_the_users_own(
    package: str, own: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is Keras 2 by its own name."""
    monkeypatch.setitem(sys.modules, f"{package}.stand_in", sys.modules[__name__])
    monkeypatch.setattr(Theirs, "__module__", f"{package}.stand_in")
    assert [function.name for function in own_functions(Theirs)] == own


@pytest.mark.parametrize("keras", ["keras.src.callbacks.callback", "tf_keras.src.callbacks"])
def test_no_keras_is_a_package_of_a_callback(keras: str) -> None:
    """What Keras raises is no decision of the author's, on Keras 2 as on Keras 3."""
    base = type("Callback", (), {"__module__": keras})
    mine = type("Mine", (base,), {"__module__": "my.callbacks"})
    assert packages_of(mine) == {"my"}
