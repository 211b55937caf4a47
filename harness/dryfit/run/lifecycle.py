"""The legal order of hooks, as a state machine that checks every run.

Source: the loops of ``keras/src/backend/tensorflow/trainer.py`` (3.15.1). It
knows nothing of the fake's loop, so a mistake there cannot hide behind itself.
"""

from collections.abc import Iterable

# state -> hook -> next state. A batch that begins and does not end is data that
# ran out (or a StopIteration in a hook): the pass goes on to its end.
_LEGAL: dict[str, dict[str, str]] = {
    "the start": {"on_train_begin": "fit", "on_test_begin": "test", "on_predict_begin": "predict"},
    "fit": {"on_epoch_begin": "epoch", "on_train_end": "the end"},
    "epoch": {
        "on_train_batch_begin": "batch",
        "on_test_begin": "validation",
        "on_epoch_end": "fit",
    },
    "batch": {
        "on_train_batch_end": "epoch",
        "on_test_begin": "validation",
        "on_epoch_end": "fit",
    },
    "validation": {"on_test_batch_begin": "validation batch", "on_test_end": "validated"},
    "validation batch": {"on_test_batch_end": "validation", "on_test_end": "validated"},
    "validated": {"on_epoch_end": "fit"},
    "test": {"on_test_batch_begin": "test batch", "on_test_end": "the end"},
    "test batch": {"on_test_batch_end": "test", "on_test_end": "the end"},
    "predict": {"on_predict_batch_begin": "predict batch", "on_predict_end": "the end"},
    "predict batch": {"on_predict_batch_end": "predict", "on_predict_end": "the end"},
    "the end": {},
}

HOOKS = tuple(sorted({hook for hooks in _LEGAL.values() for hook in hooks}))


# What callbacks miss where a loop never calls a hook (keras/src/callbacks, 3.15.1).
_MISSED = {
    "on_train_begin": "callbacks begin anew there, such as EarlyStopping with its wait and best",
    "on_epoch_begin": "LearningRateScheduler sets the rate of the epoch there",
    "on_train_batch_begin": "rates by batch are set there",
    "on_train_batch_end": "TerminateOnNaN and ModelCheckpoint(save_freq=N) act there",
    "on_epoch_end": "whatever monitors a metric decides there",
    "on_train_end": "CSVLogger closes its file there, and EarlyStopping says where it stopped",
}


class LifecycleError(AssertionError):
    """Hooks were called in an order that Keras never calls them in."""


def check_lifecycle(
    hooks: Iterable[tuple[str, int | None, int | None, object]], finished: bool
) -> None:
    """Check the order of hooks, and that epochs and batches count up.

    Args:
        hooks: ``(name, epoch, batch, logs)`` of every dispatch. Batch hooks may
            be left out altogether.
        finished: whether the run came to its end, without an exception.

    Raises:
        LifecycleError: the first hook that is out of order.
    """
    state, last_epoch, least_batch = "the start", None, 0
    for position, (name, epoch, batch, _) in enumerate(hooks):
        legal = _LEGAL[state]
        if name not in legal:
            allowed = " or ".join(legal) or "nothing more"
            raise LifecycleError(f"hook {position}: {name} after {state}; expected {allowed}")
        if batch is None:
            if epoch != last_epoch or name == "on_epoch_begin":
                _check_epoch(position, name, epoch, last_epoch)
            last_epoch, least_batch = epoch, 0
        elif batch < least_batch:
            raise LifecycleError(f"hook {position}: {name}({batch}), past {least_batch - 1}")
        else:
            least_batch = batch + (name[-1] == "d")  # ..._end: the next begins behind it
        state = legal[name]
    if finished and state != "the end":
        raise LifecycleError(f"the run ended in state {state!r}, before its last hook")


def check_loop(hooks: Iterable[tuple[str, int | None, int | None, object]], batches: bool) -> None:
    """Check that a loop of somebody's own called every hook that ``fit`` calls.

    Args:
        hooks: as above.
        batches: whether batch hooks are among them.

    Raises:
        LifecycleError: which it never called, and who misses them.
    """
    called = {name for name, *_ in hooks}
    if not called:
        raise LifecycleError(
            "the loop called no hook: make a keras.callbacks.CallbackList(callbacks, "
            "model=model) and call its on_train_begin, on_epoch_begin and so on"
        )
    missed = {
        name: why
        for name, why in _MISSED.items()
        if name not in called and (batches or "batch" not in name)
    }
    if missed:
        told = "; ".join(f"{name} ({why})" for name, why in missed.items())
        raise LifecycleError(f"the loop never called {told}")


def _check_epoch(position: int, name: str, epoch: int | None, last: int | None) -> None:
    if name == "on_epoch_begin" and last is not None and epoch != last + 1:
        raise LifecycleError(f"hook {position}: epoch {epoch} after epoch {last}")
    if name == "on_epoch_end" and epoch != last:
        raise LifecycleError(f"hook {position}: epoch {epoch} ends epoch {last}")
