"""Evaluates: what a fake model's ``evaluate`` does, and the validation of a ``fit``."""

from collections.abc import Callable
from math import ceil
from typing import Any

from dryfit_fakes.data import OUT_OF_DATA, Supply, begin_without_data
from dryfit_fakes.dispatch import Dispatch, heard_out, tell_silent
from dryfit_fakes.on_batch_calls import reported
from dryfit_fakes.playback import Playback
from dryfit_fakes.protocols import CallbackList, Callbacks, Data, Logs, Verbose
from dryfit_fakes.releases import EXECUTIONS_ARE_CUT, PASSES_CAN_STOP, steps_ahead
from dryfit_fakes.script import Script


class Evaluating:
    """The passes of a model over data that it does not train on."""

    stop_evaluating: bool
    _longest: int
    _playback: Playback
    _script: Script
    _val_supply: Supply
    _callback_list: Callable[..., CallbackList]

    def evaluate(
        self,
        x: Data = None,
        y: Data = None,
        batch_size: int | None = None,
        verbose: Verbose = "auto",
        sample_weight: Data = None,
        steps: int | None = None,
        callbacks: Callbacks = None,
        return_dict: bool = False,
    ) -> Any:
        """Report a validation, as ``keras.Model.evaluate`` would.

        Data and ``steps`` are ignored: a callback may evaluate what it likes.
        Reports what the script's ``evaluate`` function says of ``x``; without
        one, the row of the current epoch: its ``val_`` values, or where it has
        none its training values.

        Returns:
            A dict of metrics, or like Keras one number or a list of numbers.
        """
        agree("evaluate", "steps", steps, self._script.val_steps)
        callbacks = self._callback_list(callbacks, verbose, epochs=1, steps=self._script.val_steps)
        logs = self._test(Dispatch(callbacks), within_fit=False, x=x, steps=steps)
        return reported(logs, self._script.names, return_dict)

    def _test(
        self, hooks: Dispatch, within_fit: bool, x: Data = None, steps: int | None = None
    ) -> Logs:
        __tracebackhide__ = True
        playback = self._playback
        asked = not within_fit and self._script.evaluate is not None
        told = playback.evaluation(x) if asked else None
        known = self._script.val_steps is not None
        supply = self._val_supply if within_fit else Supply(length_known=known, steps=steps)
        outer = playback.tested
        try:
            return self._test_pass(hooks, supply, within_fit, told)
        finally:
            playback.tested = outer

    def _test_pass(
        self, hooks: Dispatch, supply: Supply, within_fit: bool, told: Logs | None
    ) -> Logs:
        __tracebackhide__ = True
        script, playback = self._script, self._playback
        step = min(script.steps_per_execution, self._longest)
        ahead = steps_ahead(step)
        supply.check(step)
        self.stop_evaluating = False
        hooks.call("on_test_begin")
        begins = hooks.listening("on_test_batch_begin")
        ends = hooks.listening("on_test_batch_end")
        if not supply.is_over:
            playback.begin_test(within_fit, told)
        logs: Logs = {}
        try:
            for batch in range(0, 0 if supply.is_over else script.val_batches, step):
                shared: Logs = {}
                for callback in begins:
                    callback.on_test_batch_begin(batch, logs=shared)
                batches = min(step, script.val_batches - batch)
                logs = playback.test(batch, batches)
                shared = dict(logs)
                end = batch + (batches - 1 if EXECUTIONS_ARE_CUT else ahead)
                for callback in ends:
                    callback.on_test_batch_end(end, logs=shared)
                if self.stop_evaluating and PASSES_CAN_STOP:
                    break
                may_skip = batch == 0 and step < script.val_batches
                may_skip &= not (EXECUTIONS_ARE_CUT and step > 1)
                if may_skip and playback.test_is_fixed and heard_out("test", begins, ends):
                    rest = range(step, script.val_batches, step)
                    tell_silent("test", ends, rest, ahead, dict(logs))
                    break
            if not supply.length_known and not (self.stop_evaluating and PASSES_CAN_STOP):
                end = ceil(script.val_batches / step) * step
                begin_without_data(begins, end, "on_test_batch_begin")
                supply.ends(script.val_batches)
        except OUT_OF_DATA:
            supply.ran_out(script.val_batches)
        logs = playback.test_result(logs)
        hooks.call("on_test_end", logs=logs)
        return logs


def agree(call: str, name: str, given: object, scripted: object) -> None:
    """Refuse an argument of a call that says something else than the script."""
    if given is not None and given != scripted:
        raise ValueError(
            f"{call} got {name}={given!r}, and the script says {scripted!r}. "
            f"Leave {name} out, or change the script."
        )
