"""What does not shake: memory held, files and bytes written, log values asked for."""

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dryfit.tools.bench.loop import Loop, somewhere_else
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback, Logs, RealModel


@dataclass(frozen=True, slots=True)
class Counts:
    """Counted per training batch, but for the files.

    Attributes:
        blocks: blocks of memory that Python holds on to.
        bytes_held: their size.
        files: how many there are afterwards.
        bytes_written: bytes handed to the system; ``None`` where it does not tell.
        log_reads: how often a value of ``logs`` was asked for.
    """

    blocks: float
    bytes_held: float
    files: int
    bytes_written: float | None
    log_reads: float


def count(loop: Loop, make: Callable[[], Any], batches: int) -> Counts:
    """Count in whole epochs of some batches, two for what is written and read."""
    with somewhere_else() as folder:
        files, written, reads = _traffic(loop, make, batches, folder)
    blocks, size = held_per_batch(loop, make, batches)
    each = 2 * batches
    return Counts(blocks, size, files, None if written is None else written / each, reads / each)


def held_per_batch(loop: Loop, make: Callable[[], Any], batches: int) -> tuple[float, float]:
    """Blocks and bytes held per batch: what twice the batches hold more, in one epoch."""
    _held(loop, make, batches)
    few, many = [], []
    for _ in range(2):  # caches that fill up only ever add
        few.append(_held(loop, make, batches))
        many.append(_held(loop, make, 2 * batches))
    blocks, size = (
        (min(held[i] for held in many) - min(held[i] for held in few)) / batches for i in (0, 1)
    )
    return max(blocks, 0.0), max(size, 0.0)


def _held(loop: Loop, make: Callable[[], Any], batches: int) -> tuple[int, int]:
    gc.collect()
    tracemalloc.start()
    try:
        callback = make()
        loop.fit([callback], batches, epochs=1)
        gc.collect()
        statistics = tracemalloc.take_snapshot().statistics("filename")
        return sum(s.count for s in statistics), sum(s.size for s in statistics)
    finally:
        tracemalloc.stop()


def _traffic(
    loop: Loop, make: Callable[[], Any], batches: int, folder: Path
) -> tuple[int, int | None, int]:
    written = _written()
    callback = make()
    reader = _Reader(callback)
    loop.fit([reader], batches)
    after = _written()
    total = None if written is None or after is None else after - written
    files = sum(path.is_file() for path in folder.rglob("*"))
    return files, total, reader.reads


def _written() -> int | None:
    """Bytes that this process has handed to the system so far, C libraries' too."""
    if not sys.platform.startswith("linux"):
        return None
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["wchar"])


class _CountedLogs(dict[str, Any]):
    """Logs that count how often a value is asked for."""

    reads = 0

    def __getitem__(self, key: str) -> Any:
        self.reads += 1
        return super().__getitem__(key)

    def get(self, key: str, default: object = None) -> Any:
        self.reads += 1
        return super().get(key, default)

    def items(self) -> Any:
        self.reads += len(self)
        return super().items()

    def values(self) -> Any:
        self.reads += len(self)
        return super().values()


class _Reader(keras.callbacks.Callback):  # type: ignore[misc]
    """Stands in front of a callback and counts what it reads of its logs."""

    def __init__(self, callback: Callback) -> None:
        super().__init__()
        self.reads = 0
        self._callback = callback
        for hook in hooks():
            setattr(self, hook, self._counting(getattr(callback, hook)))

    def _counting(self, hook: Callable[..., None]) -> Callable[..., None]:
        def call(*index: int, logs: Logs | None = None) -> None:
            *index, logs = index if logs is None else (*index, logs)  # type: ignore[assignment]
            counted = _CountedLogs(logs or {})
            try:
                hook(*index, counted)
            finally:
                self.reads += counted.reads

        return call

    def set_model(self, model: RealModel) -> None:
        super().set_model(model)
        self._callback.set_model(model)

    def set_params(self, params: Any) -> None:
        super().set_params(params)
        self._callback.set_params(params)


def hooks() -> Iterator[str]:
    """Every hook that Keras has; the old names of batch hooks are called by the new ones."""
    for name in dir(keras.callbacks.Callback):
        if name.startswith("on_") and name not in ("on_batch_begin", "on_batch_end"):
            yield name
