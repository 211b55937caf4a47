"""What a scripted model predicts: what the script's function says, or a lent model."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dryfit_fakes.data import OUT_OF_DATA, Supply, in_batches, joined
from dryfit_fakes.playback import Playback
from dryfit_fakes.protocols import CallbackList, Callbacks, Data, RealModel, Verbose
from dryfit_fakes.refusals import note_refusal
from dryfit_fakes.releases import EXECUTIONS_ARE_CUT, PASSES_CAN_STOP, steps_ahead
from dryfit_fakes.script import Script

_NO_PREDICTION = (
    "this script says nothing about predictions. Give it a function of (x, epoch), "
    "Script(..., predict=function), or lend a real model, ScriptedModel(script, model=keras_model)."
)


class Predicting:
    """Calls for predictions; nobody's are guessed."""

    _script: Script
    stop_predicting: bool
    _lent: RealModel | None
    _playback: Playback
    _callback_list: Callable[..., CallbackList]

    def predict(
        self,
        x: Data = None,
        batch_size: int | None = None,
        verbose: Verbose = "auto",
        steps: int | None = None,
        callbacks: Callbacks = None,
    ) -> Any:
        """Return what the script's ``predict`` function, or a lent model, says of data.

        Args:
            x: an array, shape ``(samples, ...)``, or batches of them, as a dataset
                has; by default ``val_batches`` batches of one zero.
            batch_size: samples per batch, 32 by default, as in Keras.

        Raises:
            NotImplementedError: nobody says what is predicted.
        """
        function, step = self._prediction(), self._script.steps_per_execution
        if x is None:
            x, batch_size = np.zeros((self._script.val_batches, 1), np.float32), 1
        batches = in_batches(x, batch_size or 32)[:steps]
        callbacks = self._callback_list(callbacks, verbose, epochs=1, steps=len(batches))
        self.stop_predicting = False
        callbacks.on_predict_begin()
        outputs = []
        try:
            for batch in range(0, len(batches), step):
                callbacks.on_predict_batch_begin(batch)
                made = [function(data) for data in batches[batch : batch + step]]
                outputs.append(joined(made))
                ahead = len(made) - 1 if EXECUTIONS_ARE_CUT else steps_ahead(step)
                callbacks.on_predict_batch_end(batch + ahead, {"outputs": outputs[-1]})
                if self.stop_predicting and PASSES_CAN_STOP:
                    break
        except OUT_OF_DATA:
            Supply(length_known=True, steps=steps).ran_out(len(batches))
        callbacks.on_predict_end()
        return joined(outputs)

    def _prediction(self) -> Callable[[Any], Any]:
        if self._script.predict is not None:
            function, epoch = self._script.predict, self._playback.epoch
            return lambda data: function(data, epoch)
        if self._lent is not None:
            return self._lent.predict_on_batch
        note_refusal(self, "predict")
        raise NotImplementedError(_NO_PREDICTION)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Call the lent model, as prediction callbacks do."""
        if self._lent is None:
            note_refusal(self, "call")
            raise NotImplementedError(_NO_PREDICTION)
        return self._lent(*args, **kwargs)
