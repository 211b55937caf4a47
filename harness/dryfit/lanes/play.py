"""The ways to play a script to callbacks, each giving a `Run`."""

from collections.abc import Callable, Mapping
from typing import Any, Unpack, cast

from dryfit.lanes.one_at_a_time import its_turn
from dryfit.lanes.recorded_play import WALL_TIME_S
from dryfit.lanes.several_ranks import Scripts, count_of_ranks, play_ranks
from dryfit.run.run import Run
from dryfit_fakes.protocols import Batch, Callbacks, Loop, RealModel
from dryfit_fakes.script import Script
from dryfit_fakes.script_keywords import Lane, Method, ScriptKeywords


def play(
    script: Scripts,
    callbacks: "Callbacks | Callable[[int], Callbacks]" = None,
    lane: Lane = "fake",
    model: RealModel | None = None,
    *,
    ranks: int | None = None,
    after: Run | None = None,
    call: Method = "fit",
    loop: "Loop | None" = None,
    load: str | None = None,
    data: "Batch | None" = None,
    record_batches: bool = True,
    wall_time_s: float = WALL_TIME_S,
    **script_keys: Unpack[ScriptKeywords],
) -> Run:
    """Play a script to real callbacks and return what came of it.

    Args:
        script: a `Script`, or its metrics with the other keys beside; of several ranks
            a list of one for each.
        callbacks: what ``fit`` takes; of several ranks a function that makes them,
            called with each rank.
        lane: ``"fake"``, a scripted model without tensors, or ``"real"``, a real
            network through the real ``fit``; both give the same timeline.
        model: a compiled ``keras.Model``. The real lane trains it; to the fake lane it
            is lent for what a script cannot answer. Either way it stays changed.
        ranks: how many there are, where all report the same script. Each has a model,
            logs and callbacks of its own; they are played one after another.
        after: an earlier run, to go on with its model.
        call: ``"fit"``, ``"evaluate"`` or ``"predict"``.
        loop: a training loop of one's own in place of ``fit``: a function of the model, the
            callbacks (a list, for a ``CallbackList``) and the number of epochs, which calls
            the hooks and ``train_on_batch`` itself.
        load: a file of weights to begin with.
        data: one batch ``(x, y)`` for the real lane to train a model with that does not
            tell the shapes of its inputs and outputs, or needs data of a kind.
        record_batches: whether every batch hook is kept in the timeline; without,
            memory grows with epochs alone.
        wall_time_s: seconds after which a play that does not end is ended.
        **script_keys: keys of `Script` other than ``metrics``.

    Returns:
        The run; also where the script itself broke it off. Of several ranks that of
        rank 0, and `Run.ranks` are all.

    Raises:
        ScriptError: the script contradicts itself.
        LifecycleError: a loop called hooks in another order than Keras does, or never.
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

    options: dict[str, Any]
    lanes: dict[str, Callable[..., Run]] = {"fake": play_fake, "real": play_real}
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
    if data is not None and (lane == "fake" or (model is None and after is None)):
        raise TypeError("data= is a batch for the real lane to train model= with")
    if loop is not None and (call != "fit" or not callable(loop)):
        raise TypeError("loop= is a function (model, callbacks, epochs) in place of call='fit'")
    if (count := count_of_ranks(script, ranks)) is not None:
        if model is not None:
            raise TypeError("every rank has a model of its own; leave model= out")
        options = {"call": call, "loop": loop, "load": load, "record_batches": record_batches}
        options |= {"lane": lane, "wall_time_s": wall_time_s}
        return play_ranks(play, script, callbacks, count, after, options, script_keys)
    if callable(callbacks) and not hasattr(callbacks, "set_model"):
        raise TypeError(
            "callbacks= is a function of the rank, and there are no ranks; give ranks=2, or what "
            "it makes"
        )
    options = {
        "call": call,
        "loop": loop,
        "load": load,
        "record_batches": record_batches,
        "wall_time_s": wall_time_s,
    }
    if lane == "real":
        options |= {"data": data, "going_on": after is not None}
    whole = Script.of(cast("Script | Mapping[str, Any]", script), **script_keys)
    try:
        with its_turn():
            return lanes[lane](whole, callbacks, after.model if after else model, **options)
    except BaseException as error:
        run = getattr(error, "run", None)
        if run is None or run.interrupt is not error:
            raise
        return run  # type: ignore[no-any-return]
