"""What a measurement found, as frozen values; their fields are the JSON's keys."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a callback, or one hook of it, costs per training batch.

    Hooks that are not called with every batch are spread over the batches of the run.

    Attributes:
        callback: its name, with the arguments that it was made with.
        hook: which hook; ``None`` for the callback as a whole.
        ns_per_batch: nanoseconds, beside the same loop without the callback;
            ``None`` if it could not be measured.
        low: the lower end of the 95 % confidence interval, in nanoseconds.
        high: its upper end.
        ratio_to_noop: how many times as much as a callback whose batch hooks do nothing.
        allocations_per_batch: blocks of memory that Python holds on to, per batch
            (tracemalloc).
        bytes_held_per_batch: their size in bytes.
        files_written: files that are there after the run and were not before.
        bytes_written_per_batch: bytes handed to the system to be written.
        log_reads_per_batch: how often a value of ``logs`` was asked for.
        share_of_step: part of a training step, 0.01 is a hundredth; ``None`` without one.
        growth: ``flat``, or ``grows`` where time or memory per batch does with the
            number of batches; ``None`` for a hook, and if it could not be told.
        too_busy: whether other work on the machine left too little to tell a time from.
        note: what a reader must know: why it was not measured, that it sleeps, what grows.
    """

    callback: str
    hook: str | None = None
    ns_per_batch: float | None = None
    low: float | None = None
    high: float | None = None
    ratio_to_noop: float | None = None
    allocations_per_batch: float | None = None
    bytes_held_per_batch: float | None = None
    files_written: int | None = None
    bytes_written_per_batch: float | None = None
    log_reads_per_batch: float | None = None
    share_of_step: float | None = None
    growth: str | None = None
    too_busy: bool = False
    note: str = ""
