"""What is logged is heard in every play, and not only in the first."""

import logging
from pathlib import Path

import pytest

from dryfit import play


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_a_model_saved_as_hdf5_prints_so_in_every_play(
    lane: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras logs it; the first thing that is logged makes a handler, which a play takes with it."""
    import keras

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.root, "handlers", [])
    saving = keras.callbacks.ModelCheckpoint("a.h5")
    first, second = (play({"loss": "1x2"}, [saving], lane=lane) for _ in range(2))
    assert [printed.text.partition(":")[2][:29] for printed in first.prints] == [
        "absl:You are saving your mode",
        "absl:You are saving your mode",
    ]
    assert second.prints == first.prints
    assert logging.root.handlers == []
