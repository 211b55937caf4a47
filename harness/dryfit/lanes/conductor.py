"""Conductor: goes to each epoch in the script before any other callback sees it."""

from collections.abc import Callable

from dryfit_fakes.backend import keras


class Conductor(keras.callbacks.Callback):  # type: ignore[misc]
    """Goes to each epoch in the script, and through its time, first of all callbacks.

    Args:
        begin: turns the page.
        end: lets the epoch's own time pass.
        end_all: the last epoch is over, and what Keras does with its weights is done.
    """

    def __init__(
        self,
        begin: Callable[[int], None],
        end: Callable[[], None],
        end_all: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self._begin, self._end, self._end_all = begin, end, end_all

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Turn the page."""
        self._begin(epoch)

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Let the epoch's own time pass before any other callback sees its end."""
        self._end()

    def on_train_end(self, logs: object = None) -> None:
        """Tell of the end before any other callback does something with the weights."""
        self._end_all()
