"""Recorder: what goes into anyone's ``fit`` to record it, and to keep a scenario file of it."""

import os

from dryfit.tools.record.own_loop import OwnLoop
from dryfit.tools.record.recorded_file import Recording
from dryfit_fakes.protocols import Callbacks, Model


class Recorder(OwnLoop):
    """Calls callbacks as Keras does, and records every hook and who changed what.

    Args:
        callbacks: what ``fit`` takes: a list, a tuple, a dict or one callback.
        record_batches: whether dispatches of batch hooks are kept. What callbacks
            change in them is kept in any case; without, memory grows with
            epochs alone.
        save: a ``*.scenario.yaml`` file to keep what a ``fit`` reported and what
            callbacks decided, written anew after each epoch; ``dryfit run`` replays
            it. A file that is there is replaced.
        save_batches: whether that file has the logs of every batch.
        verify: whether the file is replayed once after a training that has callbacks of
            one's own, too: they act a second time then, whatever they do. Keras' and
            dryfit's are replayed in any case. What does not hold is said in the file.
        model: the model of a training loop of one's own. The recorder is its
            ``CallbackList`` then: the loop calls the hooks, or goes through `epochs` and
            `batches`, which call them. ``model.history`` is filled as in ``fit``.
        epochs: of that loop, as callbacks find it in their params.
        steps: batches an epoch, likewise.

    Attributes:
        names: the callbacks' names, as `by` has them.
        trace: what happened so far; `run` answers questions about it.

    >>> recorder = Recorder([keras.callbacks.EarlyStopping(), keras.callbacks.EarlyStopping()])
    >>> recorder.names
    ('EarlyStopping', 'EarlyStopping#2')
    """

    def __init__(
        self,
        callbacks: Callbacks = None,
        *,
        record_batches: bool = True,
        save: str | os.PathLike[str] | None = None,
        save_batches: bool = False,
        verify: bool = False,
        model: Model | None = None,
        epochs: int | None = None,
        steps: int | None = None,
    ) -> None:
        if save is None and save_batches:
            raise ValueError("save_batches= says what is saved, and save= where: give save= too")
        if save is not None and not record_batches:
            raise ValueError("save= needs the batches: leave record_batches=False out")
        if save is None and verify:
            raise ValueError("verify= replays what is saved, and save= says where: give save= too")
        recording = None if save is None else Recording(save, save_batches, verify)
        super().__init__(callbacks, record_batches=record_batches, follower=recording)
        self.begin_loop(model, epochs, steps)
