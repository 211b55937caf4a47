"""Hooks that Keras never calls are found by their names."""

from typing import Any

import keras
import pytest

from dryfit.tools.check.check_targets import subject_of
from dryfit.tools.check.hook_checks import hooks_that_run, names, signatures

# What other libraries call their hooks, and what fingers make of Keras'.
MISNOMERS = """
    on_epoch_start:on_epoch_begin on_batch_start:on_batch_begin on_train_start:on_train_begin
    on_training_begin:on_train_begin on_training_end:on_train_end on_fit_begin:on_train_begin
    on_fit_end:on_train_end on_evaluate_begin:on_test_begin on_evaluate_end:on_test_end
    on_validation_begin:on_test_begin on_validation_end:on_test_end on_val_begin:on_test_begin
    on_val_batch_end:on_test_batch_end on_validation_batch_end:on_test_batch_end
    on_step_begin:on_batch_begin on_step_end:on_batch_end on_epoch_finish:on_epoch_end
    after_epoch:on_epoch_end before_epoch:on_epoch_begin on_epoch_complete:on_epoch_end
    on_test_epoch_end:on_test_end onEpochEnd:on_epoch_end epoch_end:on_epoch_end
    on_train_epoch_end:on_epoch_end on_train_step_end:on_train_batch_end
    on_predict_start:on_predict_begin on_end_epoch:on_epoch_end on_epochend:on_epoch_end
    on_eopch_end:on_epoch_end on_epoch_ends:on_epoch_end
""".split()


def made(**methods: Any) -> Any:
    return subject_of(type("Made", (keras.callbacks.Callback,), methods), (), {})


def nothing(self: Any, *args: Any, logs: Any = None) -> None: ...


@pytest.mark.parametrize("pair", MISNOMERS)
def test_a_misnomer_is_told_with_the_hook(pair: str) -> None:
    """Each of thirty names is never called, and the hook that was meant is named."""
    name, hook = pair.split(":")
    found = names(made(**{name: nothing}))
    assert (found.outcome, found.reason) == (
        "failed",
        f"{name} is never called; did you mean {hook}?",
    )


@pytest.mark.parametrize(
    "name", "on_trial_end on_exception on_save on_checkpoint_saved training_step endpoint".split()
)
def test_other_names_are_nobodys(name: str) -> None:
    """A method may be called anything else, also with on_ in front."""
    assert names(made(**{name: nothing})).outcome == "passed"


def test_a_name_between_two_hooks_is_a_remark() -> None:
    """on_epoch may be somebody else's hook, and Keras does not call it."""
    assert names(made(on_epoch=nothing)).remark == (
        "on_epoch is no hook of Keras', and its own code does not call it"
    )


def test_a_helper_is_called_by_its_own_class() -> None:
    """What a hook of the class calls is no misnomer, whatever its name."""

    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        self.on_validation_end()

    found = names(made(on_epoch_end=on_epoch_end, on_validation_end=nothing))
    assert found.outcome == "passed"


def test_an_alias_behind_its_hook() -> None:
    """on_batch_end beside on_train_batch_end is dead, unless that one calls it or is it."""

    def calls(self: Any, batch: int, logs: Any = None) -> None:
        self.on_batch_end(batch, logs)

    dead = names(made(on_batch_end=nothing, on_train_batch_end=lambda self, batch, logs: None))
    assert dead.reason == "on_batch_end is never called: on_train_batch_end is there too"
    assert names(made(on_batch_end=nothing, on_train_batch_end=calls)).outcome == "passed"
    assert names(made(on_batch_end=nothing, on_train_batch_end=nothing)).outcome == "passed"
    assert names(made(on_batch_end=nothing)).outcome == "passed"


def test_what_is_called_and_never_run() -> None:
    """Generators, and coroutines that yield; a plain hook runs."""

    def yields(self: Any, epoch: int, logs: Any = None) -> Any:
        yield epoch

    async def awaits(self: Any, epoch: int, logs: Any = None) -> Any:
        yield epoch

    for hook in (yields, awaits):
        found = hooks_that_run(made(on_epoch_end=hook))
        assert found.reason == "on_epoch_end is a generator: it is called, and never run"
    assert hooks_that_run(made(on_epoch_end=nothing)).outcome == "passed"


def test_a_static_hook_has_no_self() -> None:
    """The epoch would be its self, and the logs its epoch; one without self is as good as any."""

    def meant(self: Any, epoch: Any, logs: Any = None) -> None: ...
    def told(epoch: Any, logs: Any = None) -> None: ...

    assert signatures(made(on_epoch_end=staticmethod(meant))).reason == (
        "on_epoch_end is a static method: its self is what on_epoch_end(epoch, logs) begins with"
    )
    assert signatures(made(on_epoch_end=staticmethod(told))).outcome == "passed"
