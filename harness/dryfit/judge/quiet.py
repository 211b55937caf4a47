"""Playing without a word: what callbacks print and warn is recorded."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import TextIOBase


class _Nowhere(TextIOBase):
    """A stream that keeps nothing, however much it is."""

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, text: str) -> int:
        """Take it."""
        return len(text)


@contextmanager
def quiet() -> Iterator[None]:
    """What callbacks print and warn is recorded, and no part of the verdicts."""
    out, err = redirect_stdout(_Nowhere()), redirect_stderr(_Nowhere())
    with out, err, warnings.catch_warnings(), _quiet_log():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _quiet_log() -> Iterator[None]:
    """TensorFlow's log, where Keras 2 warns, writes to the stream that was there at its start."""
    handlers = logging.getLogger("tensorflow").handlers
    # Not those of a kind of their own: they write to files, or to a test that looks.
    kept = [(one, one.stream) for one in handlers if type(one) is logging.StreamHandler]
    for handler, _ in kept:
        handler.setStream(_Nowhere())
    try:
        yield
    finally:
        for handler, stream in kept:
            handler.setStream(stream)
