"""Whether a callback gets slower, or holds more, the more batches there are."""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dryfit.tools.bench.loop import Loop
from dryfit.tools.bench.stopwatch import Moment, Stopwatch, between
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback, Logs
from dryfit_fakes.quantities import quantity

MARKS = (1_000, 10_000, 100_000)
_CHUNK = 100  # batches between two looks at the clock
_SLOWER, _SLOWER_NS = 1.5, 300.0
_BYTES = 4.0  # per batch; a list entry has 8, and caches fill up by less


@dataclass(frozen=True, slots=True)
class Growth:
    """What a long run showed.

    Attributes:
        time_grows: whether a batch takes longer towards the end of it.
        memory_grows: whether every batch leaves something behind.
        told: in words, what grows and from where to where; how far it went, if
            not to the last mark.
    """

    time_grows: bool
    memory_grows: bool
    told: str


def grow(loop: Loop, make: Callable[[], Any], budget_s: float) -> Growth:
    """Run 1,000, 10,000 and 100,000 batches in one epoch, or as many as there is time for."""
    with Stopwatch() as watch:
        base = _per_batch(_Marks(watch, budget_s), loop, None)
        times = _per_batch(_Marks(watch, budget_s), loop, make())
    marks = sorted(times)
    held = _memory(loop, make, max(marks, default=0), budget_s)
    none = np.zeros(1)
    cost = [times[mark] - _usual(base.get(mark, none)) for mark in marks] or [none]
    first, last = (max(_usual(ns), 0.0) for ns in (cost[0], cost[-1]))
    time_grows = is_slower(cost[0], cost[-1])
    told = []
    if time_grows:
        told.append(
            f"time grows: {first / 1e3:.1f} µs a batch after {marks[0]:,} batches, "
            f"{last / 1e3:.1f} µs after {marks[-1]:,}"
        )
    if held >= _BYTES:
        told.append(f"memory grows: {held:.0f} bytes with every batch")
    if marks[-1:] != [MARKS[-1]]:
        told.append(f"seen up to {quantity(marks[-1] if marks else 0, 'batch')}")
    return Growth(time_grows, held >= _BYTES, "; ".join(told))


def is_slower(early: NDArray[np.float64], late: NDArray[np.float64]) -> bool:
    """Whether batches got slower: the quickest tenth of the late ones, too.

    Other work on the machine leaves some of them alone, and growth leaves none.

    Args:
        early: what batches cost at first, in ns.
        late: in the end.
    """
    usual = max(_usual(early), 0.0)
    return bool(np.quantile(late, 0.1) > _SLOWER * usual + _SLOWER_NS)


def _usual(ns: NDArray[np.float64]) -> float:
    # A mean would have the disturbances in it, a minimum would miss what is done now and then.
    return float(np.median(ns))


class _Marks(keras.callbacks.Callback):  # type: ignore[misc]
    """Looks at the clock every hundred batches, and ends the run when its time is up."""

    def __init__(self, watch: Stopwatch, budget_s: float) -> None:
        super().__init__()
        self._watch, self._budget_ns = watch, int(budget_s * 1e9)
        self._moments: list[Moment] = []

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._moments = [self._watch.read()]

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if (batch + 1) % _CHUNK == 0:
            self._moments.append(self._watch.read())
            if self._moments[-1][0] - self._moments[0][0] > self._budget_ns:
                self.model.stop_training = True

    @property
    def chunks_ns(self) -> list[int]:
        """How long each hundred batches took, without the delays that are known."""
        return [between(*pair).ns for pair in pairwise(self._moments)]


def _per_batch(
    marks: _Marks, loop: Loop, callback: Callback | None
) -> dict[int, NDArray[np.float64]]:
    """Nanoseconds per batch in the second half before each mark that was reached."""
    loop.fit([marks] if callback is None else [callback, marks], MARKS[-1], epochs=1)
    chunks = np.array(marks.chunks_ns) / _CHUNK
    reached = [mark for mark in MARKS if mark // _CHUNK <= len(chunks)]
    if not reached and len(chunks) >= 2:
        reached = [len(chunks) * _CHUNK]
    ends = [mark // _CHUNK for mark in reached]
    return dict(zip(reached, (chunks[end // 2 : end] for end in ends), strict=True))


def _memory(loop: Loop, make: Callable[[], Any], batches: int, budget_s: float) -> float:
    """Bytes that each batch leaves behind, between a tenth of some batches and all."""
    few = batches // 10
    if few < _CHUNK:
        return 0.0
    marks = _Held(few, batches, budget_s)
    tracemalloc.start()
    try:
        callback = make()
        loop.fit([callback, marks], batches, epochs=1)
    finally:
        tracemalloc.stop()
    (first, size), (last, size_then) = marks.seen[0], marks.seen[-1]
    return (size_then - size) / (last - first) if last > first else 0.0


class _Held(keras.callbacks.Callback):  # type: ignore[misc]
    """Reads what is held after a tenth of the batches and after all, or when time is up."""

    def __init__(self, few: int, all_: int, budget_s: float) -> None:
        super().__init__()
        self._few, self._all, self._budget_s = few, all_, budget_s
        self.seen: list[tuple[int, int]] = []

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._end = time.perf_counter() + self._budget_s

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        late = (batch + 1) % _CHUNK == 0 and time.perf_counter() > self._end
        if batch + 1 in (self._few, self._all) or late:
            self.seen.append((batch + 1, tracemalloc.get_traced_memory()[0]))
            self.model.stop_training = late
