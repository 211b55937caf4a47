"""The oracle of legal hook order, and the bounds that end a play."""

import threading
import time
from typing import Any

import keras
import pytest

from dryfit import play
from dryfit.lanes import time_limit
from dryfit.lanes.time_limit import PlayTimeoutError
from dryfit.run.lifecycle import HOOKS, LifecycleError, check_lifecycle


def test_every_hook_is_known_that_keras_dispatches() -> None:
    """So that a misspelt one is told before Keras is there; two names are never dispatched."""
    found = {name for name in dir(keras.callbacks.CallbackList) if name.startswith("on_")}
    assert set(HOOKS) == found - {"on_batch_begin", "on_batch_end"}


WHOLE = [
    ("on_train_begin", None, None),
    ("on_epoch_begin", 0, None),
    ("on_train_batch_begin", 0, 0),
    ("on_train_batch_end", 0, 0),
    ("on_train_batch_begin", 0, 1),
    ("on_train_batch_end", 0, 1),
    ("on_test_begin", 0, None),
    ("on_test_batch_begin", 0, 0),
    ("on_test_batch_end", 0, 0),
    ("on_test_end", 0, None),
    ("on_epoch_end", 0, None),
    ("on_train_end", 0, None),
]


def check(hooks: list[Any], finished: bool = True) -> None:
    check_lifecycle([(*hook, {}) for hook in hooks], finished)


def test_a_whole_run_is_legal() -> None:
    """So is one without batch hooks, and every beginning of one that was broken off."""
    check(WHOLE)
    check([hook for hook in WHOLE if hook[2] is None])
    for length in range(len(WHOLE)):
        check(WHOLE[:length], finished=False)


def test_a_run_with_any_hook_left_out_or_doubled_is_not() -> None:
    """But for a whole pass over batches, no hook can be missed or come twice."""
    for index, (name, _, _) in enumerate(WHOLE):
        with pytest.raises(LifecycleError):
            check([*WHOLE[: index + 1], *WHOLE[index:]])
        if name not in ("on_train_batch_end", "on_test_batch_end"):  # data may run out
            with pytest.raises(LifecycleError):
                check(WHOLE[:index] + WHOLE[index + 1 :])


def test_any_two_neighbours_exchanged_are_not() -> None:
    """The order is the whole point."""
    for index in range(len(WHOLE) - 1):
        swapped = [*WHOLE[:index], WHOLE[index + 1], WHOLE[index], *WHOLE[index + 2 :]]
        with pytest.raises(LifecycleError):
            check(swapped)


def test_the_message_says_where() -> None:
    """The hook's number, its name, the state it came in, and what was expected."""
    with pytest.raises(LifecycleError) as caught:
        check([*WHOLE[:2], WHOLE[-1]])
    assert str(caught.value) == (
        "hook 2: on_train_end after epoch; "
        "expected on_train_batch_begin or on_test_begin or on_epoch_end"
    )


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_every_play_is_checked(lane: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both lanes hand their hooks to the oracle."""
    checked = []
    monkeypatch.setattr(
        "dryfit.lanes.recorded_play.check_lifecycle",
        lambda hooks, finished: checked.append((len(list(hooks)), finished)),
    )
    play({"loss": "1x2"}, lane=lane)
    assert checked == [(10, True)]


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_a_hook_that_never_returns_is_ended(lane: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run so far is on the error, and says who was at work.

    The time is up as soon as the hook is reached, however long a busy machine takes
    to get there: the alarm rings again and again until then.
    """
    now = [0.0]

    class Waits(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            while epoch == 1:
                now[0] = 0.5
                time.sleep(0.01)

    monkeypatch.setattr(time_limit, "_now", lambda: now[0])
    monkeypatch.setattr(time_limit, "waited_s", lambda: 0.0)
    with pytest.raises(PlayTimeoutError, match=r"did not end within 0\.5 s") as caught:
        play({"loss": "1x3"}, [Waits()], lane=lane, wall_time_s=0.5)
    assert (caught.value.run.raised.by, caught.value.run.raised.epoch) == ("Waits", 1)


def test_a_play_in_another_thread_ends_at_the_next_hook() -> None:
    """No timer signal reaches a thread; a slow play is ended between hooks."""

    class Slow(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            time.sleep(0.02)

    caught: list[BaseException] = []

    def run() -> None:
        try:
            play({"loss": "1x1000"}, [Slow()], wall_time_s=0.1)
        except PlayTimeoutError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(caught) == 1


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_keras_debugging_limits_do_not_cut_a_play_short(lane: str) -> None:
    """KERAS_MAX_EPOCHS is set aside for the play and back in force afterwards."""
    if not hasattr(keras.config, "set_max_epochs"):
        pytest.skip("this Keras has no such limit")
    keras.config.set_max_epochs(1)
    try:
        assert play({"loss": "1x3"}, lane=lane).epochs_run == 3
        assert keras.config.max_epochs() == 1
    finally:
        keras.config.set_max_epochs(None)
