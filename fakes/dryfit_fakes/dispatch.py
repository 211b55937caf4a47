"""Calls the hooks of a ``CallbackList`` in Keras' order, without its cost per batch.

Keras' own list turns every log value into a float again on every dispatch, 8 us
a value under TensorFlow. A script's logs are floats already, with sorted keys,
so each callback gets a fresh dict directly, and a batch hook that no callback
has is not called at all.
"""

from collections.abc import Sequence
from typing import Any

from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.protocols import Callback, CallbackList, Logs

_DEFAULT = "_is_default"  # what keras/src/utils/python_utils.py marks empty defaults with

# With save_freq="epoch" their batch hook asks `_should_save_on_batch`, and returns
# (keras/src/callbacks/model_checkpoint.py, backup_and_restore.py, 3.15.1).
_SAVING = (keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore)

_OF_HISTORY = frozenset(name for name in vars(keras.callbacks.History) if name.startswith("on_"))

# A callback's default for the left calls its hook on the right.
_ALIASES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


def has_hook(callback: Callback, hook: str) -> bool:
    """Whether a callback has more for a hook than Keras' empty default.

    A hook may be assigned on the instance (tqdm and LambdaCallback do), and the
    default of ``on_train_batch_end`` calls ``on_batch_end``: both count. What has
    no such hook at all fails where it does in Keras, when it is called.
    """
    if LEGACY and type(callback) in _SAVING and "_train_batch_" in hook:
        saving: Any = callback
        return bool(saving._implements_train_batch_hooks())
    if hook == "on_train_batch_end" and type(callback) in _SAVING and not vars(callback).get(hook):
        return vars(callback)["save_freq"] != "epoch" or _saves_in_batches(callback)
    method = getattr(callback, hook, None)
    # `is True`, as a Mock has every attribute, and a Mock's hook is to be called.
    if getattr(method, _DEFAULT, False) is not True:
        return True
    alias = getattr(callback, _ALIASES.get(hook, hook), method)
    return getattr(alias, _DEFAULT, False) is not True


def _saves_in_batches(callback: Any) -> bool:
    """Whether a batch hook has more to do than to return, as the callback itself says."""
    try:
        return callback._should_save_on_batch(0) is not False
    except Exception:  # of a fault, which is to show where it does in Keras
        return True


def heard_out(kind: str, begins: Sequence[Callback], ends: Sequence[Callback]) -> bool:
    """Whether nobody with a batch hook of a kind wants more of a pass than its first batch.

    Who can say so is a recorder, and has both hooks: where they are not as many, somebody else
    has one.
    """
    if len(begins) != len(ends):
        return False
    for callback in ends:
        wants_first_only = getattr(callback, "wants_first_batch_only", None)
        if wants_first_only is None or not wants_first_only(kind):
            return False
    return True


def tell_silent(
    kind: str, recorders: Sequence[Any], batches: range, ahead: int, logs: Logs
) -> None:
    """Tell those who want no more than the first batch which others there were, as one fact."""
    if batches:
        for recorder in recorders:
            recorder.silent_batches(kind, batches, ahead, logs)


class Dispatch:
    """The hooks of a callback list, ready to be called with a script's logs.

    A list of another class than Keras' own has its reasons: its own methods are
    called then, and do the calling.
    """

    def __init__(self, callbacks: CallbackList) -> None:
        own = type(callbacks) is keras.callbacks.CallbackList
        self.callbacks: list[Callback] = callbacks.callbacks if own else [callbacks]
        # Keras' own History is in every list, and has few hooks.
        history = keras.callbacks.History
        self._others = [c for c in self.callbacks if type(c) is not history]

    def call(self, hook: str, *index: int, logs: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call a hook of every callback, with one shared dict of logs; return what it became."""
        __tracebackhide__ = True
        shared = dict(logs) if logs else {}
        for callback in self.callbacks if hook in _OF_HISTORY else self._others:
            getattr(callback, hook)(*index, shared)
        return shared

    def nobody_in_epochs(self) -> bool:
        """Whether nobody hears of epochs but Keras' History, and recorders that have nobody."""
        known = {"on_train_begin", "on_epoch_end"} == _OF_HISTORY
        return known and all(getattr(c, "has_nobody_in_epochs", bool)() for c in self._others)

    def silent_epoch(self, epoch: int, train: Logs, test: Logs, logs: Logs) -> None:
        """Tell of an epoch as one fact: it went as the one before, and this is what it reports."""
        told: list[Any] = self.callbacks
        for callback in told:
            if type(callback) is keras.callbacks.History:
                callback.on_epoch_end(epoch, logs)
            else:
                callback.silent_epoch(epoch, train, test, logs)

    def listening(self, hook: str) -> list[Callback]:
        """The callbacks that have a batch hook now."""
        return [callback for callback in self._others if has_hook(callback, hook)]
