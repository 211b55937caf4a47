"""A recorder as the callback list of a training loop of one's own, with or without ``fit``."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from dryfit.recorder.callback_list import RecordingCallbackList
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Model

_T = TypeVar("_T")


class OwnLoop(RecordingCallbackList):
    """Goes through epochs and batches and calls the hooks, in an order that cannot be wrong.

    A loop may also call the hooks itself, as those of any ``keras.callbacks.CallbackList``.
    """

    _history_of_loop: Any = None
    _batch: int | None = None  # under way in `batches`
    _batch_logs: dict[str, Any] | None = None
    _epoch_logs: dict[str, Any]

    def begin_loop(self, model: Model | None, epochs: int | None, steps: int | None) -> None:
        """Take the model of a loop; without one the recorder is for ``fit``.

        Raises:
            ValueError: epochs or steps without a model.
        """
        if model is None:
            if epochs is not None or steps is not None:
                raise ValueError("epochs= and steps= are of a loop of one's own: give model= too")
            return
        self._history_of_loop = keras.callbacks.History()
        self._history_of_loop.set_model(model)
        self.set_params({"verbose": 0, "epochs": epochs, "steps": steps})
        self.set_model(model)

    def epochs(self, count: int | None = None) -> Iterator[int]:
        """Go through a loop's epochs and call their hooks; stop where a callback asks for it.

        The logs of an epoch are those of its last batch, and what `log` was told.

        Args:
            count: how many at most; by default as many as the recorder was made with.

        Raises:
            ValueError: nobody said how many, or the recorder has no model.
        """
        count = self._checked(count)
        self._model.stop_training = False
        self.on_train_begin()
        logs: dict[str, Any] = {}
        for epoch in range(count):
            self._epoch_logs = {}
            self.on_epoch_begin(epoch)
            yield epoch
            logs = dict(self._epoch_logs)
            self.on_epoch_end(epoch, logs)
            if self._model.stop_training:
                break
        self.on_train_end(logs)

    def batches(self, data: Iterable[_T]) -> Iterator[_T]:
        """Go through an epoch's batches and call their hooks; each needs a `batch_end`.

        Raises:
            RuntimeError: a batch had no `batch_end`.
        """
        for batch, item in enumerate(data):
            self._batch, self._batch_logs = batch, None
            self.on_train_batch_begin(batch)
            yield item
            if self._batch_logs is None:
                raise RuntimeError(
                    f"batch {batch} is over and had no batch_end: call recorder.batch_end(logs) "
                    "once in each, with what train_on_batch(..., return_dict=True) returned"
                )
            logs, self._batch = self._batch_logs, None
            self.on_train_batch_end(batch, logs)
            self._epoch_logs |= logs
            if self._model.stop_training:
                break

    def batch_end(self, logs: Mapping[str, Any]) -> None:
        """Say what a batch came to; its hook is called once the loop goes on.

        Raises:
            RuntimeError: it was said already, or there is no batch under way in `batches`.
        """
        if self._batch is None or self._batch_logs is not None:
            raise RuntimeError("batch_end is called once a batch, inside of recorder.batches(data)")
        self._batch_logs = dict(logs)

    def log(self, **metrics: float) -> None:
        """Add to the logs of the epoch under way, such as ``val_loss``."""
        self._epoch_logs |= metrics

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Call the hook of every callback; a loop's History begins."""
        super().on_train_begin(logs)
        if self._history_of_loop is not None:
            self._history_of_loop.on_train_begin(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Call the hook of every callback; a loop's History takes what they left."""
        logs = {} if logs is None else logs
        super().on_epoch_end(epoch, logs)
        if self._history_of_loop is not None:
            self._history_of_loop.on_epoch_end(epoch, logs)

    def _checked(self, count: int | None) -> int:
        if self._model is None:
            raise ValueError("the recorder has no model: Recorder(callbacks, model=model)")
        count = self.params.get("epochs") if count is None else count
        if count is None:
            raise ValueError("how many epochs? epochs(10), or Recorder(..., epochs=10)")
        self.set_params({**self.params, "epochs": count})
        return count
