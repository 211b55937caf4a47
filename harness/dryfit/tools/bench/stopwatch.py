"""A watch that knows when other work on the machine was in the way.

The system takes the processor from a thread (an involuntary switch) and lets it wait
for one (the delay, where Linux keeps account of it). Neither is the work that is
measured: a delay is subtracted, and a time with a switch in it is told apart.
"""

import os
import time
from dataclasses import dataclass
from typing import Any

try:
    import resource
except ImportError:  # Windows has none: nothing is known of switches there
    resource = None  # type: ignore[assignment]

_THREAD = getattr(resource, "RUSAGE_THREAD", getattr(resource, "RUSAGE_SELF", 0))
_DELAYS = "/proc/thread-self/schedstat"  # ns on a processor, ns of delay, slices


@dataclass(frozen=True, slots=True)
class Span:
    """A time that was measured.

    Attributes:
        ns: how long it took, without the delays that are known.
        cpu_ns: how long this thread worked in it; the rest it slept or waited.
        disturbed: whether the processor was taken away in it.
        slept: whether the thread gave the processor away in it.
    """

    ns: int
    cpu_ns: int
    disturbed: bool
    slept: bool


Moment = tuple[int, int, int, int, int]


class Stopwatch:
    """Reads the time, the thread's work, its switches and its delays, in about 2 µs."""

    def __init__(self) -> None:
        self._delays: Any = _opened()

    def read(self) -> Moment:
        """Read it now."""
        taken, given = _switches()
        delay = 0 if self._delays is None else int(os.pread(self._delays, 64, 0).split()[1])
        return time.perf_counter_ns(), time.thread_time_ns(), taken, given, delay

    def close(self) -> None:
        """Let go of the system's file."""
        if self._delays is not None:
            os.close(self._delays)
            self._delays = None

    def __enter__(self) -> "Stopwatch":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def between(begin: Moment, end: Moment) -> Span:
    """Say what lay between two readings.

    >>> between((0, 0, 0, 0, 0), (100, 70, 1, 0, 30))
    Span(ns=70, cpu_ns=70, disturbed=True, slept=False)
    """
    wall, cpu, taken, given, delay = (b - a for a, b in zip(begin, end, strict=True))
    return Span(max(wall - delay, 0), cpu, taken > 0, given > 0)


def _switches() -> tuple[int, int]:
    if resource is None:
        return 0, 0
    usage = resource.getrusage(_THREAD)
    return usage.ru_nivcsw, usage.ru_nvcsw


def _opened() -> int | None:
    """Open the account of delays; ``None`` where the system keeps none."""
    try:
        descriptor = os.open(_DELAYS, os.O_RDONLY)
    except OSError:
        return None
    if int(os.pread(descriptor, 64, 0).split()[0]) == 0:  # there, and not filled
        os.close(descriptor)
        return None
    return descriptor
