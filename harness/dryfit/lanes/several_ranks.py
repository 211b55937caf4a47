"""Several ranks from Python: a script and callbacks for each, played one after another."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from dryfit.run.run import Run
from dryfit_fakes.script import Script
from dryfit_fakes.script_keywords import ScriptKeywords
from dryfit_fakes.script_values import ScriptError

# What one rank reports: a script or its metrics; of all, or of each.
Reported: TypeAlias = "Script | Mapping[str, Any]"
Scripts: TypeAlias = "Reported | Sequence[Reported]"


def count_of_ranks(script: Scripts, ranks: int | None) -> int | None:
    """How many ranks are meant; ``None`` without ranks.

    Raises:
        ScriptError: two numbers, or less than two ranks.
    """
    each = len(script) if isinstance(script, list | tuple) else None
    if isinstance(script, list | tuple) and any(hasattr(item, "set_model") for item in script):
        raise TypeError("the script comes first, and callbacks behind it; these are callbacks")
    if each is None and ranks is None:
        return None
    count = ranks if each is None else each
    if ranks not in (None, count):
        raise ScriptError(f"there are {count} scripts, one for each rank, and ranks={ranks!r}")
    if not isinstance(count, int) or isinstance(count, bool) or count < 2:
        raise ScriptError(f"ranks are 2 or more, not {count!r}")
    return count


def play_ranks(
    play_one: Callable[..., Run],
    script: Scripts,
    callbacks: object,
    count: int,
    after: Run | None,
    options: Mapping[str, Any],
    script_keys: ScriptKeywords,
) -> Run:
    """Play a script to the callbacks of each rank.

    Args:
        play_one: `dryfit.play`, for one rank.
        script: of all, or a list of one for each.
        callbacks: a function of the rank.
        count: how many ranks.
        after: the run of an earlier play with as many.

    Returns:
        The run of rank 0, whose ``ranks`` are all.
    """
    __tracebackhide__ = True
    if callbacks is not None and not callable(callbacks):
        raise TypeError(
            "every rank has callbacks of its own: give a function that makes them, such as "
            "callbacks=lambda rank: [keras.callbacks.EarlyStopping()]"
        )
    if after is not None and len(after.ranks) != count:
        raise ValueError(f"the earlier run had {len(after.ranks)} ranks, and this one has {count}")
    given: Any = script if isinstance(script, list | tuple) else [script] * count
    scripts = [Script.of(item, **script_keys) for item in given]
    if len(epochs := sorted({one.epochs for one in scripts})) > 1:
        told = " and ".join(map(str, epochs))
        raise ScriptError(f"the ranks have {told} epochs; one training has one number of them")
    runs = [
        play_one(
            one,
            None if callbacks is None else callbacks(rank),
            after=None if after is None else after.ranks[rank],
            **options,
        )
        for rank, one in enumerate(scripts)
    ]
    return Run.of_ranks(runs)
