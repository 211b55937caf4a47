"""Places past a script's end: an interrupt and an actor there would do nothing, unseen."""

from typing import Any

import pytest

from dryfit import Script, ScriptedModel, play
from dryfit.pytest import MakeScriptedModel, ScriptedFit
from dryfit_fakes import Interrupt, ScriptError, StopAt
from dryfit_fakes.past_the_end import refuse_interrupt_in_vain

FIVE: dict[str, Any] = {"metrics": {"loss": "5-1x5", "val_loss": "5-1x5"}, "batches": 3}


@pytest.mark.parametrize(
    ("interrupt", "message"),
    [
        ({"epoch": 5}, "interrupt.epoch: epoch 5 cannot come: the script has epochs 0 to 4"),
        ({"epoch": -1}, "interrupt.epoch: epoch -1 cannot come: the script has epochs 0 to 4"),
        (
            Interrupt(epoch=4, batch=3),
            "interrupt.batch: batch 3 cannot come: the script has batches 0 to 2",
        ),
        (
            {"epoch": 4, "batch": 1, "hook": "on_test_batch_end"},
            "interrupt.batch: batch 1 cannot come: the script has batches 0 to 0",
        ),
    ],
)
def test_every_door_refuses_it(
    interrupt: Any, message: str, scripted_fit: ScriptedFit, scripted_model: MakeScriptedModel
) -> None:
    """A `Script` is a value, and takes it; who plays it for a user does not."""
    script = Script(**FIVE, interrupt=interrupt)
    metrics: Any = FIVE["metrics"]
    told: list[str] = []
    for door in (
        lambda: play(script, []),
        lambda: play(metrics, [], batches=3, interrupt=interrupt),
        lambda: play([metrics, metrics], None, batches=3, interrupt=interrupt),
        lambda: scripted_fit(metrics, batches=3, interrupt=interrupt),
        lambda: scripted_model(metrics, batches=3, interrupt=interrupt),
        lambda: ScriptedModel(script),
    ):
        with pytest.raises(ScriptError) as caught:
            door()
        told.append(str(caught.value))
    assert told == [message] * 6


@pytest.mark.parametrize(
    "keys",
    [
        {"interrupt": {"epoch": 4, "batch": 2}},
        {"interrupt": {"epoch": 3}, "initial_epoch": 3},
        {"interrupt": {"epoch": 4, "hook": "on_epoch_end"}},
        {"interrupt": {"hook": "on_train_end"}},
        {"interrupt": {"epoch": 0, "batch": 3}, "batches": "unknown"},  # asks for the data's end
        {},
    ],
)
def test_what_comes_is_taken(keys: dict[str, Any]) -> None:
    """The last epoch, the last batch, the first that is played."""
    refuse_interrupt_in_vain(
        Script(**{**FIVE, "batch_logs": {"loss": ["1x3", *["_"] * 4]}, **keys})
    )


def test_an_epoch_before_the_first_does_not_come_either() -> None:
    """A training that goes on begins with its own first epoch."""
    with pytest.raises(ScriptError, match="epoch 2 cannot come: the script has epochs 3 to 4"):
        play({"loss": "5-1x5"}, [], initial_epoch=3, interrupt={"epoch": 2})


def test_a_hook_of_epochs_has_no_batch() -> None:
    """Previously, the epoch's number was taken for the batch's."""
    with pytest.raises(ValueError, match="on_epoch_end is called for no batch; leave batch=0 out"):
        StopAt(epoch=0, batch=0, hook="on_epoch_end")
