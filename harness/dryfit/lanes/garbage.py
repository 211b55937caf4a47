"""Garbage is collected among what is new: Keras and its backend are 400,000 objects that stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def old_objects_pass() -> Iterator[None]:
    """Let no collection go through what there is by now, garbage that is among it included.

    >>> with old_objects_pass():
    ...     gc.collect() < 1000
    True
    """
    frozen = gc.get_freeze_count() > 0
    gc.freeze()
    try:
        yield
    finally:
        if not frozen:  # else by somebody else, who did not say how much
            gc.unfreeze()
