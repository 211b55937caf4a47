"""Playing without a word: what callbacks print and warn is recorded."""

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
    with redirect_stdout(_Nowhere()), redirect_stderr(_Nowhere()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
