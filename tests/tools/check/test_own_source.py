"""Whose source is read."""

import sys

import pytest

from dryfit.tools.check.own_source import own_functions


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
