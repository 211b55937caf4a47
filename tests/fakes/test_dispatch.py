"""Which batch hooks are called: those that have something to do, as the callback itself says."""

from pathlib import Path

import keras
import pytest

from dryfit import Script, ScriptedModel
from dryfit_fakes.dispatch import has_hook


@pytest.mark.parametrize(("save_freq", "expected"), [("epoch", False), (2, True)])
def test_a_checkpoint_of_epochs_has_no_batch_hook(save_freq: str | int, expected: bool) -> None:
    """Nor does asking it count a batch."""
    callback = keras.callbacks.ModelCheckpoint("a.keras", save_freq=save_freq)
    before = dict(vars(callback))
    assert has_hook(callback, "on_train_batch_end") is expected
    assert vars(callback) == before


def test_a_checkpoint_that_decides_otherwise_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As plain Keras asks it: a fault in it shows in what is saved."""
    monkeypatch.chdir(tmp_path)
    kind = keras.callbacks.ModelCheckpoint
    monkeypatch.setattr(kind, "_should_save_on_batch", lambda self, batch: True)
    model = ScriptedModel(Script(metrics={"loss": "1x1"}, batches=2))
    model.fit(callbacks=[kind("a.keras")], verbose=0)
    assert [saved.batch for saved in model.run.checkpoints] == [0, 1, None]
