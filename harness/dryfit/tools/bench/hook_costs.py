"""What each hook of a callback costs, beside the same hook of one that does nothing."""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from dryfit.tools.bench.counts import hooks
from dryfit.tools.bench.estimate import Estimate, difference
from dryfit.tools.bench.loop import Loop
from dryfit.tools.bench.measure_settings import FEWEST_ROUNDS, MOST_ROUNDS, MeasureSettings
from dryfit.tools.bench.stopwatch import Span, Stopwatch, between
from dryfit_fakes.backend import keras
from dryfit_fakes.dispatch import has_hook
from dryfit_fakes.protocols import Callback


def in_a_batch(hook: str) -> bool:
    """Whether a hook belongs to a training batch."""
    return hook.startswith("on_train_batch")


def hook_costs(
    loop: Loop, make: Callable[[], Any], settings: MeasureSettings, batches: int
) -> dict[str, Estimate]:
    """Nanoseconds per batch of each hook that a callback has, beside one that does nothing."""
    base: dict[str, list[list[float]]] = defaultdict(list)
    full: dict[str, list[list[float]]] = defaultdict(list)
    until = time.perf_counter() + settings.budget_s / 2
    for done in range(MOST_ROUNDS):
        if done >= FEWEST_ROUNDS and time.perf_counter() > until:
            break
        callback = make()
        listed = [hook for hook in hooks() if has_hook(callback, hook)]
        idle = _idle(listed)
        watches = []
        for timed in (idle, callback):
            with _timed(timed, listed) as spans:
                loop.fit([timed], batches)
            watches.append(spans)
        for hook in listed:
            nothing, calls = (spans[hook] for spans in watches)
            # The hooks of an epoch's begin and end over the batches that were asked for.
            each = len(calls) / (2 * (batches if in_a_batch(hook) else settings.batches))
            base[hook].append([_mean(nothing) * each])
            full[hook].append([_mean(calls) * each])
    return {hook: difference(base[hook], full[hook]) for hook in full}


def _mean(spans: list[Span]) -> float:
    """The mean of the calls in which no other work was in the way."""
    times = [span.ns for span in spans if not span.disturbed]
    if not spans:
        return 0.0
    return sum(times) / len(times) if times else math.nan


def _idle(names: Sequence[str]) -> Any:
    """Make a callback whose hooks are called and do nothing."""
    callback = keras.callbacks.Callback()
    for name in names:
        setattr(callback, name, lambda *index, logs=None: None)
    return callback


@contextmanager
def _timed(callback: Callback, names: Sequence[str]) -> Iterator[dict[str, list[Span]]]:
    """Put a watch around hooks of a callback for a while."""
    spans: dict[str, list[Span]] = {name: [] for name in names}
    own = {name: vars(callback)[name] for name in names if name in vars(callback)}
    with Stopwatch() as watch:
        for name in names:
            hook = getattr(callback, name)
            setattr(callback, name, partial(_call, hook, watch, spans[name].append))
        try:
            yield spans
        finally:
            for name in names:
                delattr(callback, name)
            for name, hook in own.items():
                setattr(callback, name, hook)


def _call(
    hook: Callable[..., None],
    watch: Stopwatch,
    note: Callable[[Span], None],
    *args: object,
    **kwargs: object,
) -> None:
    before = watch.read()
    begin = time.perf_counter_ns()  # the watch itself takes longer than many a hook
    hook(*args, **kwargs)
    end = time.perf_counter_ns()
    note(between((begin, *before[1:]), (end, *watch.read()[1:])))
