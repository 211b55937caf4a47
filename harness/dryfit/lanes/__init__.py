"""The ways to play a script to callbacks, each giving a `Run`."""

from collections.abc import Mapping
from typing import Any

from dryfit.lanes.record import WALL_TIME_S
from dryfit.run import Run
from dryfit_fakes.script import Script


def play(
    script: Script | Mapping[str, Any],
    callbacks: Any = None,
    lane: str = "fake",
    model: Any = None,
    *,
    after: Run | None = None,
    call: str = "fit",
    load: str | None = None,
    data: Any = None,
    record_batches: bool = True,
    wall_time_s: float = WALL_TIME_S,
    **script_keys: Any,
) -> Run:
    """Play a script to real callbacks and return what came of it.

    Args:
        script: a `Script`, or its metrics with the other keys beside.
        callbacks: what ``fit`` takes.
        lane: ``"fake"``, a scripted model without tensors, or ``"real"``, a real
            network through the real ``fit``; both give the same timeline.
        model: a compiled ``keras.Model``. The real lane trains it; to the fake lane it
            is lent for what a script cannot answer. Either way it stays changed.
        after: an earlier run, to go on with its model.
        call: ``"fit"``, ``"evaluate"`` or ``"predict"``.
        load: a file of weights to begin with.
        data: one batch ``(x, y)`` for the real lane to train a model with that does not
            tell the shapes of its inputs and outputs, or needs data of a kind.
        record_batches: whether every batch hook is kept in the timeline; without,
            memory grows with epochs alone.
        wall_time_s: seconds after which a play that does not end is ended.
        **script_keys: keys of `Script` other than ``metrics``.

    Returns:
        The run; also where the script itself broke it off.

    Raises:
        ScriptError: the script contradicts itself.
        PlayTimeoutError: the play did not end in time.
        BaseException: whatever comes out of a callback, as it would leave
            ``fit``, with the run so far as its ``run``.

    >>> run = play({"val_loss": ".9 .5 .6x4"}, [keras.callbacks.EarlyStopping(patience=2)])
    >>> run.stopped_epoch
    3
    """
    __tracebackhide__ = True
    from dryfit.lanes.fake import play_fake
    from dryfit.lanes.real import play_real

    lanes = {"fake": play_fake, "real": play_real}
    if lane not in lanes:
        raise ValueError(f"lane is one of {', '.join(map(repr, lanes))}, not {lane!r}")
    if after is not None and not isinstance(after, Run):
        raise TypeError(f"after= is an earlier Run, not {after!r}")
    if after is not None and model is not None:
        raise TypeError("after= goes on with the model of that run; leave model= out")
    if after is not None and after.lane != lane:
        raise ValueError(f"the earlier run was in the {after.lane} lane; go on with it there")
    if call not in ("fit", "evaluate", "predict"):
        raise ValueError(f"call is 'fit', 'evaluate' or 'predict', not {call!r}")
    if data is not None and (lane == "fake" or model is None):
        raise TypeError("data= is a batch for the real lane to train model= with")
    options: dict[str, Any] = {
        "call": call,
        "load": load,
        "record_batches": record_batches,
        "wall_time_s": wall_time_s,
    }
    if lane == "real":
        options |= {"data": data, "going_on": after is not None}
    whole = Script.of(script, **script_keys)
    try:
        return lanes[lane](whole, callbacks, after.model if after else model, **options)
    except BaseException as error:
        run = getattr(error, "run", None)
        if run is None or run.interrupt is not error:
            raise
        return run  # type: ignore[no-any-return]
